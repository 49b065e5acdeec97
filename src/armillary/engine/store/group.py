"""A store whose writes reach the disk in groups: one group is being written while the next gathers.

Everything happens on the event loop; only the writing of a group does not.
"""

import asyncio
import logging
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from armillary.base.clock import Clock
from armillary.base.errors import Unavailable
from armillary.engine.store.history import History, Stream
from armillary.engine.store.port import Build, Change, Entry, Key, Page

log = logging.getLogger(__name__)

# In one transaction; a larger one would make its first writer wait too long.
GROUP_WRITES = 1024
GROUP_BYTES = 16 << 20

# Puts a group on disk; done when it is safe there. Raises OSError when it can't be.
Commit = Callable[[Sequence[Change]], Awaitable[None]]


@dataclass(slots=True)
class _Pending:
    change: Change
    done: asyncio.Future[Entry]


class GroupStore:
    """See `port.Store`. `commit` is called for one group at a time, and not after `close`."""

    def __init__(self, history: History, commit: Commit, clock: Clock) -> None:
        self._history, self._commit, self._clock = history, commit, clock
        self._next = history.revision + 1
        # By resource: keys with writes on their way -> the last of them.
        self._ahead: defaultdict[str, dict[Key, Change]] = defaultdict(dict)
        self._gathering: deque[_Pending] = deque()
        self._group: list[_Pending] = []  # being written
        self._writer: asyncio.Task[None] | None = None
        self._closed = False
        self._tells: list[Callable[[Sequence[Key]], None]] = []

    @property
    def revision(self) -> int:
        return self._history.revision

    @property
    def oldest(self) -> int:
        return self._history.oldest

    def get(self, key: Key) -> Entry | None:
        return self._history.get(key)

    def head(self, key: Key) -> Entry | None:
        change = self._ahead[key.resource].get(key)
        return self._history.get(key) if change is None else _left_by(change)

    def heads(self, resource: str, namespace: str = "") -> Sequence[Entry]:
        shown = self._history.page(resource, namespace).entries
        ahead = {k: change for k, change in self._ahead[resource].items() if not namespace or k.namespace == namespace}
        if not ahead:
            return shown
        merged = {entry.key: entry for entry in shown if entry.key not in ahead}
        merged |= {key: change.entry for key, change in ahead.items() if not change.deleted}
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
        change = Change(Entry(key, revision, draft.body, draft.labels, draft.fields), self.head(key), deleted)
        loop = asyncio.get_running_loop()
        pending = _Pending(change, loop.create_future())
        self._gathering.append(pending)
        self._ahead[key.resource][key] = change
        if self._writer is None:
            # The store owns this task: it ends with the last group, and `close` waits for that.
            self._writer = loop.create_task(self._write_groups(), name="store writer")
        return pending.done

    async def _write_groups(self) -> None:
        try:
            await asyncio.sleep(0)  # whoever else is about to write in this turn of the loop joins the group
            while self._gathering:
                self._group = self._next_group()
                try:
                    await self._commit([pending.change for pending in self._group])
                except OSError as exc:
                    self._fail(exc.strerror or str(exc))
                else:
                    self._publish()
        finally:
            self._writer = None
            if self._group or self._gathering:  # cancelled, or a bug: whoever waits must hear of it
                self._fail("the writer was stopped")

    def _next_group(self) -> list[_Pending]:
        group: list[_Pending] = []
        size = 0
        while self._gathering and len(group) < GROUP_WRITES and size < GROUP_BYTES:
            group.append(self._gathering.popleft())
            size += len(group[-1].change.entry.body)
        return group

    def _publish(self) -> None:
        self._history.publish([pending.change for pending in self._group], self._clock.monotonic())
        for pending in self._group:
            key = pending.change.entry.key
            ahead = self._ahead[key.resource]
            if ahead[key] is pending.change:
                del ahead[key]
            if not pending.done.done():  # else whoever asked has gone
                pending.done.set_result(pending.change.entry)
        self._group = []

    def _fail(self, why: str) -> None:
        """Nothing of the group is on disk; what was submitted since was judged by it, and fails with it."""
        failed = [*self._group, *self._gathering]
        log.error("writing failed", extra={"writes": len(failed), "error": why})
        self._group = []
        self._gathering.clear()
        self._ahead.clear()
        keys = [pending.change.entry.key for pending in failed]
        for tell in self._tells:
            tell(keys)
        for pending in failed:
            if not pending.done.done():
                pending.done.set_exception(Unavailable(f"the store can't write: {why}"))

    def on_failure(self, tell: Callable[[Sequence[Key]], None]) -> None:
        self._tells.append(tell)

    def watch(self, resource: str, namespace: str = "", *, after: int) -> "StreamWatcher":
        return StreamWatcher(self._history.open_stream(resource, namespace, after))

    async def close(self) -> None:
        self._closed = True
        if self._writer is not None:
            await asyncio.wait((self._writer,))


def _left_by(change: Change) -> Entry | None:
    return None if change.deleted else change.entry


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
