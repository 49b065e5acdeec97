"""Patches in their three classic forms."""

from typing import Any

import pytest
from tests.harness.apiserver import schemas

from armillary.engine.apiserver.patch.json_patch import apply_json_patch
from armillary.engine.apiserver.patch.media import PatchFailed
from armillary.engine.apiserver.patch.merge_patch import apply_merge_patch
from armillary.engine.apiserver.patch.strategic import apply_strategic


def op(kind: str, path: str, **rest: Any) -> dict[str, Any]:
    return {"op": kind, "path": path} | rest


@pytest.mark.parametrize(
    ("document", "operations", "wanted"),
    [
        ({"a": 1}, [op("add", "/b", value=2)], {"a": 1, "b": 2}),
        ({"a": [1, 3]}, [op("add", "/a/1", value=2), op("add", "/a/-", value=4)], {"a": [1, 2, 3, 4]}),
        ({"a": 1}, [op("remove", "/a")], {}),
        ({"a": [1, 2]}, [op("remove", "/a/0")], {"a": [2]}),
        ({"a": 1}, [op("replace", "/a", value=2)], {"a": 2}),
        ({"a": {"b": 1}}, [op("move", "/c", **{"from": "/a/b"})], {"a": {}, "c": 1}),
        ({"a": {"b": 1}}, [op("copy", "/c", **{"from": "/a"})], {"a": {"b": 1}, "c": {"b": 1}}),
        ({"a": None}, [op("test", "/a", value=None)], {"a": None}),
        ({}, [op("test", "/absent", value=None)], {}),
        ({"a/b": {"~": 1}}, [op("replace", "/a~1b/~0", value=2)], {"a/b": {"~": 2}}),
        ({"a": 1}, [op("replace", "", value={"b": 1})], {"b": 1}),
    ],
)
def test_json_patch(document: Any, operations: list[Any], wanted: Any) -> None:
    assert apply_json_patch(document, operations) == wanted


@pytest.mark.parametrize(
    "operations",
    [
        [op("remove", "/absent")],
        [op("replace", "/absent", value=1)],
        [op("add", "/a/b/c", value=1)],
        [op("add", "/list/9", value=1)],
        [op("add", "/list/01", value=1)],
        [op("test", "/a", value=True)],
        [op("move", "/a/x", **{"from": "/a"})],
        [op("jump", "/a")],
        [op("add", "a", value=1)],
        [op("add", "/b")],
        [{"op": "remove"}],
        ["remove"],
        [op("remove", "")],
    ],
)
def test_a_json_patch_that_does_not_fit_fails(operations: list[Any]) -> None:
    with pytest.raises(PatchFailed):
        apply_json_patch({"a": 1, "list": [1]}, operations)


@pytest.mark.parametrize(
    ("target", "patch", "wanted"),
    [  # RFC 7386, appendix A
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": "c"}, ["b"], ["b"]),
        ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ],
)
def test_merge_patch(target: Any, patch: Any, wanted: Any) -> None:
    assert apply_merge_patch(target, patch) == wanted


def containers(*names: str, **fields: Any) -> list[dict[str, Any]]:
    return [{"name": name} | fields for name in names]


@pytest.mark.parametrize(
    ("original", "patch", "wanted"),
    [
        # items are found by their merge key
        (
            {"containers": [{"name": "a", "image": "1"}, {"name": "b"}]},
            {"containers": [{"name": "a", "image": "2"}]},
            {"containers": [{"name": "a", "image": "2"}, {"name": "b"}]},
        ),
        ({"containers": containers("a")}, {"containers": containers("b")}, {"containers": containers("b", "a")}),
        # directives
        (
            {"containers": containers("a", "b")},
            {"containers": [{"name": "a", "$patch": "delete"}]},
            {"containers": containers("b")},
        ),
        (
            {"containers": containers("a", "b")},
            {"containers": [{"$patch": "replace"}, {"name": "c"}]},
            {"containers": containers("c")},
        ),
        ({"nodeSelector": {"a": "b"}}, {"nodeSelector": {"$patch": "replace", "c": "d"}}, {"nodeSelector": {"c": "d"}}),
        ({"nodeSelector": {"a": "b"}}, {"nodeSelector": {"a": None, "c": "d"}}, {"nodeSelector": {"c": "d"}}),
        (
            {"volumes": [{"name": "v", "emptyDir": {}}]},
            {"volumes": [{"name": "v", "$retainKeys": ["name", "hostPath"], "hostPath": {"path": "/"}}]},
            {"volumes": [{"name": "v", "hostPath": {"path": "/"}}]},
        ),
        # the order that the patch says, what it doesn't name stays where it was
        (
            {"containers": containers("a", "b", "c")},
            {"$setElementOrder/containers": containers("c", "a"), "containers": [{"name": "c", "image": "x"}]},
            {"containers": [{"name": "b"}, {"name": "c", "image": "x"}, {"name": "a"}]},
        ),
        ({"containers": containers("a")}, {"$setElementOrder/initContainers": []}, {"containers": containers("a")}),
        # lists without a merge strategy are replaced
        ({"tolerations": [{"key": "a"}]}, {"tolerations": [{"key": "b"}]}, {"tolerations": [{"key": "b"}]}),
        ({}, {"containers": [{"name": "a", "env": None}]}, {"containers": containers("a")}),
    ],
)
def test_strategic_merge(original: Any, patch: Any, wanted: Any) -> None:
    node = schemas().node("io.k8s.api.core.v1.PodSpec")
    assert apply_strategic(original, patch, node) == wanted


def test_strategic_merge_of_lists_of_words() -> None:
    node = schemas().node("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta")
    assert apply_strategic({"finalizers": ["a", "b"]}, {"finalizers": ["c", "a"]}, node) == {
        "finalizers": ["c", "a", "b"]
    }
    gone = {"$deleteFromPrimitiveList/finalizers": ["a"]}
    assert apply_strategic({"finalizers": ["a", "b"]}, gone, node) == {"finalizers": ["b"]}


@pytest.mark.parametrize(
    "patch",
    [
        {"containers": [{"image": "x"}]},
        {"containers": ["x"]},
        {"$patch": "explode"},
        {"$retainKeys": "a"},
        {"$setElementOrder/containers": "a"},
        {"containers": [{"$patch": "delete"}]},
    ],
)
def test_a_strategic_merge_that_does_not_fit_fails(patch: Any) -> None:
    with pytest.raises(PatchFailed):
        apply_strategic({"containers": containers("a")}, patch, schemas().node("io.k8s.api.core.v1.PodSpec"))
