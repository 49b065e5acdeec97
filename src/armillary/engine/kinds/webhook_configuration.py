"""Webhook configurations: rules, defaults.

Rules: k8s.io/kubernetes, pkg/apis/admissionregistration/v1/defaults.go, pkg/apis/admissionregistration/validation.
"""

from collections.abc import Callable, Iterator, Sequence

from armillary.base.errors import Cause
from armillary.engine.kinds import names
from armillary.engine.kinds.admission_rules import (
    FAILURE_POLICIES,
    MATCH_POLICIES,
    REINVOCATION_POLICIES,
    check_conditions,
    check_rule,
    default_match,
    default_rules,
)
from armillary.engine.kinds.checks import check_choice, each
from armillary.engine.kinds.faults import duplicate, invalid, required, wrong
from armillary.engine.kinds.fields import fill
from armillary.engine.kinds.meta import check_label_selector
from armillary.engine.kinds.resource import Json
from armillary.engine.kinds.webhooks import check_client_config

_REVIEW_VERSIONS = ("v1", "v1beta1")
_SIDE_EFFECTS = ("None", "NoneOnDryRun", "Some", "Unknown")
_NO_SIDE_EFFECTS = ("None", "NoneOnDryRun")


def defaults(*, mutating: bool) -> Callable[[Json], None]:
    """Defaults of either kind of configuration."""

    def default(obj: Json) -> None:
        for hook in obj.get("webhooks") or ():
            fill(hook, failurePolicy="Fail", timeoutSeconds=10)
            default_match(hook)
            default_rules(hook.get("rules"))
            if mutating:
                fill(hook, reinvocationPolicy="Never")
            if service := (hook.get("clientConfig") or {}).get("service"):
                fill(service, port=443)

    return default


def validate_configuration(new: Json, old: Json | None) -> Sequence[Cause]:
    """Either kind. What older configurations were let through with is let be."""
    hooks, before = new.get("webhooks") or (), (old or {}).get("webhooks") or ()
    pure = all(hook.get("sideEffects") in _NO_SIDE_EFFECTS for hook in before)
    known = all(_speaks_known_version(hook) for hook in before)
    unique = len({hook.get("name") or "" for hook in before}) == len(before)
    same_conditions = len(hooks) == len(before) and all(
        a.get("matchConditions") == b.get("matchConditions") for a, b in zip(hooks, before, strict=False)
    )
    judged = old is None or not same_conditions
    found = list(each("webhooks", hooks, lambda hook: _check_hook(hook, pure=pure, known=known, judged=judged)))
    if unique:
        seen: set[str] = set()
        for i, hook in enumerate(hooks):
            name = hook.get("name") or ""
            if name and name in seen:
                found.append(duplicate(f"webhooks[{i}].name", name))
            seen.add(name)
    return found


def _speaks_known_version(hook: Json) -> bool:
    versions = hook.get("admissionReviewVersions")
    return not versions or any(version in _REVIEW_VERSIONS for version in versions)


def _check_hook(hook: Json, *, pure: bool, known: bool, judged: bool) -> Iterator[Cause]:
    name = hook.get("name") or ""
    if name:
        yield from wrong("name", name, names.fully_qualified_name(name))
    else:
        yield required("name")
    yield from each("rules", hook.get("rules"), check_rule)
    yield from check_choice("failurePolicy", hook.get("failurePolicy"), FAILURE_POLICIES)
    yield from check_choice("matchPolicy", hook.get("matchPolicy"), MATCH_POLICIES)
    allowed = _NO_SIDE_EFFECTS if pure else _SIDE_EFFECTS
    effects, seconds = hook.get("sideEffects"), hook.get("timeoutSeconds")
    if effects is None:
        yield required("sideEffects", f"must specify one of {', '.join(allowed)}")
    yield from check_choice("sideEffects", effects, allowed)
    if seconds is not None and not 1 <= seconds <= 30:
        yield invalid("timeoutSeconds", seconds, "the timeout value must be between 1 and 30 seconds")
    for field in ("namespaceSelector", "objectSelector"):
        yield from check_label_selector(hook.get(field), field)
    yield from check_choice("reinvocationPolicy", hook.get("reinvocationPolicy"), REINVOCATION_POLICIES)
    yield from check_client_config(hook.get("clientConfig") or {}, "clientConfig")
    if judged:
        yield from check_conditions(hook.get("matchConditions"))
    versions = hook.get("admissionReviewVersions") or ()
    yield from check_review_versions(versions, _REVIEW_VERSIONS, "admissionReviewVersions", known=known)


def check_review_versions(
    versions: Sequence[str], accepted: Sequence[str], field: str, *, known: bool
) -> Iterator[Cause]:
    """The versions of reviews that a webhook takes; with `known`, one must be ours."""
    if not versions:
        yield required(field, f"must specify one of {', '.join(accepted)}")
        return
    for i, version in enumerate(versions):
        if version in versions[:i]:
            yield invalid(f"{field}[{i}]", version, "duplicate version")
        else:
            yield from wrong(f"{field}[{i}]", version, names.dns_1035_label(version))
    if known and not any(version in accepted for version in versions):
        yield invalid(field, versions, f"must include at least one of {', '.join(accepted)}")
