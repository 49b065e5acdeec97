"""What a deletion does to an object."""

from datetime import UTC, datetime
from typing import Any

import pytest

from armillary.base.errors import Conflict
from armillary.engine.apiserver.options import DeleteOptions
from armillary.engine.apiserver.verbs.delete import Course, decide
from armillary.engine.kinds.pod.pod import grace_seconds
from armillary.engine.kinds.resource import Resource

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
PLAIN = Resource("", "v1", "ConfigMap", "configmaps", "")
PODS = Resource("", "v1", "Pod", "pods", "", grace_seconds=grace_seconds)
JOBS = Resource("batch", "v1", "Job", "jobs", "")
NAMESPACES = Resource("", "v1", "Namespace", "namespaces", "", namespaced=False)


def obj(**meta: Any) -> dict[str, Any]:
    spec = {"nodeName": "n", "terminationGracePeriodSeconds": 30}
    return {"metadata": {"name": "a", "uid": "1", "resourceVersion": "7"} | meta, "spec": spec}


def test_a_plain_object_goes_at_once() -> None:
    assert decide(PLAIN, obj(), DeleteOptions(), NOW).course is Course.REMOVE


@pytest.mark.parametrize(
    ("options", "finalizers"),
    [
        (DeleteOptions(propagation="Foreground"), ["foregroundDeletion"]),
        (DeleteOptions(propagation="Orphan"), ["orphan"]),
        (DeleteOptions(orphan=True), ["orphan"]),
    ],
)
def test_dependents_are_the_garbage_collectors_business(options: DeleteOptions, finalizers: list[str]) -> None:
    plan = decide(PLAIN, obj(generation=1), options, NOW)
    assert plan.course is Course.MARK
    meta = plan.object["metadata"]
    assert meta["finalizers"] == finalizers
    assert (meta["deletionTimestamp"], meta["deletionGracePeriodSeconds"]) == ("2026-01-01T12:00:00Z", 0)
    assert meta["generation"] == 2


def test_finalizers_hold_an_object() -> None:
    plan = decide(PLAIN, obj(finalizers=["x/y"]), DeleteOptions(), NOW)
    assert plan.course is Course.MARK
    assert plan.object["metadata"]["finalizers"] == ["x/y"]


def test_background_takes_the_collectors_finalizers_off() -> None:
    plan = decide(PLAIN, obj(finalizers=["orphan"]), DeleteOptions(propagation="Background"), NOW)
    assert plan.course is Course.REMOVE


def test_jobs_orphan_their_pods_unless_told() -> None:
    assert decide(JOBS, obj(), DeleteOptions(), NOW).object["metadata"]["finalizers"] == ["orphan"]
    assert decide(JOBS, obj(), DeleteOptions(propagation="Background"), NOW).course is Course.REMOVE


def test_pods_are_given_time() -> None:
    plan = decide(PODS, obj(generation=1), DeleteOptions(), NOW)
    meta = plan.object["metadata"]
    assert plan.course is Course.MARK
    assert (meta["deletionTimestamp"], meta["deletionGracePeriodSeconds"]) == ("2026-01-01T12:00:30Z", 30)
    assert meta["generation"] == 2


@pytest.mark.parametrize(("asked", "course"), [(0, Course.REMOVE), (5, Course.MARK), (-3, Course.MARK)])
def test_a_deletion_may_say_how_long(asked: int, course: Course) -> None:
    plan = decide(PODS, obj(), DeleteOptions(grace_seconds=asked), NOW)
    assert plan.course is course
    assert plan.object["metadata"]["deletionGracePeriodSeconds"] == (1 if asked < 0 else asked)


def test_a_pod_that_nobody_runs_goes_at_once() -> None:
    assert decide(PODS, obj() | {"spec": {}}, DeleteOptions(grace_seconds=9), NOW).course is Course.REMOVE


ENDING = {"deletionTimestamp": "2026-01-01T12:00:20Z", "deletionGracePeriodSeconds": 30}


@pytest.mark.parametrize(
    ("asked", "course", "ends"),
    [
        (None, Course.KEEP, "2026-01-01T12:00:20Z"),
        (60, Course.KEEP, "2026-01-01T12:00:20Z"),
        (20, Course.MARK, "2026-01-01T12:00:10Z"),
        (5, Course.MARK, "2026-01-01T12:00:00Z"),  # has run out already
        (0, Course.REMOVE, "2026-01-01T12:00:00Z"),
    ],
)
def test_a_grace_period_may_only_be_shortened(asked: int | None, course: Course, ends: str) -> None:
    plan = decide(PODS, obj(**ENDING), DeleteOptions(grace_seconds=asked), NOW)
    assert plan.course is course
    assert plan.object["metadata"]["deletionTimestamp"] == ends


@pytest.mark.parametrize("options", [DeleteOptions(uid="2"), DeleteOptions(resource_version="8")])
def test_preconditions_hold_or_nothing_happens(options: DeleteOptions) -> None:
    with pytest.raises(Conflict, match="in the precondition"):
        decide(PLAIN, obj(), options, NOW)


def test_a_namespace_ends_when_it_is_empty() -> None:
    plan = decide(NAMESPACES, obj() | {"spec": {"finalizers": ["kubernetes"]}}, DeleteOptions(), NOW)
    assert plan.course is Course.MARK
    assert plan.object["status"]["phase"] == "Terminating"
    assert "deletionGracePeriodSeconds" not in plan.object["metadata"]
    emptied = plan.object | {"spec": {}}
    assert decide(NAMESPACES, emptied, DeleteOptions(), NOW).course is Course.REMOVE
