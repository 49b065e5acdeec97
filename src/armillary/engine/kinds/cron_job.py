"""CronJobs: rules, defaults, columns.

Rules: k8s.io/kubernetes, pkg/apis/batch/v1/defaults.go, pkg/apis/batch/validation, pkg/registry/batch/cronjob.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime

from armillary.base.cron import load_zone, parse_cron
from armillary.base.errors import Cause
from armillary.engine.kinds import names
from armillary.engine.kinds.cells import count, format_selector, text
from armillary.engine.kinds.checks import check_counts, check_required_choice
from armillary.engine.kinds.columns import AGE, NONE, UNSET, container_images, container_names, since
from armillary.engine.kinds.faults import invalid, required, under, unsupported
from armillary.engine.kinds.fields import dig, fill, fill_empty, part, spec_of
from armillary.engine.kinds.job import default_pod_failure_policy
from armillary.engine.kinds.job_spec import check_job_spec
from armillary.engine.kinds.meta import status_validator, validator
from armillary.engine.kinds.pod.template import default_pod_template
from armillary.engine.kinds.resource import Column, Json, Resource
from armillary.engine.kinds.workload import start_empty

_MOST_NAME = 52  # a job's name has 11 characters more, and labels have at most 63
_ZONE_PART = re.compile(r"[A-Za-z.\-_0-9+]{1,14}")
_POLICIES = ("Allow", "Forbid", "Replace")


def _default(obj: Json) -> None:
    spec = part(obj, "spec")
    fill_empty(spec, concurrencyPolicy="Allow")
    fill(spec, suspend=False, successfulJobsHistoryLimit=3, failedJobsHistoryLimit=1)
    job = part(part(spec, "jobTemplate"), "spec")
    default_pod_failure_policy(job)
    default_pod_template(part(job, "template"))


def _validate(new: Json, old: Json | None) -> Sequence[Cause]:
    found = list(under("spec", _check_spec(spec_of(new), spec_of(old) if old else None)))
    name = (new.get("metadata") or {}).get("name") or ""
    if old is None and names.size(name) > _MOST_NAME:
        found.append(invalid("metadata.name", name, f"must be no more than {_MOST_NAME} characters"))
    return found


def _check_spec(spec: Json, old: Json | None) -> Iterator[Cause]:
    schedule, zone = spec.get("schedule") or "", spec.get("timeZone")
    if not schedule:
        yield required("schedule")
    else:
        yield from _check_schedule(schedule, zone, allowed="TZ" in ((old or {}).get("schedule") or ""))
    yield from check_counts(spec, "startingDeadlineSeconds")
    if zone is not None and (old is None or old.get("timeZone") != zone):
        yield from _check_zone(zone)
    yield from check_required_choice("concurrencyPolicy", spec.get("concurrencyPolicy"), _POLICIES)
    yield from under("jobTemplate.spec", _check_job((spec.get("jobTemplate") or {}).get("spec") or {}))
    yield from check_counts(spec, "successfulJobsHistoryLimit", "failedJobsHistoryLimit")


def _check_job(job: Json) -> Iterator[Cause]:
    yield from check_job_spec(job)
    if job.get("selector") is not None:
        yield invalid("selector", job["selector"], "`selector` will be auto-generated")
    if job.get("manualSelector"):
        yield unsupported("manualSelector", True, ("nil", "false"))


def _check_schedule(schedule: str, zone: str | None, *, allowed: bool) -> Iterator[Cause]:
    try:
        parse_cron(schedule)
    except ValueError as exc:
        yield invalid("schedule", schedule, str(exc))
    if "TZ" not in schedule:
        return
    if not allowed:
        yield invalid("schedule", schedule, "cannot use TZ or CRON_TZ in schedule, use timeZone field instead")
    elif zone is not None:
        yield invalid("schedule", schedule, "cannot use both timeZone field and TZ or CRON_TZ in schedule")


def _check_zone(zone: str) -> Iterator[Cause]:
    if not zone:
        yield invalid("timeZone", zone, "timeZone must be nil or non-empty string")
        return
    for step in zone.split("/"):
        if step in (".", "..") or step.startswith("-") or not _ZONE_PART.fullmatch(step):
            yield invalid("timeZone", zone, f"unknown time zone {zone}")
            return
    if zone.lower() == "local":
        fault = "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones"
        yield invalid("timeZone", zone, fault)
    if zone == "Local":
        return
    try:
        load_zone(zone)
    except ValueError as exc:
        yield invalid("timeZone", zone, str(exc))


def _no_rules(new: Json, old: Json) -> Sequence[Cause]:
    return ()


def _suspend(obj: Json, now: datetime) -> str:
    suspend = spec_of(obj).get("suspend")
    return UNSET if suspend is None else str(bool(suspend))


def _last_schedule(obj: Json, now: datetime) -> str:
    moment = dig(obj, "status", "lastScheduleTime")
    return since(moment, now) if moment else NONE


def _containers(obj: Json) -> list[Json]:
    found: list[Json] = dig(obj, "spec", "jobTemplate", "spec", "template", "spec", "containers") or []
    return found


def _selector(obj: Json, now: datetime) -> str:
    return format_selector(dig(obj, "spec", "jobTemplate", "spec", "selector")) or NONE


CRON_JOBS = Resource(
    group="batch",
    version="v1",
    kind="CronJob",
    plural="cronjobs",
    schema="io.k8s.api.batch.v1.CronJob",
    singular="cronjob",
    short_names=("cj",),
    categories=("all",),
    subresources=("status",),
    columns=(
        text("Schedule", "spec", "schedule"),
        text("Timezone", "spec", "timeZone", absent=NONE),
        Column("Suspend", "boolean", _suspend, "Whether new jobs are held back."),
        count("Active", "status", "active"),
        Column("Last Schedule", "string", _last_schedule, "When a job was last made."),
        AGE,
        Column("Containers", "string", lambda obj, now: container_names(_containers(obj)), priority=1),
        Column("Images", "string", lambda obj, now: container_images(_containers(obj)), priority=1),
        Column("Selector", "string", _selector, priority=1),
    ),
    default=_default,
    prepare_create=start_empty,
    validate=validator(names.dns_subdomain, _validate),
    validate_status=status_validator(_no_rules),
)
