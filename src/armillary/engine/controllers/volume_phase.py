"""Volumes and the phase they are in: free, bound, or released when their claim is gone.

Upstream: pkg/controller/volume/persistentvolume, syncVolume and reclaimVolume.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from msgspec import structs

from armillary.base.clock import format_micro_time
from armillary.engine.controllers import volume_matching as fits
from armillary.engine.controllers.volume_matching import BY_CONTROLLER, PROVISIONED_BY
from armillary.kube.client import Client
from armillary.kube.events import Record
from armillary.kube.kinds.core import (
    PERSISTENT_VOLUME,
    PERSISTENT_VOLUME_CLAIM,
    PersistentVolume,
    PersistentVolumeClaim,
    PersistentVolumeStatus,
)
from armillary.kube.object import Key, is_ending, reference
from armillary.kube.reconcile import Action, Controller, Decision, Reads, Update, Watch


@dataclass(frozen=True, slots=True)
class Seen:
    """A volume and the very claim it refers to, if that is there."""

    volume: PersistentVolume
    claim: PersistentVolumeClaim | None
    now: datetime


async def observe(client: Client, key: Key, reads: Reads) -> Seen | None:
    volume = reads.get(PERSISTENT_VOLUME, key[1])
    if volume is None:
        return None
    ref = volume.spec.claim_ref
    if ref is None or not ref.uid:
        return Seen(volume, None, reads.now())
    claim = reads.get(PERSISTENT_VOLUME_CLAIM, ref.name, ref.namespace)
    if (claim is None or claim.metadata.uid != ref.uid) and volume.status.phase not in ("Released", "Failed"):
        # A volume given up by mistake is data lost: memory alone is not believed.
        claim = await client.find(PERSISTENT_VOLUME_CLAIM, ref.name, ref.namespace)
    return Seen(volume, claim if claim is not None and claim.metadata.uid == ref.uid else None, reads.now())


def decide(seen: Seen) -> Decision:
    volume, claim = seen.volume, seen.claim
    ref = volume.spec.claim_ref
    if ref is None:
        return _phase(seen, "Available", "is free")
    if not ref.uid:
        return _phase(seen, "Available", f"is kept for {ref.namespace}/{ref.name}")
    if claim is None:
        return _release(seen)
    if not claim.spec.volume_name:
        return _not_bound_yet(volume, claim)
    if claim.spec.volume_name == volume.metadata.name:
        return _phase(seen, "Bound", f"is bound to {ref.namespace}/{ref.name}")
    return _claim_went_elsewhere(seen)


def _phase(seen: Seen, phase: str, because: str, *more: Action, message: str = "") -> Decision:
    volume = seen.volume
    if volume.status.phase == phase and volume.status.message == message:
        return Decision(because)
    status = PersistentVolumeStatus(
        phase=phase, message=message, last_phase_transition_time=format_micro_time(seen.now)
    )
    return Decision(because, (Update(PERSISTENT_VOLUME, structs.replace(volume, status=status), "status"), *more))


def _release(seen: Seen) -> Decision:
    """Its claim is gone: it is kept, or ended by whoever made it."""
    volume = seen.volume
    if volume.status.phase not in ("Released", "Failed"):
        return _phase(seen, "Released", "its claim is gone")
    policy, name = volume.spec.persistent_volume_reclaim_policy, volume.metadata.name
    if policy == "Recycle":
        return _fail(seen, "VolumeFailedRecycle", "No recycler plugin found for the volume!")
    if policy == "Delete" and PROVISIONED_BY not in volume.metadata.annotations and not is_ending(volume):
        words = f'error getting deleter volume plugin for volume "{name}": no deletable volume plugin matched'
        return _fail(seen, "VolumeFailedDelete", words)
    return Decision("is released; " + ("waits to be deleted" if policy == "Delete" else "its data is kept"))


def _fail(seen: Seen, reason: str, words: str) -> Decision:
    if seen.volume.status.phase == "Failed":
        return Decision(words)
    event = Record(reference(PERSISTENT_VOLUME, seen.volume), "Warning", reason, words)
    return _phase(seen, "Failed", words, event, message=words)


def _not_bound_yet(volume: PersistentVolume, claim: PersistentVolumeClaim) -> Decision:
    if fits.same_mode(claim, volume):
        return Decision("waits for its claim to be bound")
    of_volume = (
        f'Cannot bind PersistentVolume to requested PersistentVolumeClaim "{claim.metadata.name}" due to '
        "incompatible volumeMode."
    )
    of_claim = (
        f'Cannot bind PersistentVolume "{volume.metadata.name}" to requested PersistentVolumeClaim due to '
        "incompatible volumeMode."
    )
    return Decision(
        "is of another mode than its claim",
        (
            Record(reference(PERSISTENT_VOLUME, volume), "Warning", "VolumeMismatch", of_volume),
            Record(reference(PERSISTENT_VOLUME_CLAIM, claim), "Warning", "VolumeMismatch", of_claim),
        ),
    )


def _claim_went_elsewhere(seen: Seen) -> Decision:
    """The claim is bound to another volume; this one is free again, unless it was made for that claim alone."""
    volume = seen.volume
    notes = volume.metadata.annotations
    if PROVISIONED_BY in notes and volume.spec.persistent_volume_reclaim_policy == "Delete":
        return _release(seen)
    ref = volume.spec.claim_ref
    kept = None if BY_CONTROLLER in notes or ref is None else structs.replace(ref, uid="", resource_version="")
    rest = {k: v for k, v in notes.items() if k != BY_CONTROLLER}
    freed = structs.replace(
        volume,
        metadata=structs.replace(volume.metadata, annotations=rest),
        spec=structs.replace(volume.spec, claim_ref=kept),
    )
    return Decision("its claim went elsewhere", (Update(PERSISTENT_VOLUME, freed),))


def _of_claim(claim: PersistentVolumeClaim, reads: Reads) -> Iterable[Key]:
    for volume in reads.by(PERSISTENT_VOLUME, "claim", f"{claim.metadata.namespace}/{claim.metadata.name}"):
        yield "", volume.metadata.name


def volume_phases(client: Client) -> Controller[Seen]:
    return Controller(
        name="persistentvolume-controller",
        root=PERSISTENT_VOLUME,
        observe=partial(observe, client),
        decide=decide,
        watches=(Watch(PERSISTENT_VOLUME_CLAIM, _of_claim),),
    )
