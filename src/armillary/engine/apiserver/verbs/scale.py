"""The scale subresource: replicas of anything that has them, as a Scale (autoscaling/v1)."""

from collections.abc import Callable
from typing import Any

from armillary.base.errors import BadRequest, Cause
from armillary.engine.apiserver.faults import conflict
from armillary.engine.kinds.faults import invalid, refusal
from armillary.engine.kinds.meta import at
from armillary.engine.kinds.resource import Json, Resource

SCALE = Resource("autoscaling", "v1", "Scale", "scales", "io.k8s.api.autoscaling.v1.Scale")
_META = ("name", "namespace", "uid", "resourceVersion", "creationTimestamp")


def scale_of(resource: Resource, obj: Json) -> Json:
    """An object's Scale."""
    assert resource.scale is not None  # noqa: S101  # only resources with one have the subresource
    spec, status, selector = resource.scale
    meta = obj["metadata"]
    return {
        "kind": SCALE.kind,
        "apiVersion": SCALE.api_version,
        "metadata": {name: meta[name] for name in _META if name in meta},
        "spec": {"replicas": at(obj, spec) or 0},
        "status": {"replicas": at(obj, status) or 0, "selector": _selector_text(at(obj, selector) if selector else "")},
    }


def _selector_text(selector: Any) -> str:
    if not isinstance(selector, dict):
        return selector if isinstance(selector, str) else ""
    labels: Json = selector
    expressions: list[Json] = []
    if not set(selector) - {"matchLabels", "matchExpressions"}:
        labels, expressions = selector.get("matchLabels") or {}, selector.get("matchExpressions") or []
    terms = [(key, f"{key}={value}") for key, value in labels.items()]
    for expression in expressions:
        key, values = expression["key"], ",".join(sorted(expression.get("values") or ()))
        match expression["operator"]:
            case "In":
                terms.append((key, f"{key} in ({values})"))
            case "NotIn":
                terms.append((key, f"{key} notin ({values})"))
            case "Exists":
                terms.append((key, key))
            case _:
                terms.append((key, f"!{key}"))
    return ",".join(text for _, text in sorted(terms))


def rescale(resource: Resource, name: str, scale: Json) -> Callable[[Callable[[], Json]], Json]:
    """A change that sets the replicas a Scale asks for. Raises BadRequest, Conflict, Invalid."""
    meta = scale.get("metadata") or {}
    if meta.get("name") != name:
        told = meta.get("name") or ""
        raise BadRequest(f"the name of the object ({told}) does not match the name on the URL ({name})")
    replicas = (scale.get("spec") or {}).get("replicas") or 0
    if replicas < 0:
        fault: Cause = invalid("spec.replicas", replicas, "must be greater than or equal to 0")
        raise refusal(SCALE.group, SCALE.kind, name, [fault])

    def change(copy: Callable[[], Json]) -> Json:
        obj = copy()
        for field in ("uid", "resourceVersion"):
            if meta.get(field) and meta[field] != obj["metadata"].get(field):
                raise conflict(resource, name)
        assert resource.scale is not None  # noqa: S101  # only resources with one have the subresource
        *path, last = resource.scale[0].split(".")
        inner = obj
        for step in path:
            inner = inner.setdefault(step, {})
        inner[last] = replicas
        return obj

    return change
