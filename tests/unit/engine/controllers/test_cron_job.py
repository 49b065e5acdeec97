"""Cron jobs: when they are due, what they do about jobs still running, and what they keep."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from msgspec import structs
from tests.harness.settles import NOON, World, assert_settles, look, settle, world_of
from tests.unit.engine.controllers.builders import HERE, meta, template

from armillary.base.clock import format_time
from armillary.engine.controllers.cron_job import CRON_JOBS
from armillary.engine.controllers.cron_schedule import parse_schedule
from armillary.kube.kinds.batch import (
    CRON_JOB,
    JOB,
    CronJob,
    CronJobSpec,
    Job,
    JobCondition,
    JobSpec,
    JobStatus,
    JobTemplateSpec,
)

ONE = [CRON_JOBS]


def world(schedule: str = "*/10 * * * *", **spec: Any) -> World:
    known: dict[str, Any] = {
        "concurrency_policy": "Allow",
        "successful_jobs_history_limit": 3,
        "failed_jobs_history_limit": 1,
        "job_template": JobTemplateSpec(spec=JobSpec(template=template())),
    }
    return world_of(
        ONE, (CRON_JOB, CronJob(metadata=meta("tick"), spec=CronJobSpec(schedule=schedule, **(known | spec))))
    )


def rested(world: World) -> World:
    return settle(ONE, world)


def names(world: World) -> list[str]:
    return sorted(job.metadata.name for job in world.list(JOB))


def minute(moment: datetime) -> str:
    return f"tick-{int(moment.timestamp()) // 60}"


def finish(world: World, how: str = "Complete") -> World:
    def end(job: Job) -> Job:
        if job.status.conditions:
            return job
        at = format_time(world.moment)
        condition = JobCondition(type=how, status="True")
        status = JobStatus(conditions=(condition,), completion_time=at if how == "Complete" else "", start_time=at)
        return structs.replace(job, status=status)

    return world.map(JOB, end)


def cron(world: World) -> CronJob:
    found: CronJob = world.get(CRON_JOB, "tick", HERE)
    return found


def test_starts_a_job_when_it_is_due_and_never_twice_wherever_it_dies() -> None:
    early = rested(world().later(1))
    assert names(early) == []
    decision = look(CRON_JOBS, (HERE, "tick"), early)
    assert decision.again_after is not None
    assert 599 < decision.again_after.total_seconds() <= 600
    rest = assert_settles(ONE, early.later(601), lambda w: (names(w), cron(w).status.last_schedule_time))
    due = NOON + timedelta(minutes=10)
    assert names(rest) == [minute(due)]
    (job,) = rest.list(JOB)
    assert job.metadata.annotations == {"batch.kubernetes.io/cronjob-scheduled-timestamp": "2026-06-01T12:10:00Z"}
    assert job.metadata.owner_references[0].kind == "CronJob"
    assert cron(rest).status.last_schedule_time == format_time(due)
    assert [entry.name for entry in cron(rest).status.active] == names(rest)
    assert rest.events == (f"SuccessfulCreate: Created job {minute(due)}",)


def test_of_missed_starts_only_the_last_is_made_up_for() -> None:
    rest = rested(world().later(3 * 3600 + 60))
    assert names(rest) == [minute(NOON + timedelta(hours=3))]
    late = rested(world("* * * * *").later(3 * 3600 + 1))
    assert any(event.startswith("TooManyMissedTimes") for event in late.events)


def test_a_start_missed_by_too_much_is_left_out() -> None:
    rest = rested(world(starting_deadline_seconds=30).later(700))
    assert names(rest) == []
    assert names(rested(rest.later(510))) == [minute(NOON + timedelta(minutes=20))]


@pytest.mark.parametrize(("policy", "left"), [("Allow", 2), ("Forbid", 1), ("Replace", 1)])
def test_a_job_still_running_is_treated_as_asked(policy: str, left: int) -> None:
    first = rested(world(concurrency_policy=policy).later(601))
    second = rested(first.later(600))
    assert len(names(second)) == left
    assert (names(second) == names(first)) is (policy == "Forbid")
    assert len(cron(second).status.active) == left


def test_finished_jobs_are_told_counted_and_cleared_away() -> None:
    there = world()
    for _ in range(5):
        there = rested(finish(rested(there.later(600))))
    assert len(names(there)) == 3
    assert cron(there).status.active == ()
    assert cron(there).status.last_successful_time == format_time(there.moment)
    assert sum(event.startswith("SawCompletedJob: Saw completed job: tick-") for event in there.events) == 5
    failed = rested(finish(rested(finish(rested(world().later(600)), "Failed").later(600)), "Failed"))
    assert len(names(failed)) == 1


def test_does_nothing_while_suspended_or_unreadable() -> None:
    assert names(rested(world(suspend=True).later(3600))) == []
    wrong = rested(world(time_zone="Nowhere/Land").later(3600))
    assert (names(wrong), wrong.events[0]) == (
        [],
        'UnknownTimeZone: invalid timeZone: "Nowhere/Land": unknown time zone Nowhere/Land',
    )
    assert rested(world("61 * * * *").later(3600)).events[0].startswith("UnparseableSchedule: unparseable schedule:")


@pytest.mark.parametrize(
    ("schedule", "zone", "after"),
    [
        ("30 12 * * *", "", "2026-06-01T12:30:00Z"),
        ("30 12 * * *", "Europe/Berlin", "2026-06-02T10:30:00Z"),
        ("TZ=Asia/Tokyo 0 9 * * *", "", "2026-06-02T00:00:00Z"),
        ("@hourly", "", "2026-06-01T13:00:00Z"),
        ("@weekly", "", "2026-06-07T00:00:00Z"),
        ("@every 1h30m", "", "2026-06-01T13:30:00Z"),
        ("0 0 ? * MON", "", "2026-06-08T00:00:00Z"),
        ("0 0 31 * *", "", "2026-07-31T00:00:00Z"),
        ("15,45 8-10/2 * JAN-MAR 1-5", "", "2027-01-01T08:15:00Z"),
    ],
)
def test_reads_schedules(schedule: str, zone: str, after: str) -> None:
    found = parse_schedule(schedule, zone).after(NOON, NOON)
    assert found is not None
    assert format_time(found) == after


def test_finds_the_latest_start() -> None:
    tens = parse_schedule("*/10 * * * *", "")
    assert tens.latest(NOON, NOON - timedelta(hours=1)) == NOON
    assert tens.latest(NOON, NOON) is None
    assert tens.latest(NOON + timedelta(seconds=599), NOON) is None
    every = parse_schedule("@every 7m", "")
    assert every.latest(NOON + timedelta(minutes=20), NOON) == NOON + timedelta(minutes=14)
    assert tens.missed(NOON, NOON + timedelta(hours=1)) == 6


@pytest.mark.parametrize("text", ["", "* * * *", "* * * * * *", "@nope", "@every x", "a * * * *"])
def test_refuses_what_is_no_schedule(text: str) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        parse_schedule(text, "")
