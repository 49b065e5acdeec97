"""The state of all objects, and enough of its past: what is read, watched and judged. No I/O, no waiting.

Three states matter: `published` (on disk, shown to everybody), the head (with writes that are on their way), and
recent revisions (for pages of an older list, and for watches that come back).
"""

from bisect import bisect_left, insort
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from heapq import merge

from armillary.base.errors import Expired
from armillary.engine.store.port import Change, Entry, Key, Page

KEPT_SECONDS = 300.0  # as long as etcd keeps them for a kube-apiserver
KEPT_CHANGES = 50_000
KEPT_BYTES = 64 << 20  # of versions that only the past needs
WATCHER_CHANGES = 20_000  # a watcher that is further behind must list again

# Sorts after every name: names are printable ASCII.
_LAST = "\x7f"


@dataclass(slots=True)
class _Table:
    """One resource: its objects, their keys in order, and its part of the log."""

    entries: dict[Key, Entry] = field(default_factory=dict)
    order: list[Key] = field(default_factory=list)
    log: deque[Change] = field(default_factory=deque)
    streams: set["Stream"] = field(default_factory=set)

    def apply(self, change: Change) -> None:
        key = change.entry.key
        if change.deleted:
            del self.entries[key]
            del self.order[bisect_left(self.order, key)]
        else:
            if key not in self.entries:
                insort(self.order, key)
            self.entries[key] = change.entry
        self.log.append(change)

    def since(self, revision: int) -> list[Change]:
        """Changes above a revision, the latest first."""
        found = []
        for change in reversed(self.log):
            if change.entry.revision <= revision:
                break
            found.append(change)
        return found

    def span(self, resource: str, namespace: str, after: Key | None) -> tuple[int, int]:
        """Where the keys of a namespace (all, if empty) stand in `order`, those up to `after` left out."""
        first = Key(resource, namespace, "")
        low = bisect_left(self.order, after) if after is not None else bisect_left(self.order, first)
        if after is not None and low < len(self.order) and self.order[low] == after:
            low += 1
        if not namespace:
            return low, len(self.order)
        return low, bisect_left(self.order, Key(resource, namespace, _LAST))


class Stream:
    """Changes for one watcher, gathered until it asks. `wake` is called when there is something new."""

    __slots__ = ("_after", "_changes", "_lost_at", "history", "namespace", "resource", "wake")

    def __init__(self, history: "History", resource: str, namespace: str, after: int) -> None:
        self.history, self.resource, self.namespace = history, resource, namespace
        self._after = after
        self._changes: list[Change] = []
        self._lost_at = 0  # revision of the first change that was dropped
        self.wake = _nothing

    @property
    def revision(self) -> int:
        """Everything up to here was taken."""
        if self._lost_at:
            return self._lost_at - 1
        return self._changes[0].entry.revision - 1 if self._changes else self.history.revision

    def offer(self, changes: Sequence[Change]) -> None:
        if self.namespace or (changes and changes[0].entry.revision <= self._after):
            changes = [change for change in changes if self._wants(change.entry)]
        if not changes or self._lost_at:
            return
        self._changes += changes
        if len(self._changes) > WATCHER_CHANGES:
            self._lost_at = self._changes[0].entry.revision
            self._changes.clear()
        self.wake()

    def _wants(self, entry: Entry) -> bool:
        return entry.revision > self._after and (not self.namespace or entry.key.namespace == self.namespace)

    def take(self) -> Sequence[Change]:
        """What has gathered. Raises Expired when it was more than is kept for one watcher."""
        if self._lost_at:
            raise Expired("too old resource version: this watch fell behind; list again")
        taken, self._changes = self._changes, []
        return taken


def _nothing() -> None:
    return


def _superseded_bytes(change: Change) -> int:
    """What the log alone keeps because of a change: an object's present version is in memory anyway."""
    return (len(change.previous.body) if change.previous else 0) + (len(change.entry.body) if change.deleted else 0)


class History:
    """All resources. Changes are published in the order of their revisions."""

    def __init__(self, revision: int) -> None:
        self.revision = revision
        self.oldest = revision
        self._tables: dict[str, _Table] = {}
        self._log: deque[tuple[float, Change]] = deque()
        self._log_bytes = 0

    def load(self, entries: Iterable[Entry]) -> None:
        """The state at the start; no history leads to it."""
        for entry in entries:
            table = self._table(entry.key.resource)
            table.entries[entry.key] = entry
        for table in self._tables.values():
            table.order = sorted(table.entries)

    def _table(self, resource: str) -> _Table:
        table = self._tables.get(resource)
        if table is None:
            table = self._tables[resource] = _Table()
        return table

    def get(self, key: Key) -> Entry | None:
        table = self._tables.get(key.resource)
        return table.entries.get(key) if table is not None else None

    def publish(self, changes: Sequence[Change], now: float) -> None:
        """Show changes that are on disk. `now` is the monotonic clock."""
        by_table: dict[str, list[Change]] = {}
        for change in changes:
            resource = change.entry.key.resource
            self._table(resource).apply(change)
            self._log.append((now, change))
            self._log_bytes += _superseded_bytes(change)
            by_table.setdefault(resource, []).append(change)
            self.revision = change.entry.revision
        self._forget(now)
        for resource, part in by_table.items():
            for stream in self._tables[resource].streams:
                stream.offer(part)

    def _forget(self, now: float) -> None:
        while self._log and (
            self._log[0][0] < now - KEPT_SECONDS or len(self._log) > KEPT_CHANGES or self._log_bytes > KEPT_BYTES
        ):
            _, change = self._log.popleft()
            self._log_bytes -= _superseded_bytes(change)
            self._tables[change.entry.key.resource].log.popleft()
            self.oldest = change.entry.revision

    def page(
        self, resource: str, namespace: str = "", *, after: Key | None = None, limit: int = 0, at: int | None = None
    ) -> Page:
        table = self._tables.get(resource) or _Table()
        if at is None or at >= self.revision:
            return self._page_now(table, resource, namespace, after, limit)
        self._check(at)
        return self._page_then(table, resource, namespace, after, limit, at)

    def _page_now(self, table: _Table, resource: str, namespace: str, after: Key | None, limit: int) -> Page:
        low, high = table.span(resource, namespace, after)
        end = min(high, low + limit) if limit else high
        entries = table.entries
        shown = [entries[key] for key in table.order[low:end]]
        remaining = high - end
        return Page(shown, self.revision, shown[-1].key if remaining and shown else None, remaining)

    def _page_then(self, table: _Table, resource: str, namespace: str, after: Key | None, limit: int, at: int) -> Page:
        """As of a revision: today's state, with every later change undone. Costs the page and those changes."""
        then: dict[Key, Entry | None] = {}
        for change in table.since(at):
            key = change.entry.key
            if (not namespace or key.namespace == namespace) and (after is None or key > after):
                then[key] = change.previous  # the earliest of them is seen last, and stays
        entries = table.entries
        gone = sorted(key for key, entry in then.items() if entry is not None and key not in entries)
        made = sum(entry is None and key in entries for key, entry in then.items())
        low, high = table.span(resource, namespace, after)
        shown: list[Entry] = []
        for key in merge(map(table.order.__getitem__, range(low, high)), gone):
            if limit and len(shown) == limit:
                break
            entry = then[key] if key in then else entries[key]
            if entry is not None:
                shown.append(entry)
        remaining = high - low + len(gone) - made - len(shown)
        return Page(shown, at, shown[-1].key if remaining else None, remaining)

    def _check(self, revision: int) -> None:
        if revision < self.oldest:
            raise Expired(f"too old resource version: {revision} ({self.oldest})")

    def open_stream(self, resource: str, namespace: str, after: int) -> Stream:
        """A stream of changes above `after`, those in the log included. Raises Expired."""
        self._check(after)
        stream = Stream(self, resource, namespace, after)
        table = self._table(resource)
        stream.offer(table.since(after)[::-1])
        table.streams.add(stream)
        return stream

    def close_stream(self, stream: Stream) -> None:
        self._table(stream.resource).streams.discard(stream)
