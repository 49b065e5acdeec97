"""HorizontalPodAutoscalers as autoscaling/v1 shows them: what that version has no field for stands in annotations.

Rules: k8s.io/kubernetes, pkg/apis/autoscaling/v1/conversion.go.
"""

from collections.abc import Callable, Mapping
from typing import Any

import orjson

from armillary.engine.kinds.autoscaler import DEFAULT_CPU_PERCENT, cpu_metric
from armillary.engine.kinds.fields import dig, part
from armillary.engine.kinds.resource import Json

_METRICS = "autoscaling.alpha.kubernetes.io/metrics"
_CURRENT = "autoscaling.alpha.kubernetes.io/current-metrics"
_CONDITIONS = "autoscaling.alpha.kubernetes.io/conditions"
_BEHAVIOR = "autoscaling.alpha.kubernetes.io/behavior"
_CARRIERS = (_METRICS, _CURRENT, _CONDITIONS, _BEHAVIOR)
_SAME_STATUS = ("observedGeneration", "lastScaleTime", "currentReplicas", "desiredReplicas")
_SAME_SPEC = ("scaleTargetRef", "minReplicas", "maxReplicas")

# For each source of metrics: field in v1 -> path in v2.
_Paths = Mapping[str, Mapping[str, tuple[str, ...]]]
_NAMED = {"metricName": ("metric", "name"), "selector": ("metric", "selector")}
_UTILIZED = {
    "name": ("name",),
    "container": ("container",),
    "targetAverageUtilization": ("target", "averageUtilization"),
    "targetAverageValue": ("target", "averageValue"),
}
_UTILIZED_NOW = {
    "name": ("name",),
    "container": ("container",),
    "currentAverageUtilization": ("current", "averageUtilization"),
    "currentAverageValue": ("current", "averageValue"),
}
_SPEC_PATHS: _Paths = {
    "object": {
        **_NAMED,
        "target": ("describedObject",),
        "targetValue": ("target", "value"),
        "averageValue": ("target", "averageValue"),
    },
    "pods": {**_NAMED, "targetAverageValue": ("target", "averageValue")},
    "external": {
        "metricName": ("metric", "name"),
        "metricSelector": ("metric", "selector"),
        "targetValue": ("target", "value"),
        "targetAverageValue": ("target", "averageValue"),
    },
    "resource": _UTILIZED,
    "containerResource": _UTILIZED,
}
_STATUS_PATHS: _Paths = {
    "object": {
        **_NAMED,
        "target": ("describedObject",),
        "currentValue": ("current", "value"),
        "averageValue": ("current", "averageValue"),
    },
    "pods": {**_NAMED, "currentAverageValue": ("current", "averageValue")},
    "external": {
        "metricName": ("metric", "name"),
        "metricSelector": ("metric", "selector"),
        "currentValue": ("current", "value"),
        "currentAverageValue": ("current", "averageValue"),
    },
    "resource": _UTILIZED_NOW,
    "containerResource": _UTILIZED_NOW,
}
# What v1 can't leave out.
_ZEROS = {("object", "targetValue"), ("pods", "targetAverageValue"), ("object", "currentValue"),
          ("pods", "currentAverageValue"), ("external", "currentValue"), ("resource", "currentAverageValue"),
          ("containerResource", "currentAverageValue")}  # fmt: skip
# Which value says what kind of target it is: (field of the target, kind with it, kind without).
_KINDS = {
    "object": ("averageValue", "AverageValue", "Value"),
    "pods": ("averageValue", "AverageValue", "AverageValue"),
    "external": ("value", "Value", "AverageValue"),
    "resource": ("averageUtilization", "Utilization", "AverageValue"),
    "containerResource": ("averageUtilization", "Utilization", "AverageValue"),
}

# The shapes of what annotations carry: they come from clients and have passed no schema.
_REQUIREMENT = {"key": str, "operator": str, "values": [str]}
_SELECTOR = {"matchLabels": {"": str}, "matchExpressions": [_REQUIREMENT]}
_VALUES = dict.fromkeys(("type", "value", "averageValue"), str) | {"averageUtilization": int}
_METRIC = {
    "describedObject": dict.fromkeys(("kind", "name", "apiVersion"), str),
    "metric": {"name": str, "selector": _SELECTOR},
    "target": _VALUES,
    "current": _VALUES,
    "name": str,
    "container": str,
}
_RULES = {
    "stabilizationWindowSeconds": int,
    "selectPolicy": str,
    "policies": [{"type": str, "value": int, "periodSeconds": int}],
    "tolerance": str,
}
_CONDITION = dict.fromkeys(("type", "status", "lastTransitionTime", "reason", "message"), str)
_SHAPES: dict[str, Any] = {
    _METRICS: [{"type": str, **dict.fromkeys(_SPEC_PATHS, _METRIC)}],
    _CURRENT: [{"type": str, **dict.fromkeys(_STATUS_PATHS, _METRIC)}],
    _CONDITIONS: [_CONDITION],
    _BEHAVIOR: {"scaleUp": _RULES, "scaleDown": _RULES},
}


def to_v2(obj: Json) -> Json:
    """A v1 autoscaler as it is stored."""
    found, annotations = _bare(obj, "autoscaling/v2")
    spec = obj.get("spec") or {}
    percent = spec.get("targetCPUUtilizationPercentage")
    metrics = [] if percent is None else [cpu_metric(percent)]
    others = _carried(annotations, _METRICS, lambda value: _metrics_to_v2(value, _SPEC_PATHS)) or []
    after = {f: spec[f] for f in _SAME_SPEC if f in spec}
    after["metrics"] = others + metrics or [cpu_metric(DEFAULT_CPU_PERCENT)]
    if behavior := _carried(annotations, _BEHAVIOR, lambda value: _recased(value, str.lower)):
        after["behavior"] = behavior
    found["spec"] = after
    if "status" in obj:
        found["status"] = _status_to_v2(obj.get("status") or {}, annotations)
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
        _METRICS: [_metric_to_v1(m, _SPEC_PATHS) for m in metrics if _cpu_percent(m) is None],
        _CURRENT: [_metric_to_v1(m, _STATUS_PATHS) for m in current],
        _CONDITIONS: status.get("conditions") or [],
        _BEHAVIOR: _recased(spec.get("behavior") or {}, str.upper),
    }
    notes = {key: orjson.dumps(value).decode() for key, value in carried.items() if value}
    if notes:
        found["metadata"]["annotations"] = (found["metadata"].get("annotations") or {}) | notes
    return found


def _bare(obj: Json, api_version: str) -> tuple[Json, Json]:
    """The object under another version without what annotations carry, and the annotations as they were."""
    meta = dict(obj.get("metadata") or {})
    annotations: Json = meta.get("annotations") or {}
    kept = {k: v for k, v in annotations.items() if k not in _CARRIERS}
    meta.pop("annotations", None)
    if kept:
        meta["annotations"] = kept
    return {"apiVersion": api_version, "kind": "HorizontalPodAutoscaler", "metadata": meta}, annotations


def _carried(annotations: Json, key: str, convert: Callable[[Any], Any]) -> Any:
    """What an annotation carries, in v2's form; None when it is not there or not what it should be."""
    if not annotations.get(key):
        return None
    try:
        return _shaped(convert(orjson.loads(annotations[key])), _SHAPES[key])
    except (ValueError, TypeError, AttributeError):
        return None


def _shaped(value: Any, shape: Any) -> Any:
    """The value without what its shape does not know. Raises TypeError."""
    if isinstance(shape, dict):
        if not isinstance(value, dict):
            raise TypeError(value)
        if "" in shape:  # a map: any key
            return {k: _shaped(v, shape[""]) for k, v in value.items()}
        return {k: _shaped(v, shape[k]) for k, v in value.items() if k in shape and v is not None}
    if isinstance(shape, list):
        if not isinstance(value, list):
            raise TypeError(value)
        return [_shaped(v, shape[0]) for v in value]
    if type(value) is not shape:
        raise TypeError(value)
    return value


def _recased(value: Any, change: Callable[[str], str]) -> Any:
    """The annotation of a behavior has Go's names of fields: `ScaleUp` for `scaleUp`."""
    if isinstance(value, dict):
        return {change(k[:1]) + k[1:]: _recased(v, change) for k, v in value.items()}
    return [_recased(v, change) for v in value] if isinstance(value, list) else value


def _cpu_percent(metric: Json) -> int | None:
    if metric.get("type") != "Resource" or dig(metric, "resource", "name") != "cpu":
        return None
    found: int | None = dig(metric, "resource", "target", "averageUtilization")
    return found


def _status_to_v2(status: Json, annotations: Json) -> Json:
    after = {f: status[f] for f in _SAME_STATUS if f in status}
    percent = status.get("currentCPUUtilizationPercentage")
    if percent is not None:
        resource = {"name": "cpu", "current": {"averageUtilization": percent}}
        after["currentMetrics"] = [{"type": "Resource", "resource": resource}]
    current = _carried(annotations, _CURRENT, lambda value: _metrics_to_v2(value, _STATUS_PATHS))
    if current is not None:
        after["currentMetrics"] = current
    conditions = _carried(annotations, _CONDITIONS, lambda value: value)
    if conditions is not None:
        after["conditions"] = conditions
    return after


def _status_to_v1(status: Json) -> Json:
    after = {f: status[f] for f in _SAME_STATUS if f in status}
    for metric in status.get("currentMetrics") or ():
        percent = dig(metric, "resource", "current", "averageUtilization")
        if metric.get("type") == "Resource" and metric["resource"].get("name") == "cpu" and percent is not None:
            after["currentCPUUtilizationPercentage"] = percent
    return after


def _metrics_to_v2(metrics: list[Json], paths: _Paths) -> list[Json]:
    return [
        {k: _source_to_v2(k, v, paths) if k in paths and v is not None else v for k, v in metric.items()}
        for metric in metrics
    ]


def _source_to_v2(kind: str, source: Json, paths: _Paths) -> Json:
    found: Json = {}
    for field, path in paths[kind].items():
        value = source.get(field)
        # A status of v1 has a 0 for what is not known.
        if value is None or (paths is _STATUS_PATHS and value == "0" and (kind, field) in _ZEROS):
            continue
        holder = found
        for step in path[:-1]:
            holder = part(holder, step)
        holder[path[-1]] = value
    if paths is _SPEC_PATHS:
        target = part(found, "target")
        field, with_it, without = _KINDS[kind]
        if kind == "object" and target.get("averageValue") is not None and target.get("value") == "0":
            del target["value"]
        target["type"] = with_it if target.get(field) is not None else without
    return found


def _metric_to_v1(metric: Json, paths: _Paths) -> Json:
    return {
        kind: _source_to_v1(kind, source, paths) if kind in paths and source else source
        for kind, source in metric.items()
    }


def _source_to_v1(kind: str, source: Json, paths: _Paths) -> Json:
    found: Json = {}
    for field, path in paths[kind].items():
        value = dig(source, *path)
        if value is None and (kind, field) in _ZEROS:
            value = "0"
        if value is not None:
            found[field] = value
    return found
