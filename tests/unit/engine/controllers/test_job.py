"""Jobs: how many pods, what their ends mean, and that each is counted exactly once."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from msgspec import structs
from tests.harness.settles import NOON, World, assert_settles, look, settle, world_of
from tests.unit.engine.controllers.builders import HERE, meta, pod, selecting, template

from armillary.base.clock import format_time
from armillary.engine.controllers.job import JOBS, UNCOUNTED_PODS
from armillary.engine.controllers.job_indexes import format_indexes, parse_indexes
from armillary.engine.controllers.job_policy import backoff
from armillary.engine.controllers.job_state import FAILURES, TRACKED
from armillary.kube.kinds.batch import (
    JOB,
    Job,
    JobSpec,
    PodFailurePolicy,
    PodFailurePolicyOnExitCodesRequirement,
    PodFailurePolicyOnPodConditionsPattern,
    PodFailurePolicyRule,
    SuccessPolicy,
    SuccessPolicyRule,
)
from armillary.kube.kinds.core import (
    POD,
    ContainerState,
    ContainerStateTerminated,
    ContainerStatus,
    Pod,
    PodCondition,
    PodStatus,
)

BOTH = [JOBS, UNCOUNTED_PODS]


def job_template(policy: str = "Never") -> Any:
    made = template()
    return structs.replace(made, spec=structs.replace(made.spec, restart_policy=policy))


def world(**spec: Any) -> World:
    known: dict[str, Any] = {
        "parallelism": 1,
        "completions": 1,
        "backoff_limit": 6,
        "selector": selecting(app="web"),
        "template": job_template(),
    }
    return world_of(BOTH, (JOB, Job(metadata=meta("work"), spec=JobSpec(**(known | spec)))))


def ended(pod: Pod, code: int, world: World) -> Pod:
    at = format_time(world.moment)
    status = ContainerStatus(
        name="main",
        image="web:1",
        image_id="",
        ready=False,
        restart_count=0,
        state=ContainerState(terminated=ContainerStateTerminated(exit_code=code, finished_at=at)),
    )
    phase = "Failed" if code else "Succeeded"
    return structs.replace(pod, status=PodStatus(phase=phase, container_statuses=(status,)))


def live(outcome: Callable[[Pod], int | None]) -> Callable[[World], World]:
    """A node agent: pending pods run, running pods end with the code `outcome` gives, if it gives one."""

    def react(world: World) -> World:
        def step(pod: Pod) -> Pod | None:
            if pod.metadata.deletion_timestamp:
                return pod if pod.metadata.finalizers else None
            if pod.status.phase in ("", "Pending"):
                return structs.replace(pod, status=PodStatus(phase="Running"))
            code = outcome(pod) if pod.status.phase == "Running" else None
            return pod if code is None else ended(pod, code, world)

        return world.map(POD, step)

    return react


succeed = live(lambda pod: 0)
fail = live(lambda pod: 1)
run_on = live(lambda pod: None)


def impatient(react: Callable[[World], World]) -> Callable[[World], World]:
    """So much time passes between rounds that no back-off is felt."""
    return lambda world: react(world.later(700))


def job(world: World) -> Job:
    found: Job = world.get(JOB, "work", HERE)
    return found


def conditions(world: World) -> dict[str, str]:
    return {c.type: c.reason for c in job(world).status.conditions if c.status == "True"}


def shape(world: World) -> Any:
    status = job(world).status
    phases = sorted((p.status.phase, bool(p.metadata.finalizers)) for p in world.list(POD))
    noted = status.uncounted_terminated_pods
    counts = (status.succeeded, status.failed, status.active, status.completed_indexes, status.failed_indexes)
    return phases, counts, noted, conditions(world)


@pytest.mark.parametrize(
    ("spec", "succeeded"),
    [
        ({}, 1),
        ({"completions": 3, "parallelism": 2}, 3),
        ({"completions": 4, "parallelism": 4, "completion_mode": "Indexed"}, 4),
        ({"completions": 0}, None),
    ],
)
def test_completes_wherever_it_dies(spec: dict[str, Any], succeeded: int | None) -> None:
    rest = assert_settles(BOTH, world(**spec), shape, succeed)
    status = job(rest).status
    assert status.succeeded == succeeded
    assert conditions(rest) == {"SuccessCriteriaMet": "CompletionsReached", "Complete": "CompletionsReached"}
    assert status.completion_time
    assert (status.active, status.ready, status.terminating) == (None, 0, 0)
    assert not any(p.metadata.finalizers for p in rest.list(POD))
    assert rest.events[-1] == "Completed: Job completed"


def test_pods_are_kept_until_they_are_counted() -> None:
    start = world().after(look(JOBS, (HERE, "work"), world()).actions[0])
    made = start.list(POD)[0]
    assert made.metadata.finalizers == (TRACKED,)
    assert made.metadata.generate_name == "work-"


def test_never_more_at_once_than_asked_for() -> None:
    def watch(world: World) -> World:
        assert sum(p.status.phase in ("", "Pending", "Running") for p in world.list(POD)) <= 2
        return succeed(world)

    assert job(settle(BOTH, world(completions=5, parallelism=2), watch)).status.succeeded == 5


def test_a_work_queue_is_done_when_one_succeeded_and_all_have_ended() -> None:
    rest = settle(BOTH, world(completions=None, parallelism=3), succeed)
    assert job(rest).status.succeeded == 3
    assert len(rest.list(POD)) == 3
    assert "Complete" in conditions(rest)


def test_failures_are_counted_once_and_end_it_at_the_limit_wherever_it_dies() -> None:
    rest = assert_settles(
        BOTH, world(backoff_limit=2), lambda w: (job(w).status.failed, conditions(w)), impatient(fail)
    )
    assert job(rest).status.failed == 3
    assert conditions(rest) == {"FailureTarget": "BackoffLimitExceeded", "Failed": "BackoffLimitExceeded"}
    assert rest.events[-1] == "BackoffLimitExceeded: Job has reached the specified backoff limit"


def test_waits_longer_after_each_failure() -> None:
    rest = settle(BOTH, world(), fail)
    decision = look(JOBS, (HERE, "work"), rest)
    assert len(rest.list(POD)) == 1
    assert decision.again_after is not None
    assert 9 < decision.again_after.total_seconds() <= 10
    assert [backoff(n, NOON, NOON).total_seconds() for n in (0, 1, 2, 3, 20)] == [0, 10, 20, 40, 600]
    assert backoff(1, NOON, NOON + timedelta(seconds=11)) == timedelta()


def test_running_too_long_ends_it_and_its_pods() -> None:
    start = settle(BOTH, world(active_deadline_seconds=60, parallelism=2, completions=2), run_on)
    assert look(JOBS, (HERE, "work"), start).again_after is not None
    rest = settle(BOTH, start.later(61), run_on)
    assert conditions(rest) == {"FailureTarget": "DeadlineExceeded", "Failed": "DeadlineExceeded"}
    assert rest.list(POD) == []
    assert job(rest).status.failed == 2


def test_indexes_are_given_out_told_and_taken_up_again() -> None:
    def outcome(pod: Pod) -> int | None:
        return 1 if pod.metadata.labels["batch.kubernetes.io/job-completion-index"] == "1" and "!" not in seen else 0

    seen: set[str] = set()

    def react(world: World) -> World:
        after = live(outcome)(world.later(700))
        if any(p.status.phase == "Failed" for p in after.list(POD)):
            seen.add("!")
        return after

    rest = settle(BOTH, world(completions=3, parallelism=3, completion_mode="Indexed"), react)
    assert (job(rest).status.completed_indexes, job(rest).status.failed) == ("0-2", 1)
    first = next(p for p in rest.list(POD) if p.metadata.name.startswith("work-0-"))
    assert first.spec.hostname == "work-0"
    assert first.spec.containers[0].env[0].name == "JOB_COMPLETION_INDEX"


def test_each_index_may_fail_by_itself() -> None:
    def outcome(pod: Pod) -> int:
        return 1 if pod.metadata.labels["batch.kubernetes.io/job-completion-index"] == "1" else 0

    spec = {"completions": 3, "parallelism": 3, "completion_mode": "Indexed", "backoff_limit_per_index": 1}
    start = world(**spec, backoff_limit=1000)
    rest = assert_settles(BOTH, start, shape, impatient(live(outcome)))
    status = job(rest).status
    assert (status.completed_indexes, status.failed_indexes, status.failed) == ("0,2", "1", 2)
    assert conditions(rest)["Failed"] == "FailedIndexes"
    counts = sorted(p.metadata.annotations[FAILURES] for p in rest.list(POD) if p.metadata.name.startswith("work-1-"))
    assert counts == ["0", "1"]


def rule(action: str, **on: Any) -> PodFailurePolicy:
    return PodFailurePolicy(rules=(PodFailurePolicyRule(action=action, **on),))


CODES = PodFailurePolicyOnExitCodesRequirement(operator="In", values=(42,))
EVICTED = PodFailurePolicyOnPodConditionsPattern(type="DisruptionTarget", status="True")


def test_some_failures_end_it_at_once() -> None:
    start = world(pod_failure_policy=rule("FailJob", on_exit_codes=CODES))
    rest = assert_settles(BOTH, start, shape, impatient(live(lambda pod: 42)))
    failed = next(c for c in job(rest).status.conditions if c.type == "Failed")
    assert failed.reason == "PodFailurePolicy"
    assert failed.message.startswith("Container main for pod team/work-")
    assert failed.message.endswith("failed with exit code 42 matching FailJob rule at index 0")


def test_some_failures_do_not_count() -> None:
    failures = iter([1, 1, 1])

    def outcome(world: World) -> World:
        def disrupt(pod: Pod) -> Pod:
            if pod.status.phase == "Failed" and not pod.status.conditions:
                hit = (PodCondition(type="DisruptionTarget", status="True"),)
                return structs.replace(pod, status=structs.replace(pod.status, conditions=hit))
            return pod

        return live(lambda pod: next(failures, 0))(world.later(700)).map(POD, disrupt)

    start = world(backoff_limit=0, pod_failure_policy=rule("Ignore", on_pod_conditions=(EVICTED,)))
    rest = settle(BOTH, start, outcome)
    assert "Complete" in conditions(rest)
    assert job(rest).status.failed is None


def test_success_of_a_chosen_few_may_be_enough() -> None:
    met = SuccessPolicy(rules=(SuccessPolicyRule(succeeded_indexes="0,2"),))

    def outcome(pod: Pod) -> int | None:
        return None if pod.metadata.labels["batch.kubernetes.io/job-completion-index"] == "1" else 0

    spec = {"completions": 3, "parallelism": 3, "completion_mode": "Indexed", "success_policy": met}
    rest = assert_settles(BOTH, world(**spec), shape, live(outcome))
    assert conditions(rest) == {"SuccessCriteriaMet": "SuccessPolicy", "Complete": "SuccessPolicy"}
    assert job(rest).status.completed_indexes == "0,2"


def suspend(world: World, suspended: bool) -> World:
    old = job(world)
    return world.holding(JOB, structs.replace(old, spec=structs.replace(old.spec, suspend=suspended)))


def test_suspending_ends_pods_without_counting_them() -> None:
    running = settle(BOTH, world(parallelism=2, completions=2), run_on)
    rest = assert_settles(BOTH, suspend(running, True), shape, run_on)
    assert rest.list(POD) == []
    assert (job(rest).status.failed, job(rest).status.start_time) == (None, "")
    assert conditions(rest) == {"Suspended": "JobSuspended"}
    again = settle(BOTH, suspend(rest, False), succeed)
    assert job(again).status.succeeded == 2
    assert [e for e in again.events if "Job " in e] == [
        "Suspended: Job suspended",
        "Resumed: Job resumed",
        "Completed: Job completed",
    ]


def test_containers_that_restart_in_place_count_against_the_limit() -> None:
    start = settle(BOTH, world(template=job_template("OnFailure"), backoff_limit=2), run_on)

    def restart(pod: Pod) -> Pod:
        status = ContainerStatus(name="main", image="web:1", image_id="", ready=False, restart_count=2)
        return structs.replace(pod, status=structs.replace(pod.status, container_statuses=(status,)))

    assert conditions(settle(BOTH, start.map(POD, restart), run_on))["Failed"] == "BackoffLimitExceeded"


def test_a_pod_whose_job_is_gone_is_let_go_when_it_ends() -> None:
    there = settle(BOTH, world(), run_on).without(JOB, (HERE, "work"))
    held = there.list(POD)[0]
    assert settle(BOTH, there).list(POD)[0].metadata.finalizers == (TRACKED,)
    ending = structs.replace(held, metadata=structs.replace(held.metadata, deletion_timestamp=format_time(NOON)))
    assert settle(BOTH, there.holding(POD, ending), run_on).list(POD) == []


def test_leaves_jobs_of_others_alone() -> None:
    assert settle(BOTH, world(managed_by="example.com/queue")).list(POD) == []


def test_an_adopted_pod_is_tracked() -> None:
    rest = settle(BOTH, world().holding(POD, pod("orphan", phase="Running")), run_on)
    assert rest.get(POD, "orphan", HERE).metadata.finalizers == (TRACKED,)
    assert len(rest.list(POD)) == 1


@pytest.mark.parametrize(
    ("text", "indexes"), [("", set()), ("0", {0}), ("0,1", {0, 1}), ("0-2,4,6,7", {0, 1, 2, 4, 6, 7})]
)
def test_indexes_are_written_as_ranges(text: str, indexes: set[int]) -> None:
    assert format_indexes(indexes) == text
    assert parse_indexes(text, 10) == indexes


def test_what_is_no_index_is_left_out() -> None:
    assert parse_indexes("x,1,3-20", 5) == {1, 3, 4}
