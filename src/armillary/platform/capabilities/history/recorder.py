"""Records what every cluster's objects become: one stream a kind, one writer a cluster, in batches.

Where it stopped it goes on: each stream begins with the revision that was written last. Where a cluster keeps that no
longer, the list is compared with what is known: versions found so are marked late, and what is missing is deleted.
Memory holds a hash for each object and no objects.
"""

import asyncio
import logging
from collections.abc import Collection
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from armillary.base.backoff import Backoff
from armillary.base.clock import Clock
from armillary.base.errors import ApiError, MethodNotAllowed, NotFound, Unavailable
from armillary.base.tasks import supervise
from armillary.kube.client import Client
from armillary.kube.discovery import discover
from armillary.kube.kind import Kind
from armillary.kube.kinds.core import NAMESPACE
from armillary.platform.capabilities.history.follow import follow
from armillary.platform.capabilities.history.keep import Heard, Resource, State, heard, keep, load
from armillary.platform.capabilities.tenancy.kinds import WORKSPACE_LABEL
from armillary.platform.frame.database import finished
from armillary.platform.frame.parts import Clusters, Database

log = logging.getLogger(__name__)

# What changes all the time and says nothing a day later, and what is kept as hashes of secrets.
NOISE: frozenset[Resource] = frozenset(
    {
        ("", "events"), ("events.k8s.io", "events"), ("coordination.k8s.io", "leases"), ("", "endpoints"),
        ("discovery.k8s.io", "endpointslices"), ("", "componentstatuses"), ("iam.armillary.io", "sessions"),
        ("iam.armillary.io", "accesstokens"), ("metrics.k8s.io", "pods"), ("metrics.k8s.io", "nodes"),
    }
)  # fmt: skip
MOST_WAITING = 200  # signals: who sends more waits
LINGER_SECONDS = 0.1  # for a batch to grow
LOOK_SECONDS = 30.0  # for new kinds and clusters
TRIES = 3  # of a revision that a cluster answers with an error, before everything is listed
RETRY = Backoff(first_seconds=0.2, most_seconds=30.0)


@dataclass(frozen=True, slots=True)
class Recorder:
    clusters: Clusters
    database: Database
    clock: Clock
    noise: Collection[Resource] = NOISE

    async def run(self) -> None:
        """All clusters, until cancelled."""
        async with asyncio.TaskGroup() as group:
            running: dict[str, asyncio.Task[None]] = {}
            while True:
                names = set(self.clusters.names())
                for name in names - running.keys():
                    running[name] = group.create_task(self._supervised(name), name=f"history of {name}")
                for name in running.keys() - names:
                    running.pop(name).cancel()
                await self.clock.sleep(LOOK_SECONDS)

    async def _supervised(self, cluster: str) -> None:
        async def attempt() -> None:
            try:
                await self.record(cluster)
            except ApiError as exc:
                log.info("history can't be recorded", extra={"cluster": cluster, "error": str(exc)})

        await supervise(f"history of {cluster}", attempt)

    async def record(self, cluster: str) -> None:
        """One cluster, until cancelled. Raises Unavailable when it, or the database, is out of reach at the start."""
        client = self.clusters.client(cluster)
        state = await load(self.database, cluster)
        for namespace in (await client.list(NAMESPACE)).items:
            state.workspaces[namespace.metadata.name] = namespace.metadata.labels.get(WORKSPACE_LABEL, "")
        waiting: asyncio.Queue[Heard] = asyncio.Queue(MOST_WAITING)
        async with asyncio.TaskGroup() as group:
            group.create_task(self._write(state, waiting), name=f"history writer of {cluster}")
            streams: dict[Resource, asyncio.Task[None]] = {}
            while True:
                kinds = await self._kinds(client)
                for resource, kind in kinds.items():
                    if resource not in streams or streams[resource].done():
                        name = f"history of {kind.plural} of {cluster}"
                        streams[resource] = group.create_task(self._follow(client, kind, state, waiting), name=name)
                await self.clock.sleep(LOOK_SECONDS)

    async def _kinds(self, client: Client) -> dict[Resource, Kind[Any]]:
        try:
            found = await discover(client)
        except ApiError as exc:
            log.info("kinds can't be asked for", extra={"error": str(exc)})
            return {}
        recorded = [served.kind for served in found.resources if served.can("list", "watch")]
        return {(k.group, k.plural): k for k in recorded if (k.group, k.plural) not in self.noise}

    async def _follow(self, client: Client, kind: Kind[Any], state: State, waiting: asyncio.Queue[Heard]) -> None:
        """Until the kind is served no longer."""
        resource = kind.group, kind.plural
        revision, failures = state.cursors.get(resource, ""), 0
        while True:
            try:
                async with aclosing(follow(client, kind, revision)) as signals:
                    async for signal in signals:
                        revision, failures = signal.revision, 0
                        one = heard(kind, signal)
                        if one is not None:
                            await waiting.put(one)
            except (NotFound, MethodNotAllowed):
                return
            except ApiError as exc:
                failures += 1
                log.info("history waits", extra={"kind": kind.name, "error": str(exc)})
                if failures >= TRIES and not isinstance(exc, Unavailable):
                    revision = ""
                await self.clock.sleep(RETRY.after(failures))

    async def _write(self, state: State, waiting: asyncio.Queue[Heard]) -> None:
        failures = 0
        while True:
            signals = [await waiting.get()]
            await self.clock.sleep(LINGER_SECONDS)
            while not waiting.empty():
                signals.append(waiting.get_nowait())
            while True:
                try:
                    await finished(keep(self.database, state, signals, self.clock.now()))
                    failures = 0
                    break
                except Unavailable as exc:
                    failures += 1
                    log.warning("history waits for its database", extra={"error": str(exc)})
                    await self.clock.sleep(RETRY.after(failures))
