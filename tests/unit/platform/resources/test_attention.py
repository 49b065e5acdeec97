"""What needs attention, and what is in order or has not had its time yet."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.unit.platform.resources.test_graph import SORTS, thing

from armillary.base.clock import format_time
from armillary.base.words import Language
from armillary.kube.kind import Ref
from armillary.platform.capabilities.resources.decide.attention import is_at_rest, troubles
from armillary.platform.capabilities.resources.decide.rows import Columns, Row, row_of
from armillary.platform.capabilities.resources.decide.thing import Sort, Thing, Things
from armillary.platform.capabilities.why.ports import cause_of

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
OTHER = {"Node": ("status",), "PersistentVolumeClaim": ("status",)}


def ago(seconds: int) -> str:
    return format_time(NOW - timedelta(seconds=seconds))


def put(*things: Thing) -> Things:
    found: dict[str, list[Thing]] = {}
    for each in things:
        found.setdefault(each.kind, []).append(each)
    return found


def made(
    kind: str, name: str, cells: tuple[str, ...] = (), *, seconds: int = 600, spec: Any = None, **status: Any
) -> Thing:
    """`seconds` ago."""
    titles = OTHER.get(kind, ())
    columns = Columns(titles, ("string",) * len(titles), tuple(range(len(titles))))
    meta = {"name": name, "namespace": "shop", "uid": f"{kind}:{name}", "creationTimestamp": ago(seconds)}
    row = row_of(columns, {"object": {"metadata": meta, "spec": spec or {}, "status": status}, "cells": cells})
    return Thing(SORTS.get(kind, Sort("", "v1", kind, kind)), row, columns.index)


def pod(name: str, said: str, ready: str = "0/1", *, seconds: int = 600, owner: str = "", claim: str = "") -> Thing:
    volumes = [{"persistentVolumeClaim": {"claimName": claim}}] if claim else []
    conditions = [{"type": "Ready", "status": "False", "lastTransitionTime": ago(seconds)}]
    status = {"conditions": conditions}
    return thing("Pod", name, {"volumes": volumes}, owner=owner, status=status, cells=(ready, said))


def condition(type_: str, status: str, seconds: int = 600) -> dict[str, Any]:
    return {"conditions": [{"type": type_, "status": status, "lastTransitionTime": ago(seconds), "message": "so"}]}


@pytest.mark.parametrize(
    ("things", "subjects"),
    [
        ([pod("a", "Running", "1/1")], []),
        ([pod("a", "Completed")], []),
        ([pod("a", "ContainerCreating", seconds=30)], []),
        ([pod("a", "ContainerCreating")], ["a"]),
        ([pod("a", "CrashLoopBackOff", seconds=1)], ["a"]),
        ([pod("a", "Terminating", seconds=300)], ["a"]),
        ([made("Deployment", "d", spec={"replicas": 1}, **condition("Available", "False"))], ["d"]),
        ([made("Deployment", "d", spec={"replicas": 1}, **condition("Available", "False", 5))], []),
        ([made("Deployment", "d", spec={"replicas": 0}, **condition("Available", "False"))], []),
        ([made("Deployment", "d", spec={"replicas": 1}, **condition("Progressing", "False"))], ["d"]),
        ([made("StatefulSet", "s", spec={"replicas": 2}, replicas=1)], ["s"]),
        ([made("StatefulSet", "s", spec={"replicas": 2}, replicas=2)], []),
        ([made("DaemonSet", "s", desiredNumberScheduled=2, currentNumberScheduled=1)], ["s"]),
        ([made("Job", "j", **condition("Failed", "True"))], ["j"]),
        ([made("Job", "j", **condition("Failed", "True", 25 * 3600))], []),
        ([made("Node", "n", ("NotReady",), **condition("Ready", "Unknown"))], ["n"]),
        ([made("Node", "n", ("Ready,SchedulingDisabled",), **condition("Ready", "True"))], []),
        ([made("ResourceQuota", "q", hard={"pods": "10", "cpu": "1"}, used={"pods": "8", "cpu": "950m"})], ["q"]),
        ([made("ResourceQuota", "q", hard={"pods": "10", "cpu": "0"}, used={"pods": "9"})], []),
        ([made("PersistentVolumeClaim", "c", ("Pending",))], []),
        ([made("PersistentVolumeClaim", "c", ("Pending",)), pod("a", "Pending", claim="c", seconds=700)], ["c", "a"]),
    ],
)  # fmt: skip
def test_what_needs_attention(things: list[Thing], subjects: list[str]) -> None:
    assert [trouble.subject.name for trouble in troubles(put(*things), frozenset(), NOW)] == subjects


def test_a_claim_that_events_warn_of() -> None:
    claim = made("PersistentVolumeClaim", "c", ("Pending",))
    assert [t.subject.name for t in troubles(put(claim), frozenset({claim.uid}), NOW)] == ["c"]


def test_pods_are_one_trouble_of_what_made_them() -> None:
    things = put(
        thing("Deployment", "web", {"replicas": 2}),
        thing("ReplicaSet", "web-1", owner="Deployment:web"),
        pod("web-1-a", "ImagePullBackOff", owner="ReplicaSet:web-1", seconds=100),
        pod("web-1-b", "ImagePullBackOff", owner="ReplicaSet:web-1", seconds=200),
        pod("alone", "Error", seconds=150),
    )
    found = troubles(things, frozenset(), NOW)
    job = put(thing("Job", "work", {}), pod("work-a", "Error", owner="Job:work", seconds=100))
    assert [t.subject.kind for t in troubles(job, frozenset(), NOW)] == ["Job"]
    assert [(t.subject.name, t.since, len(t.pods)) for t in found] == [("alone", ago(150), 1), ("web", ago(200), 2)]


INDEX = {"ready": 0, "status": 1, "up-to-date": 2, "desired": 3}


def row(*cells: str) -> Row:
    return replace(pod("a", "Running").row, cells=cells)


@pytest.mark.parametrize(
    ("kind", "cells", "rests"),
    [
        ("Pod", ("1/1", "Running", "", ""), True),
        ("Pod", ("1/2", "Running", "", ""), False),
        ("Pod", ("0/1", "Completed", "", ""), True),
        ("Deployment", ("2/2", "", "2", ""), True),
        ("Deployment", ("2/2", "", "1", ""), False),
        ("StatefulSet", ("1/2", "", "", ""), False),
        ("DaemonSet", ("2", "", "", "2"), True),
        ("Job", ("", "Failed", "", ""), False),
        ("Job", ("", "Running", "", ""), False),
        ("Job", ("", "Complete", "", ""), True),
        ("Node", ("", "Ready", "", ""), False),
    ],
)
def test_what_is_in_order_is_known_from_its_cells(kind: str, cells: tuple[str, ...], rests: bool) -> None:
    assert is_at_rest(kind, row(*cells), INDEX) is rests


WAITING = {"name": "web", "image": "nowhere/web:1", "ready": False, "restartCount": 0, "imageID": ""}


@pytest.mark.parametrize(("language", "says"), [(Language.ENGLISH, "image"), (Language.CHINESE, "镜像")])
def test_the_cause_is_told_in_the_words_of_why(language: Language, says: str) -> None:
    state = {"waiting": {"reason": "ImagePullBackOff", "message": "manifest unknown"}}
    found = {
        "metadata": {"name": "web-1", "namespace": "shop"},
        "spec": {"containers": [{"name": "web", "image": "nowhere/web:1"}]},
        "status": {"phase": "Pending", "containerStatuses": [{**WAITING, "state": state}]},
    }
    cause = cause_of(Ref("Pod", "shop", "web-1"), {"Pod": [found]}, language)
    assert cause is not None
    assert cause.code.startswith("image")
    assert says in cause.says
    assert cause_of(Ref("Pod", "shop", "web-1"), {}, language) is None
