"""HorizontalPodAutoscalers in v2, the version in which they are stored: rules, defaults.

Rules: k8s.io/kubernetes, pkg/apis/autoscaling/v2/defaults.go, pkg/apis/autoscaling/validation, pkg/registry/
autoscaling/horizontalpodautoscaler.
"""

from collections.abc import Callable, Iterator, Sequence

from armillary.base.errors import Cause
from armillary.engine.kinds import names
from armillary.engine.kinds.checks import check_choice, check_counts, check_segment, each
from armillary.engine.kinds.faults import forbidden, invalid, required, under, unsupported, wrong
from armillary.engine.kinds.fields import fill, fill_empty, part, spec_of, status_of
from armillary.engine.kinds.pod.resources import check_container_resource_name
from armillary.engine.kinds.resource import Json
from armillary.engine.kinds.values import POSITIVE, check_quantity, quantity

DEFAULT_CPU_PERCENT = 80
_MOST_PERIOD_SECONDS = 1800
_MOST_WINDOW_SECONDS = 3600
_METRICS = ("ContainerResource", "External", "Object", "Pods", "Resource")
_SOURCES = {
    "Object": "object",
    "Pods": "pods",
    "Resource": "resource",
    "External": "external",
    "ContainerResource": "containerResource",
}
_TARGETS = ("Utilization", "Value", "AverageValue")
_SELECT_POLICIES = ("Disabled", "Max", "Min")
_POLICIES = ("Percent", "Pods")


def cpu_metric(percent: int) -> Json:
    """The metric that an autoscaler has when it names none."""
    target = {"type": "Utilization", "averageUtilization": percent}
    return {"type": "Resource", "resource": {"name": "cpu", "target": target}}


def default_autoscaler(obj: Json) -> None:
    spec = part(obj, "spec")
    fill(spec, minReplicas=1)
    fill_empty(spec, metrics=[cpu_metric(DEFAULT_CPU_PERCENT)])
    if (behavior := spec.get("behavior")) is not None:
        _default_rules(part(behavior, "scaleUp"), up=True)
        _default_rules(part(behavior, "scaleDown"), up=False)


def _default_rules(rules: Json, *, up: bool) -> None:
    fill(rules, selectPolicy="Max")
    if up:
        fill(rules, stabilizationWindowSeconds=0)
    if rules.get("policies") is None:
        policies = [{"type": "Percent", "value": 100, "periodSeconds": 15}]
        rules["policies"] = [{"type": "Pods", "value": 4, "periodSeconds": 15}, *policies] if up else policies


def validate_autoscaler(new: Json, old: Json | None) -> Sequence[Cause]:
    spec, before = spec_of(new), spec_of(old) if old else {}
    target, prior = spec.get("scaleTargetRef") or {}, before.get("scaleTargetRef") or {}
    found = list(_check_replicas(spec, least=0 if before.get("minReplicas") == 0 else 1))
    # What stands with a version that newer rules refuse can still be changed.
    same_target = old is not None and all(target.get(f) == prior.get(f) for f in ("apiVersion", "kind"))
    grouped = target.get("kind") != "ReplicationController"
    found += under("scaleTargetRef", _check_reference(target, judged=not same_target, grouped=grouped))
    lenient = any(
        _version_problem((m["object"].get("describedObject") or {}), grouped=False)
        for m in before.get("metrics") or ()
        if m.get("type") == "Object" and m.get("object") is not None
    )
    metrics = spec.get("metrics") or ()
    found += each("metrics", metrics, lambda metric: _check_metric(metric, judged=not lenient))
    if spec.get("minReplicas") == 0 and not any(m.get("type") in ("Object", "External") for m in metrics):
        fault = "must specify at least one Object or External metric to support scaling to zero replicas"
        found.append(forbidden("metrics", fault))
    for field in ("scaleUp", "scaleDown"):
        if (rules := (spec.get("behavior") or {}).get(field)) is not None:
            found += under(f"behavior.{field}", _check_rules(rules))
    return list(under("spec", found))


def check_autoscaler_status(new: Json, old: Json) -> Sequence[Cause]:
    return list(under("status", check_counts(status_of(new), "currentReplicas", "desiredReplicas")))


def _check_replicas(spec: Json, least: int) -> Iterator[Cause]:
    lower, upper = spec.get("minReplicas"), spec.get("maxReplicas") or 0
    if lower is not None and lower < least:
        yield invalid("minReplicas", lower, f"must be greater than or equal to {least}")
    if upper == 0:
        yield required("maxReplicas", "must be set and greater than 0")
    elif upper < 0:
        yield invalid("maxReplicas", upper, "must be greater than or equal to 1")
    if lower is not None and upper < lower:
        yield invalid("maxReplicas", upper, "must be greater than or equal to `minReplicas`")


def _check_reference(ref: Json, *, judged: bool, grouped: bool) -> Iterator[Cause]:
    yield from check_segment("kind", ref.get("kind"))
    yield from check_segment("name", ref.get("name"))
    if judged and (problem := _version_problem(ref, grouped=grouped)):
        yield invalid("apiVersion", ref.get("apiVersion") or "", problem)


def _version_problem(ref: Json, *, grouped: bool) -> str:
    version = ref.get("apiVersion") or ""
    if version.count("/") > 1:
        return f"unexpected GroupVersion string: {version}"
    return "apiVersion must specify API group" if grouped and not version.partition("/")[1] else ""


def _check_rules(rules: Json) -> Iterator[Cause]:
    window = rules.get("stabilizationWindowSeconds")
    if window is not None and window < 0:
        yield invalid("stabilizationWindowSeconds", window, "must be greater than or equal to zero")
    if window is not None and window > _MOST_WINDOW_SECONDS:
        yield invalid("stabilizationWindowSeconds", window, f"must be less than or equal to {_MOST_WINDOW_SECONDS}")
    yield from check_choice("selectPolicy", rules.get("selectPolicy"), _SELECT_POLICIES)
    if not rules.get("policies"):
        yield required("policies", "must specify at least one Policy")
    yield from each("policies", rules.get("policies"), _check_policy)
    if rules.get("tolerance") is not None:
        yield from check_quantity("tolerance", rules["tolerance"])


def _check_policy(policy: Json) -> Iterator[Cause]:
    value, period = policy.get("value") or 0, policy.get("periodSeconds") or 0
    yield from check_choice("type", policy.get("type") or "", _POLICIES)
    if value <= 0:
        yield invalid("value", value, POSITIVE)
    if period <= 0:
        yield invalid("periodSeconds", period, POSITIVE)
    if period > _MOST_PERIOD_SECONDS:
        yield invalid("periodSeconds", period, f"must be less than or equal to {_MOST_PERIOD_SECONDS}")


def _check_metric(metric: Json, *, judged: bool) -> Iterator[Cause]:
    kind = metric.get("type") or ""
    if not kind:
        yield required("type", "must specify a metric source type")
    if kind not in _METRICS:
        yield unsupported("type", kind, _METRICS)
    given = [f for f in ("object", "external", "pods", "resource", "containerResource") if metric.get(f) is not None]
    if given:
        first = given[0]
        check = _CHECKS[first]
        yield from under(first, check(metric[first]))
        if first == "object":
            described = metric["object"].get("describedObject") or {}
            yield from under("object.describedObject", _check_reference(described, judged=judged, grouped=False))
    expected = _SOURCES.get(kind)
    if expected is None:
        return
    if metric.get(expected) is None:
        yield required(expected, "must populate information for the given metric source")
    if len(given) != 1:
        for field in given:
            if field != expected:
                yield forbidden(field, "must populate the given metric source only")


def _check_identified(source: Json) -> Iterator[Cause]:
    """The metric's name, and the target's own rules."""
    name = (source.get("metric") or {}).get("name") or ""
    if name:
        yield from wrong("metric.name", name, names.path_segment(name))
    else:
        yield required("metric.name", "must specify a metric name")
    yield from under("target", _check_target(source.get("target") or {}))


def _check_object(source: Json) -> Iterator[Cause]:
    yield from _check_identified(source)
    target = source.get("target") or {}
    if target.get("value") is None and target.get("averageValue") is None:
        yield required("target.averageValue", "must set either a target value or averageValue")


def _check_external(source: Json) -> Iterator[Cause]:
    yield from _check_identified(source)
    target = source.get("target") or {}
    value, average = target.get("value"), target.get("averageValue")
    if value is None and average is None:
        fault = "must set either a target value for metric or a per-pod target"
        yield required("target.averageValue", fault)
    if value is not None and average is not None:
        yield forbidden("target.value", "may not set both a target value for metric and a per-pod target")


def _check_pods(source: Json) -> Iterator[Cause]:
    yield from _check_identified(source)
    if (source.get("target") or {}).get("averageValue") is None:
        yield required("target.averageValue", "must specify a positive target averageValue")


def _check_resource(source: Json) -> Iterator[Cause]:
    if not source.get("name"):
        yield required("name", "must specify a resource name")
    yield from _check_utilization(source.get("target") or {})


def _check_container_resource(source: Json) -> Iterator[Cause]:
    if name := source.get("name"):
        yield from check_container_resource_name(name, "name")
    else:
        yield required("name", "must specify a resource name")
    if container := source.get("container"):
        yield from wrong("container", container, names.dns_label(container))
    else:
        yield required("container", "must specify a container")
    yield from _check_utilization(source.get("target") or {})


def _check_utilization(target: Json) -> Iterator[Cause]:
    yield from under("target", _check_target(target))
    percent, average = target.get("averageUtilization"), target.get("averageValue")
    if percent is None and average is None:
        fault = "must set either a target raw value or a target utilization"
        yield required("target.averageUtilization", fault)
    if percent is not None and average is not None:
        yield forbidden("target.averageValue", "may not set both a target raw value and a target utilization")


def _check_target(target: Json) -> Iterator[Cause]:
    kind = target.get("type") or ""
    if not kind:
        yield required("type", "must specify a metric target type")
    if kind not in _TARGETS:
        yield invalid("type", kind, "must be either Utilization, Value, or AverageValue")
    for field in ("value", "averageValue"):
        value = target.get(field)
        if value is not None and (quantity(value) or 0) <= 0:
            yield invalid(field, value, "must be positive")
    percent = target.get("averageUtilization")
    if percent is not None and percent < 1:
        yield invalid("averageUtilization", percent, "must be greater than 0")


_CHECKS: dict[str, Callable[[Json], Iterator[Cause]]] = {
    "object": _check_object,
    "external": _check_external,
    "pods": _check_pods,
    "resource": _check_resource,
    "containerResource": _check_container_resource,
}
