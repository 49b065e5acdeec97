"""PersistentVolumes: rules, defaults, columns.

Rules: k8s.io/kubernetes, pkg/apis/core/validation "ValidatePersistentVolume*", pkg/registry/core/persistentvolume.
"""

import posixpath
from collections.abc import Sequence
from datetime import datetime

from armillary.base.errors import Cause
from armillary.engine.kinds import names
from armillary.engine.kinds.claim import VOLUME_MODES, check_access_modes, short_access_modes, storage_class
from armillary.engine.kinds.columns import AGE, UNSET
from armillary.engine.kinds.diff import diff
from armillary.engine.kinds.faults import (
    forbidden,
    immutable,
    invalid,
    not_supported,
    required,
    under,
    unsupported,
    wrong,
)
from armillary.engine.kinds.fields import fill, fill_empty, part, spec_of, status_of
from armillary.engine.kinds.meta import status_validator, validator
from armillary.engine.kinds.pod.defaults import default_rare_volume
from armillary.engine.kinds.pod.placement import check_node_selector
from armillary.engine.kinds.pod.plugins import check_persistent_csi, check_plugin
from armillary.engine.kinds.pod.volumes import check_host_path, check_no_backsteps
from armillary.engine.kinds.resource import Column, Json, Resource
from armillary.engine.kinds.values import check_quantity, quantity, same, settle_quantities

_POLICIES = ("Delete", "Recycle", "Retain")
# The order in which the API looks for a source: the first one is checked, each further one refused.
_SOURCES = (
    "hostPath", "gcePersistentDisk", "awsElasticBlockStore", "glusterfs", "flocker", "nfs", "rbd", "quobyte",
    "cephfs", "iscsi", "cinder", "fc", "flexVolume", "azureFile", "vsphereVolume", "photonPersistentDisk",
    "portworxVolume", "azureDisk", "scaleIO", "local", "storageos", "csi",
)  # fmt: skip
# Labels of old and what they are called now: a volume's nodes may be renamed from the first to the second.
_RENAMED = {
    "failure-domain.beta.kubernetes.io/zone": "topology.kubernetes.io/zone",
    "failure-domain.beta.kubernetes.io/region": "topology.kubernetes.io/region",
    "beta.kubernetes.io/os": "kubernetes.io/os",
    "beta.kubernetes.io/arch": "kubernetes.io/arch",
    "beta.kubernetes.io/instance-type": "node.kubernetes.io/instance-type",
}


def _check_spec(spec: Json, name: str) -> list[Cause]:
    modes, capacity = spec.get("accessModes") or (), spec.get("capacity") or {}
    found = [] if modes else [required("accessModes")]
    found += check_access_modes(modes)
    if not capacity:
        found.append(required("capacity"))
    if list(capacity) != ["storage"]:
        found.append(unsupported("capacity", capacity, ("storage",)))
    for resource, value in capacity.items():
        number = quantity(value)
        if number is not None and number < 0:
            found.append(invalid(f"capacity[{resource}]", int(number), "must be a valid resource quantity"))
        if number is None or number <= 0:
            found += check_quantity(f"capacity[{resource}]", value, positive=True)
    policy = spec.get("persistentVolumeReclaimPolicy") or ""
    if policy and policy not in _POLICIES:
        found.append(not_supported("persistentVolumeReclaimPolicy", policy, _POLICIES))
    found += _check_nodes(spec)
    found += _check_source(spec, name)
    if policy == "Recycle" and posixpath.normpath((spec.get("hostPath") or {}).get("path") or ".") == "/":
        fault = "may not be 'recycle' for a hostPath mount of '/'"
        found.append(forbidden("persistentVolumeReclaimPolicy", fault))
    if given := spec.get("storageClassName"):
        found += wrong("storageClassName", given, names.dns_subdomain(given))
    if (mode := spec.get("volumeMode")) is not None and mode not in VOLUME_MODES:
        found.append(not_supported("volumeMode", mode, VOLUME_MODES))
    return found + _check_attributes_class(spec)


def _check_nodes(spec: Json) -> list[Cause]:
    affinity = spec.get("nodeAffinity")
    if affinity is None:
        return [required("nodeAffinity", "Local volume requires node affinity")] if spec.get("local") else []
    selector = affinity.get("required")
    if selector is None:
        return [required("nodeAffinity.required", "must specify required node constraints")]
    return list(under("nodeAffinity.required", check_node_selector(selector)))


def _check_source(spec: Json, name: str) -> list[Cause]:
    given = [kind for kind in _SOURCES if spec.get(kind) is not None]
    if not given:
        return [required("", "must specify a volume type")]
    first = given[0]
    source: Json = spec[first]
    match first:
        case "hostPath":
            faults = check_host_path(source)
        case "local":
            path = source.get("path") or ""
            faults = check_no_backsteps(path, "path") if path else [required("path")]
        case "csi":
            faults = check_persistent_csi(source)
        case _:
            faults = check_plugin(first, source, persistent=True)
    portal = source.get("targetPortal") or ""
    if first == "iscsi" and source.get("initiatorName") is not None and len(f"{name}:{portal}") > 64:
        fault = (
            "Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters "
            "if iscsi.initiatorName is specified."
        )
        faults.append(invalid("targetportal", portal, fault))
    found = list(under("persistentDisk" if first == "gcePersistentDisk" else first, faults))
    second = "may not specify more than 1 volume type"
    return found + [forbidden("cephFS" if kind == "cephfs" else kind, second) for kind in given[1:]]


def _check_attributes_class(spec: Json) -> list[Cause]:
    name = spec.get("volumeAttributesClassName")
    if name is None:
        return []
    field = "volumeAttributesClassName"
    found = (
        wrong(field, name, names.dns_subdomain(name)) if name else [required(field, "an empty string is disallowed")]
    )
    if spec.get("csi") is None:
        found.append(required("csi", "has to be specified when using volumeAttributesClassName"))
    return found


def _validate(new: Json, old: Json | None) -> Sequence[Cause]:
    name = (new.get("metadata") or {}).get("name") or ""
    found = list(under("spec", _check_spec(spec_of(new), name)))
    if old is not None:
        found += _check_update(spec_of(new), spec_of(old))
    return found


def _check_update(after: Json, before: Json) -> list[Cause]:
    found: list[Cause] = []
    now = {kind: after[kind] for kind in _SOURCES if after.get(kind) is not None}
    then = {kind: before[kind] for kind in _SOURCES if before.get(kind) is not None}
    if "csi" in then and "csi" in now and then["csi"].get("controllerExpandSecretRef") is None:
        now["csi"] = {k: v for k, v in now["csi"].items() if k != "controllerExpandSecretRef"}
    if not same(now, then):
        fault = f"spec.persistentvolumesource is immutable after creation\n{diff(then, now)}"
        found.append(forbidden("spec.persistentvolumesource", fault))
    if after.get("volumeMode") != before.get("volumeMode"):
        found.append(immutable("volumeMode", after.get("volumeMode")))
    nodes = before.get("nodeAffinity")
    if nodes is not None and not _same_nodes(after.get("nodeAffinity"), nodes):
        fault = "field is immutable, except for updating from beta label to GA"
        found.append(invalid("nodeAffinity", after.get("nodeAffinity"), fault))
    if before.get("volumeAttributesClassName") is not None and after.get("volumeAttributesClassName") is None:
        fault = "update from non-nil value to nil is forbidden"
        found.append(forbidden("spec.volumeAttributesClassName", fault))
    return found


def _same_nodes(after: Json | None, before: Json) -> bool:
    return same(after, before) or same(_renamed(after), _renamed(before))


def _renamed(affinity: Json | None) -> Json | None:
    selector: Json = (affinity or {}).get("required") or {}
    terms = [
        {
            **term,
            "matchExpressions": [
                {**e, "key": _RENAMED.get(e.get("key") or "", e.get("key"))} for e in term.get("matchExpressions") or ()
            ],
        }
        for term in selector.get("nodeSelectorTerms") or ()
    ]
    return {"required": {"nodeSelectorTerms": terms}} if selector else affinity


def _default(volume: Json) -> None:
    spec = part(volume, "spec")
    fill_empty(spec, persistentVolumeReclaimPolicy="Retain")
    fill(spec, volumeMode="Filesystem")
    settle_quantities(spec.get("capacity"))
    if (path := spec.get("hostPath")) is not None:
        fill(path, type="")
    for kind in ("iscsi", "rbd", "azureDisk", "scaleIO"):
        if (source := spec.get(kind)) is not None:
            default_rare_volume(kind, source)
    fill_empty(part(volume, "status"), phase="Pending")


def _prepare_create(volume: Json) -> None:
    volume["status"] = {"phase": "Pending"}


def _accept_status(new: Json, old: Json) -> Sequence[Cause]:
    return ()


def _claim(volume: Json, now: datetime) -> str:
    ref = spec_of(volume).get("claimRef")
    return f"{ref.get('namespace') or ''}/{ref.get('name') or ''}" if ref is not None else ""


def _phase(volume: Json, now: datetime) -> str:
    gone = (volume.get("metadata") or {}).get("deletionTimestamp")
    return "Terminating" if gone else status_of(volume).get("phase") or ""


PERSISTENT_VOLUMES = Resource(
    group="",
    version="v1",
    kind="PersistentVolume",
    plural="persistentvolumes",
    schema="io.k8s.api.core.v1.PersistentVolume",
    namespaced=False,
    singular="persistentvolume",
    short_names=("pv",),
    subresources=("status",),
    default=_default,
    validate=validator(names.dns_subdomain, _validate, namespaced=False),
    validate_status=status_validator(_accept_status),
    prepare_create=_prepare_create,
    counts_generation=False,
    columns=(
        Column(
            "Capacity",
            "string",
            lambda v, now: str((spec_of(v).get("capacity") or {}).get("storage") or "0"),
            "Its size.",
        ),
        Column(
            "Access Modes",
            "string",
            lambda v, now: short_access_modes(spec_of(v).get("accessModes")),
            "How it may be mounted.",
        ),
        Column(
            "Reclaim Policy",
            "string",
            lambda v, now: spec_of(v).get("persistentVolumeReclaimPolicy") or "",
            "What becomes of it when it is released.",
        ),
        Column("Status", "string", _phase, "Whether it is bound, available or released."),
        Column("Claim", "string", _claim, "The claim that it is bound to."),
        Column("StorageClass", "string", lambda v, now: storage_class(v), "StorageClass of the pv"),
        Column(
            "VolumeAttributesClass",
            "string",
            lambda v, now: spec_of(v).get("volumeAttributesClassName") or UNSET,
            "VolumeAttributesClass of the pv",
        ),
        Column("Reason", "string", lambda v, now: status_of(v).get("reason") or "", "Why it is in this state."),
        AGE,
        Column(
            "VolumeMode",
            "string",
            lambda v, now: spec_of(v).get("volumeMode") or UNSET,
            "Whether it is a file system or a block device.",
            priority=1,
        ),
    ),
)
