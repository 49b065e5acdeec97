"""Keeps each workspace's ledger true: counts what exists whenever something of the workspace comes or goes.

It runs where the controllers run, in one replica. Only kinds that some quota counts are watched, and of most of them
only names are kept.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from armillary.base.backoff import Backoff
from armillary.base.clock import Clock
from armillary.base.errors import ApiError, Conflict
from armillary.base.tasks import supervise
from armillary.kube.cache import Cache
from armillary.kube.client import Client
from armillary.kube.discovery import discover
from armillary.kube.kind import Kind
from armillary.kube.kinds.core import NAMESPACE, PERSISTENT_VOLUME_CLAIM, SERVICE, Namespace
from armillary.kube.queue import WorkQueue
from armillary.platform.capabilities.tenancy.kinds import (
    QUOTA_LABEL,
    WORKSPACE,
    WORKSPACE_LABEL,
    Usage,
    Workspace,
)
from armillary.platform.capabilities.tenancy.quota import slim
from armillary.platform.capabilities.tenancy.quota.charges import write_ledger
from armillary.platform.capabilities.tenancy.quota.ledger import recount, seconds_left
from armillary.platform.capabilities.tenancy.quota.usage import Amounts, resource_of, usage

GATHER_SECONDS = 0.1  # many changes of one moment are counted together
SYNC_SECONDS = 30.0
UNKNOWN_SECONDS = 60.0  # before it is asked again whether a resource is served by now
RETRY = Backoff(first_seconds=0.1, most_seconds=30.0)

_LOOKED_INTO: Mapping[str, Kind[Any]] = {
    "pods": slim.POD,
    "persistentvolumeclaims": PERSISTENT_VOLUME_CLAIM,
    "services": SERVICE,
}


@dataclass
class Recount:
    """`run` until cancelled."""

    client: Client
    clock: Clock
    _caches: dict[str, Cache[Any]] = field(default_factory=dict)  # by resource, as `deployments.apps`
    # What each object uses: by resource and namespace, then by uid. Counted once, when an object comes or changes.
    _used: dict[tuple[str, str], dict[str, Amounts]] = field(default_factory=dict)
    _unknown: dict[str, float] = field(default_factory=dict)  # not served, until when

    def __post_init__(self) -> None:
        self._queue: WorkQueue[str] = WorkQueue(RETRY)
        self._workspaces = Cache(self.client, WORKSPACE)
        self._namespaces = Cache(self.client, NAMESPACE, labels=f"{QUOTA_LABEL}=enforced")
        self._workspaces.listen(self._on_workspace)
        self._namespaces.listen(self._on_namespace)

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            self._group = group
            for cache in (self._workspaces, self._namespaces):
                self._start(cache)
            await self._workspaces.wait_synced()
            await self._namespaces.wait_synced()
            group.create_task(self._work(), name="recount")

    def _start(self, cache: Cache[Any]) -> None:
        self._group.create_task(supervise(f"recount {cache.kind.plural}", cache.run), name=cache.kind.plural)

    def _on_workspace(self, old: Workspace | None, new: Workspace | None) -> None:
        if new is None:
            return
        if (new.spec.quota.hard or new.status.quota.hard) and (old is None or old.spec != new.spec):
            self._queue.add(new.metadata.name)
        elif new.status.quota.pending:  # what was refused after it was charged never appears
            left = seconds_left(new.status.quota, self.clock.now())
            self._queue.add_after(new.metadata.name, max(GATHER_SECONDS, left))

    def _on_namespace(self, old: Namespace | None, new: Namespace | None) -> None:
        for one in (old, new):
            if one is not None:
                self._queue.add_after(one.metadata.labels.get(WORKSPACE_LABEL, ""), GATHER_SECONDS)

    def _on_object(self, resource: str, old: Any, new: Any) -> None:
        meta = (new if new is not None else old).metadata
        inside = self._used.setdefault((resource, meta.namespace), {})
        before = inside.get(old.metadata.uid) if old is not None else None
        if old is not None and (new is None or old.metadata.uid != new.metadata.uid):
            inside.pop(old.metadata.uid, None)
        if new is not None:
            inside[meta.uid] = usage(resource, new)
            if inside[meta.uid] == before:
                return  # most changes of a pod are of its status
        namespace = self._namespaces.get(meta.namespace)
        if namespace is not None:
            self._queue.add_after(namespace.metadata.labels.get(WORKSPACE_LABEL, ""), GATHER_SECONDS)

    async def _work(self) -> None:
        try:
            while True:
                name = await self._queue.get()
                try:
                    await self._count(name)
                    self._queue.forget(name)
                except (ApiError, TimeoutError):
                    self._queue.add_failed(name)
                finally:
                    self._queue.done(name)
        finally:
            self._queue.close()

    async def _count(self, name: str) -> None:
        known = self._workspaces.get(name)
        if known is None:
            return
        live: dict[str, Amounts] = {}
        for resource in sorted({resource_of(n) for n in known.spec.quota.hard}):
            live |= await self._live(name, resource)
        found = await self.client.get(WORKSPACE, name)
        if found.spec.quota != known.spec.quota:
            raise Conflict("its quota has just changed")
        hard, old = found.spec.quota.hard, found.status.quota
        ledger = recount(old, hard, live, self.clock.now()) if hard else Usage()
        if ledger != old:
            await write_ledger(self.client, found, ledger)
        if ledger.pending:
            self._queue.add_after(name, max(GATHER_SECONDS, seconds_left(ledger, self.clock.now())))

    async def _live(self, workspace: str, resource: str) -> dict[str, Amounts]:
        """What objects of that resource use, by uid."""
        await self._follow(resource)
        found: dict[str, Amounts] = {}
        for namespace in self._namespaces.list():
            if namespace.metadata.labels.get(WORKSPACE_LABEL) == workspace:
                found |= self._used.get((resource, namespace.metadata.name), {})
        return found

    async def _follow(self, resource: str) -> None:
        """Have all objects of that resource in `_used`; none if it is not served."""
        cache = self._caches.get(resource)
        if cache is None:
            kind = await self._kind(resource)
            if kind is None:
                return
            cache = self._caches[resource] = Cache(self.client, kind)
            cache.listen(partial(self._on_object, resource))
            self._start(cache)
        async with asyncio.timeout(SYNC_SECONDS):
            await cache.wait_synced()

    async def _kind(self, resource: str) -> Kind[Any] | None:
        if resource in _LOOKED_INTO:
            return _LOOKED_INTO[resource]
        now = self.clock.monotonic()
        if self._unknown.get(resource, now) > now:
            return None
        for served in (await discover(self.client)).resources:
            kind = served.kind
            if served.can("list", "watch") and resource == ".".join(filter(None, (kind.plural, kind.group))):
                return Kind(kind.group, kind.version, kind.name, kind.plural, kind.namespaced, slim.Slim)
        self._unknown[resource] = now + UNKNOWN_SECONDS
        return None
