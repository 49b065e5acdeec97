"""Claims and volumes: who gets whom, what is waited for, and what holds them."""

from typing import Any

import pytest
from msgspec import structs
from tests.harness.settles import NOON, World, assert_settles, settle, world_of
from tests.unit.engine.controllers.builders import HERE, meta, pod, selecting

from armillary.base.clock import format_time
from armillary.engine.controllers import volume_phase
from armillary.engine.controllers.volume_binding import VOLUME_CLAIMS
from armillary.engine.controllers.volume_matching import (
    BY_CONTROLLER,
    COMPLETED,
    PROVISIONED_BY,
    SELECTED_NODE,
    best_volume,
)
from armillary.engine.controllers.volume_protection import CLAIM_PROTECTION, EPHEMERAL_CLAIMS, VOLUME_PROTECTION
from armillary.kube.kinds.core import (
    PERSISTENT_VOLUME,
    PERSISTENT_VOLUME_CLAIM,
    POD,
    EphemeralVolumeSource,
    ObjectReference,
    PersistentVolume,
    PersistentVolumeClaim,
    PersistentVolumeClaimSpec,
    PersistentVolumeClaimTemplate,
    PersistentVolumeClaimVolumeSource,
    PersistentVolumeSpec,
    PersistentVolumeStatus,
    Pod,
    Volume,
    VolumeResourceRequirements,
)
from armillary.kube.kinds.meta import ObjectMeta
from armillary.kube.kinds.storage import STORAGE_CLASS, StorageClass


class _Nothing:
    """A client that finds nothing."""

    async def find(self, *args: Any) -> None:
        return None


VOLUMES = volume_phase.volume_phases(_Nothing())  # type: ignore[arg-type]  # asked for one claim only
BOTH = [VOLUME_CLAIMS, VOLUMES]
RWO = ("ReadWriteOnce",)


def claim(size: str = "1Gi", klass: str | None = "", *, modes: Any = RWO, notes: Any = None, **spec: Any) -> Any:
    made = structs.replace(meta("data"), annotations=notes or {})
    return PersistentVolumeClaim(
        metadata=made,
        spec=PersistentVolumeClaimSpec(
            access_modes=modes,
            resources=VolumeResourceRequirements(requests={"storage": size}),
            storage_class_name=klass,
            **spec,
        ),
    )


def volume(
    name: str,
    size: str = "1Gi",
    *,
    klass: str = "",
    modes: Any = RWO,
    phase: str = "Available",
    notes: Any = None,
    **spec: Any,
) -> PersistentVolume:
    labels = spec.pop("labels", {})
    return PersistentVolume(
        metadata=ObjectMeta(name=name, labels=labels, annotations=notes or {}),
        spec=PersistentVolumeSpec(
            capacity={"storage": size}, access_modes=modes, storage_class_name=klass or None, **spec
        ),
        status=PersistentVolumeStatus(phase=phase),
    )


def klass(name: str, *, mode: str = "Immediate", default: bool = False, provisioner: str = "x/y") -> StorageClass:
    notes = {"storageclass.kubernetes.io/is-default-class": "true"} if default else {}
    return StorageClass(
        metadata=ObjectMeta(name=name, annotations=notes), provisioner=provisioner, volume_binding_mode=mode
    )


def world(of: PersistentVolumeClaim, *volumes: PersistentVolume, classes: Any = ()) -> World:
    start = world_of(BOTH, (PERSISTENT_VOLUME_CLAIM, of))
    return start.holding(PERSISTENT_VOLUME, *volumes).holding(STORAGE_CLASS, *classes)


def state(world: World) -> Any:
    found = world.get(PERSISTENT_VOLUME_CLAIM, "data", HERE)
    phases = {v.metadata.name: v.status.phase for v in world.list(PERSISTENT_VOLUME)}
    return found and (found.status.phase, found.spec.volume_name), phases


def test_a_claim_and_a_volume_find_each_other_wherever_it_dies() -> None:
    rest = assert_settles(BOTH, world(claim(), volume("big", "5Gi"), volume("fit", "2Gi")), state)
    assert state(rest) == (("Bound", "fit"), {"big": "Available", "fit": "Bound"})
    bound = rest.get(PERSISTENT_VOLUME_CLAIM, "data", HERE)
    assert bound.metadata.annotations == {COMPLETED: "yes", BY_CONTROLLER: "yes"}
    assert (bound.status.capacity, bound.status.access_modes) == ({"storage": "2Gi"}, RWO)
    ref = rest.get(PERSISTENT_VOLUME, "fit").spec.claim_ref
    assert (ref.kind, ref.namespace, ref.name, ref.uid) == ("PersistentVolumeClaim", HERE, "data", bound.metadata.uid)
    assert rest.get(PERSISTENT_VOLUME, "fit").metadata.annotations == {BY_CONTROLLER: "yes"}


@pytest.mark.parametrize(
    ("wanted", "volumes", "chosen"),
    [
        (claim("2Gi"), [volume("small", "1Gi")], None),
        (claim(klass="fast"), [volume("slow"), volume("quick", klass="fast")], "quick"),
        (claim(modes=("ReadWriteMany",)), [volume("one"), volume("many", modes=("ReadWriteMany", *RWO))], "many"),
        (claim(selector=selecting(disk="ssd")), [volume("a"), volume("b", labels={"disk": "ssd"})], "b"),
        (claim(volume_mode="Block"), [volume("files"), volume("blocks", volume_mode="Block")], "blocks"),
        (claim(), [volume("used", phase="Released")], None),
        (claim(), [volume("a"), volume("kept", "9Gi", claim_ref=ObjectReference(namespace=HERE, name="data"))], "kept"),
        (claim(), [volume("others", claim_ref=ObjectReference(namespace=HERE, name="other"))], None),
    ],
)
def test_chooses(wanted: PersistentVolumeClaim, volumes: list[PersistentVolume], chosen: str | None) -> None:
    found = best_volume(wanted, volumes, delayed=False)
    assert (found and found.metadata.name) == chosen


def test_a_volume_asked_for_by_name_must_fit() -> None:
    rest = settle(BOTH, world(claim(volume_name="v"), volume("v", "2Gi")))
    assert state(rest) == (("Bound", "v"), {"v": "Bound"})
    assert BY_CONTROLLER not in rest.get(PERSISTENT_VOLUME_CLAIM, "data", HERE).metadata.annotations
    small = settle(BOTH, world(claim("3Gi", volume_name="v"), volume("v", "2Gi")))
    assert small.events[0] == 'VolumeMismatch: Cannot bind to requested volume "v": requested PV is too small'
    assert state(settle(BOTH, world(claim(volume_name="none"))))[0] == ("Pending", "none")


def test_says_what_it_waits_for() -> None:
    nothing = settle(BOTH, world(claim()))
    assert nothing.events[0] == (
        "FailedBinding: no persistent volumes available for this claim and no storage class is set"
    )
    assert state(nothing)[0] == ("Pending", "")
    unknown = settle(BOTH, world(claim(klass="fast")))
    assert unknown.events[0] == 'ProvisioningFailed: storageclass.storage.k8s.io "fast" not found'
    outside = settle(BOTH, world(claim(klass="fast"), classes=[klass("fast")]))
    assert outside.events[0].startswith(
        "ExternalProvisioning: Waiting for a volume to be created either by the external"
    )
    notes = outside.get(PERSISTENT_VOLUME_CLAIM, "data", HERE).metadata.annotations
    assert notes["volume.kubernetes.io/storage-provisioner"] == "x/y"


def using(name: str, node: str = "") -> Pod:
    source = PersistentVolumeClaimVolumeSource(claim_name="data")
    made = pod(name, node=node)
    mounted = (Volume(name="v", persistent_volume_claim=source),)
    return structs.replace(made, spec=structs.replace(made.spec, volumes=mounted))


def test_leaves_the_choice_to_the_scheduler() -> None:
    late = klass("late", mode="WaitForFirstConsumer")
    start = world(claim(klass="late"), volume("v", klass="late"), classes=[late])
    rest = settle(BOTH, start)
    assert state(rest) == (("Pending", ""), {"v": "Available"})
    assert rest.events[0] == "WaitForFirstConsumer: waiting for first consumer to be created before binding"
    waiting = settle(BOTH, start.holding(POD, using("web")))
    assert waiting.events[0] == "WaitForPodScheduled: waiting for pod web to be scheduled"
    chosen = world(claim(klass="late", notes={SELECTED_NODE: "n"}), volume("v", klass="late"), classes=[late])
    assert state(settle(BOTH, chosen))[0] == ("Bound", "v")


def test_a_claim_without_class_gets_the_default_one_as_soon_as_there_is_one() -> None:
    rest = settle(BOTH, world(claim(klass=None), classes=[klass("a"), klass("b", default=True)]))
    assert rest.get(PERSISTENT_VOLUME_CLAIM, "data", HERE).spec.storage_class_name == "b"


def test_a_claim_whose_volume_is_gone_is_lost() -> None:
    rest = settle(BOTH, world(claim(), volume("v")))
    lost = settle(BOTH, rest.without(PERSISTENT_VOLUME, ("", "v")))
    assert state(lost)[0] == ("Lost", "v")
    assert lost.events[-1] == "ClaimLost: Bound claim has lost its PersistentVolume. Data on the volume is lost!"


@pytest.mark.parametrize(
    ("spec", "phase"),
    [
        ({"persistent_volume_reclaim_policy": "Retain"}, "Released"),
        ({"persistent_volume_reclaim_policy": "Delete", "notes": {PROVISIONED_BY: "x/y"}}, "Released"),
        ({"persistent_volume_reclaim_policy": "Delete"}, "Failed"),
        ({"persistent_volume_reclaim_policy": "Recycle"}, "Failed"),
    ],
)
def test_a_volume_whose_claim_is_gone_is_released(spec: dict[str, Any], phase: str) -> None:
    rest = settle(BOTH, world(claim(), volume("v", **spec)))
    gone = settle(BOTH, rest.without(PERSISTENT_VOLUME_CLAIM, (HERE, "data")))
    assert state(gone)[1] == {"v": phase}
    again = settle(BOTH, gone.holding(PERSISTENT_VOLUME_CLAIM, claim()))
    assert state(again)[0] == ("Pending", ""), "a new claim of that name is another one"


def test_a_volume_made_for_a_claim_is_bound_to_it() -> None:
    start = world(claim(klass="fast"), classes=[klass("fast")])
    uid = start.get(PERSISTENT_VOLUME_CLAIM, "data", HERE).metadata.uid
    ref = ObjectReference(namespace=HERE, name="data", uid=uid, kind="PersistentVolumeClaim")
    made = volume("pvc-1", klass="fast", claim_ref=ref, notes={PROVISIONED_BY: "x/y"}, phase="")
    rest = assert_settles(BOTH, start.holding(PERSISTENT_VOLUME, made), state)
    assert state(rest) == (("Bound", "pvc-1"), {"pvc-1": "Bound"})


def ending(item: Any) -> Any:
    return structs.replace(item, metadata=structs.replace(item.metadata, deletion_timestamp=format_time(NOON)))


PROTECTION = [CLAIM_PROTECTION, VOLUME_PROTECTION]


def test_what_is_used_stays_until_it_is_used_no_more() -> None:
    start = settle(PROTECTION, world_of(PROTECTION, (PERSISTENT_VOLUME_CLAIM, claim())).holding(POD, using("web", "n")))
    held = start.get(PERSISTENT_VOLUME_CLAIM, "data", HERE)
    assert held.metadata.finalizers == ("kubernetes.io/pvc-protection",)
    asked = settle(PROTECTION, start.holding(PERSISTENT_VOLUME_CLAIM, ending(held)))
    assert asked.get(PERSISTENT_VOLUME_CLAIM, "data", HERE) is not None
    assert settle(PROTECTION, asked.without(POD, (HERE, "web"))).list(PERSISTENT_VOLUME_CLAIM) == []
    unscheduled = asked.without(POD, (HERE, "web")).holding(POD, using("other"))
    assert settle(PROTECTION, unscheduled).list(PERSISTENT_VOLUME_CLAIM) == []


def test_a_bound_volume_stays() -> None:
    start = settle(PROTECTION, world_of(PROTECTION, (PERSISTENT_VOLUME, volume("v", phase="Bound"))))
    asked = start.holding(PERSISTENT_VOLUME, ending(start.get(PERSISTENT_VOLUME, "v")))
    assert len(settle(PROTECTION, asked).list(PERSISTENT_VOLUME)) == 1
    free = asked.map(PERSISTENT_VOLUME, lambda v: structs.replace(v, status=PersistentVolumeStatus(phase="Released")))
    assert settle(PROTECTION, free).list(PERSISTENT_VOLUME) == []


def test_ephemeral_volumes_get_claims_that_are_their_pods() -> None:
    template = PersistentVolumeClaimTemplate(metadata=ObjectMeta(labels={"a": "b"}), spec=claim().spec)
    made = pod("web")
    mounted = (Volume(name="tmp", ephemeral=EphemeralVolumeSource(volume_claim_template=template)),)
    made = structs.replace(made, spec=structs.replace(made.spec, volumes=mounted))
    start = world_of([EPHEMERAL_CLAIMS], (POD, made))
    rest = assert_settles([EPHEMERAL_CLAIMS], start, lambda w: sorted(w.objects))
    found = rest.get(PERSISTENT_VOLUME_CLAIM, "web-tmp", HERE)
    assert (found.metadata.owner_references[0].name, found.metadata.labels) == ("web", {"a": "b"})
    foreign = start.holding(PERSISTENT_VOLUME_CLAIM, structs.replace(claim(), metadata=meta("web-tmp")))
    assert settle([EPHEMERAL_CLAIMS], foreign).events[0].endswith("(pod is not owner)")
