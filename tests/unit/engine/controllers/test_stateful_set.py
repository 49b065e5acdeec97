"""Stateful sets: order, storage, updates, and what is kept of them."""

from typing import Any

import pytest
from msgspec import structs
from tests.harness.settles import World, assert_settles, look, observed, settle, world_of
from tests.unit.engine.controllers.builders import HERE, meta, run_pods, selecting, template

from armillary.base.errors import Denied
from armillary.engine.controllers.stateful_set import STATEFUL_SETS, failed
from armillary.kube.kinds.apps import (
    CONTROLLER_REVISION,
    STATEFUL_SET,
    RollingUpdateStatefulSetStrategy,
    StatefulSet,
    StatefulSetOrdinals,
    StatefulSetPersistentVolumeClaimRetentionPolicy,
    StatefulSetSpec,
    StatefulSetUpdateStrategy,
)
from armillary.kube.kinds.core import PERSISTENT_VOLUME_CLAIM, POD, PersistentVolumeClaim, Pod
from armillary.kube.kinds.meta import ObjectMeta

ONE = [STATEFUL_SETS]
DATA = PersistentVolumeClaim(metadata=ObjectMeta(name="data"))


def rolling(partition: int = 0) -> StatefulSetUpdateStrategy:
    return StatefulSetUpdateStrategy(
        type="RollingUpdate", rolling_update=RollingUpdateStatefulSetStrategy(partition=partition)
    )


def world(replicas: int = 3, **spec: Any) -> World:
    known: dict[str, Any] = {
        "selector": selecting(app="web"),
        "template": template(),
        "service_name": "peers",
        "pod_management_policy": "OrderedReady",
        "update_strategy": rolling(),
        "revision_history_limit": 10,
    }
    owner = StatefulSet(metadata=meta("db"), spec=StatefulSetSpec(replicas=replicas, **(known | spec)))
    return world_of(ONE, (STATEFUL_SET, owner))


def change(world: World, **spec: Any) -> World:
    old = world.get(STATEFUL_SET, "db", HERE)
    if "image" in spec:
        spec["template"] = template(spec.pop("image"))
    generation = old.metadata.generation + 1
    new = structs.replace(
        old, spec=structs.replace(old.spec, **spec), metadata=structs.replace(old.metadata, generation=generation)
    )
    return world.holding(STATEFUL_SET, new)


def rested(world: World) -> World:
    return settle(ONE, world, run_pods, rounds=100)


def images(world: World) -> dict[str, str]:
    return {p.metadata.name: p.spec.containers[0].image for p in world.list(POD)}


def status(world: World) -> Any:
    return world.get(STATEFUL_SET, "db", HERE).status


def shape(world: World) -> Any:
    claims = {c.metadata.name: len(c.metadata.owner_references) for c in world.list(PERSISTENT_VOLUME_CLAIM)}
    return images(world), claims, status(world)


def test_settles_from_nothing_wherever_it_dies() -> None:
    rest = assert_settles(ONE, world(volume_claim_templates=(DATA,)), shape, run_pods)
    assert sorted(images(rest)) == ["db-0", "db-1", "db-2"]
    assert sorted(c.metadata.name for c in rest.list(PERSISTENT_VOLUME_CLAIM)) == [f"data-db-{n}" for n in range(3)]
    pod = rest.get(POD, "db-1", HERE)
    assert pod.metadata.labels["statefulset.kubernetes.io/pod-name"] == "db-1"
    assert pod.metadata.labels["apps.kubernetes.io/pod-index"] == "1"
    assert pod.metadata.labels["controller-revision-hash"] == status(rest).update_revision
    assert (pod.spec.hostname, pod.spec.subdomain) == ("db-1", "peers")
    assert pod.spec.volumes[0].persistent_volume_claim.claim_name == "data-db-1"
    found = status(rest)
    assert (found.replicas, found.ready_replicas, found.available_replicas) == (3, 3, 3)
    assert (found.current_replicas, found.updated_replicas) == (3, 3)
    assert found.current_revision == found.update_revision
    assert "SuccessfulCreate: Create Pod db-0 in StatefulSet db successful" in rest.events
    assert "SuccessfulCreate: Create Claim data-db-0 Pod db-0 in StatefulSet db success" in rest.events


def starts(world: World, *, react: Any = run_pods) -> list[tuple[str, ...]]:
    """The pods that were there after each round."""
    seen: list[tuple[str, ...]] = []

    def watch(world: World) -> World:
        names = tuple(sorted(p.metadata.name for p in world.list(POD)))
        if not seen or seen[-1] != names:
            seen.append(names)
        return react(world)

    settle(ONE, world, watch, rounds=100)
    return seen


def test_starts_one_after_the_other_and_ends_the_last_first() -> None:
    assert starts(world(3))[-3:] == [("db-0",), ("db-0", "db-1"), ("db-0", "db-1", "db-2")]
    there = rested(world(3))
    assert starts(change(there, replicas=1)) == [("db-0", "db-1"), ("db-0",)]


def test_parallel_ones_start_together() -> None:
    assert starts(world(3, pod_management_policy="Parallel"))[-1] == ("db-0", "db-1", "db-2")
    assert len(starts(world(3, pod_management_policy="Parallel"))) == 2  # none, then all


def test_waits_for_a_pod_that_is_not_ready() -> None:
    rest = settle(ONE, world(3))
    assert sorted(images(rest)) == ["db-0"]
    assert look(ONE[0], (HERE, "db"), rest).because == "waits for db-0 to become available"


def test_an_update_goes_from_the_last_to_the_first_wherever_it_dies() -> None:
    start = change(rested(world(3)), image="web:2")
    order: list[str] = []

    def watch(world: World) -> World:
        order.extend(n for n, image in sorted(images(world).items()) if image == "web:2" and n not in order)
        return run_pods(world)

    settle(ONE, start, watch, rounds=100)
    assert order == ["db-2", "db-1", "db-0"]
    rest = assert_settles(ONE, start, shape, run_pods)
    assert set(images(rest).values()) == {"web:2"}
    assert status(rest).current_revision == status(rest).update_revision


def test_a_partition_keeps_the_first_ones_old() -> None:
    rest = rested(change(rested(world(3)), image="web:2", update_strategy=rolling(2)))
    assert images(rest) == {"db-0": "web:1", "db-1": "web:1", "db-2": "web:2"}
    assert (status(rest).current_replicas, status(rest).updated_replicas) == (2, 1)
    again = rested(rest.without(POD, (HERE, "db-0")))
    assert images(again)["db-0"] == "web:1", "a lost one comes back as it was"
    assert set(images(rested(change(again, update_strategy=rolling(0)))).values()) == {"web:2"}


def test_on_delete_waits_for_somebody_to_delete() -> None:
    strategy = StatefulSetUpdateStrategy(type="OnDelete")
    rest = rested(change(rested(world(2, update_strategy=strategy)), image="web:2"))
    assert set(images(rest).values()) == {"web:1"}
    assert images(rested(rest.without(POD, (HERE, "db-1")))) == {"db-0": "web:1", "db-1": "web:2"}


def test_going_back_takes_up_the_old_revision() -> None:
    first = rested(world(1))
    rest = rested(change(rested(change(first, image="web:2")), image="web:1"))
    assert status(rest).update_revision == status(first).update_revision
    numbers = {r.metadata.name: r.revision for r in rest.list(CONTROLLER_REVISION)}
    assert numbers[status(first).update_revision] == 3


def test_history_is_limited_to_what_is_asked_and_what_is_used() -> None:
    there = rested(world(1, revision_history_limit=1))
    for number in range(2, 6):
        there = rested(change(there, image=f"web:{number}"))
    assert sorted(r.revision for r in there.list(CONTROLLER_REVISION)) == [4, 5]


def test_a_finished_pod_is_replaced() -> None:
    there = rested(world(1)).map(POD, lambda p: structs.replace(p, status=structs.replace(p.status, phase="Failed")))
    before = there.get(POD, "db-0", HERE).metadata.uid
    assert rested(there).get(POD, "db-0", HERE).metadata.uid != before


def test_numbers_may_start_elsewhere() -> None:
    assert sorted(images(rested(world(2, ordinals=StatefulSetOrdinals(start=5))))) == ["db-5", "db-6"]


@pytest.mark.parametrize(
    ("deleted", "scaled", "kept", "lost"),
    [("Retain", "Retain", [], []), ("Delete", "Retain", ["StatefulSet"], ["StatefulSet"]),
     ("Retain", "Delete", [], ["Pod"]), ("Delete", "Delete", ["StatefulSet"], ["Pod"])],
)  # fmt: skip
def test_claims_are_owned_as_the_retention_policy_asks(
    deleted: str, scaled: str, kept: list[str], lost: list[str]
) -> None:
    policy = StatefulSetPersistentVolumeClaimRetentionPolicy(when_deleted=deleted, when_scaled=scaled)
    spec = {"volume_claim_templates": (DATA,), "persistent_volume_claim_retention_policy": policy}
    there = rested(world(2, **spec))

    def linger(world: World) -> World:
        def hold(pod: Pod) -> Pod:
            return structs.replace(pod, metadata=structs.replace(pod.metadata, finalizers=("x/hold",)))

        return world.map(POD, hold)

    rest = settle(ONE, change(linger(there), replicas=1), run_pods)

    def owners(name: str) -> list[str]:
        return [o.kind for o in rest.get(PERSISTENT_VOLUME_CLAIM, name, HERE).metadata.owner_references]

    assert (owners("data-db-0"), owners("data-db-1")) == (kept, lost)


def test_a_refusal_is_told() -> None:
    start = world(1)
    start = start.after(look(ONE[0], (HERE, "db"), start).actions[0])
    action = look(ONE[0], (HERE, "db"), start).actions[0]
    (event,) = failed(observed(ONE[0], (HERE, "db"), start), action, Denied("no room"))
    assert start.after(event).events == ("FailedCreate: Create Pod db-0 in StatefulSet db failed error: no room",)
