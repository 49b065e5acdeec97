"""Claims and the volumes they get: found, waited for, bound; or lost.

Upstream: pkg/controller/volume/persistentvolume, syncClaim.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from msgspec import structs, to_builtins

from armillary.engine.controllers import volume_matching as fits
from armillary.engine.controllers.volume_matching import BY_CONTROLLER, COMPLETED, SELECTED_NODE
from armillary.kube.events import Record
from armillary.kube.kinds.core import (
    PERSISTENT_VOLUME,
    PERSISTENT_VOLUME_CLAIM,
    POD,
    ObjectReference,
    PersistentVolume,
    PersistentVolumeClaim,
    PersistentVolumeClaimStatus,
    Pod,
)
from armillary.kube.kinds.storage import STORAGE_CLASS, StorageClass
from armillary.kube.object import Key, is_ending, key_of, reference
from armillary.kube.reconcile import Action, Controller, Decision, Index, Patch, Reads, Update, Watch

DELAYED = "WaitForFirstConsumer"
NO_PROVISIONER = "kubernetes.io/no-provisioner"
_PROVISIONER = ("volume.kubernetes.io/storage-provisioner", "volume.beta.kubernetes.io/storage-provisioner")


@dataclass(frozen=True, slots=True)
class Seen:
    """A claim; its volume, or those it might get; its class; the pods that wait for it."""

    claim: PersistentVolumeClaim
    volume: PersistentVolume | None  # the one it names
    volumes: tuple[PersistentVolume, ...] = ()  # all, if it names none
    storage_class: StorageClass | None = None
    default_class: StorageClass | None = None
    waiting: tuple[str, ...] = ()  # pods that use it and have no node yet


def claims_of(pod: Pod) -> Iterable[str]:
    """The claims that a pod mounts, by name."""
    for volume in pod.spec.volumes:
        if volume.persistent_volume_claim is not None:
            yield volume.persistent_volume_claim.claim_name
        elif volume.ephemeral is not None:
            yield f"{pod.metadata.name}-{volume.name}"


def _by_claim(pod: Pod) -> Iterable[str]:
    return [f"{pod.metadata.namespace}/{name}" for name in claims_of(pod)]


def _by_claim_ref(volume: PersistentVolume) -> Iterable[str]:
    ref = volume.spec.claim_ref
    return () if ref is None else (f"{ref.namespace}/{ref.name}",)


BY_CLAIM = Index(POD, "claim", _by_claim)
OF_CLAIM = Index(PERSISTENT_VOLUME, "claim", _by_claim_ref)


async def observe(key: Key, reads: Reads) -> Seen | None:
    claim = reads.get(PERSISTENT_VOLUME_CLAIM, key[1], key[0])
    if claim is None:
        return None
    if claim.spec.volume_name:
        return Seen(claim, reads.get(PERSISTENT_VOLUME, claim.spec.volume_name))
    users = reads.by(POD, BY_CLAIM.name, f"{key[0]}/{key[1]}")
    return Seen(
        claim,
        None,
        tuple(reads.list(PERSISTENT_VOLUME)),
        reads.get(STORAGE_CLASS, fits.class_of(claim)),
        fits.default_class(reads.list(STORAGE_CLASS)),
        tuple(sorted(pod.metadata.name for pod in users if not pod.spec.node_name)),
    )


def decide(seen: Seen) -> Decision:
    claim = seen.claim
    if COMPLETED in claim.metadata.annotations:
        return _keep(seen)
    if claim.spec.volume_name:
        return _named(seen)
    return _unbound(seen)


# Not bound yet


def _unbound(seen: Seen) -> Decision:
    claim = seen.claim
    delayed = _is_delayed(seen)
    volume = fits.best_volume(claim, seen.volumes, delayed=delayed)
    if volume is not None:
        return _bind(claim, volume)
    says_no_class = claim.spec.storage_class_name is None and fits.CLASS_BETA not in claim.metadata.annotations
    if says_no_class and seen.default_class is not None:
        name = seen.default_class.metadata.name
        chosen = structs.replace(claim, spec=structs.replace(claim.spec, storage_class_name=name))
        return Decision(f"gets the default class {name}", (Update(PERSISTENT_VOLUME_CLAIM, chosen),))
    if is_ending(claim):
        return Decision("is being deleted")
    pending = _pending(claim)
    if delayed:
        reason, words = _what_is_awaited(seen)
        return Decision(words, (_told(claim, "Normal", reason, words), *pending))
    if fits.class_of(claim):
        return _provision(seen, pending)
    words = "no persistent volumes available for this claim and no storage class is set"
    return Decision(words, (_told(claim, "Normal", "FailedBinding", words), *pending))


def _is_delayed(seen: Seen) -> bool:
    """Whether the scheduler is to choose, and has not chosen yet."""
    mode = seen.storage_class.volume_binding_mode if seen.storage_class else ""
    return mode == DELAYED and SELECTED_NODE not in seen.claim.metadata.annotations


def _what_is_awaited(seen: Seen) -> tuple[str, str]:
    if not seen.waiting:
        return DELAYED, "waiting for first consumer to be created before binding"
    several = "pods" if len(seen.waiting) > 1 else "pod"
    return "WaitForPodScheduled", f"waiting for {several} {','.join(seen.waiting)} to be scheduled"


def _provision(seen: Seen, pending: tuple[Action, ...]) -> Decision:
    """Making a volume is for its provisioner; it is told that it may begin."""
    claim, name = seen.claim, fits.class_of(seen.claim)
    if seen.storage_class is None:
        words = f'storageclass.storage.k8s.io "{name}" not found'
        return Decision(words, (_told(claim, "Warning", "ProvisioningFailed", words), *pending))
    provisioner = seen.storage_class.provisioner
    if provisioner == NO_PROVISIONER:
        words = "no volume plugin matched"
        return Decision(
            "waits for a volume made by hand", (_told(claim, "Warning", "ProvisioningFailed", words), *pending)
        )
    words = (
        f"Waiting for a volume to be created either by the external provisioner '{provisioner}' or manually by the "
        "system administrator. If volume creation is delayed, please verify that the provisioner is running and "
        "correctly registered."
    )
    notes = dict.fromkeys(_PROVISIONER, provisioner)
    actions: list[Action] = list(pending)
    if not notes.items() <= claim.metadata.annotations.items():
        actions.append(_annotate(claim, notes))
        actions.append(_told(claim, "Normal", "ExternalProvisioning", words))
    return Decision(f"waits for {provisioner} to make a volume", tuple(actions))


def _named(seen: Seen) -> Decision:
    """It asks for a volume by name."""
    claim, volume = seen.claim, seen.volume
    if volume is None:
        return Decision(f"waits for volume {claim.spec.volume_name}", _pending(claim))
    if volume.spec.claim_ref is None:
        fault = fits.shortcoming(claim, volume)
        if fault:
            words = f'Cannot bind to requested volume "{volume.metadata.name}": {fault}'
            return Decision(words, (_told(claim, "Warning", "VolumeMismatch", words), *_pending(claim)))
        return _bind(claim, volume)
    if fits.is_for(volume, claim):
        return _bind(claim, volume)
    other = f"{volume.spec.claim_ref.namespace}/{volume.spec.claim_ref.name}"
    words = f'volume "{volume.metadata.name}" already bound to a different claim.'
    told = _told(claim, "Warning", "FailedBinding", words)
    return Decision(f"its volume is bound to {other}", (told, *_pending(claim)))


# Binding


def _bind(claim: PersistentVolumeClaim, volume: PersistentVolume) -> Decision:
    """First the volume says whose it is, guarded by its revision; then the claim; then the claim's status."""
    actions: list[Action] = []
    ref = volume.spec.claim_ref
    if ref is None or ref.uid != claim.metadata.uid:
        actions.append(_claim_volume(claim, volume, by_us=ref is None))
    meta, spec = claim.metadata, claim.spec
    notes = {COMPLETED: "yes"} | ({BY_CONTROLLER: "yes"} if not spec.volume_name else {})
    if spec.volume_name != volume.metadata.name or COMPLETED not in meta.annotations:
        bound = structs.replace(
            claim,
            metadata=structs.replace(meta, annotations={**meta.annotations, **notes}),
            spec=structs.replace(spec, volume_name=volume.metadata.name),
        )
        actions.append(Update(PERSISTENT_VOLUME_CLAIM, bound))
    actions += _bound_status(claim, volume)
    return Decision(f"is bound to {volume.metadata.name}", tuple(actions))


def _claim_volume(claim: PersistentVolumeClaim, volume: PersistentVolume, *, by_us: bool) -> Update:
    meta = claim.metadata
    ref = ObjectReference(
        api_version="v1",
        kind="PersistentVolumeClaim",
        namespace=meta.namespace,
        name=meta.name,
        uid=meta.uid,
        resource_version=meta.resource_version,
    )
    notes = volume.metadata.annotations | ({BY_CONTROLLER: "yes"} if by_us else {})
    return Update(
        PERSISTENT_VOLUME,
        structs.replace(
            volume,
            metadata=structs.replace(volume.metadata, annotations=notes),
            spec=structs.replace(volume.spec, claim_ref=ref),
        ),
    )


def _bound_status(claim: PersistentVolumeClaim, volume: PersistentVolume) -> Iterable[Action]:
    status = PersistentVolumeClaimStatus(
        phase="Bound", access_modes=volume.spec.access_modes, capacity=volume.spec.capacity
    )
    old = claim.status
    if (old.phase, old.access_modes, old.capacity) != (status.phase, status.access_modes, status.capacity):
        yield _with_status(claim, status)


def _with_status(claim: PersistentVolumeClaim, status: PersistentVolumeClaimStatus) -> Patch:
    body = {"metadata": {"uid": claim.metadata.uid}, "status": to_builtins(status)}
    return Patch(PERSISTENT_VOLUME_CLAIM, key_of(claim), body, subresource="status")


def _annotate(claim: PersistentVolumeClaim, notes: dict[str, str]) -> Patch:
    body = {"metadata": {"uid": claim.metadata.uid, "annotations": notes}}
    return Patch(PERSISTENT_VOLUME_CLAIM, key_of(claim), body)


def _pending(claim: PersistentVolumeClaim) -> tuple[Action, ...]:
    if claim.status.phase == "Pending":
        return ()
    return (_with_status(claim, PersistentVolumeClaimStatus(phase="Pending")),)


# Bound


def _keep(seen: Seen) -> Decision:
    claim, volume = seen.claim, seen.volume
    if not claim.spec.volume_name:
        return _lost(
            claim, "ClaimLost", "Bound claim has lost reference to PersistentVolume. Data on the volume is lost!"
        )
    if volume is None:
        return _lost(claim, "ClaimLost", "Bound claim has lost its PersistentVolume. Data on the volume is lost!")
    ref = volume.spec.claim_ref
    if ref is None or ref.uid == claim.metadata.uid:
        return _bind(claim, volume)
    words = "Two claims are bound to the same volume, this one is bound incorrectly"
    return _lost(claim, "ClaimMisbound", words)


def _lost(claim: PersistentVolumeClaim, reason: str, words: str) -> Decision:
    if claim.status.phase == "Lost":
        return Decision(words)
    status = _with_status(claim, PersistentVolumeClaimStatus(phase="Lost"))
    return Decision(words, (status, _told(claim, "Warning", reason, words)))


def _told(claim: PersistentVolumeClaim, type: str, reason: str, words: str) -> Record:
    about = reference(PERSISTENT_VOLUME_CLAIM, claim)
    return Record(about, "Warning" if type == "Warning" else "Normal", reason, words)


# What wakes it


def _of_volume(volume: PersistentVolume, reads: Reads) -> Iterable[Key]:
    """Its own claim; and, when it is free, all that look for one."""
    ref = volume.spec.claim_ref
    if ref is not None:
        yield ref.namespace, ref.name
    for claim in reads.list(PERSISTENT_VOLUME_CLAIM):
        named = claim.spec.volume_name
        if named == volume.metadata.name or (not named and ref is None):
            yield key_of(claim)


def _of_class(storage_class: StorageClass, reads: Reads) -> Iterable[Key]:
    return [key_of(claim) for claim in reads.list(PERSISTENT_VOLUME_CLAIM) if not claim.spec.volume_name]


def _of_pod(pod: Pod, reads: Reads) -> Iterable[Key]:
    for name in claims_of(pod):
        claim = reads.get(PERSISTENT_VOLUME_CLAIM, name, pod.metadata.namespace)
        if claim is not None and not claim.spec.volume_name:
            yield key_of(claim)


def got_a_node(old: Pod, new: Pod) -> bool:
    """The one change of a pod that matters to its claims."""
    return old.spec.node_name != new.spec.node_name


VOLUME_CLAIMS = Controller(
    name="persistentvolume-controller",
    root=PERSISTENT_VOLUME_CLAIM,
    observe=observe,
    decide=decide,
    watches=(Watch(PERSISTENT_VOLUME, _of_volume), Watch(STORAGE_CLASS, _of_class), Watch(POD, _of_pod, got_a_node)),
    indexes=(BY_CLAIM, OF_CLAIM),
)
