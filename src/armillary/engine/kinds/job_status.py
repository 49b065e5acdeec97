"""What a job's status may say, and how it may change.

Rules: k8s.io/kubernetes, pkg/apis/batch/validation "validateJobStatus", "ValidateJobStatusUpdate" and
pkg/registry/batch/job "getStatusValidationOptions": most rules are asked only when what they look at changed.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from armillary.base.errors import Cause
from armillary.engine.kinds.checks import check_counts, invalid_whole
from armillary.engine.kinds.faults import duplicate, immutable, invalid, required
from armillary.engine.kinds.fields import spec_of, status_of
from armillary.engine.kinds.indexes import count_indexes, first_overlap
from armillary.engine.kinds.resource import Json

_COUNTS = ("active", "succeeded", "failed", "ready", "terminating")


def is_true(status: Json, kind: str) -> bool:
    """Whether a condition of that type is True."""
    return any(c.get("type") == kind and c.get("status") == "True" for c in status.get("conditions") or ())


def _is_finished(status: Json) -> bool:
    return is_true(status, "Complete") or is_true(status, "Failed")


def check_job_status(new: Json, old: Json) -> list[Cause]:
    """Relative to the status."""
    spec, status, before = spec_of(new), status_of(new), status_of(old)
    found = list(check_counts(status, *_COUNTS))
    found += _check_uncounted(status.get("uncountedTerminatedPods") or {})
    found += _check_conditions(status, before)
    found += _check_times(status, before)
    if _is_finished(status):
        found += _check_finished(spec, status, before)
    found += _check_indexes(spec, status, before)
    ready, active = status.get("ready"), status.get("active") or 0
    if _changed(status, before, "ready", "active") and ready is not None and ready > active:
        found.append(invalid("ready", ready, "cannot set more ready pods than active"))
    found += _check_criteria(spec, status)
    return [*found, *_check_changes(new, old)]


def _changed(status: Json, before: Json, *fields: str) -> bool:
    return any((status.get(f) or None) != (before.get(f) or None) for f in fields)


def _turned(status: Json, before: Json, *kinds: str) -> bool:
    return any(is_true(status, kind) != is_true(before, kind) for kind in kinds)


def _check_uncounted(uncounted: Json) -> Iterator[Cause]:
    seen: set[str] = set()
    for field in ("succeeded", "failed"):
        for i, uid in enumerate(uncounted.get(field) or ()):
            at = f"uncountedTerminatedPods.{field}[{i}]"
            if not uid:
                yield invalid(at, uid, "must not be empty")
            elif uid in seen:
                yield duplicate(at, uid)
            seen.add(uid)


def _check_conditions(status: Json, before: Json) -> Iterator[Cause]:
    complete, failed = is_true(status, "Complete"), is_true(status, "Failed")
    if complete and failed and _turned(status, before, "Complete", "Failed"):
        yield invalid_whole("conditions", "cannot set Complete=True and Failed=true conditions")
    if complete and is_true(status, "FailureTarget") and _turned(status, before, "Complete", "FailureTarget"):
        yield invalid_whole("conditions", "cannot set Complete=True and FailureTarget=true conditions")
    now = _turned(status, before, "Failed") or _changed(status, before, "failedIndexes")
    if failed and now and not is_true(status, "FailureTarget"):
        fault = "cannot set Failed=True condition without the FailureTarget=true condition"
        yield invalid_whole("conditions", fault)
    met = is_true(status, "SuccessCriteriaMet")
    if complete and not met and _turned(status, before, "Complete", "SuccessCriteriaMet"):
        fault = "cannot set Complete=True condition without the SuccessCriteriaMet=true condition"
        yield invalid_whole("conditions", fault)


def _check_times(status: Json, before: Json) -> Iterator[Cause]:
    start, end, complete = status.get("startTime"), status.get("completionTime"), is_true(status, "Complete")
    if _turned(status, before, "Complete") or _changed(status, before, "completionTime"):
        if end and not complete:
            fault = "cannot set completionTime when there is no Complete=True condition"
            yield invalid("completionTime", end, fault)
        if complete and not end:
            yield required("completionTime", "completionTime is required for Complete jobs")
    # Times are in one form (UTC, whole seconds), so their order is that of their texts.
    if start and end and end < start and _changed(status, before, "startTime", "completionTime"):
        yield invalid("completionTime", end, "must be equal to or after `startTime`")


def _check_finished(spec: Json, status: Json, before: Json) -> Iterator[Cause]:
    now = not _is_finished(before)
    if (status.get("active") or 0) > 0 and (now or _changed(status, before, "active")):
        yield invalid("active", status["active"], "active>0 is invalid for finished job")
    never_ran = spec.get("suspend") is True and spec.get("completions") == 0
    if not status.get("startTime") and not never_ran and (now or _changed(status, before, "startTime")):
        yield required("startTime", "startTime is required for finished job")
    uncounted = status.get("uncountedTerminatedPods") or {}
    some = uncounted.get("failed") or uncounted.get("succeeded")
    if some and (now or _changed(status, before, "uncountedTerminatedPods")):
        yield invalid("uncountedTerminatedPods", uncounted, "must be empty for finished job")
    if (status.get("terminating") or 0) > 0 and (now or _changed(status, before, "terminating")):
        yield invalid("terminating", status["terminating"], "terminating>0 is invalid for finished job")


def _check_indexes(spec: Json, status: Json, before: Json) -> Iterator[Cause]:
    completed, failed = status.get("completedIndexes") or "", status.get("failedIndexes")
    completions, per_index = spec.get("completions"), spec.get("backoffLimitPerIndex")
    if _changed(status, before, "completedIndexes"):
        if completions is not None:
            yield from _check_format("completedIndexes", completed, completions)
        if completed and spec.get("completionMode") != "Indexed":
            fault = "cannot set non-empty completedIndexes when non-indexed completion mode"
            yield invalid("completedIndexes", completed, fault)
    if failed is None:
        return
    if failed != before.get("failedIndexes"):
        if completions is not None and per_index is not None:
            yield from _check_format("failedIndexes", failed, completions)
        if per_index is None:
            fault = "cannot set non-null failedIndexes when backoffLimitPerIndex is null"
            yield invalid("failedIndexes", failed, fault)
    if completions is not None and _changed(status, before, "failedIndexes", "completedIndexes"):
        index = first_overlap(completed, failed, completions)
        if index is not None:
            yield invalid("failedIndexes", failed, f"failedIndexes and completedIndexes overlap at index: {index}")


def _check_format(field: str, text: str, completions: int) -> Iterable[Cause]:
    try:
        count_indexes(text, completions)
    except ValueError as exc:
        return [invalid(field, text, f"error parsing {field}: {exc}")]
    return ()


def _check_criteria(spec: Json, status: Json) -> Iterator[Cause]:
    if is_true(status, "SuccessCriteriaMet"):
        if is_true(status, "Failed"):
            yield invalid_whole("conditions", "cannot set SuccessCriteriaMet=True and Failed=true conditions")
        if is_true(status, "FailureTarget"):
            fault = "cannot set SuccessCriteriaMet=True and FailureTarget=true conditions"
            yield invalid_whole("conditions", fault)
    elif spec.get("successPolicy") is not None and is_true(status, "Complete"):
        fault = "cannot set Complete=True for Job with SuccessPolicy unless SuccessCriteriaMet=True"
        yield invalid_whole("conditions", fault)


def _check_changes(new: Json, old: Json) -> Iterator[Cause]:
    spec, status, before = spec_of(new), status_of(new), status_of(old)
    for kind in ("Failed", "Complete", "FailureTarget"):
        if is_true(before, kind) and not is_true(status, kind):
            yield invalid_whole("conditions", f"cannot disable the terminal {kind}=True condition")
    if _count(status, "failed") < _count(before, "failed"):
        yield invalid("failed", _count(status, "failed"), "cannot decrease the failed counter")
    elastic = spec.get("completionMode") == "Indexed" and spec.get("completions") == spec.get("parallelism")
    if not elastic and _count(status, "succeeded") < _count(before, "succeeded"):
        yield invalid("succeeded", _count(status, "succeeded"), "cannot decrease the succeeded counter")
    end, ended = status.get("completionTime"), before.get("completionTime")
    if end and ended and end != ended:
        yield immutable("completionTime", end)
    yield from _check_start(spec, status, before)
    if is_true(before, "SuccessCriteriaMet") and not is_true(status, "SuccessCriteriaMet"):
        yield invalid_whole("conditions", "cannot disable the SuccessCriteriaMet=True condition")
    late = is_true(before, "Complete") and not is_true(before, "SuccessCriteriaMet")
    if late and is_true(status, "SuccessCriteriaMet"):
        fault = "cannot set SuccessCriteriaMet=True for Job already has Complete=true conditions"
        yield invalid_whole("conditions", fault)


def _check_start(spec: Json, status: Json, before: Json) -> Iterator[Cause]:
    start, started = status.get("startTime"), before.get("startTime")
    resuming = is_true(before, "Suspended") and any(
        c.get("type") == "Suspended" and c.get("status") == "False" for c in status.get("conditions") or ()
    )
    if started and start != started and not spec.get("suspend") and not resuming:
        yield invalid("startTime", start, "field is immutable for unsuspended job once set")


def _count(status: Json, field: str) -> Any:
    return status.get(field) or 0
