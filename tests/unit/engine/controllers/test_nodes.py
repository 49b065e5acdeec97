"""Nodes that fall silent, the taints they get, the pods that must leave, and pods nobody ends."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from msgspec import structs
from tests.harness.settles import NOON, World, look, observed, settle, world_of
from tests.unit.engine.controllers.builders import pod

from armillary.base.clock import format_time
from armillary.engine.controllers import pod_gc
from armillary.engine.controllers.node_lifecycle import NOT_READY, UNREACHABLE, node_lifecycle
from armillary.engine.controllers.taint_eviction import leaves_at, taint_evictions
from armillary.kube.kinds.coordination import LEASE, Lease, LeaseSpec
from armillary.kube.kinds.core import (
    NAMESPACE,
    NODE,
    POD,
    Namespace,
    Node,
    NodeCondition,
    NodeSpec,
    NodeStatus,
    Pod,
    Taint,
    Toleration,
)
from armillary.kube.kinds.meta import ObjectMeta
from armillary.kube.reconcile import Delete, Patch


def node(name: str, ready: str = "True", *taints: Taint, unschedulable: bool = False, **conditions: str) -> Node:
    told = {"Ready": ready, **conditions} if ready else conditions
    made = tuple(
        NodeCondition(type=t, status=s, last_heartbeat_time=format_time(NOON), last_transition_time=format_time(NOON))
        for t, s in told.items()
    )
    return Node(
        metadata=ObjectMeta(name=name, uid=f"uid-{name}", creation_timestamp=format_time(NOON)),
        spec=NodeSpec(taints=taints, unschedulable=unschedulable or None),
        status=NodeStatus(conditions=made),
    )


def lease(name: str, seconds: float) -> Lease:
    renewed = format_time(NOON + timedelta(seconds=seconds))
    return Lease(metadata=ObjectMeta(name=name, namespace="kube-node-lease"), spec=LeaseSpec(renew_time=renewed))


def world(*nodes: Node, controller: Any = None) -> World:
    return world_of([controller or node_lifecycle()]).holding(NODE, *nodes)


def taints(world: World, name: str = "a") -> set[tuple[str, str]]:
    return {(t.key, t.effect) for t in world.get(NODE, name).spec.taints}


def rested(world: World) -> World:
    return settle([node_lifecycle()], world)


@pytest.mark.parametrize(
    ("of", "wanted"),
    [
        (node("a"), set()),
        (node("a", "True", Taint(key=NOT_READY, effect="NoSchedule")), set()),
        (node("a", "True", Taint(key="mine", effect="NoExecute")), {("mine", "NoExecute")}),
        (node("a", MemoryPressure="True"), {("node.kubernetes.io/memory-pressure", "NoSchedule")}),
        (node("a", DiskPressure="True"), {("node.kubernetes.io/disk-pressure", "NoSchedule")}),
        (node("a", unschedulable=True), {("node.kubernetes.io/unschedulable", "NoSchedule")}),
        (node("a", "False"), {(NOT_READY, "NoSchedule"), (NOT_READY, "NoExecute")}),
        (node("a", "Unknown"), {(UNREACHABLE, "NoSchedule"), (UNREACHABLE, "NoExecute")}),
        (node("a", "", Taint(key=NOT_READY, effect="NoSchedule")), {(NOT_READY, "NoSchedule")}),
    ],
)
def test_taints_follow_conditions(of: Node, wanted: set[tuple[str, str]]) -> None:
    assert taints(rested(world(of, node("b")))) == wanted


def test_pods_are_not_driven_off_when_no_node_is_ready() -> None:
    assert taints(rested(world(node("a", "False"), node("b", "False")))) == {(NOT_READY, "NoSchedule")}


def test_a_silent_node_is_told_as_unknown_and_its_pods_as_not_ready() -> None:
    controller = node_lifecycle()
    running = pod("web", ready=True, node="a")
    start = settle([controller], world(node("a"), node("b"), controller=controller).holding(POD, running))
    assert "RegisteredNode: Node a event: Registered Node a in Controller" in start.events
    alive = start.holding(LEASE, lease("a", 45), lease("b", 90)).later(60)
    assert settle([controller], alive).get(NODE, "a").status == start.get(NODE, "a").status
    rest = settle([controller], alive.later(40))
    ready = next(c for c in rest.get(NODE, "a").status.conditions if c.type == "Ready")
    assert (ready.status, ready.reason, ready.message) == (
        "Unknown",
        "NodeStatusUnknown",
        "Kubelet stopped posting node status.",
    )
    never = next(c for c in rest.get(NODE, "a").status.conditions if c.type == "MemoryPressure")
    assert (never.status, never.reason) == ("Unknown", "NodeStatusNeverUpdated")
    assert taints(rest) == {(UNREACHABLE, "NoSchedule"), (UNREACHABLE, "NoExecute")}
    assert rest.list(POD)[0].status.conditions[0].status == "False"
    assert {"NodeNotReady: Node a status is now: NodeNotReady", "NodeNotReady: Node is not ready"} <= set(rest.events)


def test_silence_before_anybody_listened_proves_nothing() -> None:
    controller = node_lifecycle()
    start = world(node("a"), controller=controller).later(3600)
    decision = look(controller, ("", "a"), start)
    assert not any(isinstance(a, Patch) for a in decision.actions)
    assert decision.again_after == timedelta(seconds=50)


GONE = Taint(key=UNREACHABLE, effect="NoExecute", time_added=format_time(NOON))
MINE = Taint(key="mine", effect="NoExecute")


def tolerating(*tolerations: Toleration) -> Pod:
    made = pod("p", node="a")
    return structs.replace(made, spec=structs.replace(made.spec, tolerations=tolerations))


@pytest.mark.parametrize(
    ("tolerations", "seconds"),
    [
        ((), 0),
        ((Toleration(operator="Exists"),), None),
        ((Toleration(key=UNREACHABLE, operator="Exists", effect="NoExecute", toleration_seconds=300),), 300),
        ((Toleration(operator="Exists"), Toleration(key=UNREACHABLE, operator="Exists", toleration_seconds=5)), 5),
        ((Toleration(key="other", operator="Exists"),), 0),
        ((Toleration(key=UNREACHABLE, operator="Exists", toleration_seconds=-5),), 0),
    ],
)
def test_pods_stay_as_long_as_they_tolerate(tolerations: tuple[Toleration, ...], seconds: int | None) -> None:
    expected = None if seconds is None else NOON + timedelta(seconds=seconds)
    assert leaves_at(tolerating(*tolerations), {GONE: NOON}) == expected


def test_pods_are_told_why_and_leave() -> None:
    controller = taint_evictions()
    patient = structs.replace(
        tolerating(Toleration(key="mine", operator="Exists", toleration_seconds=60)),
        metadata=structs.replace(pod("patient").metadata, finalizers=("x/hold",)),
    )
    start = world(node("a", "True", MINE), controller=controller).holding(POD, pod("web", node="a"), patient)
    rest = settle([controller], start)
    assert [p.metadata.name for p in rest.list(POD)] == ["patient"]
    assert rest.events == ("TaintManagerEviction: Marking for deletion Pod team/web",)
    decision = look(controller, ("", "a"), rest)
    assert decision.again_after is not None
    assert 59 < decision.again_after.total_seconds() <= 60
    late = settle([controller], rest.later(61)).list(POD)[0]
    assert late.metadata.deletion_timestamp
    reasons = {c.type: c.reason for c in late.status.conditions}
    assert reasons["DisruptionTarget"] == "DeletionByTaintManager"


def test_a_taint_taken_off_in_time_drives_nobody_off() -> None:
    controller = taint_evictions()
    waiting = tolerating(Toleration(key="mine", operator="Exists", toleration_seconds=60))
    start = settle([controller], world(node("a", "True", MINE), controller=controller).holding(POD, waiting))
    calm = settle([controller], start.holding(NODE, node("a")).later(50))
    assert observed(controller, ("", "a"), calm) is None
    again = settle([controller], calm.holding(NODE, node("a", "True", MINE)).later(20))
    assert len(again.list(POD)) == 1, "its time begins anew"


class _NobodyThere:
    """A client that finds nothing."""

    async def find(self, *args: Any) -> None:
        await asyncio.sleep(0)


async def sweep(world: World, controller: Any) -> Any:
    seen = await controller.observe(("", "kube-system"), world)
    return controller.decide(seen)


async def test_sweeps_up_pods_of_nodes_that_are_gone_but_not_at_once() -> None:
    controller = pod_gc.pod_garbage_collector(_NobodyThere())  # type: ignore[arg-type]  # asked for one node only
    there = world(node("a"), controller=controller).holding(
        NAMESPACE, Namespace(metadata=ObjectMeta(name="kube-system"))
    )
    there = there.holding(POD, pod("kept", node="a"), pod("lost", node="b", phase="Running"))
    first = await sweep(there, controller)
    assert (first.actions, first.again_after) == ((), timedelta(seconds=20))
    told, doomed = (await sweep(there.later(41), controller)).actions
    assert isinstance(told, Patch)
    assert told.patch["status"]["phase"] == "Failed"
    assert told.patch["status"]["conditions"][0]["message"] == "PodGC: node no longer exists"
    assert isinstance(doomed, Delete)
    assert (doomed.key[1], doomed.grace_seconds) == ("lost", 0)


async def test_sweeps_up_what_was_never_bound_and_what_is_too_much() -> None:
    controller = pod_gc.pod_garbage_collector(_NobodyThere(), threshold=1)  # type: ignore[arg-type]
    there = world(node("a"), controller=controller).holding(
        POD,
        pod("ending", ending=True),
        pod("done-1", node="a", phase="Succeeded"),
        pod("done-2", node="a", phase="Failed"),
    )
    names = [action.key[1] for action in (await sweep(there, controller)).actions]
    assert names == ["ending", "done-1"]
