"""All shelves of all clusters: each begins when somebody asks for it, and ends when nobody has for a while."""

import asyncio
from dataclasses import dataclass, field
from functools import partial

from armillary.base.clock import Clock
from armillary.base.errors import NotFound, Unavailable
from armillary.base.tasks import supervise
from armillary.kube.discovery import Discovered, Served, discover
from armillary.platform.capabilities.resources.shelf import Shelf
from armillary.platform.frame.parts import Clusters

IDLE_SECONDS = 600.0
LOOK_SECONDS = 30.0
DISCOVERED_SECONDS = 10.0  # how long what a cluster serves is believed

Name = tuple[str, str, str]  # group, version, plural


@dataclass(slots=True)
class Library:
    """`run` owns the shelves' tasks."""

    clusters: Clusters
    clock: Clock
    _shelves: dict[tuple[str, Name], tuple[Shelf, "asyncio.Task[None]"]] = field(default_factory=dict)
    _kinds: dict[str, tuple[float, Discovered]] = field(default_factory=dict)
    _group: asyncio.TaskGroup | None = None

    async def run(self) -> None:
        """Until cancelled."""
        async with asyncio.TaskGroup() as group:
            self._group = group
            try:
                while True:
                    await self.clock.sleep(LOOK_SECONDS)
                    self._put_away()
            finally:
                self._group = None
                self._shelves.clear()

    def _put_away(self) -> None:
        now = self.clock.monotonic()
        for key, (shelf, task) in list(self._shelves.items()):
            if now - shelf.used_at > IDLE_SECONDS:
                task.cancel()
                del self._shelves[key]

    async def shelf(self, cluster: str, name: Name) -> Shelf:
        """Listed and being watched. Raises NotFound for a kind that the cluster does not serve."""
        key = (cluster, name)
        known = self._shelves.get(key)
        if known is None:
            served = await self.served(cluster, name)
            known = self._shelves.get(key) or self._begin(key, served)
        await known[0].ready()
        return known[0]

    def _begin(self, key: tuple[str, Name], served: Served) -> tuple[Shelf, "asyncio.Task[None]"]:
        if self._group is None:
            raise Unavailable("lists are not ready yet; try again", retry_after_seconds=1)
        shelf = Shelf(partial(self.clusters.client, key[0]), served, self.clock)
        name = f"shelf: {served.kind.plural} of {key[0]}"
        self._shelves[key] = shelf, self._group.create_task(supervise(name, shelf.run), name=name)
        return self._shelves[key]

    async def served(self, cluster: str, name: Name) -> Served:
        """Looked up again if it is not known: it may be new."""
        for fresh in (False, True):
            for served in (await self.kinds(cluster, fresh=fresh)).resources:
                kind = served.kind
                if (kind.group, kind.version, kind.plural) == name and served.can("list", "watch"):
                    return served
        group = f".{name[0]}" if name[0] else ""
        raise NotFound(f"the cluster {cluster} serves no {name[2]}{group} in version {name[1]}")

    async def kinds(self, cluster: str, *, fresh: bool = False) -> Discovered:
        known = self._kinds.get(cluster)
        if known is None or fresh or self.clock.monotonic() - known[0] > DISCOVERED_SECONDS:
            known = self._kinds[cluster] = self.clock.monotonic(), await discover(self.clusters.client(cluster))
        return known[1]
