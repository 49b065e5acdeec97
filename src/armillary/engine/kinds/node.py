"""Nodes: rules, defaults, columns.

Rules: k8s.io/kubernetes, pkg/apis/core/validation "ValidateNode", "ValidateNodeUpdate", pkg/registry/core/node.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime

from armillary.base.errors import Cause
from armillary.engine.kinds import names
from armillary.engine.kinds.columns import AGE, NONE, UNKNOWN
from armillary.engine.kinds.faults import duplicate, forbidden, invalid, required, shown, wrong
from armillary.engine.kinds.fields import part, spec_of, status_of
from armillary.engine.kinds.meta import status_validator, validator
from armillary.engine.kinds.pod.placement import check_taint_effect
from armillary.engine.kinds.pod.resources import check_amount
from armillary.engine.kinds.resource import Column, Json, Resource
from armillary.engine.kinds.values import check_cidr, is_ipv6, settle_quantities

_ROLE_PREFIX = "node-role.kubernetes.io/"
_ROLE = "kubernetes.io/role"
_FEATURE = re.compile(r"[A-Z][a-zA-Z0-9]*(/[a-zA-Z][a-zA-Z0-9]*)*")
_FIXED_CIDRS = 'node updates may not change podCIDR except from "" to valid'


def _check_taints(taints: Sequence[Json]) -> list[Cause]:
    # Reported below metadata, where taints stood as an annotation once, as upstream does.
    found: list[Cause] = []
    seen: set[tuple[str, str]] = set()
    for i, taint in enumerate(taints):
        field = f"metadata.taints[{i}]"
        key, value, effect = taint.get("key") or "", taint.get("value") or "", taint.get("effect") or ""
        found += wrong(f"{field}.key", key, names.label_key(key))
        if problems := names.label_value(value):
            found.append(invalid(f"{field}.value", value, ";".join(problems)))
        found += check_taint_effect(effect, f"{field}.effect") if effect else [required(f"{field}.effect")]
        if (key, effect) in seen:
            fault = f"Duplicate value: {shown(taint)}: taints must be unique by key and effect pair"
            found.append(Cause("FieldValueDuplicate", field, fault))
        seen.add((key, effect))
    return found


def _check_resources(status: Json) -> list[Cause]:
    found: list[Cause] = []
    for field in ("capacity", "allocatable"):
        for name, value in (status.get(field) or {}).items():
            found += check_amount(name, value, f"status.{field}.{name}")
    return found


def _check_features(features: Sequence[str]) -> list[Cause]:
    found: list[Cause] = []
    for i, feature in enumerate(features):
        field = f"status.declaredFeatures[{i}]"
        if len(feature) > 253 or not _FEATURE.fullmatch(feature):
            rule = (
                "must start with an UpperCamelCase segment, with subsequent segments separated by '/' "
                "(e.g., MyFeature or MyFeature/mySubFeature), and contain only alphanumeric characters and slashes"
            )
            rule = "must be no more than 253 characters" if len(feature) > 253 else rule
            found.append(invalid(field, feature, f'invalid feature name "{feature}": {rule}'))
        if i and feature == features[i - 1]:
            found.append(duplicate(field, feature))
        elif i and feature < features[i - 1]:
            found.append(invalid(field, feature, "list must be sorted alphabetically"))
    return found


def _validate(new: Json, old: Json | None) -> Sequence[Cause]:
    spec, status = spec_of(new), status_of(new)
    found: list[Cause] = []
    if taints := spec.get("taints"):
        found += _check_taints(taints)
    found += _check_resources(status) + _check_features(status.get("declaredFeatures") or ())
    ranges = spec.get("podCIDRs") or []
    for i, value in enumerate(ranges):
        found += check_cidr(f"spec.podCIDRs[{i}]", value)
    families = [is_ipv6(value.partition("/")[0]) for value in ranges]
    if len(ranges) > 1 and (len(ranges) > 2 or families[0] == families[1]):
        fault = "may specify no more than one CIDR for each IP family"
        found.append(invalid("spec.podCIDRs", ranges, fault))
    return found + (_check_update(spec, spec_of(old)) if old is not None else [])


def _check_update(after: Json, before: Json) -> list[Cause]:
    found: list[Cause] = []
    then = before.get("podCIDRs") or []
    if then and (after.get("podCIDRs") or []) != then:
        found.append(forbidden("spec.podCIDRs", _FIXED_CIDRS))
    if before.get("providerID") and after.get("providerID") != before["providerID"]:
        fault = 'node updates may not change providerID except from "" to valid'
        found.append(forbidden("spec.providerID", fault))
    if (after.get("externalID") or "") != (before.get("externalID") or ""):
        found.append(forbidden("spec.externalID", "may not be updated"))
    return found


def _validate_status(new: Json, old: Json) -> Sequence[Cause]:
    status = status_of(new)
    found = _check_resources(status) + _check_features(status.get("declaredFeatures") or ())
    addresses = status.get("addresses") or []
    repeated = ((i, address) for i, address in enumerate(addresses) if address in addresses[:i])
    return found + [duplicate(f"status.addresses[{i}]", address) for i, address in repeated]


def _default(node: Json) -> None:
    spec, status = part(node, "spec"), part(node, "status")
    # The single range and the list of them are two views of one value.
    if spec.get("podCIDR") and not spec.get("podCIDRs"):
        spec["podCIDRs"] = [spec["podCIDR"]]
    elif spec.get("podCIDRs"):
        spec["podCIDR"] = spec["podCIDRs"][0]
    capacity = status.get("capacity")
    settle_quantities(capacity)
    if status.get("allocatable") is None and capacity:
        status["allocatable"] = dict(capacity)
    settle_quantities(status.get("allocatable"))


def _prepare_create(node: Json) -> None:
    # A node may bring its status along: kubelets register that way.
    spec_of(node).pop("configSource", None)
    status_of(node).pop("config", None)


def _fields(node: Json) -> Mapping[str, str]:
    return {"spec.unschedulable": "true" if spec_of(node).get("unschedulable") else "false"}


def _status(node: Json, now: datetime) -> str:
    ready = next((c for c in status_of(node).get("conditions") or () if c.get("type") == "Ready"), None)
    word = "Unknown" if ready is None else "Ready" if ready.get("status") == "True" else "NotReady"
    return f"{word},SchedulingDisabled" if spec_of(node).get("unschedulable") else word


def _roles(node: Json, now: datetime) -> str:
    labels: Mapping[str, str] = (node.get("metadata") or {}).get("labels") or {}
    found = {key.removeprefix(_ROLE_PREFIX) for key in labels if key.startswith(_ROLE_PREFIX)}
    return ",".join(sorted((found | {labels.get(_ROLE, "")}) - {""})) or NONE


def _address(node: Json, kind: str) -> str:
    addresses = status_of(node).get("addresses") or ()
    return next((a.get("address") or "" for a in addresses if a.get("type") == kind), NONE)


def _info(node: Json, field: str) -> str:
    return (status_of(node).get("nodeInfo") or {}).get(field) or ""


def _kernel(node: Json, now: datetime) -> str:
    architecture = _info(node, "architecture")
    return (_info(node, "kernelVersion") or UNKNOWN) + (f" ({architecture})" if architecture else "")


NODES = Resource(
    group="",
    version="v1",
    kind="Node",
    plural="nodes",
    schema="io.k8s.api.core.v1.Node",
    namespaced=False,
    singular="node",
    short_names=("no",),
    subresources=("status", "proxy"),
    default=_default,
    validate=validator(names.dns_subdomain, _validate, namespaced=False),
    validate_status=status_validator(_validate_status),
    prepare_create=_prepare_create,
    fields=_fields,
    selectable=("spec.unschedulable",),
    counts_generation=False,
    has_status=False,  # an agent creates its node with a status, which is kept
    columns=(
        Column("Status", "string", _status, "The status of the node"),
        Column("Roles", "string", _roles, "The roles of the node"),
        AGE,
        Column("Version", "string", lambda n, now: _info(n, "kubeletVersion"), "The version of its agent."),
        Column(
            "Internal-IP", "string", lambda n, now: _address(n, "InternalIP"), "Its address in the cluster.", priority=1
        ),
        Column("External-IP", "string", lambda n, now: _address(n, "ExternalIP"), "Its address outside.", priority=1),
        Column(
            "OS-Image", "string", lambda n, now: _info(n, "osImage") or UNKNOWN, "Its operating system.", priority=1
        ),
        Column("Kernel-Version", "string", _kernel, "Its kernel.", priority=1),
        Column(
            "Container-Runtime",
            "string",
            lambda n, now: _info(n, "containerRuntimeVersion") or UNKNOWN,
            "What runs its containers.",
            priority=1,
        ),
    ),
)
