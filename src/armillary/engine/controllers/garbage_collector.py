"""The garbage collector at work: follows every kind that is served, judges, and does what was judged.

The judgement itself is in `gc_graph`. Kinds that controllers read already are followed through their caches.
"""

import asyncio
import logging
from collections import ChainMap, OrderedDict
from functools import partial
from typing import Any

from armillary.base.backoff import Backoff
from armillary.base.clock import Clock
from armillary.base.errors import ApiError, Conflict, NotFound
from armillary.base.tasks import gather_limited, supervise
from armillary.engine.controllers.gc_graph import GONE, THERE, WAITS, Ask, Coordinates, Graph, judge, node_of
from armillary.kube.cache import Cache
from armillary.kube.client import Client
from armillary.kube.discovery import Discovered, Partial, discover
from armillary.kube.events import Record, Recorder
from armillary.kube.kind import Kind
from armillary.kube.queue import WorkQueue
from armillary.kube.reconcile import Action, Delete, Patch
from armillary.kube.runner import Caches

log = logging.getLogger(__name__)

NAME = "garbage-collector-controller"
WORKERS = 8
AT_ONCE = 16  # dependents that are let go side by side
REDISCOVER_SECONDS = 30.0  # as upstream's GarbageCollectorController resync
RETRY = Backoff(first_seconds=0.02, most_seconds=60.0)
REMEMBERED = 500  # owners known to be gone, as upstream's absentOwnerCache
IGNORED = {("", "events"), ("events.k8s.io", "events")}
DEFINITIONS = ("apiextensions.k8s.io", "customresourcedefinitions")


class _Collector:
    """The graph, the queue of uids to judge, and a cache for each kind nobody else reads."""

    def __init__(self, client: Client, clock: Clock, caches: Caches) -> None:
        self._client, self._caches = client, caches
        self._graph = Graph()
        self._queue: WorkQueue[str] = WorkQueue(RETRY)
        self._recorder = Recorder(client, clock, NAME)
        self._kinds: dict[tuple[str, str], Kind[Partial]] = {}  # by group and kind's name
        self._followed: dict[Kind[Any], asyncio.Task[None] | None] = {}
        self._gone: OrderedDict[Coordinates, str] = OrderedDict()
        self._stale = asyncio.Event()  # when definitions changed

    async def run(self) -> None:
        try:
            async with asyncio.TaskGroup() as group:
                first = await self._follow(group, await discover(self._client))
                for cache in first:
                    await cache.wait_synced()
                group.create_task(self._recorder.run(), name="gc events")
                for number in range(WORKERS):
                    group.create_task(self._work(), name=f"gc {number}")
                await self._keep_following(group)
        finally:
            self._queue.close()

    # Following

    async def _keep_following(self, group: asyncio.TaskGroup) -> None:
        while True:
            try:
                async with asyncio.timeout(REDISCOVER_SECONDS):
                    await self._stale.wait()
            except TimeoutError:
                pass
            self._stale.clear()
            try:
                await self._follow(group, await discover(self._client))
            except ApiError as exc:
                log.info("discovery failed", extra={"error": str(exc)})

    async def _follow(self, group: asyncio.TaskGroup, found: Discovered) -> list[Cache[Any]]:
        """Follow kinds that are new, and let go of those that are served no more."""
        self._kinds |= {(s.kind.group, s.kind.name): s.kind for s in found.resources}
        wanted = {s.kind for s in found.resources if s.can("list", "watch", "delete")}
        wanted = {kind for kind in wanted if (kind.group, kind.plural) not in IGNORED}
        if not found.failures:  # a group that does not answer is not one that is gone
            for kind in [k for k in self._followed if k not in wanted]:
                task = self._followed.pop(kind)
                if task is not None:
                    task.cancel()
        started: list[Cache[Any]] = []
        for kind in wanted - self._followed.keys():
            shared = self._caches.known(kind)
            cache: Cache[Any] = shared if shared is not None else Cache(self._client, kind)
            name = f"gc cache {kind.plural}"
            task = None if shared is not None else group.create_task(supervise(name, cache.run), name=name)
            self._followed[kind] = task
            cache.follow(partial(self._changed, kind))
            started.append(cache)
        return started

    def _changed(self, kind: Kind[Any], old: Any, new: Any) -> None:
        uids: set[str] = set()
        if old is not None and (new is None or new.metadata.uid != old.metadata.uid):
            node = self._graph.get(old.metadata.uid)
            uids |= self._graph.remove(old.metadata.uid)
            if node is not None and uids:
                self._remember(Coordinates(kind.group, kind.name, node.namespace, node.name, node.uid))
        if new is not None:
            uids |= self._graph.put(node_of(kind, new.metadata))
        for uid in uids:
            self._queue.add(uid)
        if (kind.group, kind.plural) == DEFINITIONS:
            self._stale.set()

    def _remember(self, gone: Coordinates) -> None:
        self._gone[gone] = GONE
        while len(self._gone) > REMEMBERED:
            self._gone.popitem(last=False)

    # Judging and doing

    async def _work(self) -> None:
        while True:
            uid = await self._queue.get()
            try:
                await self._treat(uid)
                self._queue.forget(uid)
            except ApiError as exc:
                log.debug("not collected yet", extra={"uid": uid, "error": str(exc)})
                self._queue.add_failed(uid)
            except Exception:  # boundary: one object's bug must not stop the others
                log.exception("garbage collection failed", extra={"uid": uid})
                self._queue.add_failed(uid)
            finally:
                self._queue.done(uid)

    async def _treat(self, uid: str) -> None:
        verdict, asked = judge(self._graph, uid, self._gone, self._scope), dict[Coordinates, str]()
        if isinstance(verdict, Ask):
            asked = {owner: await self._ask(owner) for owner in verdict.owners}
            verdict = judge(self._graph, uid, ChainMap(asked, self._gone), self._scope)
            if isinstance(verdict, Ask):  # the graph moved meanwhile
                raise Conflict("owners changed while they were asked for")
        if any(isinstance(action, Delete | Patch) for action in verdict.actions):
            log.info("collects", extra={"uid": uid, "because": verdict.because})
        *before, last = verdict.actions or (None,)
        await gather_limited(AT_ONCE, [self._perform(action) for action in before if action is not None])
        if last is not None:
            await self._perform(last)
        node = self._graph.get(uid)
        if node is not None and node.awaits_dependents:
            for dependent in self._graph.dependents(uid):
                if not dependent.is_ending:
                    self._queue.add(dependent.uid)
        if any(state != GONE and self._graph.get(owner.uid) is None for owner, state in asked.items()):
            # Until its owner was seen, nobody would tell us that the owner went.
            raise Conflict("an owner is there and was not seen yet")

    def _scope(self, group: str, kind: str) -> bool | None:
        known = self._kinds.get((group, kind))
        return known.namespaced if known is not None else None

    async def _ask(self, owner: Coordinates) -> str:
        found = await self._client.find(self._kinds[owner.group, owner.kind], owner.name, owner.namespace)
        if found is None or found.metadata.uid != owner.uid:
            self._remember(owner)
            return GONE
        return WAITS if node_of(self._kinds[owner.group, owner.kind], found.metadata).awaits_dependents else THERE

    async def _perform(self, action: Action) -> None:
        try:
            match action:
                case Delete(kind, (namespace, name), uid):
                    await self._client.delete(
                        kind,
                        name,
                        namespace,
                        uid=uid,
                        resource_version=action.resource_version,
                        propagation=action.propagation,
                    )
                case Patch(kind, (namespace, name), patch):
                    await self._client.patch(kind, name, namespace, patch)
                case Record():
                    self._recorder.post(action)
        except NotFound:
            pass  # what was to go is gone


async def run_garbage_collector(client: Client, clock: Clock, caches: Caches) -> None:
    """Collect until cancelled. `caches` are those of the controllers, already running."""
    await _Collector(client, clock, caches).run()
