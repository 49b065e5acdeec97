"""What can be written again of what was."""

from typing import Any

import pytest

from armillary.platform.capabilities.history.decide.restorable import onto, restorable, same


def item(kind: str = "ConfigMap", meta: Any = None, **more: Any) -> dict[str, Any]:
    return {"kind": kind, "metadata": {"name": "a", **(meta or {})}, **more}


def owner(uid: str) -> dict[str, str]:
    return {"kind": "Deployment", "name": "d", "uid": uid}


IDENTITY = {"uid": "u", "resourceVersion": "7", "creationTimestamp": "2026-01-01T00:00:00Z", "generation": 2}


@pytest.mark.parametrize(
    ("then", "expected"),
    [
        (item(meta=IDENTITY, data={"a": "b"}, status={"x": 1}), item(data={"a": "b"})),
        (item(meta={"finalizers": ["f"]}), item(meta={"finalizers": ["f"]})),
        (item("Pod", spec={"nodeName": "n", "containers": []}), item("Pod", spec={"containers": []})),
        (
            item("Service", spec={"clusterIP": "10.0.0.1", "clusterIPs": ["10.0.0.1"], "ports": [{"nodePort": 30000}]}),
            item("Service", spec={"ports": [{"nodePort": 30000}]}),
        ),
        (item("Service", spec={"clusterIP": "None"}), item("Service", spec={"clusterIP": "None"})),
        (
            item(
                "PersistentVolumeClaim",
                {"annotations": {"pv.kubernetes.io/bind-completed": "yes"}},
                spec={"volumeName": "v", "storageClassName": "s"},
            ),
            item("PersistentVolumeClaim", spec={"storageClassName": "s"}),
        ),
        (
            item("Job", {"labels": {"controller-uid": "u"}}, spec={"selector": {}, "template": {"metadata": {}}}),
            item("Job", spec={"template": {"metadata": {}}}),
        ),
        (item(meta={"ownerReferences": [owner("gone")]}), item()),
        (item(meta={"ownerReferences": [owner("old")]}), item(meta={"ownerReferences": [owner("new")]})),
        (item(meta={"ownerReferences": [owner("there")]}), item(meta={"ownerReferences": [owner("there")]})),
    ],
)  # fmt: skip
def test_what_a_cluster_gives_is_left_to_it(then: dict[str, Any], expected: dict[str, Any]) -> None:
    before = repr(then)
    assert restorable(then, {"old": "new"}, {"there"}) == expected
    assert repr(then) == before


def test_what_is_there_keeps_what_it_is() -> None:
    then = item(
        "Service", {"uid": "old", "labels": {"v": "1"}, "ownerReferences": [owner("x")]},
        spec={"clusterIP": "10.0.0.1", "ports": [1]},
    )  # fmt: skip
    now = item(
        "Service", {**IDENTITY, "annotations": {"new": "1"}, "managedFields": []},
        spec={"clusterIP": "10.0.0.9", "ports": [2]}, status={"s": 1},
    )  # fmt: skip
    assert onto(then, now) == item(
        "Service", {**IDENTITY, "labels": {"v": "1"}},
        spec={"clusterIP": "10.0.0.9", "ports": [1]}, status={"s": 1},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        (item(meta=IDENTITY, data={"a": "b"}), item(meta={"uid": "v"}, data={"a": "b"}), True),
        (item(data={"a": "b"}), item(data={"a": "c"}), False),
        (item(meta={"labels": {"a": "b"}}), item(), False),
        (item("Service", spec={"clusterIP": "1"}), item("Service", spec={"clusterIP": "2"}), True),
        (item(status={"a": 1}), item(), True),
    ],
)
def test_what_there_is_to_restore(one: dict[str, Any], other: dict[str, Any], is_same: bool) -> None:
    assert same(one, other) is is_same
