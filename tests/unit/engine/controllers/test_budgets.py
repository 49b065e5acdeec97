"""Disruption budgets and the time to live of finished jobs."""

from datetime import timedelta
from typing import Any

import pytest
from tests.harness.settles import NOON, World, look, settle, world_of
from tests.unit.engine.controllers.builders import HERE, meta, pod, selecting

from armillary.base.clock import format_time
from armillary.engine.controllers.disruption import DISRUPTION_BUDGETS
from armillary.engine.controllers.ttl import FINISHED_JOBS
from armillary.kube.kinds.apps import REPLICA_SET, ReplicaSet, ReplicaSetSpec
from armillary.kube.kinds.batch import JOB, Job, JobCondition, JobSpec, JobStatus
from armillary.kube.kinds.core import POD
from armillary.kube.kinds.policy import (
    POD_DISRUPTION_BUDGET,
    PodDisruptionBudget,
    PodDisruptionBudgetSpec,
    PodDisruptionBudgetStatus,
)

ONE = [DISRUPTION_BUDGETS]
OWNER = ReplicaSet(metadata=meta("web"), spec=ReplicaSetSpec(replicas=5))


def world(ready: int, unready: int = 0, *, owned: bool = True, disrupted: Any = None, **spec: Any) -> World:
    budget = PodDisruptionBudget(
        metadata=meta("b"),
        spec=PodDisruptionBudgetSpec(selector=selecting(app="web"), **spec),
        status=PodDisruptionBudgetStatus(disrupted_pods=disrupted or {}),
    )
    start = world_of(ONE, (REPLICA_SET, OWNER), (POD_DISRUPTION_BUDGET, budget))
    owner = start.get(REPLICA_SET, "web", HERE)
    of: Any = {"owner": (REPLICA_SET, owner)} if owned else {}
    pods = [pod(f"p{n}", ready=n < ready, **of) for n in range(ready + unready)]
    return start.holding(POD, *pods)


def figures(world: World) -> tuple[Any, ...]:
    status = settle(ONE, world).get(POD_DISRUPTION_BUDGET, "b", HERE).status
    return status.expected_pods, status.desired_healthy, status.current_healthy, status.disruptions_allowed


@pytest.mark.parametrize(
    ("there", "wanted"),
    [
        (world(5, min_available=3), (5, 3, 5, 2)),
        (world(3, 2, min_available=3), (5, 3, 3, 0)),
        (world(5, min_available="50%"), (5, 3, 5, 2)),
        (world(5, max_unavailable=1), (5, 4, 5, 1)),
        (world(5, max_unavailable="25%"), (5, 3, 5, 2)),
        (world(4, max_unavailable=1), (5, 4, 4, 0)),
        (world(0, min_available=0), (0, 0, 0, 0)),
        (world(2, owned=False, min_available=1), (2, 1, 2, 1)),
    ],
)
def test_counts(there: World, wanted: tuple[int, ...]) -> None:
    assert figures(there) == wanted


def test_evicted_pods_count_as_gone_for_a_while() -> None:
    at = format_time(NOON)
    there = world(5, min_available=3, disrupted={"p0": at, "gone": at})
    assert figures(there) == (5, 3, 4, 1)
    rest = settle(ONE, there)
    assert rest.get(POD_DISRUPTION_BUDGET, "b", HERE).status.disrupted_pods == {"p0": at}
    assert look(DISRUPTION_BUDGETS, (HERE, "b"), rest).again_after is not None
    assert figures(rest.later(121)) == (5, 3, 5, 2)


def test_says_whether_and_why() -> None:
    rest = settle(ONE, world(5, min_available=3))
    (condition,) = rest.get(POD_DISRUPTION_BUDGET, "b", HERE).status.conditions
    assert (condition.type, condition.status, condition.reason) == ("DisruptionAllowed", "True", "SufficientPods")
    lost = settle(ONE, world(5, max_unavailable=1).without(REPLICA_SET, (HERE, "web")))
    status = lost.get(POD_DISRUPTION_BUDGET, "b", HERE).status
    assert (status.disruptions_allowed, status.conditions[0].reason) == (0, "SyncFailed")
    assert 'found no controllers for pod "p' in lost.events[0]


def test_tells_of_pods_it_cannot_reckon_with() -> None:
    rest = settle(ONE, world(1, owned=False, max_unavailable=1))
    assert rest.events[0].startswith("UnmanagedPods: Pods selected by this PodDisruptionBudget")
    assert settle(ONE, world(0, min_available=1)).events == ("NoPods: No matching pods found",)


def job(seconds: int | None, finished: bool = True) -> World:
    over = JobCondition(type="Complete", status="True", last_transition_time=format_time(NOON))
    status = JobStatus(conditions=(over,) if finished else ())
    made = Job(metadata=meta("j"), spec=JobSpec(ttl_seconds_after_finished=seconds), status=status)
    return world_of([FINISHED_JOBS], (JOB, made))


def test_finished_jobs_are_kept_as_long_as_asked() -> None:
    assert look(FINISHED_JOBS, (HERE, "j"), job(60)).again_after == timedelta(seconds=60)
    assert settle([FINISHED_JOBS], job(60).later(61)).list(JOB) == []
    assert len(settle([FINISHED_JOBS], job(60, finished=False).later(99)).list(JOB)) == 1
    assert len(settle([FINISHED_JOBS], job(None).later(99)).list(JOB)) == 1
    assert settle([FINISHED_JOBS], job(0)).list(JOB) == []
