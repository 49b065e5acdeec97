"""Volumes on demand for storage classes of `armillary.io/local-path`: a directory and a PersistentVolume each.

Two controllers, since a claim asks for the one and a released volume for its end. The runner's actions speak to
the API server only, so the directory is made, or deleted, by the look that comes before them; both may be done
again without harm. Binding is the PersistentVolume controller's work.
"""

import asyncio
import shutil
from dataclasses import dataclass
from pathlib import Path

from armillary.engine.node.volumes.mounts import mounts_below
from armillary.kube.events import Record
from armillary.kube.kinds.core import (
    NODE,
    PERSISTENT_VOLUME,
    PERSISTENT_VOLUME_CLAIM,
    LocalVolumeSource,
    NodeSelector,
    NodeSelectorRequirement,
    NodeSelectorTerm,
    ObjectReference,
    PersistentVolume,
    PersistentVolumeClaim,
    PersistentVolumeSpec,
    VolumeNodeAffinity,
)
from armillary.kube.kinds.meta import ObjectMeta
from armillary.kube.kinds.storage import STORAGE_CLASS, StorageClass
from armillary.kube.object import Key
from armillary.kube.reconcile import Controller, Create, Decision, Delete, Reads, Watch

PROVISIONER = "armillary.io/local-path"
PROVISIONED_BY = "pv.kubernetes.io/provisioned-by"
SELECTED_NODE = "volume.kubernetes.io/selected-node"
HOSTNAME = "kubernetes.io/hostname"

_OPEN = 0o777  # containers of any user write to it, as with other provisioners of directories


@dataclass(frozen=True, slots=True)
class Wanted:
    """A claim that has no volume yet, and where its volume would be. `fault`: the directory can't be had."""

    claim: PersistentVolumeClaim
    storage_class: StorageClass
    path: Path
    host: str
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Ended:
    """A volume that nobody claims any more. `fault`: its directory can't be deleted."""

    volume: PersistentVolume
    fault: str = ""


def provisioner(volumes: Path, node_name: str) -> Controller[Wanted]:
    """Makes volumes on this node, below `volumes`."""

    async def observe(key: Key, reads: Reads) -> Wanted | None:
        claim = reads.get(PERSISTENT_VOLUME_CLAIM, key[1], key[0])
        if claim is None or reads.get(PERSISTENT_VOLUME, volume_name(claim)) is not None:
            return None
        storage_class = reads.get(STORAGE_CLASS, claim.spec.storage_class_name or "")
        if storage_class is None or not is_wanted(claim, storage_class, node_name):
            return None
        node = reads.get(NODE, node_name)
        host = node.metadata.labels.get(HOSTNAME, node_name) if node is not None else node_name
        path = volumes / volume_name(claim)
        fault = refusal(claim) or await asyncio.to_thread(_make, path)
        return Wanted(claim, storage_class, path, host, fault)

    return Controller(
        name="local-path-provisioner",
        root=PERSISTENT_VOLUME_CLAIM,
        observe=observe,
        decide=decide,
        watches=(Watch(STORAGE_CLASS, _claims_of_class),),
        reads=(PERSISTENT_VOLUME, NODE),
    )


def reclaimer(volumes: Path) -> Controller[Ended]:
    """Deletes what the provisioner made, once it is released and its policy is Delete."""

    async def observe(key: Key, reads: Reads) -> Ended | None:
        volume = reads.get(PERSISTENT_VOLUME, key[1])
        if volume is None or not is_ended(volume):
            return None
        return Ended(volume, await asyncio.to_thread(_delete, volume, volumes))

    return Controller(
        name="local-path-reclaimer", root=PERSISTENT_VOLUME, observe=observe, decide=decide_end, workers=1
    )


def volume_name(claim: PersistentVolumeClaim) -> str:
    return f"pvc-{claim.metadata.uid}"


def is_wanted(claim: PersistentVolumeClaim, storage_class: StorageClass, node_name: str) -> bool:
    """Whether it is for this node to make the claim's volume, and time to."""
    if storage_class.provisioner != PROVISIONER or claim.spec.volume_name or claim.metadata.deletion_timestamp:
        return False
    chosen = claim.metadata.annotations.get(SELECTED_NODE, "")
    return chosen == node_name or (not chosen and storage_class.volume_binding_mode != "WaitForFirstConsumer")


def is_ended(volume: PersistentVolume) -> bool:
    return (
        volume.metadata.annotations.get(PROVISIONED_BY) == PROVISIONER
        and volume.spec.persistent_volume_reclaim_policy == "Delete"
        and volume.status.phase in ("Released", "Failed")
        and not volume.metadata.deletion_timestamp
    )


def refusal(claim: PersistentVolumeClaim) -> str:
    """What a directory can't be."""
    if claim.spec.volume_mode == "Block":
        return "block volumes are not supported"
    if claim.spec.selector is not None:
        return "claim.spec.selector is not supported"
    if claim.spec.data_source is not None or claim.spec.data_source_ref is not None:
        return "claim.spec.dataSource is not supported"
    return ""


def decide(seen: Wanted) -> Decision:
    """The volume, and what people are told."""
    claim = seen.claim
    where = _reference(claim)
    if seen.fault:
        text = f'failed to provision volume with StorageClass "{seen.storage_class.metadata.name}": {seen.fault}'
        return Decision(f"cannot be provisioned: {seen.fault}", (Record(where, "Warning", "ProvisioningFailed", text),))
    name = volume_name(claim)
    started = f'External provisioner is provisioning volume for claim "{where.namespace}/{where.name}"'
    return Decision(
        f"gets the volume {name}",
        (
            Record(where, "Normal", "Provisioning", started),
            Create(PERSISTENT_VOLUME, _volume(seen)),
            Record(where, "Normal", "ProvisioningSucceeded", f"Successfully provisioned volume {name}"),
        ),
    )


def decide_end(seen: Ended) -> Decision:
    """The volume's end, or why it can't be."""
    meta = seen.volume.metadata
    if seen.fault:
        where = ObjectReference(api_version="v1", kind="PersistentVolume", name=meta.name, uid=meta.uid)
        record = Record(where, "Warning", "VolumeFailedDelete", seen.fault)
        return Decision(f"cannot be deleted: {seen.fault}", (record,))
    return Decision("its data is gone; so shall it be", (Delete(PERSISTENT_VOLUME, ("", meta.name), meta.uid),))


def _volume(seen: Wanted) -> PersistentVolume:
    claim, storage_class = seen.claim, seen.storage_class
    here = NodeSelectorRequirement(key=HOSTNAME, operator="In", values=(seen.host,))
    size = claim.spec.resources.requests.get("storage", "0") if claim.spec.resources else "0"
    return PersistentVolume(
        metadata=ObjectMeta(name=volume_name(claim), annotations={PROVISIONED_BY: PROVISIONER}),
        spec=PersistentVolumeSpec(
            access_modes=claim.spec.access_modes,
            capacity={"storage": size},
            claim_ref=_reference(claim, claim.metadata.resource_version),
            local=LocalVolumeSource(path=str(seen.path)),
            mount_options=storage_class.mount_options,
            node_affinity=VolumeNodeAffinity(
                required=NodeSelector(node_selector_terms=(NodeSelectorTerm(match_expressions=(here,)),))
            ),
            persistent_volume_reclaim_policy=storage_class.reclaim_policy or "Delete",
            storage_class_name=storage_class.metadata.name,
            volume_mode=claim.spec.volume_mode or "Filesystem",
        ),
    )


def _reference(claim: PersistentVolumeClaim, resource_version: str = "") -> ObjectReference:
    meta = claim.metadata
    return ObjectReference(
        api_version="v1",
        kind="PersistentVolumeClaim",
        name=meta.name,
        namespace=meta.namespace,
        uid=meta.uid,
        resource_version=resource_version,
    )


def _claims_of_class(storage_class: StorageClass, reads: Reads) -> list[Key]:
    """A claim may be older than its class."""
    return [
        (claim.metadata.namespace, claim.metadata.name)
        for claim in reads.list(PERSISTENT_VOLUME_CLAIM)
        if claim.spec.storage_class_name == storage_class.metadata.name and not claim.spec.volume_name
    ]


def _make(path: Path) -> str:
    try:
        path.mkdir(exist_ok=True)
        path.chmod(_OPEN)
    except OSError as exc:
        return str(exc)
    return ""


def _delete(volume: PersistentVolume, volumes: Path) -> str:
    """Only what the provisioner itself would have made under this name."""
    path = volumes / volume.metadata.name
    if volume.spec.local is None or volume.spec.local.path != str(path) or not path.name.startswith("pvc-"):
        return "the volume's path is not one that this provisioner made"
    if not path.exists():
        return ""
    if mounts_below(path):
        return f"something is mounted in {path}"
    try:
        shutil.rmtree(path)
    except OSError as exc:
        return str(exc)
    return ""
