"""The end of namespaces: everything in them is deleted, pods first; then they are let go.

Looking means asking the server here: what a namespace contains is known to no cache.
Upstream: pkg/controller/namespace/deletion.
"""

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from msgspec import structs

from armillary.base.clock import format_time
from armillary.base.errors import ApiError, MethodNotAllowed, NotFound
from armillary.engine.controllers.conditions import condition
from armillary.kube.client import Client
from armillary.kube.discovery import Discovered, Partial, Served, discover
from armillary.kube.kind import Kind
from armillary.kube.kinds.core import NAMESPACE, POD, Namespace, NamespaceCondition, NamespaceSpec, NamespaceStatus, Pod
from armillary.kube.object import Key, is_ending
from armillary.kube.reconcile import Action, Controller, Decision, Delete, DeleteAll, Reads, Update, Watch

FINALIZER = "kubernetes"
# What is in a namespace does not tell us of its end (but for pods): one has to look.
SOON = timedelta(seconds=0.05)  # after it was asked to go
LATER = timedelta(seconds=1)  # when it has been asked and stays

# Condition types, each with the reason and words of when all is well.
_WELL = {
    "NamespaceDeletionDiscoveryFailure": ("ResourcesDiscovered", "All resources successfully discovered"),
    "NamespaceDeletionGroupVersionParsingFailure": (
        "ParsedGroupVersions",
        "All legacy kube types successfully parsed",
    ),
    "NamespaceDeletionContentFailure": (
        "ContentDeleted",
        "All content successfully deleted, may be waiting on finalization",
    ),
    "NamespaceContentRemaining": ("ContentRemoved", "All content successfully removed"),
    "NamespaceFinalizersRemaining": ("ContentHasNoFinalizers", "All content-preserving finalizers finished"),
}


@dataclass(frozen=True, slots=True)
class Contents:
    """What remains of one resource type in a namespace."""

    served: Served
    items: tuple[Partial, ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """A namespace; if it is ending, what is still in it, and what could not be found out."""

    namespace: Namespace
    now: datetime
    contents: tuple[Contents, ...] = ()
    undiscovered: Mapping[str, str] = field(default_factory=dict)
    unread: tuple[str, ...] = ()


async def observe(client: Client, key: Key, reads: Reads) -> Seen | None:
    namespace = reads.get(NAMESPACE, key[1])
    if namespace is None:
        return None
    if not is_ending(namespace) or FINALIZER not in namespace.spec.finalizers:
        return Seen(namespace, reads.now())
    found = await _discovered(client)
    unread: list[str] = []

    async def read(served: Served) -> Contents | None:
        try:
            return Contents(served, (await client.list(served.kind, key[1])).items)
        except (NotFound, MethodNotAllowed):  # a definition went meanwhile, or it is no collection
            return None
        except ApiError as exc:
            unread.append(str(exc))
            return None

    kinds = [s for s in found.resources if s.kind.namespaced and s.can("list", "delete")]
    contents = await asyncio.gather(*map(read, kinds))
    rest = tuple(c for c in contents if c is not None and c.items)
    return Seen(namespace, reads.now(), rest, found.failures, tuple(sorted(unread)))


async def _discovered(client: Client) -> Discovered:
    try:
        return await discover(client)
    except ApiError as exc:
        return Discovered((), {"": str(exc)})


def decide(seen: Seen) -> Decision:
    namespace = seen.namespace
    if not is_ending(namespace):
        return Decision("lives")
    if FINALIZER not in namespace.spec.finalizers:
        return Decision("is finalized")
    status = structs.replace(namespace.status, phase="Terminating", conditions=conditions_of(seen))
    told = _with_status(seen, status)
    pods = [c for c in seen.contents if _is_pods(c.served.kind)]
    going = pods or seen.contents  # pods may need what else is here until they have ended
    if going:
        names = ", ".join(f"{len(c.items)} {c.served.kind.plural}" for c in going)
        actions = [action for c in going for action in _delete(c, namespace.metadata.name)]
        if not actions:
            return Decision(f"waits for {names} to end", told, LATER)
        return Decision(f"removes {names}", (*told, *actions), SOON)
    if seen.unread or seen.undiscovered:
        return Decision("can't tell whether anything is left", told, LATER)
    if told:
        return Decision("is empty; says so", told)
    rest = tuple(f for f in namespace.spec.finalizers if f != FINALIZER)
    released = structs.replace(namespace, spec=NamespaceSpec(finalizers=rest))
    return Decision("is empty; lets go", (Update(NAMESPACE, released, "finalize"),))


def _is_pods(kind: Kind[Partial]) -> bool:
    return (kind.group, kind.plural) == ("", "pods")


def _delete(contents: Contents, namespace: str) -> Iterable[Action]:
    left = [item for item in contents.items if not is_ending(item)]
    if not left:
        return ()
    if contents.served.can("deletecollection"):
        return (DeleteAll(contents.served.kind, namespace),)
    return [
        Delete(contents.served.kind, (namespace, item.metadata.name), item.metadata.uid, propagation="Background")
        for item in left
    ]


def _with_status(seen: Seen, status: NamespaceStatus) -> tuple[Action, ...]:
    if status == seen.namespace.status:
        return ()
    return (Update(NAMESPACE, structs.replace(seen.namespace, status=status), "status"),)


def conditions_of(seen: Seen) -> tuple[NamespaceCondition, ...]:
    """What hinders the end, as conditions; each type is there from the first look on."""
    troubles: dict[str, tuple[str, str]] = {}
    if seen.undiscovered:
        words = f"Discovery failed for some groups, {len(seen.undiscovered)} failing: " + _groups(seen.undiscovered)
        troubles["NamespaceDeletionDiscoveryFailure"] = ("DiscoveryFailed", words)
    if seen.unread:
        words = f"Failed to delete all resource types, {len(seen.unread)} remaining: {', '.join(seen.unread)}"
        troubles["NamespaceDeletionContentFailure"] = ("ContentDeletionFailed", words)
    remaining = sorted(
        f"{c.served.kind.plural}.{c.served.kind.group} has {len(c.items)} resource instances" for c in _stuck(seen)
    )
    if remaining:
        words = f"Some resources are remaining: {', '.join(remaining)}"
        troubles["NamespaceContentRemaining"] = ("SomeResourcesRemain", words)
    finalizers = Counter(f for c in _stuck(seen) for item in c.items for f in item.metadata.finalizers)
    if finalizers:
        each = sorted(f"{name} in {number} resource instances" for name, number in finalizers.items())
        words = f"Some content in the namespace has finalizers remaining: {', '.join(each)}"
        troubles["NamespaceFinalizersRemaining"] = ("SomeFinalizersRemain", words)
    return tuple(_conditions(seen, troubles))


def _stuck(seen: Seen) -> list[Contents]:
    """What was asked to go and is still there: what has not been asked is no hindrance yet."""
    return [c for c in seen.contents if any(is_ending(item) for item in c.items)]


def _groups(failures: Mapping[str, str]) -> str:
    each = ", ".join(f"{version}: {why}" for version, why in sorted(failures.items()))
    return f"unable to retrieve the complete list of server APIs: {each}"


def _conditions(seen: Seen, troubles: Mapping[str, tuple[str, str]]) -> Iterable[NamespaceCondition]:
    old = seen.namespace.status.conditions
    yield from (c for c in old if c.type not in _WELL)
    for name, well in _WELL.items():
        status = "True" if name in troubles else "False"
        reason, words = troubles.get(name, well)
        before = condition(old, name)
        same = before is not None and before.status == status
        at = before.last_transition_time if before is not None and same else format_time(seen.now)
        yield NamespaceCondition(type=name, status=status, reason=reason, message=words, last_transition_time=at)


def _of_pod(pod: Pod, reads: Reads) -> Iterable[Key]:
    namespace = reads.get(NAMESPACE, pod.metadata.namespace)
    if namespace is not None and is_ending(namespace):
        yield "", pod.metadata.namespace


def namespaces(client: Client) -> Controller[Seen]:
    return Controller(
        name="namespace-controller",
        root=NAMESPACE,
        observe=partial(observe, client),
        decide=decide,
        watches=(Watch(POD, _of_pod),),
        workers=10,
    )
