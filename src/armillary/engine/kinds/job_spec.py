"""The faults of a job's spec, which jobs and cron jobs share.

Rules: k8s.io/kubernetes, pkg/apis/batch/validation "validateJobSpec".
"""

from collections.abc import Collection, Iterable, Sequence
from itertools import pairwise

from armillary.base.errors import Cause
from armillary.engine.kinds import names
from armillary.engine.kinds.checks import check_choice, check_counts, each, invalid_whole
from armillary.engine.kinds.faults import duplicate, invalid, required, too_long, too_many, under, unsupported, wrong
from armillary.engine.kinds.indexes import count_indexes
from armillary.engine.kinds.pod.template import validate_pod_template
from armillary.engine.kinds.resource import Json
from armillary.engine.kinds.values import check_domain_path

_MOST_INDEXED = 100_000
_MANY_COMPLETIONS = 100_000
_MOST_WITH_MANY = 10_000
_MOST_RULES = 20
_MOST_PATTERNS = 20
_MOST_EXIT_CODES = 255
_MOST_MANAGED_BY = 63
_MOST_INDEXES_TEXT = 64 * 1024
_COUNTS = (
    "parallelism",
    "completions",
    "activeDeadlineSeconds",
    "backoffLimit",
    "ttlSecondsAfterFinished",
    "backoffLimitPerIndex",
    "maxFailedIndexes",
)
_MODES = ("NonIndexed", "Indexed")
_ACTIONS = ("Count", "FailIndex", "FailJob", "Ignore")
_OPERATORS = ("In", "NotIn")
_STATUSES = ("False", "True", "Unknown")


def check_job_spec(spec: Json) -> list[Cause]:
    """Relative to the spec; the selector is the caller's."""
    found = list(check_counts(spec, *_COUNTS))
    if spec.get("maxFailedIndexes") is not None and spec.get("backoffLimitPerIndex") is None:
        found.append(required("backoffLimitPerIndex", "when maxFailedIndexes is specified"))
    if (manager := spec.get("managedBy")) is not None:
        found += check_domain_path("managedBy", manager)
        if names.size(manager) > _MOST_MANAGED_BY:
            found.append(too_long("managedBy", _MOST_MANAGED_BY))
    mode = spec.get("completionMode")
    found += check_choice("completionMode", mode, _MODES)
    if mode == "Indexed":
        found += _check_indexed(spec)
    elif mode in (None, "NonIndexed"):
        for field in ("backoffLimitPerIndex", "maxFailedIndexes"):
            if spec.get(field) is not None:
                found.append(invalid(field, spec[field], "requires indexed completion mode"))
    if (policy := spec.get("podFailurePolicy")) is not None:
        found += under("podFailurePolicy", _check_failure_policy(policy, spec))
    if (success := spec.get("successPolicy")) is not None:
        if mode == "Indexed":
            found += under("successPolicy", _check_success_policy(success, spec))
        else:
            found.append(invalid("successPolicy", success, "requires indexed completion mode"))
    found += _check_replacement(spec)
    found += validate_pod_template(spec.get("template") or {}, "template")
    return [*found, *_check_restart_policy(spec)]


def _check_indexed(spec: Json) -> list[Cause]:
    found: list[Cause] = []
    completions, parallelism = spec.get("completions"), spec.get("parallelism")
    failed, per_index = spec.get("maxFailedIndexes"), spec.get("backoffLimitPerIndex")
    if completions is None:
        found.append(required("completions", "when completion mode is Indexed"))
    if parallelism is not None and parallelism > _MOST_INDEXED:
        fault = f"must be less than or equal to {_MOST_INDEXED} when completion mode is Indexed"
        found.append(invalid("parallelism", parallelism, fault))
    if completions is not None and failed is not None and failed > completions:
        found.append(invalid("maxFailedIndexes", failed, "must be less than or equal to completions"))
    if failed is not None and failed > _MOST_INDEXED:
        found.append(invalid("maxFailedIndexes", failed, f"must be less than or equal to {_MOST_INDEXED}"))
    if completions is not None and completions > _MANY_COMPLETIONS and per_index is not None:
        found += _check_many(parallelism, failed)
    return found


def _check_many(parallelism: int | None, failed: int | None) -> Iterable[Cause]:
    if failed is None:
        fault = f"must be specified when completions is above {_MANY_COMPLETIONS}"
        yield required("maxFailedIndexes", fault)
    fault = (
        f"must be less than or equal to {_MOST_WITH_MANY} when completions are above {_MANY_COMPLETIONS} "
        "and used with backoff limit per index"
    )
    if parallelism is not None and parallelism > _MOST_WITH_MANY:
        yield invalid("parallelism", parallelism, fault)
    if failed is not None and failed > _MOST_WITH_MANY:
        yield invalid("maxFailedIndexes", failed, fault)


def _check_restart_policy(spec: Json) -> Iterable[Cause]:
    field = "template.spec.restartPolicy"
    policy = ((spec.get("template") or {}).get("spec") or {}).get("restartPolicy") or ""
    if policy in ("", "Always"):
        yield required(field, 'valid values: "OnFailure", "Never"')
    elif policy not in ("OnFailure", "Never"):
        yield unsupported(field, policy, ("OnFailure", "Never"))
    elif policy != "Never" and spec.get("podFailurePolicy") is not None:
        yield invalid(field, policy, 'only "Never" is supported when podFailurePolicy is specified')


def _check_replacement(spec: Json) -> Iterable[Cause]:
    policy = spec.get("podReplacementPolicy")
    allowed = ("Failed", "TerminatingOrFailed") if spec.get("podFailurePolicy") is None else ("Failed",)
    return check_choice("podReplacementPolicy", policy, allowed)


def _check_failure_policy(policy: Json, spec: Json) -> list[Cause]:
    rules = policy.get("rules") or ()
    found = [too_many("rules", len(rules), _MOST_RULES)] if len(rules) > _MOST_RULES else []
    pod = (spec.get("template") or {}).get("spec") or {}
    containers = {c.get("name") for field in ("containers", "initContainers") for c in pod.get(field) or ()}
    per_index = spec.get("backoffLimitPerIndex") is not None
    return found + list(each("rules", rules, lambda rule: _check_failure_rule(rule, containers, per_index=per_index)))


def _check_failure_rule(rule: Json, containers: Collection[str | None], *, per_index: bool) -> list[Cause]:
    found: list[Cause] = []
    action, codes, conditions = rule.get("action") or "", rule.get("onExitCodes"), rule.get("onPodConditions") or ()
    if not action:
        found.append(required("action", f"valid values: {_quoted(_ACTIONS)}"))
    elif action == "FailIndex" and not per_index:
        found.append(invalid("action", action, "requires the backoffLimitPerIndex to be set"))
    found += check_choice("action", action or None, _ACTIONS)
    if codes is not None:
        found += under("onExitCodes", _check_exit_codes(codes, containers))
    if len(conditions) > _MOST_PATTERNS:
        found.append(too_many("onPodConditions", len(conditions), _MOST_PATTERNS))
    found += each("onPodConditions", conditions, _check_pattern)
    if codes is not None and conditions:
        found.append(invalid_whole("", "specifying both OnExitCodes and OnPodConditions is not supported"))
    if codes is None and not conditions:
        found.append(invalid_whole("", "specifying one of OnExitCodes and OnPodConditions is required"))
    return found


def _quoted(words: Sequence[str]) -> str:
    return "[" + " ".join(f'"{word}"' for word in words) + "]"


def _check_pattern(pattern: Json) -> list[Cause]:
    kind, status = pattern.get("type") or "", pattern.get("status") or ""
    found = wrong("type", kind, names.label_key(kind))
    if not status:
        return [*found, required("status", f"valid values: {_quoted(_STATUSES)}")]
    return [*found, *check_choice("status", status, _STATUSES)]


def _check_exit_codes(codes: Json, containers: Collection[str | None]) -> list[Cause]:
    found: list[Cause] = []
    operator, values = codes.get("operator") or "", codes.get("values") or []
    if not operator:
        found.append(required("operator", f"valid values: {_quoted(_OPERATORS)}"))
    found += check_choice("operator", operator or None, _OPERATORS)
    if (name := codes.get("containerName")) is not None and name not in containers:
        fault = "must be one of the container or initContainer names in the pod template"
        found.append(invalid("containerName", name, fault))
    if not values:
        found.append(invalid("values", codes.get("values"), "at least one value is required"))
    elif len(values) > _MOST_EXIT_CODES:
        found.append(too_many("values", len(values), _MOST_EXIT_CODES))
    seen: set[int] = set()
    for i, value in enumerate(values):
        if operator == "In" and value == 0:
            found.append(invalid(f"values[{i}]", value, "must not be 0 for the In operator"))
        if value in seen:
            found.append(duplicate(f"values[{i}]", value))
        seen.add(value)
    if any(a > b for a, b in pairwise(values)):
        found.append(invalid("values", values, "must be ordered"))
    return found


def _check_success_policy(policy: Json, spec: Json) -> list[Cause]:
    rules = policy.get("rules") or ()
    found: list[Cause] = []
    if not rules:
        found.append(required("rules", "at least one rules must be specified when the successPolicy is specified"))
    if len(rules) > _MOST_RULES:
        found.append(too_many("rules", len(rules), _MOST_RULES))
    completions = spec.get("completions") or 0
    return found + list(each("rules", rules, lambda rule: _check_success_rule(rule, completions)))


def _check_success_rule(rule: Json, completions: int) -> list[Cause]:
    found: list[Cause] = []
    indexes, count = rule.get("succeededIndexes"), rule.get("succeededCount")
    if indexes is None and count is None:
        found.append(required("", "at least one of succeededCount or succeededIndexes must be specified"))
    total = 0
    if indexes is not None:
        if names.size(indexes) > _MOST_INDEXES_TEXT:
            found.append(too_long("succeededIndexes", _MOST_INDEXES_TEXT))
        try:
            total = count_indexes(indexes, completions)
        except ValueError as exc:
            found.append(invalid("succeededIndexes", indexes, f"error parsing succeededIndexes: {exc}"))
    if count is None:
        return found
    found += check_counts(rule, "succeededCount")
    if count > completions:
        fault = f"must be less than or equal to {completions} (the number of specified completions)"
        found.append(invalid("succeededCount", count, fault))
    if indexes is not None and count > total:
        fault = f"must be less than or equal to {total} (the number of indexes in the specified succeededIndexes field)"
        found.append(invalid("succeededCount", count, fault))
    return found
