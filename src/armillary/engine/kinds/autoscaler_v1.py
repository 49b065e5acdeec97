"""HorizontalPodAutoscalers as autoscaling/v1 shows them: what that version has no field for stands in annotations.

Rules: k8s.io/kubernetes, pkg/apis/autoscaling/v1/conversion.go.
"""

from collections.abc import Callable
from typing import Any

import orjson

from armillary.engine.kinds.autoscaler import DEFAULT_CPU_PERCENT, cpu_metric
from armillary.engine.kinds.resource import Json

_METRICS = "autoscaling.alpha.kubernetes.io/metrics"
_CURRENT = "autoscaling.alpha.kubernetes.io/current-metrics"
_CONDITIONS = "autoscaling.alpha.kubernetes.io/conditions"
_BEHAVIOR = "autoscaling.alpha.kubernetes.io/behavior"
_CARRIERS = (_METRICS, _CURRENT, _CONDITIONS, _BEHAVIOR)
_SAME_STATUS = ("observedGeneration", "lastScaleTime", "currentReplicas", "desiredReplicas")
_SAME_SPEC = ("scaleTargetRef", "minReplicas", "maxReplicas")


def to_v2(obj: Json) -> Json:
    """A v1 autoscaler as it is stored; one of v2, which v1 never is, passes through."""
    found, annotations = _bare(obj, "autoscaling/v2")
    spec, status = obj.get("spec") or {}, obj.get("status") or {}
    percent = spec.get("targetCPUUtilizationPercentage")
    metrics = [] if percent is None else [cpu_metric(percent)]
    if (others := _carried(annotations, _METRICS, list)) is not None:
        metrics = [_metric_to_v2(m, _SOURCES_TO_V2) for m in others if isinstance(m, dict)] + metrics
    after = {f: spec[f] for f in _SAME_SPEC if f in spec}
    after["metrics"] = metrics or [cpu_metric(DEFAULT_CPU_PERCENT)]
    if behavior := _carried(annotations, _BEHAVIOR, dict):
        after["behavior"] = _recased(behavior, str.lower)
    found["spec"] = after
    if "status" in obj:
        found["status"] = _status_to_v2(status, annotations)
    return found


def from_v2(obj: Json) -> Json:
    """A stored autoscaler as v1 shows it."""
    found, _ = _bare(obj, "autoscaling/v1")
    spec, status = obj.get("spec") or {}, obj.get("status") or {}
    metrics, current = spec.get("metrics") or [], status.get("currentMetrics") or []
    after = {f: spec[f] for f in _SAME_SPEC if f in spec}
    percents = [p for m in metrics if (p := _cpu_percent(m)) is not None]
    if percents:
        after["targetCPUUtilizationPercentage"] = percents[0]
    found["spec"] = after
    if "status" in obj:
        found["status"] = _status_to_v1(status)
    carried = {
        _METRICS: [_metric_to_v1(m, _SOURCES_TO_V1) for m in metrics if _cpu_percent(m) is None],
        _CURRENT: [_metric_to_v1(m, _STATUSES_TO_V1) for m in current],
        _CONDITIONS: status.get("conditions") or [],
        _BEHAVIOR: _recased(spec.get("behavior") or {}, str.upper),
    }
    notes = {key: orjson.dumps(value).decode() for key, value in carried.items() if value}
    if notes:
        meta = found["metadata"]
        meta["annotations"] = (meta.get("annotations") or {}) | notes
    return found


def _bare(obj: Json, api_version: str) -> tuple[Json, Json]:
    """The object under another version without what annotations carry, and the annotations as they were."""
    meta = dict(obj.get("metadata") or {})
    annotations: Json = meta.get("annotations") or {}
    if any(key in annotations for key in _CARRIERS):
        meta["annotations"] = {k: v for k, v in annotations.items() if k not in _CARRIERS}
        if not meta["annotations"]:
            del meta["annotations"]
    return {"apiVersion": api_version, "kind": "HorizontalPodAutoscaler", "metadata": meta}, annotations


def _carried(annotations: Json, key: str, form: type[Any]) -> Any:
    """What an annotation carries; None when it is not there or not what it should be."""
    try:
        found = orjson.loads(annotations[key])
    except (KeyError, orjson.JSONDecodeError):
        return None
    return found if isinstance(found, form) else None


def _cpu_percent(metric: Json) -> int | None:
    resource = metric.get("resource") or {}
    if metric.get("type") != "Resource" or resource.get("name") != "cpu":
        return None
    found: int | None = (resource.get("target") or {}).get("averageUtilization")
    return found


def _status_to_v2(status: Json, annotations: Json) -> Json:
    after = {f: status[f] for f in _SAME_STATUS if f in status}
    percent = status.get("currentCPUUtilizationPercentage")
    if percent is not None:
        resource = {"name": "cpu", "current": {"averageUtilization": percent}}
        after["currentMetrics"] = [{"type": "Resource", "resource": resource}]
    if (current := _carried(annotations, _CURRENT, list)) is not None:
        after["currentMetrics"] = [_metric_to_v2(m, _STATUSES_TO_V2) for m in current if isinstance(m, dict)]
    if (conditions := _carried(annotations, _CONDITIONS, list)) is not None:
        after["conditions"] = [c for c in conditions if isinstance(c, dict)]
    return after


def _status_to_v1(status: Json) -> Json:
    after = {f: status[f] for f in _SAME_STATUS if f in status}
    for metric in status.get("currentMetrics") or ():
        resource = metric.get("resource") or {}
        percent = (resource.get("current") or {}).get("averageUtilization")
        if metric.get("type") == "Resource" and resource.get("name") == "cpu" and percent is not None:
            after["currentCPUUtilizationPercentage"] = percent
    return after


def _recased(value: Any, change: Callable[[str], str]) -> Any:
    """The annotation of a behavior has Go's names of fields: `ScaleUp` for `scaleUp`."""
    if isinstance(value, dict):
        return {change(k[:1]) + k[1:]: _recased(v, change) for k, v in value.items()}
    return [_recased(v, change) for v in value] if isinstance(value, list) else value


def _metric_to_v2(metric: Json, sources: dict[str, Callable[[Json], Json]]) -> Json:
    return {k: sources[k](v) if k in sources and isinstance(v, dict) else v for k, v in metric.items()}


_metric_to_v1 = _metric_to_v2


def _kept(**fields: Any) -> Json:
    return {k: v for k, v in fields.items() if v is not None}


def _target(value: Any, average: Any, kind: str) -> Json:
    return _kept(type=kind, value=value, averageValue=average)


def _object_to_v2(source: Json) -> Json:
    average, value = source.get("averageValue"), source.get("targetValue")
    if average is not None and value in ("0", 0):
        value = None  # v1 can't leave the value out
    target = _target(value, average, "Value" if average is None else "AverageValue")
    return {"describedObject": source.get("target") or {}, "metric": _identifier(source, "selector"), "target": target}


def _identifier(source: Json, selector: str) -> Json:
    return _kept(name=source.get("metricName") or "", selector=source.get(selector))


def _pods_to_v2(source: Json) -> Json:
    target = _target(None, source.get("targetAverageValue"), "AverageValue")
    return {"metric": _identifier(source, "selector"), "target": target}


def _external_to_v2(source: Json) -> Json:
    value = source.get("targetValue")
    target = _target(value, source.get("targetAverageValue"), "AverageValue" if value is None else "Value")
    return {"metric": _identifier(source, "metricSelector"), "target": target}


def _resource_to_v2(source: Json) -> Json:
    percent, average = source.get("targetAverageUtilization"), source.get("targetAverageValue")
    kind = "AverageValue" if percent is None else "Utilization"
    target = _kept(type=kind, averageUtilization=percent, averageValue=average)
    return _kept(name=source.get("name") or "", container=source.get("container"), target=target)


def _object_to_v1(source: Json) -> Json:
    target, metric = source.get("target") or {}, source.get("metric") or {}
    return _kept(
        target=source.get("describedObject") or {},
        metricName=metric.get("name") or "",
        targetValue=target.get("value") or "0",
        selector=metric.get("selector"),
        averageValue=target.get("averageValue"),
    )


def _pods_to_v1(source: Json) -> Json:
    target, metric = source.get("target") or {}, source.get("metric") or {}
    average = target.get("averageValue") or "0"
    return _kept(metricName=metric.get("name") or "", targetAverageValue=average, selector=metric.get("selector"))


def _external_to_v1(source: Json) -> Json:
    target, metric = source.get("target") or {}, source.get("metric") or {}
    return _kept(
        metricName=metric.get("name") or "",
        metricSelector=metric.get("selector"),
        targetValue=target.get("value"),
        targetAverageValue=target.get("averageValue"),
    )


def _resource_to_v1(source: Json) -> Json:
    target = source.get("target") or {}
    return _kept(
        name=source.get("name") or "",
        container=source.get("container"),
        targetAverageUtilization=target.get("averageUtilization"),
        targetAverageValue=target.get("averageValue"),
    )


def _object_status_to_v2(source: Json) -> Json:
    current = _kept(value=source.get("currentValue"), averageValue=source.get("averageValue"))
    described = source.get("target") or {}
    return {"describedObject": described, "metric": _identifier(source, "selector"), "current": current}


def _pods_status_to_v2(source: Json) -> Json:
    current = _kept(averageValue=source.get("currentAverageValue"))
    return {"metric": _identifier(source, "selector"), "current": current}


def _external_status_to_v2(source: Json) -> Json:
    current = _kept(value=source.get("currentValue"), averageValue=source.get("currentAverageValue"))
    return {"metric": _identifier(source, "metricSelector"), "current": current}


def _resource_status_to_v2(source: Json) -> Json:
    percent, average = source.get("currentAverageUtilization"), source.get("currentAverageValue")
    current = _kept(averageUtilization=percent, averageValue=average)
    return _kept(name=source.get("name") or "", container=source.get("container"), current=current)


def _object_status_to_v1(source: Json) -> Json:
    current, metric = source.get("current") or {}, source.get("metric") or {}
    return _kept(
        target=source.get("describedObject") or {},
        metricName=metric.get("name") or "",
        currentValue=current.get("value") or "0",
        selector=metric.get("selector"),
        averageValue=current.get("averageValue"),
    )


def _pods_status_to_v1(source: Json) -> Json:
    current, metric = source.get("current") or {}, source.get("metric") or {}
    average = current.get("averageValue") or "0"
    return _kept(metricName=metric.get("name") or "", currentAverageValue=average, selector=metric.get("selector"))


def _external_status_to_v1(source: Json) -> Json:
    current, metric = source.get("current") or {}, source.get("metric") or {}
    return _kept(
        metricName=metric.get("name") or "",
        metricSelector=metric.get("selector"),
        currentValue=current.get("value") or "0",
        currentAverageValue=current.get("averageValue"),
    )


def _resource_status_to_v1(source: Json) -> Json:
    current = source.get("current") or {}
    return _kept(
        name=source.get("name") or "",
        container=source.get("container"),
        currentAverageUtilization=current.get("averageUtilization"),
        currentAverageValue=current.get("averageValue") or "0",
    )


_SOURCES_TO_V2: dict[str, Callable[[Json], Json]] = {
    "object": _object_to_v2,
    "pods": _pods_to_v2,
    "external": _external_to_v2,
    "resource": _resource_to_v2,
    "containerResource": _resource_to_v2,
}
_SOURCES_TO_V1: dict[str, Callable[[Json], Json]] = {
    "object": _object_to_v1,
    "pods": _pods_to_v1,
    "external": _external_to_v1,
    "resource": _resource_to_v1,
    "containerResource": _resource_to_v1,
}
_STATUSES_TO_V2: dict[str, Callable[[Json], Json]] = {
    "object": _object_status_to_v2,
    "pods": _pods_status_to_v2,
    "external": _external_status_to_v2,
    "resource": _resource_status_to_v2,
    "containerResource": _resource_status_to_v2,
}
_STATUSES_TO_V1: dict[str, Callable[[Json], Json]] = {
    "object": _object_status_to_v1,
    "pods": _pods_status_to_v1,
    "external": _external_status_to_v1,
    "resource": _resource_status_to_v1,
    "containerResource": _resource_status_to_v1,
}
