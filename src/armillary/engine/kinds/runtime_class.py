"""The resources of the API group node.

Rules: k8s.io/kubernetes, pkg/apis/node/validation.
"""

from collections.abc import Iterator, Sequence

from armillary.base.errors import Cause
from armillary.engine.kinds import names
from armillary.engine.kinds.cells import text
from armillary.engine.kinds.checks import check_same
from armillary.engine.kinds.columns import AGE
from armillary.engine.kinds.faults import duplicate, required, under, wrong
from armillary.engine.kinds.meta import check_labels, validator
from armillary.engine.kinds.pod.placement import check_tolerations
from armillary.engine.kinds.pod.resources import check_resources
from armillary.engine.kinds.resource import Json, Resource

_TOLERATION = ("key", "operator", "value", "effect")


def _validate(new: Json, old: Json | None) -> Sequence[Cause]:
    if old is not None:
        return check_same(new, old, "handler")
    handler = new.get("handler") or ""
    found = wrong("handler", handler, names.dns_label(handler)) if handler else [required("handler")]
    if (overhead := new.get("overhead")) is not None:
        found += under("overhead", check_resources({"limits": overhead.get("podFixed")}, ()))
    return [*found, *under("scheduling", _check_scheduling(new.get("scheduling") or {}))]


def _check_scheduling(scheduling: Json) -> Iterator[Cause]:
    tolerations = scheduling.get("tolerations") or ()
    yield from check_labels(scheduling.get("nodeSelector") or {}, "nodeSelector")
    yield from check_tolerations(tolerations)
    seen: set[tuple[str, ...]] = set()
    for i, toleration in enumerate(tolerations):
        key = tuple(toleration.get(field) or "" for field in _TOLERATION)
        if key in seen:
            yield duplicate(f"tolerations[{i}]", toleration)
        seen.add(key)


RESOURCES: tuple[Resource, ...] = (
    Resource(
        group="node.k8s.io",
        version="v1",
        kind="RuntimeClass",
        plural="runtimeclasses",
        schema="io.k8s.api.node.v1.RuntimeClass",
        singular="runtimeclass",
        namespaced=False,
        columns=(text("Handler", "handler"), AGE),
        validate=validator(names.dns_subdomain, _validate, namespaced=False),
        counts_generation=False,
        has_status=False,
    ),
)
