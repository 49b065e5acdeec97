"""What the store promises. `sqlite.py` keeps it on disk, `memory.py` in memory; one contract suite tests both.

One event loop uses a store. A write is decided and submitted in one step of that loop: look at `head`, build
the object, call `put` or `delete`, with no `await` in between; so nobody can have written since, and there is
no retry loop. What `get`, `page` and `watch` show has been acknowledged: it is on disk (fsync) first.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol


class Key(NamedTuple):
    """An object's place. `resource` is `plural` or `plural.group`; `namespace` is "" for cluster-scoped."""

    resource: str
    namespace: str
    name: str


@dataclass(frozen=True, slots=True)
class Draft:
    """An object ready to be stored: its JSON, and what it may be selected by."""

    body: bytes
    labels: Mapping[str, str]
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Entry:
    """One version of one object. `body` is the JSON that is sent; it names `revision` as its resourceVersion."""

    key: Key
    revision: int
    body: bytes
    labels: Mapping[str, str]
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Change:
    """One committed write. For a deletion `entry` is the last state, at the deletion's revision."""

    entry: Entry
    previous: Entry | None  # None when the object was made by this write
    deleted: bool


@dataclass(frozen=True, slots=True)
class Page:
    """Part of a list as of `revision`, in order of (namespace, name)."""

    entries: Sequence[Entry]
    revision: int
    last: Key | None  # where the next page goes on; None when this was the last
    remaining: int  # objects after this page


class Watcher(Protocol):
    """A stream of changes, in order of revision, without gaps."""

    async def changes(self, timeout_seconds: float) -> Sequence[Change]:
        """All that came since the last call; waits for the first. Empty when time ran out.

        Raises Expired when this watcher fell too far behind to be given every change.
        """
        ...

    @property
    def revision(self) -> int:
        """All changes up to here were given out (it moves on with foreign changes too): fit for a bookmark."""
        ...

    def close(self) -> None:
        """Stop; owed by whoever opened it."""
        ...


Build = Callable[[int], Draft]  # given the revision that the write will have


class Store(Protocol):
    """Objects by key, every change numbered by one counter."""

    @property
    def revision(self) -> int:
        """Of the last acknowledged write."""
        ...

    @property
    def oldest(self) -> int:
        """Reads and watches from before this revision raise Expired."""
        ...

    def get(self, key: Key) -> Entry | None:
        """The acknowledged state."""
        ...

    def head(self, key: Key) -> Entry | None:
        """The state after all submitted writes, acknowledged or not: what a write must be judged against."""
        ...

    def heads(self, resource: str, namespace: str = "") -> Sequence[Entry]:
        """All heads of a resource, in order of (namespace, name)."""
        ...

    def page(
        self,
        resource: str,
        namespace: str = "",
        *,
        after: Key | None = None,
        limit: int = 0,
        at: int | None = None,
    ) -> Page:
        """A list, or a page of it, as of now or of an earlier revision. Raises Expired."""
        ...

    def put(self, key: Key, build: Build) -> Awaitable[Entry]:
        """Create or replace; submitted at once, and done when it is on disk. Raises Unavailable if it can't be."""
        ...

    def delete(self, key: Key, build: Build) -> Awaitable[Entry]:
        """Remove; `build` gives the last state."""
        ...

    def on_failure(self, tell: Callable[[Sequence[Key]], None]) -> None:
        """`tell` is called with the keys of writes that failed, before anybody else learns of it.

        Their heads are again what is on disk: whoever keeps account of submitted writes must look at them again.
        """
        ...

    def watch(self, resource: str, namespace: str = "", *, after: int) -> Watcher:
        """Changes with a revision above `after`. Raises Expired."""
        ...

    async def close(self) -> None:
        """Write what is pending, then let go."""
        ...
