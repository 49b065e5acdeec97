"""The resources of the API group storage.

Rules: k8s.io/kubernetes, pkg/apis/storage/v1/defaults.go, pkg/apis/storage/validation, pkg/registry/storage.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from armillary.base.errors import Cause
from armillary.engine.kinds import names
from armillary.engine.kinds.cells import flag, text
from armillary.engine.kinds.checks import check_choice, check_same
from armillary.engine.kinds.columns import AGE, UNSET
from armillary.engine.kinds.csi import CSI_DRIVERS, CSI_NODES
from armillary.engine.kinds.faults import duplicate, forbidden, invalid, required, too_long, under, wrong
from armillary.engine.kinds.fields import fill, part, spec_of, status_of
from armillary.engine.kinds.ingress import marked_default
from armillary.engine.kinds.meta import check_label_selector, status_validator, validator
from armillary.engine.kinds.pod.plugins import check_csi_driver_name
from armillary.engine.kinds.resource import Column, Json, Resource
from armillary.engine.kinds.values import check_quantity, same

_DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class"
_MOST_PARAMETERS = 512
_MOST_PARAMETERS_SIZE = 256 * 1024
_MOST_METADATA_SIZE = 256 * 1024
_MOST_MESSAGE = 1024
_RECLAIM_POLICIES = ("Delete", "Retain")
_BINDING_MODES = ("Immediate", "WaitForFirstConsumer")


def _default_class(obj: Json) -> None:
    fill(obj, reclaimPolicy="Delete", volumeBindingMode="Immediate")


def _validate_class(new: Json, old: Json | None) -> Sequence[Cause]:
    found = [*_check_provisioner("provisioner", new.get("provisioner") or "")]
    found += _check_parameters(new.get("parameters") or {})
    found += check_choice("reclaimPolicy", new.get("reclaimPolicy") or None, _RECLAIM_POLICIES)
    mode = new.get("volumeBindingMode")
    found += (
        [required("volumeBindingMode")] if mode is None else check_choice("volumeBindingMode", mode, _BINDING_MODES)
    )
    found += _check_topologies(new.get("allowedTopologies") or ())
    if old is not None:
        found += check_same(new, old, "parameters", "provisioner", "reclaimPolicy", "volumeBindingMode")
    return found


def _check_provisioner(field: str, name: str) -> Sequence[Cause]:
    return wrong(field, name, names.label_key(name.lower())) if name else [required(field)]


def _check_parameters(parameters: Json) -> Iterator[Cause]:
    if len(parameters) > _MOST_PARAMETERS:
        yield too_long("parameters", _MOST_PARAMETERS)
        return
    if "" in parameters:
        yield invalid("parameters", "", "field can not be empty.")
    if _size(parameters) > _MOST_PARAMETERS_SIZE:
        yield too_long("parameters", _MOST_PARAMETERS_SIZE)


def _size(texts: Json) -> int:
    return sum(names.size(key) + names.size(value or "") for key, value in texts.items())


def _check_topologies(terms: Sequence[Json]) -> Iterator[Cause]:
    seen: list[dict[str, frozenset[str]]] = []
    for i, term in enumerate(terms):
        asked: dict[str, frozenset[str]] = {}
        for j, requirement in enumerate(term.get("matchLabelExpressions") or ()):
            at = f"allowedTopologies[{i}].matchLabelExpressions[{j}]"
            yield from under(at, _check_topology(requirement))
            key = requirement.get("key") or ""
            if key in asked:
                yield duplicate(f"{at}.key", key)
            asked[key] = frozenset(requirement.get("values") or ())
        if asked in seen:
            yield duplicate(f"allowedTopologies[{i}].matchLabelExpressions", "")
        seen.append(asked)


def _check_topology(requirement: Json) -> Iterator[Cause]:
    key, values = requirement.get("key") or "", requirement.get("values") or ()
    if not values:
        yield required("values")
    for i, value in enumerate(values):
        if value in values[:i]:
            yield duplicate(f"values[{i}]", value)
    yield from wrong("key", key, names.label_key(key))


def _default_spec(obj: Json) -> None:
    part(obj, "spec")


def _start_attachment(obj: Json) -> None:
    obj["status"] = {"attached": False}


def _validate_attachment(new: Json, old: Json | None) -> Sequence[Cause]:
    spec = spec_of(new)
    source, node = spec.get("source") or {}, spec.get("nodeName") or ""
    found = check_csi_driver_name(spec.get("attacher") or "", "attacher")
    found += under("source", _check_source(source))
    found += wrong("nodeName", node, names.dns_subdomain(node))
    found = [*under("spec", found), *under("status", _check_attachment_status(status_of(new)))]
    if (volume := source.get("persistentVolumeName")) is not None:
        found += wrong("spec.source.persistentVolumeName", volume, names.dns_subdomain(volume))
    return found + (check_same(new, old, "spec") if old is not None else [])


def _check_source(source: Json) -> Iterator[Cause]:
    inline, volume = source.get("inlineVolumeSpec"), source.get("persistentVolumeName")
    fault = "must specify exactly one of inlineVolumeSpec and persistentVolumeName"
    if inline is None and volume is None:
        yield required("", fault)
    elif inline is not None and volume is not None:
        yield forbidden("", fault)
    elif volume is not None and not volume:
        yield required("persistentVolumeName", "must specify non empty persistentVolumeName")


def _check_attachment_status(status: Json) -> Iterator[Cause]:
    if _size(status.get("attachmentMetadata") or {}) > _MOST_METADATA_SIZE:
        yield too_long("attachmentMetadata", _MOST_METADATA_SIZE)
    for field in ("attachError", "detachError"):
        error = status.get(field) or {}
        if names.size(error.get("message") or "") > _MOST_MESSAGE:
            yield too_long(f"{field}.message", _MOST_METADATA_SIZE)
        code = error.get("errorCode")
        if code is not None and code < 0:
            yield invalid(f"{field}.errorCode", code, names.range_problem(0, 0x7FFFFFFF))


def _validate_capacity(new: Json, old: Json | None) -> Sequence[Cause]:
    found = check_label_selector(new.get("nodeTopology"), "nodeTopology")
    name = new.get("storageClassName") or ""
    found += wrong("storageClassName", name, names.dns_subdomain(name))
    if (capacity := new.get("capacity")) is not None:
        found += check_quantity("capacity", capacity)
    return found + (check_same(new, old, "nodeTopology", "storageClassName") if old is not None else [])


def _validate_attributes(new: Json, old: Json | None) -> Sequence[Cause]:
    found: list[Cause] = []
    if old is not None:
        changed = (f for f in ("driverName", "parameters") if not same(new.get(f), old.get(f)))
        found += [forbidden(field, f"updates to {field} are forbidden.") for field in changed]
    found += _check_provisioner("driverName", new.get("driverName") or "")
    parameters = new.get("parameters") or {}
    found += _check_parameters(parameters)
    if not parameters:
        found.append(required("parameters", "must contain at least one key/value pair"))
    return found


def _capacity(obj: Json, now: datetime) -> Any:
    capacity = obj.get("capacity")
    return UNSET if capacity is None else str(capacity)


STORAGE_CLASSES = Resource(
    group="storage.k8s.io",
    version="v1",
    kind="StorageClass",
    plural="storageclasses",
    schema="io.k8s.api.storage.v1.StorageClass",
    singular="storageclass",
    namespaced=False,
    short_names=("sc",),
    columns=(
        marked_default("Name", _DEFAULT_CLASS),
        text("Provisioner", "provisioner"),
        text("ReclaimPolicy", "reclaimPolicy", absent="Delete"),
        text("VolumeBindingMode", "volumeBindingMode", absent="Immediate"),
        flag("AllowVolumeExpansion", "allowVolumeExpansion", type="string"),
        AGE,
    ),
    default=_default_class,
    validate=validator(names.dns_subdomain, _validate_class, namespaced=False),
    counts_generation=False,
    has_status=False,
)

VOLUME_ATTACHMENTS = Resource(
    group="storage.k8s.io",
    version="v1",
    kind="VolumeAttachment",
    plural="volumeattachments",
    schema="io.k8s.api.storage.v1.VolumeAttachment",
    singular="volumeattachment",
    namespaced=False,
    subresources=("status",),
    columns=(
        text("Attacher", "spec", "attacher"),
        text("PV", "spec", "source", "persistentVolumeName"),
        text("Node", "spec", "nodeName"),
        flag("Attached", "status", "attached"),
        AGE,
    ),
    default=_default_spec,
    prepare_create=_start_attachment,
    validate=validator(names.dns_subdomain, _validate_attachment, namespaced=False),
    validate_status=status_validator(lambda new, old: list(under("status", _check_attachment_status(status_of(new))))),
    counts_generation=False,
)

STORAGE_CAPACITIES = Resource(
    group="storage.k8s.io",
    version="v1",
    kind="CSIStorageCapacity",
    plural="csistoragecapacities",
    schema="io.k8s.api.storage.v1.CSIStorageCapacity",
    singular="csistoragecapacity",
    columns=(text("StorageClassName", "storageClassName"), Column("Capacity", "string", _capacity, "What is left.")),
    validate=validator(names.dns_subdomain, _validate_capacity),
    counts_generation=False,
    has_status=False,
)

VOLUME_ATTRIBUTES_CLASSES = Resource(
    group="storage.k8s.io",
    version="v1",
    kind="VolumeAttributesClass",
    plural="volumeattributesclasses",
    schema="io.k8s.api.storage.v1.VolumeAttributesClass",
    singular="volumeattributesclass",
    namespaced=False,
    short_names=("vac",),
    columns=(text("DriverName", "driverName"), AGE),
    validate=validator(names.dns_subdomain, _validate_attributes, namespaced=False),
    counts_generation=False,
    has_status=False,
)

RESOURCES: tuple[Resource, ...] = (
    STORAGE_CLASSES,
    VOLUME_ATTACHMENTS,
    CSI_DRIVERS,
    CSI_NODES,
    STORAGE_CAPACITIES,
    VOLUME_ATTRIBUTES_CLASSES,
)
