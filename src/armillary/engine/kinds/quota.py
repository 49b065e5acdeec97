"""ResourceQuotas and LimitRanges.

Rules: k8s.io/kubernetes, pkg/apis/core/validation "ValidateResourceQuota*", "ValidateLimitRange".
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal

from armillary.base.errors import Cause
from armillary.engine.kinds import names
from armillary.engine.kinds.cells import CREATED_AT
from armillary.engine.kinds.columns import AGE
from armillary.engine.kinds.faults import duplicate, forbidden, immutable, invalid, required, under, wrong
from armillary.engine.kinds.fields import part, spec_of, status_of
from armillary.engine.kinds.meta import status_validator, validator
from armillary.engine.kinds.pod.resources import (
    STANDARD_QUOTA_RESOURCES,
    check_amount,
    check_container_resource_name,
    check_resource_name,
    may_overcommit,
)
from armillary.engine.kinds.resource import Column, Json, Resource
from armillary.engine.kinds.values import quantity, settle_quantities

_POD_COMPUTE = frozenset({"cpu", "memory", "limits.cpu", "limits.memory", "requests.cpu", "requests.memory"})
_SCOPED: dict[str, frozenset[str]] = {
    **dict.fromkeys(
        ("Terminating", "NotTerminating", "NotBestEffort", "PriorityClass", "CrossNamespacePodAffinity"),
        _POD_COMPUTE | {"pods"},
    ),
    "BestEffort": frozenset({"pods"}),
    "VolumeAttributesClass": frozenset({"persistentvolumeclaims", "requests.storage"}),
}
_ONLY_EXISTS = ("BestEffort", "NotBestEffort", "Terminating", "NotTerminating", "CrossNamespacePodAffinity")
_CONFLICTS = (("BestEffort", "NotBestEffort"), ("NotTerminating", "Terminating"))


def _is_standard(name: str) -> bool:
    return name in STANDARD_QUOTA_RESOURCES or name.startswith(("hugepages-", "requests.hugepages-"))


def _check_amounts(amounts: Json, field: str) -> list[Cause]:
    found: list[Cause] = []
    for name, value in amounts.items():
        at = f"{field}[{name}]"
        found += check_resource_name(name, at)
        if "/" not in name and not _is_standard(name):
            found.append(invalid(at, name, "must be a standard resource for quota"))
        found += check_amount(name, value, at)
    return found


def _check_quota_spec(spec: Json) -> list[Cause]:
    hard: Json = spec.get("hard") or {}
    found = _check_amounts(hard, "hard")
    standard = [name for name in hard if _is_standard(name)]
    if scopes := spec.get("scopes"):
        for scope in scopes:
            if scope not in _SCOPED:
                found.append(invalid("scopes", scopes, "unsupported scope"))
            elif any(name not in _SCOPED[scope] for name in standard):
                found += [
                    invalid("scopes", scopes, "unsupported scope applied to resource")
                    for name in standard
                    if name not in _SCOPED[scope]
                ]
        found += _check_conflicts(scopes, scopes, "scopes")
    if (selector := spec.get("scopeSelector")) is not None:
        found += _check_scope_selector(selector, standard)
    return found


def _check_conflicts(scopes: Sequence[str], shown: object, field: str) -> list[Cause]:
    return [invalid(field, shown, "conflicting scopes") for a, b in _CONFLICTS if a in scopes and b in scopes]


def _check_scope_selector(selector: Json, standard: Sequence[str]) -> list[Cause]:
    field = "scopeSelector.matchExpressions"
    found: list[Cause] = []
    scopes: list[str] = []
    for expression in selector.get("matchExpressions") or ():
        scope, operator = expression.get("scopeName") or "", expression.get("operator") or ""
        values = expression.get("values") or []
        scopes.append(scope)
        if scope not in _SCOPED:
            found.append(invalid(f"{field}.scopeName", scope, "unsupported scope"))
        outside = (name for name in standard if name not in _SCOPED.get(scope, standard))
        found += [invalid(field, selector, "unsupported scope applied to resource") for _ in outside]
        if scope in _ONLY_EXISTS and operator != "Exists":
            words = "Terminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort"
            fault = (
                f"must be 'Exists' when scope is any of ResourceQuotaScope{words}, "
                "ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity"
            )
            found.append(invalid(f"{field}.operator", operator, fault))
        found += _check_scope_values(operator, values, field)
    return found + _check_conflicts(scopes, [], field)


def _check_scope_values(operator: str, values: list[str], field: str) -> list[Cause]:
    match operator:
        case "In" | "NotIn":
            fault = "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector"
            return [] if values else [required(f"{field}.values", fault)]
        case "Exists" | "DoesNotExist":
            fault = "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector"
            return [invalid(f"{field}.values", values, fault)] if values else []
    return [invalid(f"{field}.operator", operator, "not a valid selector operator")]


def _check_quota(new: Json, old: Json | None) -> Sequence[Cause]:
    found = list(under("spec", _check_quota_spec(spec_of(new))))
    if old is not None:
        scopes = spec_of(new).get("scopes") or []
        if set(scopes) != set(spec_of(old).get("scopes") or ()):
            found.append(immutable("spec.scopes", scopes))
    return found


def _check_quota_status(new: Json, old: Json) -> Sequence[Cause]:
    status = status_of(new)
    found = _check_amounts(status.get("hard") or {}, "status.hard")
    return found + _check_amounts(status.get("used") or {}, "status.used")


def _default_quota(quota: Json) -> None:
    settle_quantities(part(quota, "spec").get("hard"))
    status = part(quota, "status")
    settle_quantities(status.get("hard"))
    settle_quantities(status.get("used"))


def _begin_empty(quota: Json) -> None:
    quota["status"] = {}


def _usage(*, limits: bool) -> Callable[[Json, datetime], str]:
    def cell(quota: Json, now: datetime) -> str:
        hard: Json = status_of(quota).get("hard") or {}
        used: Json = status_of(quota).get("used") or {}
        shown = (name for name in sorted(hard) if name.startswith("limits.") is limits)
        return ", ".join(f"{name}: {used.get(name, '0')}/{hard[name]}" for name in shown)

    return cell


RESOURCE_QUOTAS = Resource(
    group="",
    version="v1",
    kind="ResourceQuota",
    plural="resourcequotas",
    schema="io.k8s.api.core.v1.ResourceQuota",
    singular="resourcequota",
    short_names=("quota",),
    subresources=("status",),
    default=_default_quota,
    validate=validator(names.dns_subdomain, _check_quota),
    validate_status=status_validator(_check_quota_status),
    prepare_create=_begin_empty,
    counts_generation=False,
    columns=(
        Column("Request", "string", _usage(limits=False), "Requests: used and allowed."),
        Column("Limit", "string", _usage(limits=True), "Limits: used and allowed."),
        AGE,
    ),
)

_LIMIT_TYPES = frozenset({"Pod", "Container", "PersistentVolumeClaim"})
_BOUNDS = ("max", "min", "default", "defaultRequest", "maxLimitRequestRatio")


def _default_limits(limits: Json) -> None:
    for item in part(limits, "spec").get("limits") or ():
        for bound in _BOUNDS:
            settle_quantities(item.get(bound))
        if item.get("type") != "Container":
            continue
        most, least = item.get("max") or {}, item.get("min") or {}
        item["default"] = usual = {**most, **(item.get("default") or {})}
        item["defaultRequest"] = {**least, **usual, **(item.get("defaultRequest") or {})}
        for bound in ("default", "defaultRequest"):
            if not item[bound]:
                del item[bound]


def _check_limits(new: Json, old: Json | None) -> Sequence[Cause]:
    found: list[Cause] = []
    seen: set[str] = set()
    for i, item in enumerate(spec_of(new).get("limits") or ()):
        kind = item.get("type") or ""
        faults = _check_limit_type(kind)
        if kind in seen:
            faults.append(duplicate("type", kind))
        seen.add(kind)
        found += under(f"spec.limits[{i}]", faults + _check_limit_item(item, kind))
    return found


def _check_limit_type(kind: str) -> list[Cause]:
    if problems := names.label_key(kind):
        return wrong("type", kind, problems)
    standard = "/" in kind or kind in _LIMIT_TYPES
    return [] if standard else [invalid("type", kind, "must be a standard limit type or fully qualified")]


def _check_limit_item(item: Json, kind: str) -> list[Cause]:
    rule = check_container_resource_name if kind in ("Pod", "Container") else check_resource_name
    found: list[Cause] = []
    bounds: dict[str, Json] = {}
    for bound in _BOUNDS:
        amounts: Json = item.get(bound) or {}
        if kind == "Pod" and bound in ("default", "defaultRequest"):
            if amounts:
                found.append(forbidden(bound, "may not be specified when `type` is 'Pod'"))
            amounts = {}
        bounds[bound] = amounts
        for name in amounts:
            found += rule(name, f"{bound}[{name}]")
    if kind == "PersistentVolumeClaim" and "storage" not in {**bounds["min"], **bounds["max"]}:
        fault = "either minimum or maximum storage value is required, but neither was provided"
        found.append(required("limits", fault))
    for name in dict.fromkeys(name for amounts in bounds.values() for name in amounts):
        found += _check_order(name, {bound: amounts[name] for bound, amounts in bounds.items() if name in amounts})
    return found


# (the smaller, the greater, the field blamed, whose value is shown, how it is said)
_ORDER = (
    ("min", "max", "min", "min", "min value {} is greater than max value {}"),
    ("min", "defaultRequest", "defaultRequest", "defaultRequest",
     "min value {} is greater than default request value {}"),
    ("defaultRequest", "max", "defaultRequest", "defaultRequest",
     "default request value {} is greater than max value {}"),
    ("defaultRequest", "default", "defaultRequest", "defaultRequest",
     "default request value {} is greater than default limit value {}"),
    ("min", "default", "default", "min", "min value {} is greater than default value {}"),
    ("default", "max", "default", "max", "default value {} is greater than max value {}"),
)  # fmt: skip


def _check_order(name: str, given: Json) -> list[Cause]:
    numbers = {bound: number for bound, value in given.items() if (number := quantity(value)) is not None}
    found = [
        invalid(f"{field}[{name}]", given[shown], text.format(given[small], given[great]))
        for small, great, field, shown, text in _ORDER
        if small in numbers and great in numbers and numbers[small] > numbers[great]
    ]
    found += _check_ratio(name, given, numbers)
    usual, asked = numbers.get("default"), numbers.get("defaultRequest")
    if not may_overcommit(name) and usual is not None and asked is not None and usual != asked:
        fault = (
            f"default value {given['default']} must equal to defaultRequest value {given['defaultRequest']} in {name}"
        )
        found.append(invalid(f"defaultRequest[{name}]", given["defaultRequest"], fault))
    return found


def _check_ratio(name: str, given: Json, numbers: dict[str, Decimal]) -> Iterator[Cause]:
    if (ratio := numbers.get("maxLimitRequestRatio")) is None:
        return
    field, value = f"maxLimitRequestRatio[{name}]", given["maxLimitRequestRatio"]
    if ratio < 1:
        yield invalid(field, value, f"ratio {value} is less than 1")
    if numbers.get("min") and "max" in numbers and ratio > (most := numbers["max"] / numbers["min"]):
        yield invalid(field, value, f"ratio {value} is greater than max/min = {most:.6f}")


LIMIT_RANGES = Resource(
    group="",
    version="v1",
    kind="LimitRange",
    plural="limitranges",
    schema="io.k8s.api.core.v1.LimitRange",
    singular="limitrange",
    short_names=("limits",),
    default=_default_limits,
    validate=validator(names.dns_subdomain, _check_limits),
    counts_generation=False,
    has_status=False,
    columns=(CREATED_AT,),
)
