"""Daemon sets: where their pods belong, and how they are updated."""

from typing import Any

import pytest
from msgspec import structs
from tests.harness.settles import World, assert_settles, look, settle, world_of
from tests.unit.engine.controllers.builders import HERE, meta, run_pods, selecting, template

from armillary.engine.controllers.daemon_nodes import target_of
from armillary.engine.controllers.daemon_set import DAEMON_SETS, matters
from armillary.kube.kinds.apps import (
    CONTROLLER_REVISION,
    DAEMON_SET,
    DaemonSet,
    DaemonSetSpec,
    DaemonSetUpdateStrategy,
    RollingUpdateDaemonSet,
)
from armillary.kube.kinds.core import NODE, POD, Node, NodeSpec, NodeStatus, Pod, PodStatus, Taint, Toleration
from armillary.kube.kinds.meta import ObjectMeta

ONE = [DAEMON_SETS]


def node(name: str, *taints: str, unschedulable: bool = False, **labels: str) -> Node:
    """Taints as `key:Effect`."""
    made = tuple(Taint(key=t.partition(":")[0], effect=t.partition(":")[2]) for t in taints)
    spec = NodeSpec(taints=made, unschedulable=unschedulable or None)
    return Node(metadata=ObjectMeta(name=name, labels=labels), spec=spec)


def strategy(surge: int | str = 0, unavailable: int | str = 1) -> DaemonSetUpdateStrategy:
    rolling = RollingUpdateDaemonSet(max_surge=surge, max_unavailable=unavailable)
    return DaemonSetUpdateStrategy(type="RollingUpdate", rolling_update=rolling)


def world(*nodes: Node, **spec: Any) -> World:
    known: dict[str, Any] = {
        "selector": selecting(app="web"),
        "template": template(),
        "update_strategy": strategy(),
        "revision_history_limit": 10,
    }
    owner = DaemonSet(metadata=meta("agent"), spec=DaemonSetSpec(**(known | spec)))
    return world_of(ONE, (DAEMON_SET, owner)).holding(NODE, *nodes)


def change(world: World, image: str) -> World:
    old = world.get(DAEMON_SET, "agent", HERE)
    return world.holding(DAEMON_SET, structs.replace(old, spec=structs.replace(old.spec, template=template(image))))


def with_pod(**fields: Any) -> dict[str, Any]:
    """A template whose pod has these fields."""
    made = template()
    return {"template": structs.replace(made, spec=structs.replace(made.spec, **fields))}


def targets(world: World) -> list[str]:
    return sorted(target_of(p) for p in world.list(POD))


def images(world: World) -> list[str]:
    return sorted(p.spec.containers[0].image for p in world.list(POD))


def shape(world: World) -> Any:
    return targets(world), images(world), world.get(DAEMON_SET, "agent", HERE).status


def test_settles_on_every_node_wherever_it_dies() -> None:
    rest = assert_settles(ONE, world(*map(node, ("a", "b", "c"))), shape, run_pods)
    assert targets(rest) == ["a", "b", "c"]
    status = rest.get(DAEMON_SET, "agent", HERE).status
    assert (status.desired_number_scheduled, status.current_number_scheduled, status.number_ready) == (3, 3, 3)
    assert (status.updated_number_scheduled, status.number_available, status.number_unavailable) == (3, 3, None)
    pod = rest.list(POD)[0]
    assert pod.spec.node_name == "", "binding is the scheduler's"
    (revision,) = rest.list(CONTROLLER_REVISION)
    assert pod.metadata.labels["controller-revision-hash"] == revision.metadata.labels["controller-revision-hash"]
    assert Toleration(key="node.kubernetes.io/not-ready", operator="Exists", effect="NoExecute") in pod.spec.tolerations


@pytest.mark.parametrize(
    ("nodes", "spec", "on"),
    [
        ([node("a"), node("b", "gpu:NoSchedule")], {}, ["a"]),
        ([node("a"), node("b", "gpu:PreferNoSchedule")], {}, ["a", "b"]),
        ([node("a", "node.kubernetes.io/unschedulable:NoSchedule", unschedulable=True)], {}, ["a"]),
        ([node("a", "node.kubernetes.io/unreachable:NoExecute")], {}, ["a"]),
        ([node("a", disk="ssd"), node("b")], with_pod(node_selector={"disk": "ssd"}), ["a"]),
        ([node("a"), node("b")], with_pod(node_name="b"), ["b"]),
        ([node("a", "x:NoExecute")], with_pod(tolerations=(Toleration(operator="Exists"),)), ["a"]),
        ([node("a", "node.kubernetes.io/network-unavailable:NoSchedule")], {}, []),
        ([node("a", "node.kubernetes.io/network-unavailable:NoSchedule")], with_pod(host_network=True), ["a"]),
    ],
)
def test_goes_where_it_may(nodes: list[Node], spec: dict[str, Any], on: list[str]) -> None:
    assert targets(settle(ONE, world(*nodes, **spec), run_pods)) == on


def test_leaves_nodes_it_may_stay_on_no_more() -> None:
    there = settle(ONE, world(node("a"), node("b")), run_pods)
    kept = settle(ONE, there.holding(NODE, node("a", "x:NoSchedule")), run_pods)
    assert targets(kept) == ["a", "b"]
    assert kept.get(DAEMON_SET, "agent", HERE).status.number_misscheduled == 1
    assert targets(settle(ONE, there.holding(NODE, node("a", "x:NoExecute")), run_pods)) == ["b"]
    assert targets(settle(ONE, there.without(NODE, ("", "a")), run_pods)) == ["b"]


def test_one_too_many_goes() -> None:
    there = settle(ONE, world(node("a")), run_pods)
    twin = structs.replace(
        there.list(POD)[0], metadata=structs.replace(there.list(POD)[0].metadata, name="twin", uid="twin")
    )
    assert len(settle(ONE, there.holding(POD, twin), run_pods).list(POD)) == 1


@pytest.mark.parametrize("how", [strategy(), strategy(unavailable=2), strategy(1, 0), strategy("50%", 0)])
def test_an_update_settles_wherever_it_dies(how: DaemonSetUpdateStrategy) -> None:
    there = settle(ONE, world(*map(node, "abcd"), update_strategy=how), run_pods)
    rest = assert_settles(ONE, change(there, "web:2"), shape, run_pods)
    assert images(rest) == ["web:2"] * 4
    assert targets(rest) == list("abcd")


@pytest.mark.parametrize(
    ("how", "least", "most"), [(strategy(0, 1), 3, 4), (strategy(0, 2), 2, 4), (strategy(1, 0), 4, 5)]
)
def test_an_update_stays_within_its_fences(how: DaemonSetUpdateStrategy, least: int, most: int) -> None:
    there = settle(ONE, world(*map(node, "abcd"), update_strategy=how), run_pods)

    def watch(world: World) -> World:
        living = [p for p in world.list(POD) if not p.metadata.deletion_timestamp]
        assert len(living) <= most
        assert sum(p.status.phase == "Running" for p in living) >= least
        return run_pods(world)

    assert images(settle(ONE, change(there, "web:2"), watch)) == ["web:2"] * 4


def test_on_delete_waits_for_somebody_to_delete() -> None:
    there = settle(ONE, world(node("a"), node("b"), update_strategy=DaemonSetUpdateStrategy(type="OnDelete")), run_pods)
    there = settle(ONE, change(there, "web:2"), run_pods)
    assert images(there) == ["web:1", "web:1"]
    victim = there.list(POD)[0].metadata
    assert images(settle(ONE, there.without(POD, (HERE, victim.name)), run_pods)) == ["web:1", "web:2"]


def test_a_failed_pod_is_replaced_but_not_at_once() -> None:
    def fail(pod: Pod) -> Pod:
        return structs.replace(pod, status=PodStatus(phase="Failed"))

    there = settle(ONE, world(node("a")), run_pods).map(POD, fail)
    decision = look(DAEMON_SETS, (HERE, "agent"), there)
    assert decision.again_after is not None
    assert 9 < decision.again_after.total_seconds() <= 10
    rest = settle(ONE, there.later(11), run_pods)
    assert [p.status.phase for p in rest.list(POD)] == ["Running"]
    assert any(event.startswith("FailedDaemonPod: Found failed daemon pod team/agent-") for event in rest.events)


def test_heartbeats_of_nodes_matter_to_none() -> None:
    assert not matters(node("a"), structs.replace(node("a"), status=NodeStatus(phase="Running")))
    assert matters(node("a"), node("a", "x:NoSchedule"))
    assert matters(node("a"), node("a", disk="ssd"))
