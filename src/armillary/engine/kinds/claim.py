"""PersistentVolumeClaims: rules, defaults, columns.

Rules: k8s.io/kubernetes, pkg/apis/core/validation "ValidatePersistentVolumeClaim*", pkg/registry/core/
persistentvolumeclaim.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from armillary.base.errors import Cause
from armillary.engine.kinds import names
from armillary.engine.kinds.columns import AGE, UNSET
from armillary.engine.kinds.diff import diff
from armillary.engine.kinds.faults import forbidden, immutable, invalid, not_supported, required, under, wrong
from armillary.engine.kinds.meta import (
    check_annotations,
    check_label_selector,
    check_labels,
    status_validator,
    validator,
)
from armillary.engine.kinds.resource import Column, Json, Resource
from armillary.engine.kinds.values import ZERO, amount, check_quantity, quantity, same, settle_quantities

ACCESS_MODES = ("ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod")
VOLUME_MODES = ("Block", "Filesystem")
BETA_CLASS = "volume.beta.kubernetes.io/storage-class"
_SHORT_MODES = (
    ("ReadWriteOnce", "RWO"),
    ("ReadOnlyMany", "ROX"),
    ("ReadWriteMany", "RWX"),
    ("ReadWriteOncePod", "RWOP"),
)
_RESIZE_STATUSES = (
    "ControllerResizeInProgress", "ControllerResizeInfeasible", "NodeResizePending", "NodeResizeInProgress",
    "NodeResizeInfeasible",
)  # fmt: skip


def default_claim_spec(spec: Json) -> None:
    """Defaults of a claim's spec, in place; pods' ephemeral volumes have them as well."""
    if spec.get("volumeMode") is None:
        spec["volumeMode"] = "Filesystem"
    resources = spec.get("resources") or {}
    settle_quantities(resources.get("limits"))
    settle_quantities(resources.get("requests"))


def check_access_modes(modes: Sequence[str]) -> list[Cause]:
    """`accessModes`, which may not be empty for either claim or volume; relative to the spec."""
    found = [not_supported("accessModes", mode, ACCESS_MODES) for mode in modes if mode not in ACCESS_MODES]
    others = any(mode in ACCESS_MODES and mode != "ReadWriteOncePod" for mode in modes)
    if "ReadWriteOncePod" in modes and others:
        found.append(forbidden("accessModes", "may not use ReadWriteOncePod with other access modes"))
    return found


def short_access_modes(modes: Sequence[str] | None) -> str:
    """`RWO,ROX`."""
    return ",".join(short for mode, short in _SHORT_MODES if mode in (modes or ()))


def check_claim_template(template: Json) -> list[Cause]:
    """The claim that an ephemeral volume makes; relative to the template."""
    meta: Json = template.get("metadata") or {}
    found = check_annotations(meta.get("annotations") or {}, "metadata.annotations")
    found += check_labels(meta.get("labels") or {}, "metadata.labels")
    extra = (field for field, value in meta.items() if field not in ("annotations", "labels") and value)
    found += [forbidden(f"metadata.{field}", "cannot be set") for field in extra]
    return found + list(under("spec", check_claim_spec(template.get("spec") or {})))


def check_claim_spec(spec: Json) -> list[Cause]:
    """The faults of a claim's spec, relative to it."""
    modes = spec.get("accessModes") or ()
    found = [] if modes else [required("accessModes", "at least 1 access mode is required")]
    found += check_label_selector(spec.get("selector"), "selector")
    found += check_access_modes(modes)
    storage = ((spec.get("resources") or {}).get("requests") or {}).get("storage")
    if storage is None:
        found.append(required("resources[storage]"))
    else:
        found += check_quantity("resources[storage]", storage, positive=True)
    if name := spec.get("storageClassName"):
        found += wrong("storageClassName", name, names.dns_subdomain(name))
    if (mode := spec.get("volumeMode")) is not None and mode not in VOLUME_MODES:
        found.append(not_supported("volumeMode", mode, VOLUME_MODES))
    found += _check_sources(spec)
    if name := spec.get("volumeAttributesClassName"):
        found += wrong("volumeAttributesClassName", name, names.dns_subdomain(name))
    return found


def _check_sources(spec: Json) -> list[Cause]:
    source, ref = spec.get("dataSource"), spec.get("dataSourceRef")
    found: list[Cause] = []
    for field, given in (("dataSource", source), ("dataSourceRef", ref)):
        if given is None:
            continue
        found += [required(f"{field}.{part}") for part in ("name", "kind") if not given.get(part)]
        group, kind = given.get("apiGroup") or "", given.get("kind") or ""
        if not group and kind != "PersistentVolumeClaim":
            fault = "must be 'PersistentVolumeClaim' when referencing the default apiGroup"
            found.append(invalid(field, kind, fault))
        if group:
            found += wrong(f"{field}.apiGroup", group, names.dns_subdomain(group))
        if namespace := given.get("namespace"):
            found += wrong(f"{field}.namespace", namespace, names.dns_label(namespace))
    if source is None or ref is None:
        return found
    if ref.get("namespace"):
        found.append(invalid("", "spec.dataSource", "may not be specified when dataSourceRef.namespace is specified"))
    elif any(source.get(part) != ref.get(part) for part in ("apiGroup", "kind", "name")):
        found.append(invalid("", "spec.dataSource", "must match dataSourceRef"))
    return found


def _validate(new: Json, old: Json | None) -> Sequence[Cause]:
    found = list(under("spec", check_claim_spec(new.get("spec") or {})))
    if old is not None:
        found += _check_update(new, old)
    return found


def _check_update(new: Json, old: Json) -> list[Cause]:
    found: list[Cause] = []
    before: Json = old.get("spec") or {}
    after: Json = new.get("spec") or {}
    bound = (new.get("status") or {}).get("phase") == "Bound"
    found += _check_beta_class(new, old)
    allowed = _with_allowed_changes(after, before, bound=bound)
    if not before.get("volumeName"):
        before = {**before, "volumeName": after.get("volumeName")}
    if not same(allowed, before):
        fault = (
            "spec is immutable after creation except resources.requests and volumeAttributesClassName "
            f"for bound claims\n{diff(before, allowed)}"
        )
        found.append(forbidden("spec", fault))
    size, previous = _storage(after), _storage(before)
    if size < previous and size <= amount((old.get("status") or {}).get("capacity"), "storage"):
        fault = "field can not be less than status.capacity"
        found.append(forbidden("spec.resources.requests.storage", fault))
    if after.get("volumeMode") != before.get("volumeMode"):
        found.append(immutable("volumeMode", after.get("volumeMode")))
    current = (old.get("status") or {}).get("currentVolumeAttributesClassName")
    name = after.get("volumeAttributesClassName")
    if current is not None and not name and name != before.get("volumeAttributesClassName"):
        what = "nil" if name is None else "empty string"
        fault = f"update to {what} is forbidden when status.currentVolumeAttributesClassName is not nil"
        found.append(forbidden("spec.volumeAttributesClassName", fault))
    return found


def _storage(spec: Json) -> Any:
    return amount((spec.get("resources") or {}).get("requests"), "storage")


def _with_allowed_changes(after: Json, before: Json, *, bound: bool) -> Json:
    """The new spec, with what may change as it was."""
    spec = dict(after)
    if before.get("storageClassName") is None and after.get("storageClassName") is not None:
        spec["storageClassName"] = None  # a default class may be filled in later
    if bound:
        spec["volumeAttributesClassName"] = before.get("volumeAttributesClassName")
        resources: Json = after.get("resources") or {}
        if resources.get("requests"):
            old = ((before.get("resources") or {}).get("requests") or {}).get("storage")
            spec["resources"] = {**resources, "requests": {**resources["requests"], "storage": old}}
    return spec


def _check_beta_class(new: Json, old: Json) -> list[Cause]:
    after = ((new.get("metadata") or {}).get("annotations") or {}).get(BETA_CLASS)
    before = ((old.get("metadata") or {}).get("annotations") or {}).get(BETA_CLASS)
    moved = before is not None and (new.get("spec") or {}).get("storageClassName") == before and after is None
    if moved or (after or "") == (before or ""):
        return []
    return [immutable(f"metadata.annotations.{BETA_CLASS}", after or "")]


def _validate_status(new: Json, old: Json) -> Sequence[Cause]:
    status: Json = new.get("status") or {}
    found: list[Cause] = []
    for name, value in (status.get("capacity") or {}).items():
        number = quantity(value)
        if number is None or number < ZERO:
            found.append(invalid(f"status.capacity[{name}]", value, "must be a valid resource quantity"))
    for name, state in (status.get("allocatedResourceStatuses") or {}).items():
        found += _check_resource_key(name, "status.allocatedResourceStatuses")
        if state not in _RESIZE_STATUSES:
            found.append(not_supported("status.allocatedResourceStatuses", name, _RESIZE_STATUSES))
    for name, value in (status.get("allocatedResources") or {}).items():
        found += _check_resource_key(name, "status.allocatedResources")
        found += check_quantity(f"status.allocatedResources[{name}]", value)
    return found


def _check_resource_key(name: str, field: str) -> list[Cause]:
    if problems := names.label_key(name):
        return wrong(field, name, problems)
    native = "/" not in name or "kubernetes.io/" in name
    return [not_supported(field, name, ("storage",))] if native and name != "storage" else []


def _default(claim: Json) -> None:
    spec = claim.get("spec")
    if spec is None:
        spec = claim["spec"] = {}
    default_claim_spec(spec)
    # Old claims name their source in one field, newer ones in the other: both are shown.
    source, ref = spec.get("dataSource"), spec.get("dataSourceRef")
    if source and not ref:
        spec["dataSourceRef"] = dict(source)
    elif ref and not source and not ref.get("namespace"):
        spec["dataSource"] = {k: v for k, v in ref.items() if k != "namespace"}
    status = claim.get("status")
    if status is None:
        status = claim["status"] = {}
    status["phase"] = status.get("phase") or "Pending"
    for part in ("capacity", "allocatedResources"):
        settle_quantities(status.get(part))


def _prepare_create(claim: Json) -> None:
    claim["status"] = {"phase": "Pending"}


def _phase(obj: Json, now: datetime) -> str:
    gone = (obj.get("metadata") or {}).get("deletionTimestamp")
    return "Terminating" if gone else (obj.get("status") or {}).get("phase") or ""


def _spec(obj: Json) -> Json:
    spec: Json = obj.get("spec") or {}
    return spec


def _capacity(obj: Json, now: datetime) -> str:
    capacity: Json = (obj.get("status") or {}).get("capacity") or {}
    return str(capacity.get("storage") or "0") if _spec(obj).get("volumeName") else ""


def _modes(obj: Json, now: datetime) -> str:
    given = (obj.get("status") or {}).get("accessModes")
    return short_access_modes(given) if _spec(obj).get("volumeName") else ""


def storage_class(obj: Json) -> str:
    """The class of a claim or volume, which may still be named by an annotation."""
    annotations: Json = (obj.get("metadata") or {}).get("annotations") or {}
    return annotations.get(BETA_CLASS) or _spec(obj).get("storageClassName") or ""


PERSISTENT_VOLUME_CLAIMS = Resource(
    group="",
    version="v1",
    kind="PersistentVolumeClaim",
    plural="persistentvolumeclaims",
    schema="io.k8s.api.core.v1.PersistentVolumeClaim",
    short_names=("pvc",),
    singular="persistentvolumeclaim",
    subresources=("status",),
    default=_default,
    validate=validator(names.dns_subdomain, _validate),
    validate_status=status_validator(_validate_status),
    prepare_create=_prepare_create,
    counts_generation=False,
    columns=(
        Column("Status", "string", _phase, "Whether the claim is bound."),
        Column("Volume", "string", lambda o, now: _spec(o).get("volumeName") or "", "The volume it is bound to."),
        Column("Capacity", "string", _capacity, "The size of the volume."),
        Column("Access Modes", "string", _modes, "How the volume may be mounted."),
        Column("StorageClass", "string", lambda o, now: storage_class(o), "StorageClass of the pvc"),
        Column(
            "VolumeAttributesClass",
            "string",
            lambda o, now: _spec(o).get("volumeAttributesClassName") or UNSET,
            "VolumeAttributesClass of the pvc",
        ),
        AGE,
        Column(
            "VolumeMode",
            "string",
            lambda o, now: _spec(o).get("volumeMode") or UNSET,
            "Whether it is a file system or a block device.",
            priority=1,
        ),
    ),
)
