"""Runs controllers: shared caches, a queue for each, one object in order, many objects at once."""

import asyncio
import logging
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import partial
from itertools import groupby
from typing import Any

from armillary.base.backoff import Backoff
from armillary.base.clock import Clock
from armillary.base.errors import AlreadyExists, ApiError, Conflict, NotFound
from armillary.base.tasks import gather_limited, supervise
from armillary.kube.cache import Cache
from armillary.kube.client import Client
from armillary.kube.events import Record, Recorder
from armillary.kube.journal import Entry, Journal
from armillary.kube.kind import Kind, Ref
from armillary.kube.object import Key, O, key_of
from armillary.kube.queue import WorkQueue
from armillary.kube.reconcile import Action, Confirm, Controller, Create, Delete, DeleteAll, Patch, Update, Watch

log = logging.getLogger(__name__)

RETRY = Backoff(first_seconds=0.005, most_seconds=60.0)
AT_ONCE = 16  # actions of one decision that are under way together
OWN_WRITE_SECONDS = 5.0  # how long to wait for one's own write to come back by watch


class Caches:
    """One cache a kind, shared by all who read it. Serves as the controllers' `Reads`."""

    def __init__(self, client: Client, clock: Clock) -> None:
        self._client, self._clock = client, clock
        self._caches: dict[tuple[str, str], Cache[Any]] = {}
        self._is_running = False

    def of(self, kind: Kind[O]) -> Cache[O]:
        """The cache of a kind, made at the first call; all must be made before `run`."""
        known = self._caches.get((kind.group, kind.plural))
        if known is None:
            if self._is_running:
                raise LookupError(f"{kind.name} is not cached: name it among the controller's reads")
            known = self._caches[kind.group, kind.plural] = Cache(self._client, kind)
        return known

    def known(self, kind: Kind[O]) -> Cache[O] | None:
        """The cache of a kind, if anybody reads it."""
        return self._caches.get((kind.group, kind.plural))

    def get(self, kind: Kind[O], name: str, namespace: str = "") -> O | None:
        return self.of(kind).get(name, namespace)

    def list(self, kind: Kind[O], namespace: str = "") -> Sequence[O]:
        return self.of(kind).list(namespace)

    def by(self, kind: Kind[O], index: str, value: str) -> Sequence[O]:
        return self.of(kind).by(index, value)

    def now(self) -> datetime:
        return self._clock.now()

    async def run(self) -> None:
        """Keep all caches current until cancelled."""
        self._is_running = True
        async with asyncio.TaskGroup() as group:
            for cache in self._caches.values():
                name = f"cache {cache.kind.plural}"
                group.create_task(supervise(name, cache.run), name=name)

    async def wait_synced(self) -> None:
        for cache in self._caches.values():
            await cache.wait_synced()


async def run_controllers(
    controllers: Sequence[Controller[Any]],
    client: Client,
    clock: Clock,
    journal: Journal,
    caches: Caches | None = None,
) -> None:
    """Run them until cancelled. Give `caches` to share them with others, who must be registered before."""
    caches = caches or Caches(client, clock)
    runners = [_Runner(controller, caches, client, clock, journal) for controller in controllers]
    async with asyncio.TaskGroup() as group:
        group.create_task(caches.run(), name="caches")
        await caches.wait_synced()
        for runner in runners:
            group.create_task(runner.run(), name=f"controller {runner.controller.name}")


class _Runner:
    """One controller at work."""

    def __init__(
        self, controller: Controller[Any], caches: Caches, client: Client, clock: Clock, journal: Journal
    ) -> None:
        self.controller = controller
        self._caches, self._client, self._clock, self._journal = caches, client, clock, journal
        self._queue: WorkQueue[Key] = WorkQueue(RETRY)
        self._recorder = Recorder(client, clock, controller.name)
        for index in controller.indexes:
            caches.of(index.kind).add_index(index.name, index.values)
        for kind in controller.reads:
            caches.of(kind)
        caches.of(controller.root).listen(self._on_root)
        for watch in controller.watches:
            caches.of(watch.kind).listen(partial(self._on_other, watch))

    def _on_root(self, old: Any, new: Any) -> None:
        concerns = self.controller.concerns
        if concerns is not None and not any(concerns(item) for item in (old, new) if item is not None):
            return
        self._queue.add(key_of(new if new is not None else old))

    def _on_other(self, watch: Watch[Any], old: Any, new: Any) -> None:
        if watch.matters is not None and old is not None and new is not None and not watch.matters(old, new):
            return
        for item in (old, new):
            if item is not None:
                for key in watch.keys(item, self._caches):
                    self._queue.add(key)

    async def run(self) -> None:
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._recorder.run(), name=f"{self.controller.name} events")
                for number in range(self.controller.workers):
                    group.create_task(self._work(), name=f"{self.controller.name} {number}")
        finally:
            self._queue.close()

    async def _work(self) -> None:
        while True:
            key = await self._queue.get()
            try:
                await self._reconcile(key)
            finally:
                self._queue.done(key)

    async def _reconcile(self, key: Key) -> None:
        controller, ref = self.controller, Ref(self.controller.root.name, *key)
        try:
            seen = await controller.observe(key, self._caches)
            if seen is None:  # gone between the event and this look
                self._queue.forget(key)
                return
            decision = controller.decide(seen)
            self._note(ref, decision.because, len(decision.actions))
            await self._act(seen, decision.actions)
        except (Conflict, AlreadyExists) as exc:  # someone wrote first
            self._note(ref, "someone wrote first; looks again", 0, str(exc))
            self._queue.add_failed(key)
            return
        except ApiError as exc:
            self._note(ref, "could not act", 0, str(exc))
            if _is_ending_namespace(exc):  # nothing can be made there any more; its end wakes whom it concerns
                self._queue.forget(key)
            else:
                self._queue.add_failed(key)
            return
        except Exception as exc:  # boundary: one object's bug must not stop the others
            log.exception("reconcile failed", extra={"controller": controller.name, "ref": str(ref)})
            self._note(ref, "failed by a bug", 0, repr(exc))
            self._queue.add_failed(key)
            return
        self._queue.forget(key)
        if decision.again_after is not None:
            self._queue.add_after(key, decision.again_after.total_seconds())

    def _note(self, ref: Ref, because: str, actions: int, error: str = "") -> None:
        self._journal.note(ref, Entry(self._clock.now(), self.controller.name, because, actions, error))

    async def _act(self, seen: Any, actions: Iterable[Action]) -> None:
        for _, run in groupby(actions, key=_lane):
            failures: list[tuple[Action, ApiError]] = []
            await gather_limited(AT_ONCE, [self._try(action, failures) for action in run])
            if failures:
                await self._tell(seen, *failures[0])
                raise failures[0][1]

    async def _try(self, action: Action, failures: list[tuple[Action, ApiError]]) -> None:
        try:
            await self._perform(action)
        except ApiError as exc:
            if not (isinstance(exc, NotFound) and isinstance(action, Update | Patch | DeleteAll)):
                failures.append((action, exc))
            return  # what was to be changed may have gone meanwhile: then there is nothing to do
        if isinstance(action, Create | Update | Patch | Delete) and action.event is not None:
            self._recorder.post(action.event)

    async def _tell(self, seen: Any, action: Action, exc: ApiError) -> None:
        if self.controller.failed is None or isinstance(exc, Conflict | AlreadyExists) or _is_ending_namespace(exc):
            return
        for consequence in self.controller.failed(seen, action, exc):
            await self._perform(consequence)

    async def _perform(self, action: Action) -> None:
        match action:
            case Create(kind, item, _):
                made = await self._client.create(kind, item, item.metadata.namespace)
                await self._wait_for(kind, made)
            case Update(kind, item, subresource, _):
                meta = item.metadata
                made = await self._client.update(kind, item, meta.name, meta.namespace, subresource=subresource)
                await self._wait_for(kind, made)
            case Patch(kind, (namespace, name), patch, how, subresource, _):
                made = await self._client.patch(kind, name, namespace, patch, type=how, subresource=subresource)
                await self._wait_for(kind, made)
            case Delete():
                await self._delete(action)
            case DeleteAll(kind, namespace):
                await self._client.call("DELETE", kind.path(namespace))
            case Confirm(kind, (namespace, name), uid):
                found = await self._client.find(kind, name, namespace)
                if found is None or found.metadata.uid != uid or found.metadata.deletion_timestamp:
                    raise Conflict(f"{kind.name} {name!r} is gone or ending")
            case Record():
                self._recorder.post(action)

    async def _delete(self, action: Delete) -> None:
        namespace, name = action.key
        try:
            await self._client.delete(
                action.kind,
                name,
                namespace,
                uid=action.uid,
                resource_version=action.resource_version,
                grace_seconds=action.grace_seconds,
                propagation=action.propagation,
            )
        except NotFound:
            return
        cache = self._caches.known(action.kind)
        if cache is None:
            return

        def ending() -> bool:
            left = cache.get(name, namespace)
            return left is None or left.metadata.uid != action.uid or bool(left.metadata.deletion_timestamp)

        if not ending():
            await cache.wait_until(ending, OWN_WRITE_SECONDS)

    async def _wait_for(self, kind: Kind[Any], made: Any) -> None:
        """Read one's own write before the next look: else a stale cache makes it write twice."""
        cache = self._caches.known(kind)
        if cache is not None:
            await cache.wait_revision(made.metadata.resource_version, OWN_WRITE_SECONDS)


def _is_ending_namespace(exc: ApiError) -> bool:
    return any(cause.reason == "NamespaceTerminating" for cause in exc.causes)


def _lane(action: Action) -> tuple[str, str]:
    return type(action).__name__, "" if isinstance(action, Record) else action.kind.plural
