"""The garbage collector's judgement: whose owners are gone, and what becomes of them."""

from collections.abc import Iterable
from typing import Any

import pytest

from armillary.engine.controllers.gc_graph import (
    FOREGROUND,
    GONE,
    ORPHAN,
    THERE,
    Ask,
    Coordinates,
    Graph,
    Node,
    judge,
)
from armillary.kube.events import Record
from armillary.kube.kind import Kind
from armillary.kube.kinds.meta import ObjectMeta, OwnerReference
from armillary.kube.reconcile import Action, Decision, Delete, Patch

SET = Kind("apps", "v1", "ReplicaSet", "replicasets", True, ObjectMeta)
POD = Kind("", "v1", "Pod", "pods", True, ObjectMeta)
NODE = Kind("", "v1", "Node", "nodes", False, ObjectMeta)
KINDS = {"s": SET, "p": POD, "n": NODE}


def scope(group: str, kind: str) -> bool | None:
    return {("apps", "ReplicaSet"): True, ("", "Pod"): True, ("", "Node"): False}.get((group, kind))


def node(name: str, owners: str = "", *, finalizers: str = "", ending: bool = False, namespace: str = "team") -> Node:
    """`s1` is a replica set, `p1` a pod, `n1` a node. Owners that end in `!` are blocked by it."""
    kind = KINDS[name[0]]
    references = tuple(reference(o.rstrip("!"), blocks=o.endswith("!")) for o in owners.split())
    where = namespace if kind.namespaced else ""
    return Node(kind, where, name, f"uid-{name}", "7", references, tuple(finalizers.split()), ending)


def reference(name: str, *, blocks: bool = False) -> OwnerReference:
    kind = KINDS[name[0]]
    return OwnerReference(
        api_version=kind.api_version, kind=kind.name, name=name, uid=f"uid-{name}", block_owner_deletion=blocks
    )


def graph(*nodes: Node) -> Graph:
    made = Graph()
    for each in nodes:
        made.put(each)
    return made


def coordinates(name: str, namespace: str = "team") -> Coordinates:
    kind = KINDS[name[0]]
    return Coordinates(kind.group, kind.name, namespace if kind.namespaced else "", name, f"uid-{name}")


def brief(action: Action) -> str:
    match action:
        case Delete(_, (_, name)):
            return f"delete {name} {action.propagation}"
        case Patch(_, (_, name), {"metadata": {"ownerReferences": owners}}):
            return (
                f"{name} owned by {' '.join(o['name'] + ('!' if o.get('blockOwnerDeletion') else '') for o in owners)}"
            )
        case Patch(_, (_, name), {"metadata": {"finalizers": finalizers}}):
            return f"{name} finalizers {finalizers}"
        case Record():
            return f"{action.reason}: {action.message}"
    raise AssertionError(action)


def verdict(of: Graph, name: str, known: dict[Coordinates, str] | None = None) -> Any:
    found = judge(of, f"uid-{name}", known or {}, scope)
    return [brief(a) for a in found.actions] if isinstance(found, Decision) else found


GOING = {"finalizers": FOREGROUND, "ending": True}


@pytest.mark.parametrize(
    ("there", "of", "does"),
    [
        ([node("p1")], "p1", []),
        ([node("s1"), node("p1", "s1")], "p1", []),
        ([node("p1", "s1")], "p1", Ask((coordinates("s1"),))),
        ([node("p1", "s1", ending=True)], "p1", []),
        # In the foreground: dependents go first, then the owner is let go.
        ([node("s1", **GOING), node("p1", "s1!")], "p1", ["delete p1 Background"]),
        ([node("s1", **GOING), node("p1", "s1!")], "s1", []),
        ([node("s1", **GOING), node("p1", "s1")], "s1", ["s1 finalizers []"]),
        ([node("s1", **GOING)], "s1", ["s1 finalizers []"]),
        ([node("s1", **GOING), node("s2", "s1!"), node("p1", "s2!")], "s2", ["delete s2 Foreground"]),
        ([node("s1", **GOING), node("s2"), node("p1", "s1! s2")], "p1", ["p1 owned by s2"]),
        # Two that wait for each other.
        (
            [node("s1", "s2!", **GOING), node("s2", "s1!", finalizers="")],
            "s2",
            ["s2 owned by s1", "delete s2 Foreground"],
        ),
        # Orphans.
        (
            [node("s1", finalizers=f"{ORPHAN} x", ending=True), node("p1", "s1!")],
            "s1",
            ["p1 owned by ", "s1 finalizers ['x']"],
        ),
        # Scopes.
        ([node("n1"), node("p1", "n1")], "p1", []),
        ([node("n1", "p1")], "n1", []),
    ],
)
def test_judges(there: Iterable[Node], of: str, does: Any) -> None:
    assert verdict(graph(*there), of) == does


def test_deletes_what_has_no_owner_left_but_only_as_it_was_judged() -> None:
    there = graph(node("p1", "s1"))
    assert verdict(there, "p1", {coordinates("s1"): GONE}) == ["delete p1 Background"]
    found = judge(there, "uid-p1", {coordinates("s1"): GONE}, scope)
    assert isinstance(found, Decision)
    (action,) = found.actions
    assert isinstance(action, Delete)
    assert (action.uid, action.resource_version) == ("uid-p1", "7")
    assert verdict(there, "p1", {coordinates("s1"): THERE}) == []


def test_one_owner_left_is_enough() -> None:
    there = graph(node("s1"), node("p1", "s1 s2"))
    assert verdict(there, "p1", {coordinates("s2"): GONE}) == ["p1 owned by s1"]


def test_finalizers_choose_how_it_goes() -> None:
    there = graph(node("p1", "s1", finalizers=ORPHAN))
    assert verdict(there, "p1", {coordinates("s1"): GONE}) == ["delete p1 Orphan"]


def test_an_owner_in_another_namespace_is_none_and_is_told() -> None:
    there = graph(node("s1", namespace="other"), node("p1", "s1"))
    assert verdict(there, "p1") == Ask((coordinates("s1"),))
    told, deleted = verdict(there, "p1", {coordinates("s1"): GONE})
    assert told == (
        "OwnerRefInvalidNamespace: ownerRef [apps/v1/ReplicaSet, namespace: team, name: s1, uid: uid-s1] "
        'does not exist in namespace "team"'
    )
    assert deleted == "delete p1 Background"


def test_owners_of_unknown_kinds_save_their_dependents() -> None:
    strange = OwnerReference(api_version="x.example/v1", kind="Thing", name="t", uid="uid-t")
    there = graph(Node(POD, "team", "p1", "uid-p1", "7", (strange,), (), False))
    assert verdict(there, "p1") == []


def test_tells_who_is_to_be_judged_again() -> None:
    there = Graph()
    assert there.put(node("s1")) == set()
    assert there.put(node("p1", "s1!")) == set()
    assert there.put(node("p2", "s2")) == {"uid-p2"}, "its owner was not seen"
    assert there.put(node("s1", **GOING)) == {"uid-s1", "uid-p1"}
    assert there.put(node("p1")) == {"uid-s1"}, "it blocks no more"
    assert there.put(node("p1", "s1!")) == {"uid-p1"}
    assert there.remove("uid-p1") == {"uid-s1"}
    there.put(node("p3", "s1"))
    assert there.remove("uid-s1") == {"uid-p3"}
    assert there.remove("uid-s1") == set()
    there.put(node("s3", "", finalizers=ORPHAN))
    assert there.put(node("s3", "", finalizers=ORPHAN, ending=True)) == {"uid-s3"}
