"""Keys to be worked on: each at most once in the queue, and never by two workers at once."""

import asyncio
from collections import deque
from typing import Generic, TypeVar

from armillary.base.backoff import Backoff

K = TypeVar("K")


class WorkQueue(Generic[K]):
    """As client-go's rate-limited queue: `add`, `get`, `done`; a key added while it is worked on waits for `done`."""

    def __init__(self, backoff: Backoff) -> None:
        self._backoff = backoff
        self._order: deque[K] = deque()
        self._dirty: set[K] = set()  # to be worked on, queued or waiting for `done`
        self._busy: set[K] = set()  # handed out and not done
        self._failures: dict[K, int] = {}
        self._timers: dict[K, asyncio.TimerHandle] = {}
        self._ready = asyncio.Event()

    def __len__(self) -> int:
        return len(self._dirty)

    def add(self, key: K) -> None:
        if key in self._dirty:
            return
        self._dirty.add(key)
        if key not in self._busy:
            self._order.append(key)
            self._ready.set()

    def add_after(self, key: K, seconds: float) -> None:
        """Add it then; an earlier moment already asked for stays."""
        loop = asyncio.get_running_loop()
        waiting = self._timers.get(key)
        if waiting is not None:
            if waiting.when() <= loop.time() + seconds:
                return
            waiting.cancel()
        self._timers[key] = loop.call_later(seconds, self._due, key)

    def _due(self, key: K) -> None:
        self._timers.pop(key, None)
        self.add(key)

    def add_failed(self, key: K) -> None:
        """Add it after a wait that grows with its failures in a row."""
        self._failures[key] = self._failures.get(key, 0) + 1
        self.add_after(key, self._backoff.after(self._failures[key]))

    def forget(self, key: K) -> None:
        """It went well: the next failure counts as the first."""
        self._failures.pop(key, None)

    async def get(self) -> K:
        """The next key; the caller owes a `done`."""
        while not self._order:
            self._ready.clear()
            await self._ready.wait()
        key = self._order.popleft()
        self._dirty.discard(key)
        self._busy.add(key)
        return key

    def done(self, key: K) -> None:
        self._busy.discard(key)
        if key in self._dirty:
            self._order.append(key)
            self._ready.set()

    def close(self) -> None:
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()
