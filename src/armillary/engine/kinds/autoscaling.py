"""The resources of the API group autoscaling: one type, stored as v2."""

from datetime import datetime
from typing import Any

from armillary.engine.kinds import names
from armillary.engine.kinds.autoscaler import check_autoscaler_status, default_autoscaler, validate_autoscaler
from armillary.engine.kinds.autoscaler_v1 import from_v2, to_v2
from armillary.engine.kinds.cells import number
from armillary.engine.kinds.columns import AGE, NONE, UNKNOWN, UNSET
from armillary.engine.kinds.fields import dig, fill, part, spec_of, status_of
from armillary.engine.kinds.meta import status_validator, validator
from armillary.engine.kinds.resource import Column, Json, Resource
from armillary.engine.kinds.workload import starts_with

_MOST_SHOWN = 2
_SOURCES = {
    "External": "external",
    "Pods": "pods",
    "Object": "object",
    "Resource": "resource",
    "ContainerResource": "containerResource",
}


def _reference(obj: Json, now: datetime) -> str:
    target = spec_of(obj).get("scaleTargetRef") or {}
    return f"{target.get('kind') or ''}/{target.get('name') or ''}"


def _targets(obj: Json, now: datetime) -> str:
    metrics, current = spec_of(obj).get("metrics") or (), status_of(obj).get("currentMetrics") or ()
    if not metrics:
        return NONE
    shown = [_target(m, current[i] if i < len(current) else {}) for i, m in enumerate(metrics[:_MOST_SHOWN])]
    more = len(metrics) - _MOST_SHOWN
    return ", ".join(shown) + (f" + {more} more..." if more > 0 else "")


def _target(metric: Json, status: Json) -> str:
    kind = metric.get("type") or ""
    field = _SOURCES.get(kind)
    if field is None:
        return "<unknown type>"
    target = dig(metric, field, "target") or {}
    current = dig(status, field, "current") or {}
    average = target.get("averageValue")
    if field in ("external", "object", "pods"):
        if average is not None or field == "pods":
            note = "" if field == "pods" else " (avg)"
            return f"{_or_unknown(current.get('averageValue'))}/{average or '0'}{note}"
        return f"{_or_unknown(current.get('value'))}/{target.get('value') or '0'}"
    name = dig(metric, field, "name") or ""
    if average is not None:
        return f"{name}: {_or_unknown(current.get('averageValue'))}/{average}"
    used, wanted = current.get("averageUtilization"), target.get("averageUtilization")
    return f"{name}: {UNKNOWN if used is None else f'{used}%'}/{'<auto>' if wanted is None else f'{wanted}%'}"


def _or_unknown(value: Any) -> Any:
    return UNKNOWN if value is None else value


def _least(obj: Json, now: datetime) -> str:
    found = spec_of(obj).get("minReplicas")
    return UNSET if found is None else str(found)


_COLUMNS = (
    Column("Reference", "string", _reference, "What is scaled."),
    Column("Targets", "string", _targets, "The metrics, as they are and as they should be."),
    Column("MinPods", "string", _least, "The fewest pods."),
    number("MaxPods", "spec", "maxReplicas", type="string"),
    number("Replicas", "status", "currentReplicas", type="string"),
    AGE,
)


def _default_v1(obj: Json) -> None:
    fill(part(obj, "spec"), minReplicas=1)


def _converted(column: Column) -> Column:
    def value(obj: Json, now: datetime) -> Any:
        return column.value(to_v2(obj), now)

    return Column(column.name, column.type, value, column.description, column.format, column.priority)


AUTOSCALERS = Resource(
    group="autoscaling",
    version="v2",
    kind="HorizontalPodAutoscaler",
    plural="horizontalpodautoscalers",
    schema="io.k8s.api.autoscaling.v2.HorizontalPodAutoscaler",
    singular="horizontalpodautoscaler",
    short_names=("hpa",),
    categories=("all",),
    subresources=("status",),
    columns=_COLUMNS,
    default=default_autoscaler,
    prepare_create=starts_with("desiredReplicas"),
    validate=validator(names.dns_subdomain, validate_autoscaler),
    validate_status=status_validator(check_autoscaler_status),
    counts_generation=False,
)

AUTOSCALERS_V1 = Resource(
    group="autoscaling",
    version="v1",
    kind="HorizontalPodAutoscaler",
    plural="horizontalpodautoscalers",
    schema="io.k8s.api.autoscaling.v1.HorizontalPodAutoscaler",
    singular="horizontalpodautoscaler",
    short_names=("hpa",),
    categories=("all",),
    subresources=("status",),
    columns=tuple(_converted(column) for column in _COLUMNS),
    default=_default_v1,
    counts_generation=False,
    stored_as="v2",
    to_stored=to_v2,
    from_stored=from_v2,
)

RESOURCES: tuple[Resource, ...] = (AUTOSCALERS, AUTOSCALERS_V1)
