"""Deployments: rollouts, rollbacks, scaling in proportion, pauses, deadlines and history."""

from typing import Any

import pytest
from msgspec import structs
from tests.harness.settles import World, assert_settles, look, observed, settle, world_of
from tests.unit.engine.controllers.builders import HERE, meta, run_pods, selecting, template

from armillary.base.errors import Denied
from armillary.engine.controllers.deployment import DEPLOYMENTS, failed
from armillary.engine.controllers.deployment_sets import DESIRED, HASH, MAXIMUM, REVISION, REVISION_HISTORY
from armillary.engine.controllers.replica_set import REPLICA_SETS
from armillary.kube.kinds.apps import (
    DEPLOYMENT,
    REPLICA_SET,
    Deployment,
    DeploymentSpec,
    DeploymentStrategy,
    RollingUpdateDeployment,
)
from armillary.kube.kinds.core import POD, Pod

BOTH = [DEPLOYMENTS, REPLICA_SETS]


def strategy(surge: int | str | None = "25%", unavailable: int | str | None = "25%") -> DeploymentStrategy:
    if surge is None:
        return DeploymentStrategy(type="Recreate")
    rolling = RollingUpdateDeployment(max_surge=surge, max_unavailable=unavailable)
    return DeploymentStrategy(type="RollingUpdate", rolling_update=rolling)


def deployment(replicas: int = 3, image: str = "web:1", **spec: Any) -> Deployment:
    known: dict[str, Any] = {"strategy": strategy(), "progress_deadline_seconds": 600, "revision_history_limit": 10}
    return Deployment(
        metadata=meta("web"),
        spec=DeploymentSpec(
            replicas=replicas, selector=selecting(app="web"), template=template(image), **(known | spec)
        ),
    )


def world(replicas: int = 3, **spec: Any) -> World:
    return world_of(BOTH, (DEPLOYMENT, deployment(replicas, **spec)))


def change(world: World, **spec: Any) -> World:
    old = world.get(DEPLOYMENT, "web", HERE)
    if "image" in spec:
        spec["template"] = template(spec.pop("image"))
    new = structs.replace(
        old,
        spec=structs.replace(old.spec, **spec),
        metadata=structs.replace(old.metadata, generation=old.metadata.generation + 1),
    )
    return world.holding(DEPLOYMENT, new)


def rested(world: World) -> World:
    return settle(BOTH, world, run_pods)


def sizes(world: World) -> dict[str, int]:
    """Of replica sets, by the image they run."""
    return {s.spec.template.spec.containers[0].image: s.spec.replicas for s in world.list(REPLICA_SET)}


def progressing(world: World) -> tuple[str, str, str]:
    conditions = world.get(DEPLOYMENT, "web", HERE).status.conditions
    found = next(c for c in conditions if c.type == "Progressing")
    return found.status, found.reason, found.message


def shape(world: World) -> Any:
    status = world.get(DEPLOYMENT, "web", HERE).status
    counts = (status.replicas, status.updated_replicas, status.available_replicas, status.observed_generation)
    return sizes(world), counts, {(c.type, c.status, c.reason) for c in status.conditions}


def test_settles_from_nothing_wherever_it_dies() -> None:
    rest = assert_settles(BOTH, world(), shape, run_pods)
    (made,) = rest.list(REPLICA_SET)
    digest = made.metadata.labels[HASH]
    assert made.metadata.name == f"web-{digest}"
    assert made.spec.selector.match_labels == {"app": "web", HASH: digest}
    assert made.spec.template.metadata.labels == {"app": "web", HASH: digest}
    assert {made.metadata.annotations[k] for k in (REVISION, DESIRED, MAXIMUM)} == {"1", "3", "4"}
    owner = rest.get(DEPLOYMENT, "web", HERE)
    assert owner.metadata.annotations[REVISION] == "1"
    status = owner.status
    assert (status.replicas, status.updated_replicas, status.ready_replicas, status.available_replicas) == (3, 3, 3, 3)
    assert status.unavailable_replicas is None
    assert progressing(rest) == (
        "True",
        "NewReplicaSetAvailable",
        f'ReplicaSet "{made.metadata.name}" has successfully progressed.',
    )
    assert rest.events[0] == f"ScalingReplicaSet: Scaled up replica set {made.metadata.name} from 0 to 3"


@pytest.mark.parametrize("how", [strategy(), strategy(1, 0), strategy(0, 1), strategy("100%", 0), strategy(None)])
def test_a_rollout_settles_wherever_it_dies(how: DeploymentStrategy) -> None:
    start = change(rested(world(strategy=how)), image="web:2")
    rest = assert_settles(BOTH, start, shape, run_pods)
    assert sizes(rest) == {"web:1": 0, "web:2": 3}
    assert rest.get(DEPLOYMENT, "web", HERE).metadata.annotations[REVISION] == "2"


@pytest.mark.parametrize(("surge", "unavailable"), [(1, 0), (0, 1), ("25%", "25%"), ("50%", "34%")])
def test_a_rollout_stays_within_its_fences(surge: int | str, unavailable: int | str) -> None:
    start = change(rested(world(4, strategy=strategy(surge, unavailable))), image="web:2")
    owner = observed(DEPLOYMENTS, (HERE, "web"), start).sets
    most, least = 4 + owner.max_surge, 4 - owner.max_unavailable

    def watch(world: World) -> World:
        pods = [p for p in world.list(POD) if not p.metadata.deletion_timestamp]
        assert len(pods) <= most
        assert sum(p.status.phase == "Running" for p in pods) >= least
        return run_pods(world)

    assert sizes(settle(BOTH, start, watch)) == {"web:1": 0, "web:2": 4}


def test_recreate_starts_new_pods_only_when_the_old_are_gone() -> None:
    start = change(rested(world(strategy=strategy(None))), image="web:2")

    def watch(world: World) -> World:
        assert len({p.spec.containers[0].image for p in world.list(POD)}) <= 1
        return run_pods(world)

    assert sizes(settle(BOTH, start, watch)) == {"web:1": 0, "web:2": 3}


def test_going_back_takes_the_old_set_under_a_new_revision() -> None:
    second = rested(change(rested(world()), image="web:2"))
    rest = rested(change(second, image="web:1"))
    assert sizes(rest) == {"web:1": 3, "web:2": 0}
    old = next(s for s in rest.list(REPLICA_SET) if s.spec.replicas == 3)
    assert (old.metadata.annotations[REVISION], old.metadata.annotations[REVISION_HISTORY]) == ("3", "1")
    assert rest.get(DEPLOYMENT, "web", HERE).metadata.annotations[REVISION] == "3"


def test_scaling_does_not_start_a_rollout_and_leaves_the_progress_as_it_was() -> None:
    start = rested(world())
    rest = assert_settles(BOTH, change(start, replicas=5), shape, run_pods)
    assert sizes(rest) == {"web:1": 5}
    assert progressing(rest) == progressing(start)
    assert sizes(rested(change(rest, replicas=0))) == {"web:1": 0}


def never_ready(world: World) -> World:
    def live(pod: Pod) -> Pod | None:
        return None if pod.metadata.deletion_timestamp else pod

    return world.map(POD, live)


def test_scaling_amid_a_rollout_is_shared_in_proportion() -> None:
    halfway = settle(BOTH, change(rested(world(10, strategy=strategy(3, 2))), image="web:2"), never_ready)
    assert sizes(halfway) == {"web:1": 8, "web:2": 5}
    # The worked example of the documentation, "Proportional scaling".
    grown = settle(BOTH, change(halfway, replicas=15), never_ready)
    assert sizes(grown) == {"web:1": 11, "web:2": 7}


def test_nothing_happens_to_a_paused_one_but_scaling() -> None:
    paused = rested(change(rested(world()), paused=True, image="web:2"))
    assert sizes(paused) == {"web:1": 3}
    assert progressing(paused) == ("Unknown", "DeploymentPaused", "Deployment is paused")
    paused = rested(change(paused, replicas=4))
    assert sizes(paused) == {"web:1": 4}
    assert sizes(rested(change(paused, paused=False))) == {"web:1": 0, "web:2": 4}


def test_no_progress_within_the_deadline_is_told() -> None:
    start = settle(BOTH, world(progress_deadline_seconds=60), never_ready)
    decision = look(DEPLOYMENTS, (HERE, "web"), start)
    assert decision.again_after is not None
    assert 55 < decision.again_after.total_seconds() <= 61
    late = settle(BOTH, start.later(62), never_ready)
    status, reason, message = progressing(late)
    assert (status, reason) == ("False", "ProgressDeadlineExceeded")
    assert message.endswith("has timed out progressing.")
    assert progressing(rested(late))[1] == "NewReplicaSetAvailable"


def test_keeps_as_many_old_sets_as_asked_for() -> None:
    there = rested(world(revision_history_limit=2))
    for number in range(2, 7):
        there = rested(change(there, image=f"web:{number}"))
    assert sizes(there) == {"web:4": 0, "web:5": 0, "web:6": 3}


def test_a_name_taken_by_another_template_counts_a_collision() -> None:
    first = rested(world())
    taken = first.list(REPLICA_SET)[0]
    foreign = structs.replace(
        taken, metadata=structs.replace(taken.metadata, owner_references=(), labels={"x": "y"}, uid="other")
    )
    start = world().holding(REPLICA_SET, foreign)
    rest = settle([DEPLOYMENTS], start, run_pods)
    assert rest.get(DEPLOYMENT, "web", HERE).status.collision_count == 1
    assert len(rest.list(REPLICA_SET)) == 2


def test_annotations_follow_but_for_those_that_are_its_own() -> None:
    start = rested(world())
    owner = start.get(DEPLOYMENT, "web", HERE)
    notes = {**owner.metadata.annotations, "team": "a", "kubectl.kubernetes.io/last-applied-configuration": "{}"}
    start = start.holding(
        DEPLOYMENT, structs.replace(owner, metadata=structs.replace(owner.metadata, annotations=notes))
    )
    annotations = rested(start).list(REPLICA_SET)[0].metadata.annotations
    assert annotations["team"] == "a"
    assert "kubectl.kubernetes.io/last-applied-configuration" not in annotations


def test_a_refused_replica_set_is_told() -> None:
    start = world()
    action = look(DEPLOYMENTS, (HERE, "web"), start).actions[0]
    event, update = failed(observed(DEPLOYMENTS, (HERE, "web"), start), action, Denied("no"))
    after = start.after(event).after(update)
    assert after.events[0].startswith('ReplicaSetCreateError: Failed to create new replica set "web-')
    assert progressing(after)[:2] == ("False", "ReplicaSetCreateError")
