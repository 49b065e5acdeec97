"""Admission policies and their bindings: rules, defaults.

Rules: k8s.io/kubernetes, pkg/apis/admissionregistration/v1/defaults.go, pkg/apis/admissionregistration/validation.
"""

import re
from collections.abc import Iterator, Sequence

from armillary.base.errors import Cause
from armillary.engine.kinds import names
from armillary.engine.kinds.admission_rules import (
    FAILURE_POLICIES,
    REINVOCATION_POLICIES,
    check_conditions,
    check_match,
    check_param_kind,
    check_param_ref,
    default_match,
)
from armillary.engine.kinds.checks import check_choice, check_required_choice, each
from armillary.engine.kinds.faults import duplicate, invalid, required, under, wrong
from armillary.engine.kinds.fields import dig, fill, part, spec_of, status_of
from armillary.engine.kinds.meta import check_conditions as check_status_conditions
from armillary.engine.kinds.resource import Json
from armillary.engine.kinds.values import same

_ACTIONS = ("Audit", "Deny", "Warn")
_REASONS = ("Forbidden", "Invalid", "RequestEntityTooLarge")
_PATCH_TYPES = ("ApplyConfiguration", "JSONPatch")
_MOST_ANNOTATIONS = 20
_MOST_VALUE_EXPRESSION = 5 * 1024
_IDENTIFIER = re.compile(r"[_a-zA-Z][_a-zA-Z0-9]*")
_RESERVED_WORDS = (
    "true false null in as break const continue else for function if import let loop package namespace return "
    "var void while"
)
_RESERVED = frozenset(_RESERVED_WORDS.split(" "))


def default_policy(obj: Json) -> None:
    spec = part(obj, "spec")
    fill(spec, failurePolicy="Fail")
    default_match(spec.get("matchConstraints"))


def default_binding(obj: Json) -> None:
    default_match(part(obj, "spec").get("matchResources"))


def validate_validating(new: Json, old: Json | None) -> Sequence[Cause]:
    spec = spec_of(new)
    found = list(_check_common(spec, spec_of(old) if old else None, mutates=False))
    validations, annotations = spec.get("validations") or (), spec.get("auditAnnotations") or ()
    if not validations and not annotations:
        fault = "validations or auditAnnotations must contain at least one item"
        found += [required("validations", fault), required("auditAnnotations", fault)]
    found += each("validations", validations, _check_validation)
    prefix = dig(new, "metadata", "name") or ""
    found += _check_annotations(annotations, prefix)
    return list(under("spec", found))


def validate_mutating(new: Json, old: Json | None) -> Sequence[Cause]:
    spec = spec_of(new)
    found = list(_check_common(spec, spec_of(old) if old else None, mutates=True))
    if not spec.get("mutations"):
        found.append(required("mutations", "mutations must contain at least one item"))
    found += each("mutations", spec.get("mutations"), _check_mutation)
    found += check_required_choice("reinvocationPolicy", spec.get("reinvocationPolicy"), REINVOCATION_POLICIES)
    return list(under("spec", found))


def _check_common(spec: Json, before: Json | None, *, mutates: bool) -> Iterator[Cause]:
    yield from check_required_choice("failurePolicy", spec.get("failurePolicy"), FAILURE_POLICIES)
    if (kind := spec.get("paramKind")) is not None:
        yield from under("paramKind", check_param_kind(kind))
    if (match := spec.get("matchConstraints")) is None:
        yield required("matchConstraints")
    else:
        yield from check_match(match, "matchConstraints", mutates=mutates)
        if not match.get("resourceRules"):
            yield required("matchConstraints.resourceRules")
    fields = ("paramKind", "matchConditions")
    if before is None or not all(same(spec.get(field), before.get(field)) for field in fields):
        yield from check_conditions(spec.get("matchConditions"))
    yield from each("variables", spec.get("variables"), _check_variable)


def _check_variable(variable: Json) -> Iterator[Cause]:
    name = variable.get("name") or ""
    if not name.strip():
        yield required("name", "name is not specified")
    elif not _IDENTIFIER.fullmatch(name) or name in _RESERVED:
        yield invalid("name", name, "must be a valid CEL identifier")
    if not (variable.get("expression") or "").strip():
        yield required("expression", "expression is not specified")


def _check_validation(validation: Json) -> Iterator[Cause]:
    if not (validation.get("expression") or "").strip():
        yield required("expression", "expression is not specified")
    expression, message = validation.get("messageExpression") or "", validation.get("message") or ""
    if expression and not expression.strip():
        yield invalid("messageExpression", expression, "must be non-empty if specified")
    if message and not message.strip():
        yield invalid("message", message, "must be non-empty if specified")
    elif "\n" in message.strip() or "\r" in message.strip():
        yield invalid("message", message, "must not contain line breaks")
    yield from check_choice("reason", validation.get("reason"), _REASONS)


def _check_annotations(annotations: Sequence[Json], policy: str) -> Iterator[Cause]:
    if len(annotations) > _MOST_ANNOTATIONS:
        fault = f"must not have more than {_MOST_ANNOTATIONS} auditAnnotations"
        yield invalid("auditAnnotations", annotations, fault)
    seen: set[str] = set()
    for i, annotation in enumerate(annotations):
        at, key = f"auditAnnotations[{i}]", annotation.get("key") or ""
        if policy:
            yield from wrong(f"{at}.key", key, names.label_key(f"{policy}/{key}"))
        else:
            yield invalid(f"{at}.key", key, "requires metadata.name be non-empty")
        value = (annotation.get("valueExpression") or "").strip()
        if not value:
            yield required(f"{at}.valueExpression", "valueExpression is not specified")
        elif len(value) > _MOST_VALUE_EXPRESSION:
            fault = f"must not exceed {_MOST_VALUE_EXPRESSION} bytes in length"
            yield required(f"{at}.valueExpression", fault)
        if key in seen:
            yield duplicate(f"{at}.key", key)
        seen.add(key)


def _check_mutation(mutation: Json) -> Iterator[Cause]:
    fields = {"JSONPatch": "jsonPatch", "ApplyConfiguration": "applyConfiguration"}
    kind = mutation.get("patchType") or ""
    yield from check_required_choice("patchType", kind, _PATCH_TYPES)
    for word, field in fields.items() if kind in fields else ():
        patch = mutation.get(field)
        if word != kind and patch is not None:
            yield invalid(field, "{" + field + "}", f"must not be specified when patchType is {kind}")
        elif word == kind and patch is None:
            yield required(field, f"must be specified when patchType is {kind}")
        elif word == kind and patch is not None and not (patch.get("expression") or "").strip():
            yield required(f"{field}.expression")


def validate_validating_binding(new: Json, old: Json | None) -> Sequence[Cause]:
    spec = spec_of(new)
    found = [*_check_binding(spec, mutates=False), *_check_actions(spec.get("validationActions") or ())]
    return list(under("spec", found))


def validate_mutating_binding(new: Json, old: Json | None) -> Sequence[Cause]:
    return list(under("spec", _check_binding(spec_of(new), mutates=True)))


def _check_binding(spec: Json, *, mutates: bool) -> Iterator[Cause]:
    if name := spec.get("policyName"):
        yield from wrong("policyName", name, names.dns_subdomain(name))
    else:
        yield required("policyName")
    if (ref := spec.get("paramRef")) is not None:
        yield from under("paramRef", check_param_ref(ref))
    if (match := spec.get("matchResources")) is not None:
        yield from check_match(match, "matchResources", mutates=mutates)


def _check_actions(actions: Sequence[str]) -> Iterator[Cause]:
    field = "validationActions"
    for i, action in enumerate(actions):
        yield from check_choice(f"{field}[{i}]", action, _ACTIONS)
        if action in actions[:i]:
            yield duplicate(f"{field}[{i}]", action)
    if "Deny" in actions and "Warn" in actions:
        fault = (
            "must not contain both Deny and Warn (repeating the same validation failure information "
            "in the API response and headers serves no purpose)"
        )
        yield invalid(field, actions, fault)
    if not actions:
        yield required(field, "at least one validation action is required")


def check_policy_status(new: Json, old: Json) -> Sequence[Cause]:
    status = status_of(new)
    found = check_status_conditions(status.get("conditions"), "conditions")
    for i, warning in enumerate(dig(status, "typeChecking", "expressionWarnings") or ()):
        absent = (field for field in ("warning", "fieldRef") if not (warning.get(field) or "").strip())
        found += [required(f"typeChecking.expressionWarnings[{i}].{field}") for field in absent]
    return list(under("status", found))
