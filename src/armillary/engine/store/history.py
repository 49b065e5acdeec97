"""The state of all objects, and enough of its past: what is read, watched and judged. No I/O, no waiting.

Three states matter: `published` (on disk, shown to everybody), the head (with writes that are on their way), and
recent revisions (for pages of an older list, and for watches that come back).
"""

from bisect import bisect_left, insort
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from armillary.base.errors import Expired
from armillary.engine.store.port import Change, Entry, Key, Page

KEPT_SECONDS = 300.0  # as long as etcd keeps them for a kube-apiserver
KEPT_CHANGES = 50_000
KEPT_BYTES = 64 << 20
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

    __slots__ = ("_changes", "_seen", "history", "lost", "namespace", "resource", "wake")

    def __init__(self, history: "History", resource: str, namespace: str, after: int) -> None:
        self.history, self.resource, self.namespace = history, resource, namespace
        self._changes: list[Change] = []
        self._seen = after
        self.lost = False
        self.wake = _nothing

    @property
    def revision(self) -> int:
        return self._seen if self._changes else max(self._seen, self.history.revision)

    def offer(self, change: Change) -> None:
        if self.namespace and change.entry.key.namespace != self.namespace:
            return
        if len(self._changes) >= WATCHER_CHANGES:
            self.lost = True
            self._changes.clear()
        if not self.lost:
            self._changes.append(change)
        self.wake()

    def take(self) -> Sequence[Change]:
        """What has gathered. Raises Expired when some of it had to be dropped."""
        if self.lost:
            raise Expired("too old resource version: this watch fell behind; list again")
        taken, self._changes = self._changes, []
        if taken:
            self._seen = taken[-1].entry.revision
        return taken


def _nothing() -> None:
    return


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

    def publish(self, change: Change, now: float) -> None:
        """Show a change that is on disk. `now` is the monotonic clock."""
        key = change.entry.key
        table = self._table(key.resource)
        if change.deleted:
            del table.entries[key]
            del table.order[bisect_left(table.order, key)]
        else:
            if key not in table.entries:
                insort(table.order, key)
            table.entries[key] = change.entry
        self.revision = change.entry.revision
        table.log.append(change)
        self._log.append((now, change))
        self._log_bytes += len(change.entry.body)
        self._forget(now)
        for stream in table.streams:
            stream.offer(change)

    def _forget(self, now: float) -> None:
        while self._log and (
            self._log[0][0] < now - KEPT_SECONDS or len(self._log) > KEPT_CHANGES or self._log_bytes > KEPT_BYTES
        ):
            _, change = self._log.popleft()
            self._log_bytes -= len(change.entry.body)
            self._tables[change.entry.key.resource].log.popleft()
            self.oldest = change.entry.revision

    def page(
        self, resource: str, namespace: str = "", *, after: Key | None = None, limit: int = 0, at: int | None = None
    ) -> Page:
        table = self._tables.get(resource) or _Table()
        if at is None or at >= self.revision:
            return self._page_now(table, resource, namespace, after, limit)
        self._check(at)
        entries = list(self._entries_at(table, resource, namespace, after, at))
        shown = entries[:limit] if limit else entries
        remaining = len(entries) - len(shown)
        return Page(shown, at, shown[-1].key if remaining else None, remaining)

    def _page_now(self, table: _Table, resource: str, namespace: str, after: Key | None, limit: int) -> Page:
        low, high = table.span(resource, namespace, after)
        end = min(high, low + limit) if limit else high
        entries = table.entries
        shown = [entries[key] for key in table.order[low:end]]
        remaining = high - end
        return Page(shown, self.revision, shown[-1].key if remaining and shown else None, remaining)

    def _entries_at(self, table: _Table, resource: str, namespace: str, after: Key | None, at: int) -> Iterator[Entry]:
        """The state as of a revision: today's, with every later change undone."""
        then: dict[Key, Entry | None] = {}
        for change in reversed(table.log):
            if change.entry.revision <= at:
                break
            then[change.entry.key] = change.previous  # the earliest of them is seen last, and stays
        low, high = table.span(resource, namespace, after)
        keys = set(table.order[low:high])
        keys |= {k for k in then if (not namespace or k.namespace == namespace) and (after is None or k > after)}
        for key in sorted(keys):
            entry = then[key] if key in then else table.entries[key]
            if entry is not None:
                yield entry

    def _check(self, revision: int) -> None:
        if revision < self.oldest:
            raise Expired(f"too old resource version: {revision} ({self.oldest})")

    def open_stream(self, resource: str, namespace: str, after: int) -> Stream:
        """A stream of changes above `after`, those in the log included. Raises Expired."""
        self._check(after)
        stream = Stream(self, resource, namespace, after)
        table = self._table(resource)
        missed = []
        for change in reversed(table.log):
            if change.entry.revision <= after:
                break
            missed.append(change)
        for change in reversed(missed):
            stream.offer(change)
        table.streams.add(stream)
        return stream

    def close_stream(self, stream: Stream) -> None:
        self._table(stream.resource).streams.discard(stream)
