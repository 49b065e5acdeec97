"""Pods that wait for a node: the most important first, then the longest waiting.

A pod that found no node rests until something changes that might help it, and not before its back-off is over.
"""

import asyncio
import heapq
from collections.abc import Callable
from dataclasses import dataclass

from armillary.base.backoff import Backoff
from armillary.kube.object import Key

BACKOFF = Backoff(first_seconds=1.0, most_seconds=10.0)  # upstream: podInitialBackoffSeconds, podMaxBackoffSeconds
REST_SECONDS = 300.0  # upstream: podMaxInUnschedulablePodsDuration


@dataclass(slots=True)
class _Waiting:
    priority: int
    since: float
    attempts: int = 0
    rests_since: float = 0.0  # 0: it is in the heap


class PodQueue:
    """Keys of pods. `now` is the monotonic clock."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._waiting: dict[Key, _Waiting] = {}
        self._heap: list[tuple[int, float, Key]] = []
        self._ready = asyncio.Event()
        self._timers: dict[Key, asyncio.TimerHandle] = {}

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, key: Key, priority: int) -> None:
        """A pod without a node. One that is known keeps its place, but its rest ends: it may have changed."""
        known = self._waiting.get(key)
        if known is None:
            self._waiting[key] = _Waiting(priority, self._now())
            self._push(key)
        else:
            known.priority = priority
            self._wake(key, known)

    def remove(self, key: Key) -> None:
        """It has a node, or is gone."""
        self._waiting.pop(key, None)
        timer = self._timers.pop(key, None)
        if timer is not None:
            timer.cancel()

    def rest(self, key: Key) -> None:
        """No node would do for it now."""
        waiting = self._waiting.get(key)
        if waiting is None:
            return
        waiting.attempts += 1
        waiting.rests_since = self._now()
        self._later(key, REST_SECONDS)

    def wake_all(self) -> None:
        """Something changed that may help any of them."""
        for key, waiting in self._waiting.items():
            self._wake(key, waiting)

    def _wake(self, key: Key, waiting: _Waiting) -> None:
        if not waiting.rests_since:
            return
        over = waiting.rests_since + BACKOFF.after(waiting.attempts)
        if over <= self._now():
            self._push(key)
        else:
            self._later(key, over - self._now())

    def _later(self, key: Key, seconds: float) -> None:
        timer = self._timers.pop(key, None)
        if timer is not None:
            timer.cancel()
        self._timers[key] = asyncio.get_running_loop().call_later(seconds, self._push, key)

    def _push(self, key: Key) -> None:
        timer = self._timers.pop(key, None)
        if timer is not None:
            timer.cancel()
        waiting = self._waiting.get(key)
        if waiting is not None:
            waiting.rests_since = 0.0
            heapq.heappush(self._heap, (-waiting.priority, waiting.since, key))
            self._ready.set()

    async def get(self) -> Key:
        """The next pod to place."""
        while True:
            while self._heap:
                _, _, key = heapq.heappop(self._heap)
                waiting = self._waiting.get(key)
                if waiting is not None and not waiting.rests_since:
                    return key
            self._ready.clear()
            await self._ready.wait()

    def close(self) -> None:
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()
