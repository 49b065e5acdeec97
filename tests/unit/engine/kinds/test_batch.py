"""Jobs and cron jobs: defaults, generated selectors, rules, schedules, columns."""

from typing import Any

import pytest
from tests.unit.engine.kinds.rest_build import faults, made, meta, resource, row, status_faults, template

from armillary.base.cron import parse_cron
from armillary.engine.kinds.indexes import count_indexes, first_overlap

JOBS, CRON_JOBS = resource("jobs"), resource("cronjobs")


def job(**spec: Any) -> dict[str, Any]:
    return {"metadata": meta(), "spec": {"template": template("Never")} | spec}


def cron_job(**spec: Any) -> dict[str, Any]:
    body = {"schedule": "*/5 * * * *", "jobTemplate": {"spec": {"template": template("Never")}}}
    return {"metadata": meta(), "spec": body | spec}


def indexed(**spec: Any) -> dict[str, Any]:
    return job(completionMode="Indexed", completions=5, **spec)


def test_jobs_are_defaulted_and_labelled() -> None:
    found = made(JOBS, job())
    spec = found["spec"]
    assert (spec["completions"], spec["parallelism"], spec["backoffLimit"]) == (1, 1, 6)
    assert (spec["completionMode"], spec["suspend"], spec["podReplacementPolicy"]) == (
        "NonIndexed",
        False,
        "TerminatingOrFailed",
    )
    assert spec["selector"] == {"matchLabels": {"batch.kubernetes.io/controller-uid": "u-1"}}
    assert spec["template"]["metadata"]["labels"] == {
        "app": "web",
        "job-name": "a",
        "batch.kubernetes.io/job-name": "a",
        "controller-uid": "u-1",
        "batch.kubernetes.io/controller-uid": "u-1",
    }
    assert found["metadata"]["labels"] == {"app": "web"}
    assert "completions" not in made(JOBS, job(parallelism=3))["spec"]


def test_good_jobs_have_no_faults() -> None:
    assert faults(JOBS, job()) == []
    assert faults(CRON_JOBS, cron_job()) == []
    assert faults(JOBS, indexed(backoffLimitPerIndex=1, maxFailedIndexes=2)) == []


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        (
            {"template": template("Always")},
            'spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"',
        ),
        (
            {"template": template("Odd")},
            'spec.template.spec.restartPolicy: Unsupported value: "Odd": supported values: "OnFailure", "Never"',
        ),
        (
            {"completionMode": "Indexed", "parallelism": 1},
            "spec.completions: Required value: when completion mode is Indexed",
        ),
        (
            {"backoffLimitPerIndex": 1},
            "spec.backoffLimitPerIndex: Invalid value: 1: requires indexed completion mode",
        ),
        (
            {"podFailurePolicy": {"rules": [{"action": "FailJob"}]}},
            "spec.podFailurePolicy.rules[0]: Invalid value: "
            "specifying one of OnExitCodes and OnPodConditions is required",
        ),
        (
            {
                "podFailurePolicy": {
                    "rules": [{"action": "Ignore", "onExitCodes": {"operator": "In", "values": [3, 2]}}]
                }
            },
            "spec.podFailurePolicy.rules[0].onExitCodes.values: Invalid value: [3,2]: must be ordered",
        ),
        (
            {"managedBy": "me"},
            'spec.managedBy: Invalid value: "me": must be a domain-prefixed path (such as "acme.io/foo")',
        ),
    ],
)
def test_faults_of_jobs(spec: dict[str, Any], said: str) -> None:
    assert said in faults(JOBS, job(**spec))


@pytest.mark.parametrize(
    ("new", "old", "field"),
    [
        (job(completions=2), job(), "spec.completions"),
        (job(template=template("OnFailure")), job(), "spec.template"),
        (job(parallelism=4), job(parallelism=3), None),
        (indexed(parallelism=5), indexed(parallelism=2), None),
        (job(template=template("Never", nodeSelector={"a": "b"}), suspend=True), job(suspend=True), None),
        (job(template=template("Never", nodeSelector={"a": "b"})), job(), "spec.template"),
        (job(template=template("Never", hostNetwork=True), suspend=True), job(suspend=True), "spec.template.spec"),
    ],
)
def test_what_may_change_of_a_job(new: dict[str, Any], old: dict[str, Any], field: str | None) -> None:
    stored = made(JOBS, old)
    new["spec"]["selector"] = stored["spec"]["selector"]
    new["spec"]["template"]["metadata"]["labels"] = dict(stored["spec"]["template"]["metadata"]["labels"])
    found = faults(JOBS, new, stored)
    assert [f.partition(":")[0] for f in found] == ([field] if field else [])


def finished(*conditions: str, **status: Any) -> dict[str, Any]:
    return made(JOBS, job()) | {"status": {"conditions": [{"type": c, "status": "True"} for c in conditions], **status}}


NO_TARGET = "cannot set Failed=True condition without the FailureTarget=true condition"


@pytest.mark.parametrize(
    ("new", "old", "said"),
    [
        (
            finished("Complete", startTime="t"),
            finished(),
            "completionTime: Required value: completionTime is required for Complete jobs",
        ),
        (finished("Failed", startTime="t"), finished(), f"conditions: Invalid value: {NO_TARGET}"),
        (finished(failed=1), finished(failed=2), "failed: Invalid value: 1: cannot decrease the failed counter"),
        (
            finished(active=1, ready=2),
            finished(),
            "ready: Invalid value: 2: cannot set more ready pods than active",
        ),
        (
            finished(),
            finished("Complete"),
            "conditions: Invalid value: cannot disable the terminal Complete=True condition",
        ),
    ],
)
def test_faults_of_a_jobs_status(new: dict[str, Any], old: dict[str, Any], said: str) -> None:
    assert f"status.{said}" in status_faults(JOBS, new, old)


@pytest.mark.parametrize(
    ("text", "count"),
    [("", 0), ("1", 1), ("1,3-5", 4), ("0-9", 10)],
)
def test_indexes_are_counted(text: str, count: int) -> None:
    assert count_indexes(text, 10) == count


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a", 'cannot convert string to integer for index: "a"'),
        ("11", 'too large index: "11"'),
        ("3-2", "non-increasing order, previous: 3, current: 2"),
        ("3,3", "non-increasing order, previous: 3, current: 3"),
        ("1-2-3", "violates the requirement that an index interval"),
    ],
)
def test_malformed_indexes_are_refused(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said.replace("(", r"\(")):
        count_indexes(text, 10)


def test_overlaps_of_indexes() -> None:
    assert first_overlap("1-3,7", "5,7", 10) == 7
    assert first_overlap("1-3", "4", 10) is None


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ({"schedule": ""}, "spec.schedule: Required value"),
        (
            {"schedule": "* * * *"},
            'spec.schedule: Invalid value: "* * * *": expected exactly 5 fields, found 4: [* * * *]',
        ),
        (
            {"schedule": "61 * * * *"},
            'spec.schedule: Invalid value: "61 * * * *": end of range (61) above maximum (59): 61',
        ),
        (
            {"schedule": "TZ=UTC * * * * *"},
            'spec.schedule: Invalid value: "TZ=UTC * * * * *": '
            "cannot use TZ or CRON_TZ in schedule, use timeZone field instead",
        ),
        ({"timeZone": "Mars/Base"}, 'spec.timeZone: Invalid value: "Mars/Base": unknown time zone Mars/Base'),
        ({"timeZone": ""}, 'spec.timeZone: Invalid value: "": timeZone must be nil or non-empty string'),
        (
            {"concurrencyPolicy": "Odd"},
            'spec.concurrencyPolicy: Unsupported value: "Odd": supported values: "Allow", "Forbid", "Replace"',
        ),
    ],
)
def test_faults_of_cron_jobs(spec: dict[str, Any], said: str) -> None:
    assert faults(CRON_JOBS, cron_job(**spec)) == [said]


def test_names_of_cron_jobs_leave_room_for_their_jobs() -> None:
    long = cron_job()
    long["metadata"]["name"] = "a" * 53
    said = f'metadata.name: Invalid value: "{"a" * 53}": must be no more than 52 characters'
    assert faults(CRON_JOBS, long) == [said]


@pytest.mark.parametrize(
    ("text", "minutes", "hours"),
    [("*/20 8-10 * * *", {0, 20, 40}, {8, 9, 10}), ("5/30 0 1 jan sun", {5, 35}, {0}), ("@daily", {0}, {0})],
)
def test_schedules_are_read(text: str, minutes: set[int], hours: set[int]) -> None:
    found = parse_cron(text)
    assert (found.minutes, found.hours) == (minutes, hours)


def test_open_days_are_told_from_listed_ones() -> None:
    found = parse_cron("0 0 * * mon-fri")
    assert (found.any_day, found.any_weekday, found.weekdays) == (True, False, {1, 2, 3, 4, 5})
    assert parse_cron("@every 1h30m").every_seconds == 5400
    assert parse_cron("CRON_TZ=Europe/Berlin 0 0 * * *").zone is not None


@pytest.mark.parametrize("text", ["", "x", "@often", "*/0 * * * *", "1-2-3 * * * *", "TZ=UTC", "@every soon"])
def test_what_is_no_schedule_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # which fault is another test's
        parse_cron(text)


def test_columns() -> None:
    obj = made(JOBS, job())
    assert row(JOBS, obj) == ["Running", "0/1", "", "24h"]
    obj["status"] = {
        "startTime": "2026-01-01T00:00:00Z",
        "completionTime": "2026-01-01T00:01:30Z",
        "succeeded": 1,
        "conditions": [{"type": "Complete", "status": "True"}],
    }
    assert row(JOBS, obj) == ["Complete", "1/1", "90s", "24h"]
    assert JOBS.fields(obj) == {"status.successful": "1"}
    assert row(CRON_JOBS, made(CRON_JOBS, cron_job())) == ["*/5 * * * *", "<none>", "False", 0, "<none>", "24h"]
