"""Jobs: rules, defaults, columns.

Rules: k8s.io/kubernetes, pkg/apis/batch/v1/defaults.go, pkg/apis/batch/validation, pkg/registry/batch/job.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from armillary.base.clock import parse_time
from armillary.base.errors import Cause
from armillary.engine.kinds import names
from armillary.engine.kinds.cells import CONTAINERS, IMAGES, selector
from armillary.engine.kinds.checks import check_same
from armillary.engine.kinds.columns import AGE, human_duration, since
from armillary.engine.kinds.faults import immutable, invalid, required, under
from armillary.engine.kinds.fields import fill, part, spec_of, status_of
from armillary.engine.kinds.job_spec import check_job_spec
from armillary.engine.kinds.job_status import check_job_status, is_true
from armillary.engine.kinds.meta import check_label_selector, selector_matches, status_validator, validator
from armillary.engine.kinds.pod.template import default_pod_template
from armillary.engine.kinds.resource import Column, Json, Resource
from armillary.engine.kinds.values import same
from armillary.engine.kinds.workload import check_template_labels, start_empty

_NAME_LABELS = ("job-name", "batch.kubernetes.io/job-name")
_UID_LABELS = ("controller-uid", "batch.kubernetes.io/controller-uid")
_MOST = (1 << 31) - 1
# What may change of the template while the job is suspended, beside node affinity: where pods go.
_SCHEDULING = ("nodeSelector", "tolerations", "schedulingGates")


def default_job_spec(spec: Json) -> None:
    """Defaults of a job's spec, in place; those of cron jobs' templates are not filled in."""
    if spec.get("completions") is None and spec.get("parallelism") is None:
        spec["completions"] = 1
    fill(
        spec,
        parallelism=1,
        backoffLimit=6 if spec.get("backoffLimitPerIndex") is None else _MOST,
        completionMode="NonIndexed",
        suspend=False,
        podReplacementPolicy="TerminatingOrFailed" if spec.get("podFailurePolicy") is None else "Failed",
        manualSelector=False,
    )


def default_pod_failure_policy(spec: Json) -> None:
    """Defaults inside of `podFailurePolicy`, which cron jobs' templates have too."""
    for rule in (spec.get("podFailurePolicy") or {}).get("rules") or ():
        for pattern in rule.get("onPodConditions") or ():
            if not pattern.get("status"):
                pattern["status"] = "True"


def _default(obj: Json) -> None:
    spec = part(obj, "spec")
    default_job_spec(spec)
    default_pod_failure_policy(spec)
    template = part(spec, "template")
    labels = (template.get("metadata") or {}).get("labels")
    meta = part(obj, "metadata")
    if labels and not meta.get("labels"):
        meta["labels"] = dict(labels)
    default_pod_template(template)


def _prepare_create(obj: Json) -> None:
    start_empty(obj)
    spec = spec_of(obj)
    if spec.get("manualSelector"):
        return
    meta = obj.get("metadata") or {}
    uid, name = meta.get("uid") or "", meta.get("name") or ""
    labels = part(part(part(spec, "template"), "metadata"), "labels")
    for key in _NAME_LABELS:
        labels.setdefault(key, name)
    for key in _UID_LABELS:
        labels.setdefault(key, uid)
    part(part(spec, "selector"), "matchLabels").setdefault(_UID_LABELS[1], uid)


def _validate(new: Json, old: Json | None) -> Sequence[Cause]:
    spec, meta = spec_of(new), new.get("metadata") or {}
    found = _check_generated(new, prefixed=old is None or _has_prefixed_labels(old))
    found += under("spec", _check_spec(spec))
    completions = spec.get("completions") or 0
    if spec.get("completionMode") == "Indexed" and completions > 0:
        host = f"{meta.get('name') or ''}-{completions - 1}"
        if names.dns_label(host):
            fault = f"will not able to create pod with invalid DNS label: {host}"
            found.append(invalid("metadata.name", meta.get("name") or "", fault))
    if old is not None:
        found += under("spec", _check_update(spec, old))
    return found


def _check_spec(spec: Json) -> list[Cause]:
    found = check_job_spec(spec)
    chosen = spec.get("selector")
    if chosen is None:
        found.append(required("selector"))
        return found + check_template_labels(spec)
    faults = check_label_selector(chosen, "selector")
    return found + (faults or check_template_labels(spec))


def _has_prefixed_labels(obj: Json) -> bool:
    labels = ((spec_of(obj).get("template") or {}).get("metadata") or {}).get("labels") or {}
    return _NAME_LABELS[1] in labels and _UID_LABELS[1] in labels


def _check_generated(obj: Json, *, prefixed: bool) -> list[Cause]:
    """That selector and labels, unless chosen by hand, are the ones that were made for this job."""
    spec, meta = spec_of(obj), obj.get("metadata") or {}
    if spec.get("manualSelector") or spec.get("selector") is None:
        return []
    uid, name = meta.get("uid") or "", meta.get("name") or ""
    found = [] if uid else [required("metadata.uid")]
    wanted = {_UID_LABELS[0]: uid, _NAME_LABELS[0]: name}
    if prefixed:
        wanted |= {_UID_LABELS[1]: uid, _NAME_LABELS[1]: name}
    labels = ((spec.get("template") or {}).get("metadata") or {}).get("labels") or {}
    for key, value in wanted.items():
        if labels.get(key) == value:
            continue
        field, fault = f"spec.template.metadata.labels[{key}]", f"must be '{value}'"
        found.append(required(field, fault) if key not in labels else invalid(field, labels, fault))
    if not check_label_selector(spec["selector"], "") and not selector_matches(spec["selector"], wanted):
        found.append(invalid("spec.selector", spec["selector"], "`selector` not auto-generated"))
    return found


def _check_update(spec: Json, old: Json) -> list[Cause]:
    before = spec_of(old)
    found = _check_completions(spec, before)
    found += check_same(spec, before, "selector")
    found += _check_template_update(spec, old)
    rest = ("completionMode", "podFailurePolicy", "backoffLimitPerIndex", "managedBy", "successPolicy")
    return found + check_same(spec, before, *rest)


def _check_completions(spec: Json, before: Json) -> list[Cause]:
    after = spec.get("completions")
    if spec.get("completionMode") != "Indexed":
        return check_same(spec, before, "completions")
    if after is None or after == before.get("completions") or after == spec.get("parallelism"):
        return []
    return [invalid("completions", after, "can only be modified in tandem with spec.parallelism")]


def _check_template_update(spec: Json, old: Json) -> list[Cause]:
    template, before = spec.get("template") or {}, spec_of(old).get("template") or {}
    if template == before or same(template, before):
        return []
    status, suspended = status_of(old), bool(spec_of(old).get("suspend"))
    idle = not status.get("startTime") or is_true(status, "Suspended")
    if not (suspended and idle and not status.get("active")):
        return [immutable("template", template)]
    pod = template.get("spec") or {}
    if same(pod, _with_resources(_with_scheduling(before.get("spec") or {}, pod), pod)):
        return []
    return [immutable("template.spec", pod)]


def _with_scheduling(before: Json, after: Json) -> Json:
    """The old pod with the new one's scheduling directives."""
    affinity = dict(before.get("affinity") or {})
    affinity.pop("nodeAffinity", None)
    if (wanted := (after.get("affinity") or {}).get("nodeAffinity")) is not None:
        affinity["nodeAffinity"] = wanted
    return {**before, "affinity": affinity, **{field: after.get(field) for field in _SCHEDULING}}


def _with_resources(before: Json, after: Json) -> Json:
    """The old pod with the new one's resources."""
    pod = dict(before)
    for field in ("containers", "initContainers"):
        old, new = before.get(field) or [], after.get(field) or []
        if len(old) == len(new):
            pod[field] = [
                {**a, "resources": b.get("resources")} if a.get("name") == b.get("name") else a
                for a, b in zip(old, new, strict=True)
            ]
    return pod


def _check_status(new: Json, old: Json) -> Sequence[Cause]:
    return list(under("status", check_job_status(new, old)))


def _status(obj: Json, now: datetime) -> str:
    status = status_of(obj)
    for condition, text in (("Complete", "Complete"), ("Failed", "Failed")):
        if is_true(status, condition):
            return text
    if (obj.get("metadata") or {}).get("deletionTimestamp"):
        return "Terminating"
    others: Iterable[str] = ("Suspended", "FailureTarget", "SuccessCriteriaMet")
    return next((condition for condition in others if is_true(status, condition)), "Running")


def _completions(obj: Json, now: datetime) -> str:
    spec, succeeded = spec_of(obj), status_of(obj).get("succeeded") or 0
    if spec.get("completions") is not None:
        return f"{succeeded}/{spec['completions']}"
    parallelism = spec.get("parallelism") or 0
    return f"{succeeded}/1 of {parallelism}" if parallelism > 1 else f"{succeeded}/1"


def _duration(obj: Json, now: datetime) -> str:
    status = status_of(obj)
    start, end = status.get("startTime"), status.get("completionTime")
    if not start:
        return ""
    if not end:
        return since(start, now)
    try:
        return human_duration((parse_time(end) - parse_time(start)).total_seconds())
    except ValueError:
        return ""


def _fields(obj: Json) -> dict[str, str]:
    return {"status.successful": str(status_of(obj).get("succeeded") or 0)}


JOBS = Resource(
    group="batch",
    version="v1",
    kind="Job",
    plural="jobs",
    schema="io.k8s.api.batch.v1.Job",
    singular="job",
    categories=("all",),
    subresources=("status",),
    columns=(
        Column("Status", "string", _status, "Status of the job."),
        Column("Completions", "string", _completions, "How many pods have succeeded, of how many are wanted."),
        Column("Duration", "string", _duration, "Time required to complete the job."),
        AGE,
        CONTAINERS,
        IMAGES,
        selector("Selector", "spec", "selector", priority=1),
    ),
    default=_default,
    prepare_create=_prepare_create,
    validate=validator(names.dns_subdomain, _validate),
    validate_status=status_validator(_check_status),
    fields=_fields,
    selectable=("status.successful",),
)
