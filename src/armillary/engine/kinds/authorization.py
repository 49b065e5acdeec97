"""The resources of the API group authorization: reviews, which are answered and not stored.

Rules: k8s.io/kubernetes, pkg/apis/authorization/validation.
"""

from collections.abc import Iterator, Sequence

from armillary.base.errors import Cause
from armillary.engine.kinds import names
from armillary.engine.kinds.checks import each
from armillary.engine.kinds.faults import forbidden, invalid, required, under, wrong
from armillary.engine.kinds.fields import part, spec_of
from armillary.engine.kinds.resource import Json, Resource


def _default(obj: Json) -> None:
    part(obj, "spec")


def _check_attributes(spec: Json) -> Iterator[Cause]:
    resource, path = spec.get("resourceAttributes"), spec.get("nonResourceAttributes")
    if resource is not None and path is not None:
        fault = "cannot be specified in combination with resourceAttributes"
        yield invalid("nonResourceAttributes", path, fault)
    if resource is None and path is None:
        fault = "exactly one of nonResourceAttributes or resourceAttributes must be specified"
        yield invalid("resourceAttributes", None, fault)


def _check_selectors(spec: Json) -> Iterator[Cause]:
    attributes = spec.get("resourceAttributes") or {}
    for field in ("fieldSelector", "labelSelector"):
        if (selector := attributes.get(field)) is not None:
            path = f"resourceAttributes.{field}"
            yield from under(path, _check_selector(selector, f"spec.{path}", labels=field == "labelSelector"))


def _check_selector(selector: Json, path: str, *, labels: bool) -> Iterator[Cause]:
    raw, requirements = selector.get("rawSelector") or "", selector.get("requirements") or ()
    if raw and requirements:
        yield invalid("rawSelector", raw, "may not specified at the same time as requirements")
    if not raw and not requirements:
        yield required("requirements", f"when {path} is specified, requirements or rawSelector is required")
    yield from each("requirements", requirements, lambda r: _check_requirement(r, labels=labels))


def _check_requirement(requirement: Json, *, labels: bool) -> Iterator[Cause]:
    """Operators that nobody knows yet are let be: they can only make the answer stricter."""
    key, values = requirement.get("key") or "", requirement.get("values") or ()
    match requirement.get("operator"):
        case "In" | "NotIn" if not values:
            yield required("values", "must be specified when `operator` is 'In' or 'NotIn'")
        case "Exists" | "DoesNotExist" if values:
            yield forbidden("values", "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")
    if labels:
        yield from wrong("key", key, names.label_key(key))
        for i, value in enumerate(values):
            yield from wrong(f"values[{i}]", value, names.label_value(value))
    elif not key:
        yield required("key", "must be specified")


def _check_metadata(obj: Json, fault: str, *allowed: str) -> Iterator[Cause]:
    meta = obj.get("metadata") or {}
    if any(value for field, value in meta.items() if field not in ("managedFields", *allowed)):
        yield invalid("metadata", meta, fault)


def _check_subject(spec: Json) -> Iterator[Cause]:
    if not spec.get("user") and not spec.get("groups"):
        yield invalid("user", spec.get("user") or "", "at least one of user or group must be specified")


def _validate_self(new: Json, old: Json | None) -> Sequence[Cause]:
    spec = spec_of(new)
    found = [*_check_attributes(spec), *_check_selectors(spec)]
    return [*under("spec", found), *_check_metadata(new, "must be empty")]


def _check_access(obj: Json) -> list[Cause]:
    spec = spec_of(obj)
    return list(under("spec", [*_check_attributes(spec), *_check_subject(spec), *_check_selectors(spec)]))


def _validate_access(new: Json, old: Json | None) -> Sequence[Cause]:
    return [*_check_access(new), *_check_metadata(new, "must be empty")]


def _validate_local(new: Json, old: Json | None) -> Sequence[Cause]:
    spec, namespace = spec_of(new), (new.get("metadata") or {}).get("namespace") or ""
    found = [*_check_access(new), *_check_metadata(new, "must be empty except for namespace", "namespace")]
    resource, path = spec.get("resourceAttributes"), spec.get("nonResourceAttributes")
    if resource is not None and (resource.get("namespace") or "") != namespace:
        asked = resource.get("namespace") or ""
        found.append(invalid("spec.resourceAttributes.namespace", asked, "must match metadata.namespace"))
    if path is not None:
        found.append(invalid("spec.nonResourceAttributes", path, "disallowed on this kind of request"))
    return found


RESOURCES: tuple[Resource, ...] = (
    Resource(
        group="authorization.k8s.io",
        version="v1",
        kind="SubjectAccessReview",
        plural="subjectaccessreviews",
        schema="io.k8s.api.authorization.v1.SubjectAccessReview",
        singular="subjectaccessreview",
        namespaced=False,
        verbs=("create",),
        default=_default,
        validate=_validate_access,
        counts_generation=False,
    ),
    Resource(
        group="authorization.k8s.io",
        version="v1",
        kind="SelfSubjectAccessReview",
        plural="selfsubjectaccessreviews",
        schema="io.k8s.api.authorization.v1.SelfSubjectAccessReview",
        singular="selfsubjectaccessreview",
        namespaced=False,
        verbs=("create",),
        default=_default,
        validate=_validate_self,
        counts_generation=False,
    ),
    Resource(
        group="authorization.k8s.io",
        version="v1",
        kind="LocalSubjectAccessReview",
        plural="localsubjectaccessreviews",
        schema="io.k8s.api.authorization.v1.LocalSubjectAccessReview",
        singular="localsubjectaccessreview",
        verbs=("create",),
        default=_default,
        validate=_validate_local,
        counts_generation=False,
    ),
    Resource(
        group="authorization.k8s.io",
        version="v1",
        kind="SelfSubjectRulesReview",
        plural="selfsubjectrulesreviews",
        schema="io.k8s.api.authorization.v1.SelfSubjectRulesReview",
        singular="selfsubjectrulesreview",
        namespaced=False,
        verbs=("create",),
        default=_default,
        counts_generation=False,
    ),
)
