"""Cron jobs: a job each time the schedule says so, and old ones cleared away.

A job is named for the minute it was due, so that it is never made twice. Upstream: pkg/controller/cronjob.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfoNotFoundError

from msgspec import structs

from armillary.base.clock import format_time, parse_time
from armillary.base.errors import ApiError
from armillary.engine.controllers.conditions import is_true
from armillary.engine.controllers.cron_schedule import Schedule, parse_schedule
from armillary.kube.events import Record
from armillary.kube.kinds.batch import CRON_JOB, JOB, CronJob, CronJobStatus, Job
from armillary.kube.kinds.core import ObjectReference
from armillary.kube.kinds.meta import ObjectMeta
from armillary.kube.object import Key, is_ending, key_of, owned_by, reference
from armillary.kube.reconcile import Action, Controller, Create, Decision, Delete, Reads, Update, owned

SCHEDULED = "batch.kubernetes.io/cronjob-scheduled-timestamp"
MANY = 100  # missed starts that are worth a warning, as upstream
MARGIN = timedelta(milliseconds=100)  # so that a start is surely due when it is looked at


@dataclass(frozen=True, slots=True)
class Seen:
    """A cron job and the jobs it made."""

    cron: CronJob
    jobs: tuple[Job, ...]
    now: datetime


async def observe(key: Key, reads: Reads) -> Seen | None:
    cron = reads.get(CRON_JOB, key[1], key[0])
    if cron is None:
        return None
    jobs = sorted(reads.by(JOB, "controller", cron.metadata.uid), key=lambda job: job.metadata.name)
    return Seen(cron, tuple(jobs), reads.now())


def decide(seen: Seen) -> Decision:
    actions: list[Action] = [*_told_of_ends(seen), *_clear(seen)]
    status = _status(seen)
    if is_ending(seen.cron):
        return _decision(seen, "is being deleted", actions, status)
    schedule = _schedule(seen, actions)
    if schedule is None:
        return _decision(seen, "has a schedule that can't be read", actions, status)
    if seen.cron.spec.suspend:
        return _decision(seen, "is suspended", actions, status)
    because, due = _due(seen, schedule, actions)
    if due is not None:
        because, status = _start(seen, due, actions, status)
    return _decision(seen, because, actions, status, _next(seen, schedule, status))


def _decision(
    seen: Seen, because: str, actions: Sequence[Action], status: CronJobStatus, again: timedelta | None = None
) -> Decision:
    if status != seen.cron.status:
        actions = (*actions, Update(CRON_JOB, structs.replace(seen.cron, status=status), "status"))
    return Decision(because, tuple(actions), again)


# The jobs there are


def _outcome(job: Job) -> str:
    return next((t for t in ("Complete", "Failed") if is_true(job.status.conditions, t)), "")


def _status(seen: Seen) -> CronJobStatus:
    status = seen.cron.status
    running = [job for job in seen.jobs if not _outcome(job)]
    ends = [j.status.completion_time for j in seen.jobs if _outcome(j) == "Complete" and j.status.completion_time]
    last = max((status.last_successful_time, *ends), key=lambda text: text or "")
    known = {entry.uid: entry for entry in status.active}
    active = tuple(known.get(job.metadata.uid) or _entry(job) for job in running)
    return structs.replace(status, active=active, last_successful_time=last)


def _entry(job: Job) -> ObjectReference:
    return reference(JOB, job)


def _told_of_ends(seen: Seen) -> Iterable[Action]:
    jobs = {job.metadata.uid: job for job in seen.jobs}
    about = reference(CRON_JOB, seen.cron)
    for entry in seen.cron.status.active:
        job = jobs.get(entry.uid)
        if job is None:
            if entry.uid:
                yield Record(about, "Normal", "MissingJob", f"Active job went missing: {entry.name}")
        elif _outcome(job):
            words = f"Saw completed job: {entry.name}, condition: {_outcome(job)}"
            yield Record(about, "Normal", "SawCompletedJob", words)


def _clear(seen: Seen) -> Iterable[Action]:
    """Finished jobs beyond what history is to keep, oldest first."""
    spec = seen.cron.spec
    for outcome, limit in (
        ("Complete", spec.successful_jobs_history_limit),
        ("Failed", spec.failed_jobs_history_limit),
    ):
        done = [job for job in seen.jobs if _outcome(job) == outcome and not is_ending(job)]
        done.sort(key=lambda job: (job.status.start_time or "~", job.metadata.name))
        if limit is not None:
            yield from (_delete(seen, job) for job in done[: max(0, len(done) - limit)])


def _delete(seen: Seen, job: Job) -> Delete:
    words = f"Deleted job {job.metadata.name}"
    told = Record(reference(CRON_JOB, seen.cron), "Normal", "SuccessfulDelete", words)
    return Delete(JOB, key_of(job), job.metadata.uid, propagation="Background", event=told)


# The next one


def _schedule(seen: Seen, actions: list[Action]) -> Schedule | None:
    about, spec = reference(CRON_JOB, seen.cron), seen.cron.spec
    if "TZ" in spec.schedule:
        words = (
            f'CRON_TZ or TZ used in schedule "{spec.schedule}" is not officially supported, see '
            "https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ for more details"
        )
        actions.append(Record(about, "Warning", "UnsupportedSchedule", words))
    try:
        return parse_schedule(spec.schedule, spec.time_zone)
    except ZoneInfoNotFoundError:
        words = f'invalid timeZone: "{spec.time_zone}": unknown time zone {spec.time_zone}'
        actions.append(Record(about, "Warning", "UnknownTimeZone", words))
    except ValueError as exc:
        words = f'unparseable schedule: "{spec.schedule}" : {exc}'
        actions.append(Record(about, "Warning", "UnparseableSchedule", words))
    return None


def _anchor(seen: Seen, status: CronJobStatus) -> datetime:
    return parse_time(status.last_schedule_time or seen.cron.metadata.creation_timestamp)


def _due(seen: Seen, schedule: Schedule, actions: list[Action]) -> tuple[str, datetime | None]:
    """The start that is due now, if any. Of several that were missed only the last counts."""
    spec, about = seen.cron.spec, reference(CRON_JOB, seen.cron)
    since = _anchor(seen, seen.cron.status)
    deadline = spec.starting_deadline_seconds
    if deadline is not None:
        since = max(since, seen.now - timedelta(seconds=deadline))
    anchor = _anchor(seen, seen.cron.status) if schedule.every is not None else since
    due = schedule.latest(seen.now, anchor)
    if due is None:
        return "is not due", None
    if schedule.missed(since, seen.now) > MANY:
        words = "too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew"
        actions.append(Record(about, "Warning", "TooManyMissedTimes", words))
    if deadline is not None and due + timedelta(seconds=deadline) < seen.now:
        when = due.astimezone(UTC).strftime("%a, %d %b %Y %H:%M:%S +0000")
        actions.append(Record(about, "Warning", "MissSchedule", f"Missed scheduled time to start a job: {when}"))
        return "missed its start", None
    return "is due", due


def _start(seen: Seen, due: datetime, actions: list[Action], status: CronJobStatus) -> tuple[str, CronJobStatus]:
    cron, about = seen.cron, reference(CRON_JOB, seen.cron)
    started = structs.replace(status, last_schedule_time=format_time(due))
    name = f"{cron.metadata.name}-{int(due.timestamp()) // 60}"
    if any(job.metadata.name == name for job in seen.jobs):  # made before a crash kept us from saying so
        return "has started already", started
    running = [job for job in seen.jobs if not _outcome(job)]
    if running and cron.spec.concurrency_policy == "Forbid":
        words = "Not starting job because prior execution is running and concurrency policy is Forbid"
        actions.append(Record(about, "Normal", "JobAlreadyActive", words))
        return "waits for the job before", status
    if cron.spec.concurrency_policy == "Replace":
        actions += [_delete(seen, job) for job in running]
        started = structs.replace(started, active=())
    made = _job(cron, name, due)
    told = Record(about, "Normal", "SuccessfulCreate", f"Created job {name}")
    actions.append(Create(JOB, made, told))
    return f"starts {name}", started


def _job(cron: CronJob, name: str, due: datetime) -> Job:
    template = cron.spec.job_template
    due = due.astimezone(parse_schedule("@daily", cron.spec.time_zone).zone)
    annotations = {**template.metadata.annotations, SCHEDULED: due.isoformat().replace("+00:00", "Z")}
    meta = ObjectMeta(
        name=name,
        namespace=cron.metadata.namespace,
        labels=template.metadata.labels,
        annotations=annotations,
        owner_references=(owned_by(CRON_JOB, cron),),
    )
    return Job(metadata=meta, spec=template.spec)


def _next(seen: Seen, schedule: Schedule, status: CronJobStatus) -> timedelta | None:
    due = schedule.after(seen.now, _anchor(seen, status))
    return due - seen.now + MARGIN if due is not None else None


def failed(seen: Seen, action: Action, exc: ApiError) -> tuple[Action, ...]:
    about = reference(CRON_JOB, seen.cron)
    match action:
        case Create():
            return (Record(about, "Warning", "FailedCreate", f"Error creating job: {exc}"),)
        case Delete():
            return (Record(about, "Warning", "FailedDelete", f"Deleted job: {exc}"),)
    return ()


CRON_JOBS = Controller(
    name="cronjob-controller",
    root=CRON_JOB,
    observe=observe,
    decide=decide,
    watches=(owned(JOB, CRON_JOB),),
    failed=failed,
)
