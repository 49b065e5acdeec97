"""ReplicaSets: how many pods, which of them go, whose they are, and what the status says."""

from typing import Any

import pytest
from msgspec import structs
from tests.harness.settles import World, assert_settles, look, observed, settle, world_of
from tests.unit.engine.controllers.builders import HERE, meta, pod, run_pods, selecting, template

from armillary.base.errors import Denied
from armillary.engine.controllers.replica_set import (
    REPLICA_SETS,
    REPLICATION_CONTROLLERS,
    failed,
    status_of,
)
from armillary.kube.events import Record
from armillary.kube.kinds.apps import REPLICA_SET, ReplicaSet, ReplicaSetSpec
from armillary.kube.kinds.core import POD, REPLICATION_CONTROLLER, ReplicationController, ReplicationControllerSpec
from armillary.kube.reconcile import Action, Create, Delete, Patch, Update


def replica_set(replicas: int, **spec: Any) -> ReplicaSet:
    made = structs.replace(meta("web"), uid="uid-web", generation=1)
    return ReplicaSet(
        metadata=made,
        spec=ReplicaSetSpec(replicas=replicas, selector=selecting(app="web"), template=template(), **spec),
    )


def world(replicas: int, *pods: Any, **spec: Any) -> World:
    made = world_of([REPLICA_SETS], (REPLICA_SET, replica_set(replicas, **spec)))
    return made.holding(POD, *pods)


def mine(name: str, **how: Any) -> Any:
    return pod(name, owner=(REPLICA_SET, replica_set(1)), **how)


def brief(action: Action) -> str:
    match action:
        case Create(kind, _):
            return f"create {kind.name}"
        case Delete(_, (_, name)):
            return f"delete {name}"
        case Patch(_, (_, name), patch):
            return ("adopt " if patch["metadata"]["ownerReferences"] else "release ") + name
        case Update(_, _, subresource, _):
            return f"update {subresource}"
        case _:
            return type(action).__name__.lower()


@pytest.mark.parametrize(
    ("start", "does", "because"),
    [
        (world(2), ["create Pod", "create Pod"], "has 0 of 2"),
        (world(2, mine("a")), ["create Pod"], "has 1 of 2"),
        (world(2, mine("a"), mine("b", ending=True)), ["create Pod"], "has 1 of 2"),
        (world(2, mine("a"), mine("b", phase="Failed")), ["create Pod"], "has 1 of 2"),
        (world(1, mine("a", ready=True), mine("b")), ["delete b"], "has 2 pods for 1"),
        (world(1, mine("a", node="n"), mine("b")), ["delete b"], "has 2 pods for 1"),
        (world(0), ["update status"], "has all its 0 pods"),
        (world(1, pod("orphan")), ["confirm", "adopt orphan"], "adopts"),
        (world(1, pod("other", app="db")), ["create Pod"], "has 0 of 1"),
        (world(1, mine("a", app="db")), ["release a"], "lets go"),
    ],
)
def test_decides(start: World, does: list[str], because: str) -> None:
    decision = look(REPLICA_SETS, (HERE, "web"), start)
    assert [brief(action) for action in decision.actions] == does
    assert because in decision.because


def shape(world: World) -> Any:
    owner = world.get(REPLICA_SET, "web", HERE)
    pods = world.list(POD)
    return len(pods), {p.metadata.owner_references[0].uid for p in pods if p.metadata.owner_references}, owner.status


@pytest.mark.parametrize(
    "start",
    [
        world(3),
        world(3, mine("a")),
        world(1, mine("a"), mine("b"), mine("c")),
        world(2, pod("orphan"), mine("x", app="db")),
    ],
    ids=["from nothing", "from one", "too many", "others and orphans"],
)
def test_settles_wherever_it_dies(start: World) -> None:
    rest = assert_settles([REPLICA_SETS], start, shape, run_pods)
    status = rest.get(REPLICA_SET, "web", HERE).status
    assert status.replicas == status.ready_replicas == status.available_replicas


def test_pods_carry_template_name_and_owner_and_are_told_of() -> None:
    rest = settle([REPLICA_SETS], world(2), run_pods)
    names = {p.metadata.name for p in rest.list(POD)}
    for made in rest.list(POD):
        assert made.metadata.labels == {"app": "web"}
        assert made.metadata.name.startswith("web-")
        assert made.metadata.generate_name == "web-"
        assert made.metadata.owner_references[0].block_owner_deletion
    assert set(rest.events) == {f"SuccessfulCreate: Created pod: {name}" for name in names}


def test_a_ready_pod_becomes_available_by_waiting() -> None:
    start = world(1, mine("a", ready=True), min_ready_seconds=10)
    decision = look(REPLICA_SETS, (HERE, "web"), start)
    assert decision.again_after is not None
    assert decision.again_after.total_seconds() == 10
    rest = settle([REPLICA_SETS], start.later(10))
    assert rest.get(REPLICA_SET, "web", HERE).status.available_replicas == 1


def test_a_refused_creation_is_told_and_tried_singly_until_it_works() -> None:
    start = world(3)
    decision = look(REPLICA_SETS, (HERE, "web"), start)
    event, update = failed(seen(start), decision.actions[0], Denied("exceeded quota"))
    assert isinstance(event, Record)
    assert (event.type, event.reason, event.message) == ("Warning", "FailedCreate", "Error creating: exceeded quota")
    start = start.after(update)
    condition = start.get(REPLICA_SET, "web", HERE).status.conditions[0]
    assert (condition.type, condition.status, condition.reason) == ("ReplicaFailure", "True", "FailedCreate")
    again = look(REPLICA_SETS, (HERE, "web"), start)
    assert len(again.actions) == 1
    assert not settle([REPLICA_SETS], start, run_pods).get(REPLICA_SET, "web", HERE).status.conditions


def seen(start: World) -> Any:
    return observed(REPLICA_SETS, (HERE, "web"), start)


def test_counts_pods_that_have_all_labels_of_the_template() -> None:
    owner = replica_set(2)
    owner = structs.replace(owner, spec=structs.replace(owner.spec, template=template(app="web", tier="front")))
    start = world_of([REPLICA_SETS], (REPLICA_SET, owner)).holding(
        POD, mine("a", app="web"), mine("b", app="web", tier="front")
    )
    assert status_of(seen(start)).fully_labeled_replicas == 1


def test_a_replication_controller_does_the_same() -> None:
    owner = ReplicationController(
        metadata=meta("web"), spec=ReplicationControllerSpec(replicas=2, selector={"app": "web"}, template=template())
    )
    start = world_of([REPLICATION_CONTROLLERS], (REPLICATION_CONTROLLER, owner))
    rest = settle([REPLICATION_CONTROLLERS], start, run_pods)
    assert rest.get(REPLICATION_CONTROLLER, "web", HERE).status.ready_replicas == 2
