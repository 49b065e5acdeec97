"""Who owns whom, and what follows from it: the garbage collector's memory and its judgement.

`Graph` remembers; `judge` decides about one object from what is remembered and what the server was asked.
Nothing here waits. Upstream: pkg/controller/garbagecollector.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from armillary.kube.events import Record
from armillary.kube.kind import Kind
from armillary.kube.kinds.core import ObjectReference
from armillary.kube.kinds.meta import ObjectMeta, OwnerReference
from armillary.kube.object import Key
from armillary.kube.reconcile import Action, Decision, Delete, Patch

FOREGROUND = "foregroundDeletion"
ORPHAN = "orphan"


@dataclass(frozen=True, slots=True)
class Node:
    """What matters of an object."""

    kind: Kind[Any]
    namespace: str
    name: str
    uid: str
    resource_version: str
    owners: tuple[OwnerReference, ...]
    finalizers: tuple[str, ...]
    is_ending: bool

    @property
    def key(self) -> Key:
        return self.namespace, self.name

    @property
    def awaits_dependents(self) -> bool:
        """Whether it was deleted in the foreground and waits for its dependents to go first."""
        return self.is_ending and FOREGROUND in self.finalizers

    @property
    def lets_go(self) -> bool:
        """Whether it was deleted with the wish that its dependents stay."""
        return self.is_ending and ORPHAN in self.finalizers


def node_of(kind: Kind[Any], meta: ObjectMeta) -> Node:
    return Node(
        kind,
        meta.namespace,
        meta.name,
        meta.uid,
        meta.resource_version,
        meta.owner_references,
        meta.finalizers,
        bool(meta.deletion_timestamp),
    )


@dataclass(frozen=True, slots=True)
class Coordinates:
    """What an owner reference points to, seen from where it stands. `namespace` is "" for cluster-scoped kinds."""

    group: str
    kind: str
    namespace: str
    name: str
    uid: str


def group_of(reference: OwnerReference) -> str:
    return reference.api_version.rpartition("/")[0]


class Graph:
    """Objects by uid, and who depends on them."""

    def __init__(self) -> None:
        self._nodes: dict[str, Node] = {}
        self._dependents: defaultdict[str, set[str]] = defaultdict(set)

    def __len__(self) -> int:
        return len(self._nodes)

    def get(self, uid: str) -> Node | None:
        return self._nodes.get(uid)

    def dependents(self, uid: str) -> list[Node]:
        return [node for each in self._dependents.get(uid, ()) if (node := self._nodes.get(each))]

    def put(self, node: Node) -> set[str]:
        """Remember an object as it is now; gives the uids to be judged because of that."""
        old = self._nodes.get(node.uid)
        self._nodes[node.uid] = node
        before = {o.uid: o for o in old.owners} if old else {}
        after = {o.uid: o for o in node.owners}
        for uid in before.keys() - after.keys():
            self._drop(uid, node.uid)
        for uid in after:
            self._dependents[uid].add(node.uid)
        return set(self._affected(old, node, before, after))

    def _affected(
        self, old: Node | None, new: Node, before: Mapping[str, OwnerReference], after: Mapping[str, OwnerReference]
    ) -> Iterable[str]:
        if any(not self._is_plain(new, owner) for uid, owner in after.items() if uid not in before):
            yield new.uid
        # An owner that waits for its dependents may wait no longer for this one.
        for uid, owner in before.items():
            if owner.block_owner_deletion and not (uid in after and after[uid].block_owner_deletion):
                yield uid
        if new.lets_go and not (old and old.lets_go):
            yield new.uid
        if new.awaits_dependents and not (old and old.awaits_dependents):
            yield new.uid
            yield from self._dependents.get(new.uid, ())

    def _is_plain(self, node: Node, reference: OwnerReference) -> bool:
        """Whether that owner is known, is what the reference says, and stays."""
        owner = self._nodes.get(reference.uid)
        return owner is not None and fits(owner, node, reference) and not owner.awaits_dependents

    def remove(self, uid: str) -> set[str]:
        """Forget an object that is gone; gives the uids to be judged because of that."""
        node = self._nodes.pop(uid, None)
        if node is None:
            return set()
        for owner in node.owners:
            self._drop(owner.uid, uid)
        waiting = {o.uid for o in node.owners if (known := self._nodes.get(o.uid)) and known.awaits_dependents}
        return waiting | self._dependents.get(uid, set())

    def _drop(self, owner: str, dependent: str) -> None:
        members = self._dependents.get(owner)
        if members is not None:
            members.discard(dependent)
            if not members:
                del self._dependents[owner]


def fits(owner: Node, dependent: Node, reference: OwnerReference) -> bool:
    """Whether an object is what a reference to its uid says it is."""
    return (owner.kind.group, owner.kind.name, owner.name) == (
        group_of(reference),
        reference.kind,
        reference.name,
    ) and owner.namespace in ("", dependent.namespace)


@dataclass(frozen=True, slots=True)
class Ask:
    """No judgement yet: the server must be asked about these owners."""

    owners: tuple[Coordinates, ...]


# Of an owner: gone, there, or there and waiting for its dependents to go.
GONE, THERE, WAITS = "gone", "there", "waits"


def judge(
    graph: Graph,
    uid: str,
    known: Mapping[Coordinates, str],
    scope: Callable[[str, str], bool | None],
) -> Decision | Ask:
    """What becomes of one object.

    `known` says what the server answered about owners. `scope(group, kind)` tells whether a kind is
    namespaced, None if nobody serves it.
    """
    node = graph.get(uid)
    if node is None:
        return Decision("is gone")
    if node.is_ending:
        if node.lets_go:
            return _orphan(graph, node)
        return _foreground(graph, node) if node.awaits_dependents else Decision("is being deleted")
    if not node.owners:
        return Decision("has no owner")
    return _by_references(graph, node, known, scope)


def _by_references(
    graph: Graph,
    node: Node,
    known: Mapping[Coordinates, str],
    scope: Callable[[str, str], bool | None],
) -> Decision | Ask:
    asks: list[Coordinates] = []
    states: list[tuple[OwnerReference, str]] = []
    events = tuple(_strange(node, o) for o in node.owners if _is_elsewhere(graph, node, o))
    for reference in node.owners:
        owner = graph.get(reference.uid)
        if owner is not None and fits(owner, node, reference):
            states.append((reference, WAITS if owner.awaits_dependents else THERE))
            continue
        namespaced = scope(group_of(reference), reference.kind)
        if namespaced is None:
            return Decision(f"has an owner of a kind nobody serves: {reference.kind}", events)
        if namespaced and not node.namespace:
            return Decision("is cluster-scoped and refers to a namespaced owner", events)
        place = node.namespace if namespaced else ""
        target = Coordinates(group_of(reference), reference.kind, place, reference.name, reference.uid)
        if target in known:
            states.append((reference, known[target]))
        else:
            asks.append(target)
    if asks:
        return Ask(tuple(asks))
    decision = _by_owners(graph, node, states)
    return Decision(decision.because, (*events, *decision.actions))


def _is_elsewhere(graph: Graph, node: Node, reference: OwnerReference) -> bool:
    """Whether the owner meant is in another namespace, where it can't be owner."""
    owner = graph.get(reference.uid)
    return owner is not None and owner.namespace not in ("", node.namespace)


def _by_owners(graph: Graph, node: Node, states: list[tuple[OwnerReference, str]]) -> Decision:
    stay = [reference for reference, state in states if state == THERE]
    waiting = [reference for reference, state in states if state == WAITS]
    if stay:
        if len(stay) == len(states):
            return Decision("has its owners")
        return Decision("lets go of owners that are gone or going", (_refer(node, stay),))
    dependents = graph.dependents(node.uid)
    if waiting and dependents:
        actions: list[Action] = []
        if any(dependent.awaits_dependents for dependent in dependents):
            # A circle: each would wait for the other for ever.
            free = [msgspec.structs.replace(o, block_owner_deletion=False) for o in node.owners]
            actions.append(_refer(node, free))
        actions.append(_delete(node, "Foreground", checked=not actions))
        return Decision("its owner waits for it, and it has dependents", tuple(actions))
    policy = "Orphan" if ORPHAN in node.finalizers else "Foreground" if FOREGROUND in node.finalizers else "Background"
    return Decision("all its owners are gone", (_delete(node, policy),))


def _orphan(graph: Graph, node: Node) -> Decision:
    freed: list[Action] = [
        _refer(dependent, [o for o in dependent.owners if o.uid != node.uid])
        for dependent in graph.dependents(node.uid)
    ]
    return Decision(f"lets go of its {len(freed)} dependents", (*freed, _finalize(node, ORPHAN)))


def _foreground(graph: Graph, node: Node) -> Decision:
    dependents = graph.dependents(node.uid)
    blocking = [d for d in dependents if any(o.uid == node.uid and o.block_owner_deletion for o in d.owners)]
    if blocking:
        return Decision(f"waits for {len(blocking)} dependents")
    return Decision("has no dependents left to wait for", (_finalize(node, FOREGROUND),))


def _strange(node: Node, reference: OwnerReference) -> Record:
    about = ObjectReference(
        api_version=node.kind.api_version, kind=node.kind.name, namespace=node.namespace, name=node.name, uid=node.uid
    )
    kind = f"{reference.api_version}/{reference.kind}"
    identity = f"[{kind}, namespace: {node.namespace}, name: {reference.name}, uid: {reference.uid}]"
    words = f'ownerRef {identity} does not exist in namespace "{node.namespace}"'
    return Record(about, "Warning", "OwnerRefInvalidNamespace", words)


def _refer(node: Node, owners: list[OwnerReference]) -> Patch:
    guard = {"uid": node.uid, "resourceVersion": node.resource_version}
    return Patch(node.kind, node.key, {"metadata": {**guard, "ownerReferences": msgspec.to_builtins(owners)}})


def _finalize(node: Node, finalizer: str) -> Patch:
    guard = {"uid": node.uid, "resourceVersion": node.resource_version}
    rest = [f for f in node.finalizers if f != finalizer]
    return Patch(node.kind, node.key, {"metadata": {**guard, "finalizers": rest}})


def _delete(node: Node, policy: str, *, checked: bool = True) -> Delete:
    """Only as long as its owners are those that were judged, which its revision stands for."""
    revision = node.resource_version if checked else ""
    return Delete(node.kind, node.key, node.uid, propagation=policy, resource_version=revision)
