"""Which volume suits a claim. Pure. Upstream: k8s.io/component-helpers, storage/volume."""

from collections.abc import Iterable

from armillary.base.quantity import parse_quantity
from armillary.kube.kinds.core import PersistentVolume, PersistentVolumeClaim
from armillary.kube.kinds.storage import StorageClass
from armillary.kube.object import is_ending
from armillary.kube.selectors import selector_of

BY_CONTROLLER = "pv.kubernetes.io/bound-by-controller"
COMPLETED = "pv.kubernetes.io/bind-completed"
PROVISIONED_BY = "pv.kubernetes.io/provisioned-by"
SELECTED_NODE = "volume.kubernetes.io/selected-node"
CLASS_BETA = "volume.beta.kubernetes.io/storage-class"
_IS_DEFAULT = "storageclass.kubernetes.io/is-default-class"


def class_of(item: PersistentVolumeClaim | PersistentVolume) -> str:
    beta = item.metadata.annotations.get(CLASS_BETA)
    return beta if beta is not None else item.spec.storage_class_name or ""


def size_of_claim(claim: PersistentVolumeClaim) -> str:
    return claim.spec.resources.requests.get("storage", "0") if claim.spec.resources else "0"


def is_for(volume: PersistentVolume, claim: PersistentVolumeClaim) -> bool:
    """Whether a volume is bound to a claim, or kept for one of its name."""
    reference, meta = volume.spec.claim_ref, claim.metadata
    return (
        reference is not None
        and (reference.namespace, reference.name) == (meta.namespace, meta.name)
        and reference.uid in ("", meta.uid)
    )


def same_mode(claim: PersistentVolumeClaim, volume: PersistentVolume) -> bool:
    return (claim.spec.volume_mode or "Filesystem") == (volume.spec.volume_mode or "Filesystem")


def shortcoming(claim: PersistentVolumeClaim, volume: PersistentVolume) -> str:
    """Why a volume that a claim asks for by name will not do; "" if it will."""
    if parse_quantity(volume.spec.capacity.get("storage", "0")) < parse_quantity(size_of_claim(claim)):
        return "requested PV is too small"
    if class_of(volume) != class_of(claim):
        return "storageClassName does not match"
    if not same_mode(claim, volume):
        return "incompatible volumeMode"
    if not set(claim.spec.access_modes) <= set(volume.spec.access_modes):
        return "incompatible accessMode"
    return ""


def best_volume(
    claim: PersistentVolumeClaim, volumes: Iterable[PersistentVolume], *, delayed: bool
) -> PersistentVolume | None:
    """One kept for the claim; else, if binding is not delayed, the smallest free one that is large enough."""
    wanted, selector = parse_quantity(size_of_claim(claim)), selector_of(claim.spec.selector)
    found: list[PersistentVolume] = []
    for volume in volumes:
        capacity = parse_quantity(volume.spec.capacity.get("storage", "0"))
        modes = set(claim.spec.access_modes) <= set(volume.spec.access_modes)
        if is_ending(volume) or not modes or not same_mode(claim, volume):
            continue
        if is_for(volume, claim):
            if capacity >= wanted:
                return volume
            continue
        free = volume.spec.claim_ref is None and volume.status.phase == "Available"
        if delayed or not free or capacity < wanted or class_of(volume) != class_of(claim):
            continue
        if selector is None or selector.matches(volume.metadata.labels):
            found.append(volume)
    return min(
        found, key=lambda v: (parse_quantity(v.spec.capacity.get("storage", "0")), v.metadata.name), default=None
    )


def default_class(classes: Iterable[StorageClass]) -> StorageClass | None:
    """The newest of those marked as default; by name among equals."""
    marked = sorted(
        (c for c in classes if c.metadata.annotations.get(_IS_DEFAULT) == "true"), key=lambda c: c.metadata.name
    )
    return max(marked, key=lambda c: c.metadata.creation_timestamp, default=None)
