"""The live channel: one WebSocket on which a client looks at lists, objects and events.

A client asks, each thing under an `id` of its own choosing (0 to 2^53-1); `group` is "" or "core" for the core group:

    {"id": 1, "op": "list", "cluster": "host", "group": "core", "version": "v1", "plural": "pods", "query": {...}}
    {"id": 2, "op": "object", "cluster": ..., "group": ..., "version": ..., "plural": ...,
     "namespace": ..., "name": ...}
    {"id": 3, "op": "events", "cluster": ..., "namespace": ..., "involved": {"uid": ...} or {"kind": ..., "name": ...}}
    {"id": 1, "op": "close"}

`query` has the fields of a list's query, but `offset` (0 is the first row) and `limit` (at most 300) instead of a page.
What is asked under an id that is in use takes its place. If several follow each other at once, only the last is
answered. The server tells how things are and, from then on, what changes:

    {"id": 1, "type": "snapshot", "columns": [...], "items": [...], "offset": 0, "total": n, "counts": {...},
     "resourceVersion": "..."}
    {"id": 1, "type": "delta", "order": [uids], "set": [rows that are new or changed], "total": n, "counts": {...}}
    {"id": 2, "type": "object", "object": {...} or null}        without managedFields; null: it is not there
    {"id": 3, "type": "events", "items": [...]}                 whole events, the newest first, at most 200
    {"id": 1, "type": "error", "status": {...}}                 a Status

`order` is left out while the window's rows stand as they stood. After an error everything is told anew (a snapshot)
once it can be: a cluster came back, a right was given. What can't be asked (400, 422) waits to be asked otherwise. The
id of a message that is not understood is 0 if it has none.

Of one thing at most four messages a second are sent, fewer of a window that is dear to find, and none before the client
has taken the one before: what changes meanwhile is told at once later. All that one user looks at takes no more than a
part of a processor (`budget.py`). A client may look at 64 things on a socket, and send messages of 64 KiB. Close codes,
pings and when a socket ends: `frame/sockets.py`.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress

import msgspec

from armillary.base.backoff import Backoff
from armillary.base.errors import ApiError, BadRequest, Denied, Invalid, TooManyRequests
from armillary.platform.capabilities.resources.asking import Deps
from armillary.platform.capabilities.resources.live.events import EventsView
from armillary.platform.capabilities.resources.live.lists import ListView
from armillary.platform.capabilities.resources.live.messages import (
    Ask,
    CloseAsk,
    EventsAsk,
    Fault,
    ListAsk,
    ObjectAsk,
    Told,
    ask_of,
    id_of,
)
from armillary.platform.capabilities.resources.live.objects import ObjectView
from armillary.platform.capabilities.resources.live.view import View
from armillary.platform.frame.capability import Socket

MOST_LOOKS = 64  # of one socket
SPACING_SECONDS = 0.25  # between two messages about one thing
MOST_SPACING_SECONDS = 5.0
SHARE = 0.05  # of one processor, that one look may take
LOOK_SECONDS = 1.0  # where nothing is heard: rights, faults
RETRY = Backoff(first_seconds=1.0, most_seconds=10.0)

_encoder = msgspec.json.Encoder()


async def converse(socket: Socket, deps: Deps) -> None:
    """Until the client goes."""
    looks: dict[int, Look] = {}
    async with asyncio.TaskGroup() as group:
        while (text := await socket.receive()) is not None:
            try:
                ask = ask_of(text)
                before = looks.pop(ask.id, None)
                if before is not None:
                    before.end()
                if isinstance(ask, CloseAsk):
                    continue
                if len(looks) >= MOST_LOOKS:
                    raise TooManyRequests(f"{MOST_LOOKS} things are looked at already: close one")
                look = looks[ask.id] = Look(ask, socket, deps)
                look.task = group.create_task(look.run(), name=f"live {type(ask).__name__}")
            except ApiError as exc:
                with suppress(ConnectionError):
                    await _say(socket, Fault(id=id_of(text), status=exc.status()))
        for look in looks.values():
            look.end()


async def _say(socket: Socket, told: Told) -> None:
    await socket.send(_encoder.encode(told))


class Look:
    """One thing that is looked at, again and again."""

    def __init__(self, ask: Ask, socket: Socket, deps: Deps) -> None:
        self._ask, self._socket, self._deps = ask, socket, deps
        self._woken = asyncio.Event()
        self.task: asyncio.Task[None] | None = None

    def end(self) -> None:
        if self.task is not None:
            self.task.cancel()

    async def run(self) -> None:
        """Until cancelled, or the client is gone."""
        view = _view(self._ask, self._deps, self._woken.set)
        try:
            with suppress(ConnectionError):
                await self._watch(view)
        finally:
            view.leave()

    async def _watch(self, view: View) -> None:
        fault: dict[str, object] | None = None
        failures = 0
        while True:
            caller, budget = self._socket.caller, self._deps.budget
            await budget.wait(caller.user)
            self._woken.clear()
            told: Told | None = None
            waits: float | None = LOOK_SECONDS
            try:
                told, fault, failures = await view.look(caller), None, 0
            except ApiError as exc:
                view.forget()
                if exc.status() != fault:
                    fault = exc.status()
                    told = Fault(id=self._ask.id, status=fault)
                failures += 1
                waits = _patience(exc, failures)
            budget.pay(caller.user, view.spent)
            if told is not None:
                await _say(self._socket, told)
            if told is not None or view.spent:  # also where nothing was to be told: to find out took its time
                await self._deps.clock.sleep(min(max(SPACING_SECONDS, view.spent / SHARE), MOST_SPACING_SECONDS))
            await _within(waits, self._woken)


def _patience(fault: ApiError, failures: int) -> float | None:
    """How long to wait after a fault; None: until something else is asked."""
    match fault:
        case BadRequest() | Invalid():
            return None
        case Denied():
            return LOOK_SECONDS
    return RETRY.after(failures)


async def _within(seconds: float | None, event: asyncio.Event) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()


def _view(ask: Ask, deps: Deps, wake: Callable[[], None]) -> View:
    match ask:
        case ListAsk():
            return ListView(ask, deps, wake)
        case ObjectAsk():
            return ObjectView(ask, deps, wake)
        case EventsAsk():
            return EventsView(ask, deps, wake)
