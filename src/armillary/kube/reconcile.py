"""Observe, decide, act: the shape of every controller, and the words for what one may do.

`observe` reads caches, `decide` is a pure function, the runner acts. A decision is level-triggered: it
never learns which event woke it, and may die between any two of its actions.
"""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Generic, Protocol, TypeVar

from armillary.base.errors import ApiError
from armillary.kube.client import PatchType
from armillary.kube.events import Record
from armillary.kube.kind import Kind
from armillary.kube.object import Key, O

Seen = TypeVar("Seen")


@dataclass(frozen=True, slots=True)
class Create:
    kind: Kind[Any]
    item: Any
    event: Record | None = None  # told once it is done


@dataclass(frozen=True, slots=True)
class Update:
    """Replace by `item`; its resourceVersion guards against a write in between."""

    kind: Kind[Any]
    item: Any
    subresource: str = ""
    event: Record | None = None  # told once it is done


@dataclass(frozen=True, slots=True)
class Patch:
    kind: Kind[Any]
    key: Key
    patch: Any
    type: PatchType = PatchType.MERGE
    subresource: str = ""
    event: Record | None = None  # told once it is done


@dataclass(frozen=True, slots=True)
class Delete:
    """Delete that very object: by uid, so that a new one of the same name is safe.

    With a `resource_version` only if nobody has written it since.
    """

    kind: Kind[Any]
    key: Key
    uid: str
    grace_seconds: int | None = None
    propagation: str = ""
    event: Record | None = None  # told once it is done
    resource_version: str = ""


@dataclass(frozen=True, slots=True)
class DeleteAll:
    """Delete everything of that kind in a namespace."""

    kind: Kind[Any]
    namespace: str


@dataclass(frozen=True, slots=True)
class Confirm:
    """Go on only if that very object is there and not ending: asked of the server, since memory may be stale."""

    kind: Kind[Any]
    key: Key
    uid: str


Action = Create | Update | Patch | Delete | DeleteAll | Confirm | Record


@dataclass(frozen=True, slots=True)
class Decision:
    """What one look at the world calls for; `because` is one sentence for a person.

    Actions are done in order; neighbours of one type and kind are done side by side. The first failure ends them.
    Events are handed over and written while the rest goes on.
    """

    because: str
    actions: tuple[Action, ...] = ()
    again_after: timedelta | None = None


class Reads(Protocol):
    """What `observe` may ask. Answers come from memory and may be a moment old."""

    def get(self, kind: Kind[O], name: str, namespace: str = "") -> O | None: ...

    def list(self, kind: Kind[O], namespace: str = "") -> Sequence[O]: ...

    def by(self, kind: Kind[O], index: str, value: str) -> Sequence[O]: ...

    def now(self) -> datetime: ...


@dataclass(frozen=True, slots=True)
class Watch(Generic[O]):
    """Look again at `keys(item, reads)` of the root kind whenever an object of `kind` changes.

    For a change, `keys` is asked for the old and for the new object. `matters(old, new)`, if given, says
    whether a change is worth a look at all.
    """

    kind: Kind[O]
    keys: Callable[[O, Reads], Iterable[Key]]
    matters: Callable[[O, O], bool] | None = None


@dataclass(frozen=True, slots=True)
class Index(Generic[O]):
    """Have the cache of `kind` file its objects under `values(item)`, to be read by `Reads.by`."""

    kind: Kind[O]
    name: str
    values: Callable[[O], Iterable[str]]


def owned(kind: Kind[Any], root: Kind[Any]) -> Watch[Any]:
    """Watch `kind` for the objects of `root` that manage it."""

    def keys(item: Any, reads: Reads) -> Iterable[Key]:
        return [
            (item.metadata.namespace if root.namespaced else "", owner.name)
            for owner in item.metadata.owner_references
            if owner.controller and owner.kind == root.name
        ]

    return Watch(kind, keys)


@dataclass(frozen=True, slots=True)
class Controller(Generic[Seen]):
    """One controller as a value. `reads` names kinds that are cached without waking it."""

    name: str  # the component of its events, and its user's name
    root: Kind[Any]
    observe: Callable[[Key, Reads], Awaitable[Seen | None]]
    decide: Callable[[Seen], Decision]
    watches: tuple[Watch[Any], ...] = ()
    reads: tuple[Kind[Any], ...] = ()
    indexes: tuple[Index[Any], ...] = ()
    workers: int = 4
    # Which objects of the root kind it is about at all; every one when it is None.
    concerns: Callable[[Any], bool] | None = field(default=None)
    # What to write when an action fails for a reason a person should see (a quota, a refusal).
    failed: Callable[[Seen, Action, ApiError], tuple[Action, ...]] | None = field(default=None)
