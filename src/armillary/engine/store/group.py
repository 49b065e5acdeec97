"""A store whose writes reach the disk in groups: one group is being written while the next gathers.

Everything happens on the event loop; only the writing of a group does not.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from armillary.base.clock import Clock
from armillary.base.errors import Unavailable
from armillary.engine.store.history import History, Stream
from armillary.engine.store.port import Build, Change, Entry, Key, Page

log = logging.getLogger(__name__)

GROUP_MOST = 1024  # writes in one transaction: a larger one would make its first writer wait too long

# Puts a group on disk; done when it is safe there. Raises OSError when it can't be.
Commit = Callable[[Sequence[Change]], Awaitable[None]]


@dataclass(slots=True)
class _Pending:
    change: Change
    done: asyncio.Future[Entry]


class GroupStore:
    """See `port.Store`. `commit` is called for one group at a time; `shut` when the store is closed."""

    def __init__(self, history: History, commit: Commit, shut: Callable[[], None], clock: Clock) -> None:
        self._history, self._commit, self._shut, self._clock = history, commit, shut, clock
        self._next = history.revision + 1
        # By resource: keys with writes on their way -> the last of them.
        self._heads: defaultdict[str, dict[Key, Entry | None]] = defaultdict(dict)
        self._gathering: list[_Pending] = []
        self._writing = False
        self._closed = False
        self._idle = asyncio.Event()
        self._idle.set()

    @property
    def revision(self) -> int:
        return self._history.revision

    @property
    def oldest(self) -> int:
        return self._history.oldest

    def get(self, key: Key) -> Entry | None:
        return self._history.get(key)

    def head(self, key: Key) -> Entry | None:
        ahead = self._heads[key.resource]
        return ahead[key] if key in ahead else self._history.get(key)

    def heads(self, resource: str, namespace: str = "") -> Sequence[Entry]:
        shown = self._history.page(resource, namespace).entries
        ahead = {k: e for k, e in self._heads[resource].items() if not namespace or k.namespace == namespace}
        if not ahead:
            return shown
        merged = {entry.key: entry for entry in shown if entry.key not in ahead}
        merged |= {key: entry for key, entry in ahead.items() if entry is not None}
        return [merged[key] for key in sorted(merged)]

    def page(
        self, resource: str, namespace: str = "", *, after: Key | None = None, limit: int = 0, at: int | None = None
    ) -> Page:
        return self._history.page(resource, namespace, after=after, limit=limit, at=at)

    def put(self, key: Key, build: Build) -> Awaitable[Entry]:
        return self._submit(key, build, deleted=False)

    def delete(self, key: Key, build: Build) -> Awaitable[Entry]:
        return self._submit(key, build, deleted=True)

    def _submit(self, key: Key, build: Build, *, deleted: bool) -> Awaitable[Entry]:
        if self._closed:
            raise Unavailable("the store is closing")
        revision = self._next
        draft = build(revision)
        self._next += 1  # after `build`, which may refuse
        entry = Entry(key, revision, draft.body, draft.labels, draft.fields)
        done: asyncio.Future[Entry] = asyncio.get_running_loop().create_future()
        self._gathering.append(_Pending(Change(entry, self.head(key), deleted), done))
        self._heads[key.resource][key] = None if deleted else entry
        if not self._writing:
            self._begin()
        return done

    def _begin(self) -> None:
        self._writing = True
        self._idle.clear()
        # The store owns this task: it ends with the last group, and `close` waits for that.
        self._task = asyncio.get_running_loop().create_task(self._write_groups(), name="store writer")

    async def _write_groups(self) -> None:
        try:
            await asyncio.sleep(0)  # whoever else is about to write in this turn of the loop joins the group
            while self._gathering:
                group, self._gathering = self._gathering[:GROUP_MOST], self._gathering[GROUP_MOST:]
                try:
                    await self._commit([pending.change for pending in group])
                except OSError as exc:
                    self._fail(group, exc)
                else:
                    self._publish(group)
        finally:
            self._writing = False
            self._idle.set()

    def _publish(self, group: Sequence[_Pending]) -> None:
        now = self._clock.monotonic()
        for pending in group:
            change = pending.change
            self._history.publish(change, now)
            key = change.entry.key
            head = self._heads[key.resource].get(key)
            if (head is None and change.deleted) or (head is not None and head.revision == change.entry.revision):
                self._settle(key, change)
            if not pending.done.done():  # else whoever asked has gone
                pending.done.set_result(change.entry)

    def _settle(self, key: Key, change: Change) -> None:
        """The head is published, unless a later deletion is on its way: that also leaves None behind."""
        if change.deleted and any(p.change.entry.key == key for p in self._gathering):
            return
        self._heads[key.resource].pop(key, None)

    def _fail(self, group: Sequence[_Pending], error: OSError) -> None:
        """Nothing of the group is on disk; what was submitted since was judged by it, and fails with it."""
        log.error("writing failed", extra={"writes": len(group) + len(self._gathering), "error": str(error)})
        failed = [*group, *self._gathering]
        self._gathering = []
        self._heads.clear()
        for pending in failed:
            if not pending.done.done():
                pending.done.set_exception(Unavailable(f"the store can't write: {error}"))

    def watch(self, resource: str, namespace: str = "", *, after: int) -> "StreamWatcher":
        return StreamWatcher(self._history.open_stream(resource, namespace, after))

    async def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        await self._idle.wait()
        self._shut()


class StreamWatcher:
    """See `port.Watcher`."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._news = asyncio.Event()
        stream.wake = self._news.set

    @property
    def revision(self) -> int:
        return self._stream.revision

    async def changes(self, timeout_seconds: float) -> Sequence[Change]:
        taken = self._stream.take()
        if taken:
            return taken
        self._news.clear()
        try:
            async with asyncio.timeout(timeout_seconds):
                await self._news.wait()
        except TimeoutError:
            return ()
        return self._stream.take()

    def close(self) -> None:
        self._stream.history.close_stream(self._stream)
