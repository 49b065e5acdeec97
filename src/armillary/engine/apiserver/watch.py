"""Watch: changes as lines of JSON, from stored bytes. A change's line is made once, for all who watch it."""

import random
from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from dataclasses import dataclass

import orjson

from armillary.base.clock import Clock
from armillary.base.errors import ApiError, Expired
from armillary.engine.apiserver.options import ListOptions
from armillary.engine.apiserver.selection import Selection
from armillary.engine.apiserver.verbs.listing import is_single, single
from armillary.engine.kinds.resource import Resource
from armillary.engine.store.port import Change, Entry, Store, Watcher

BOOKMARK_SECONDS = 60.0  # k8s.io/apiserver, storage/cacher "defaultBookmarkFrequency"
LAST_BOOKMARK_SECONDS = 2.0  # one is sent this long before the end
SHORTEST_SECONDS = 1800.0  # of a watch without timeoutSeconds: half an hour to an hour
MOST_LINES = 2048
INITIAL_BATCH = 500
_HEADS = {word: b'{"type":"%b","object":' % word.encode() for word in ("ADDED", "MODIFIED", "DELETED")}

Render = Callable[[Entry], bytes]


class Lines:
    """Lines of recent changes, shared by watchers. Bounded; forgotten in the order they were made."""

    def __init__(self) -> None:
        self._kept: dict[tuple[int, str], bytes] = {}

    def line(self, word: str, entry: Entry) -> bytes:
        key = (entry.revision, word)
        line = self._kept.get(key)
        if line is None:
            while len(self._kept) >= MOST_LINES:
                del self._kept[next(iter(self._kept))]
            line = self._kept[key] = event(word, entry.body)
        return line


def event(word: str, body: bytes) -> bytes:
    return b"%b%b}\n" % (_HEADS[word], body)


def error_line(error: ApiError) -> bytes:
    return orjson.dumps({"type": "ERROR", "object": error.status()}) + b"\n"


@dataclass(frozen=True, slots=True)
class Watch:
    """One client's watch. `render` gives an entry's bytes where they are not the stored ones."""

    resource: Resource  # as served
    stored: Resource
    namespace: str
    options: ListOptions
    selection: Selection
    render: Render | None = None
    bookmark: Callable[[int, bool], bytes] | None = None  # the object of a bookmark, where it has another shape

    def line(self, word: str, entry: Entry, lines: Lines) -> bytes:
        return lines.line(word, entry) if self.render is None else event(word, self.render(entry))

    def lines_of(self, changes: Iterable[Change], lines: Lines) -> list[bytes]:
        """What this client is told of these changes."""
        if self.selection.everything:
            return [self.line(_word(change), change.entry, lines) for change in changes]
        found = []
        for change in changes:
            was = change.previous is not None and self.selection.matches(change.previous)
            now = not change.deleted and self.selection.matches(change.entry)
            if was and now:
                found.append(self.line("MODIFIED", change.entry, lines))
            elif now:
                found.append(self.line("ADDED", change.entry, lines))
            elif was:
                found.append(self.line("DELETED", self._left(change), lines))
        return found

    def _left(self, change: Change) -> Entry:
        """The last state that this client's selection held, at the revision of the change."""
        if change.deleted or change.previous is None:
            return change.entry
        obj = orjson.loads(change.previous.body)
        obj["metadata"]["resourceVersion"] = str(change.entry.revision)
        before = change.previous
        # The revision is negative for `Lines`: this line is not that of the change itself.
        return Entry(before.key, -change.entry.revision, orjson.dumps(obj), before.labels, before.fields)

    def bookmark_line(self, revision: int, *, initial_end: bool = False) -> bytes:
        if self.bookmark is not None:
            return b'{"type":"BOOKMARK","object":%b}\n' % self.bookmark(revision, initial_end)
        meta: dict[str, object] = {"resourceVersion": str(revision), "creationTimestamp": None}
        if initial_end:
            meta["annotations"] = {"k8s.io/initial-events-end": "true"}
        obj = {"kind": self.resource.kind, "apiVersion": self.resource.api_version, "metadata": meta}
        return orjson.dumps({"type": "BOOKMARK", "object": obj}) + b"\n"


def _word(change: Change) -> str:
    if change.deleted:
        return "DELETED"
    return "ADDED" if change.previous is None else "MODIFIED"


@dataclass(frozen=True, slots=True)
class Start:
    """Where a watch begins: the state to send first, and what to follow from."""

    initial: Sequence[Entry]
    watcher: Watcher
    mark_end: bool  # send a bookmark after the initial state


def start(store: Store, watch: Watch) -> Start:
    """Open a watch; whoever calls owes `watcher.close()`. Raises Expired."""
    options = watch.options
    wanted = int(options.resource_version or 0)
    sends_state = options.initial_events if options.initial_events is not None else wanted == 0
    if not sends_state:
        after = wanted or store.revision
        if after > store.revision:
            # A revision that no write has had: nothing to tell until there is one above it.
            after = store.revision
        return Start((), _open(store, watch, after), False)
    mark_end = bool(options.initial_events) and options.bookmarks
    return Start(_state(store, watch), _open(store, watch, store.revision), mark_end)


def _state(store: Store, watch: Watch) -> Sequence[Entry]:
    if is_single(watch.stored, watch.namespace, watch.selection):
        return single(store, watch.stored, watch.namespace, watch.selection)
    return [e for e in store.page(watch.stored.name, watch.namespace).entries if watch.selection.matches(e)]


def _open(store: Store, watch: Watch, after: int) -> Watcher:
    if after < store.oldest:
        raise Expired(f"too old resource version: {after} ({store.oldest})")
    return store.watch(watch.stored.name, watch.namespace, after=after)


async def stream(watch: Watch, begun: Start, lines: Lines, clock: Clock) -> AsyncGenerator[bytes, None]:
    """The body of the answer, in chunks of whole lines, until time runs out."""
    watcher, options = begun.watcher, watch.options
    seconds = options.timeout_seconds or SHORTEST_SECONDS * (1 + random.random())  # noqa: S311  # spreads the ends
    ends = clock.monotonic() + seconds
    for chunk in _initial(watch, begun.initial):
        yield chunk
    if begun.mark_end:
        yield watch.bookmark_line(watcher.revision, initial_end=True)
    marked = clock.monotonic()
    last_sent = False
    while (left := ends - clock.monotonic()) > 0:
        due = marked + BOOKMARK_SECONDS - clock.monotonic()
        if not last_sent:
            due = min(due, left - LAST_BOOKMARK_SECONDS)
        try:
            changes = await watcher.changes(max(min(left, due), 0.001) if options.bookmarks else left)
        except Expired as error:
            yield error_line(error)
            return
        if changes and (told := watch.lines_of(changes, lines)):
            yield b"".join(told)
        now = clock.monotonic()
        if options.bookmarks and (
            now - marked >= BOOKMARK_SECONDS or (not last_sent and ends - now <= LAST_BOOKMARK_SECONDS)
        ):
            last_sent = last_sent or ends - now <= LAST_BOOKMARK_SECONDS
            marked = now
            yield watch.bookmark_line(watcher.revision)


def _initial(watch: Watch, entries: Sequence[Entry]) -> Iterable[bytes]:
    for i in range(0, len(entries), INITIAL_BATCH):
        part = entries[i : i + INITIAL_BATCH]
        bodies = (e.body if watch.render is None else watch.render(e) for e in part)
        yield b"".join(event("ADDED", body) for body in bodies)
