"""A kind's objects in memory, kept current by list-then-watch, with indexes.

Readers never wait: they see the last state that arrived. `wait_revision` is for whoever has just
written and must not act again before having read its own write.
"""

import asyncio
import heapq
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import count
from typing import Generic

from armillary.base.backoff import Backoff
from armillary.base.errors import ApiError, Expired
from armillary.kube.client import Client
from armillary.kube.kind import Kind
from armillary.kube.object import Key, O, controller_of, key_of

log = logging.getLogger(__name__)

PAGE = 500  # objects per list request, as client-go has it
RETRY = Backoff(first_seconds=0.1, most_seconds=10.0)

Indexer = Callable[[O], Iterable[str]]
Listener = Callable[[O | None, O | None], None]


def by_controller(item: O) -> Iterable[str]:
    """Index by the uid of the managing owner; every cache has it under the name `controller`."""
    owner = controller_of(item)
    return [owner.uid] if owner else []


class Cache(Generic[O]):
    """Objects of one kind; `run` keeps it current until cancelled."""

    def __init__(
        self,
        client: Client,
        kind: Kind[O],
        *,
        namespace: str = "",
        labels: str = "",
        fields: str = "",
        indexes: Mapping[str, Indexer[O]] | None = None,
    ) -> None:
        self.kind = kind
        self._client = client
        self._namespace, self._labels, self._fields = namespace, labels, fields
        self._items: dict[Key, O] = {}
        self._namespaces: dict[str, dict[Key, O]] = {}
        self._indexers: dict[str, Indexer[O]] = {"controller": by_controller, **(indexes or {})}
        self._indexes: dict[str, dict[str, dict[Key, O]]] = {name: {} for name in self._indexers}
        self._listeners: list[Listener[O]] = []
        self._synced = asyncio.Event()
        self._moved = asyncio.Condition()
        # Who waits for which revision, lowest first; the number keeps futures from being compared.
        self._awaited: list[tuple[int, int, asyncio.Future[None]]] = []
        self._numbers = count()
        self.revision = 0  # of the last change or bookmark seen

    # Reading

    def get(self, name: str, namespace: str = "") -> O | None:
        return self._items.get((namespace, name))

    def list(self, namespace: str = "") -> Sequence[O]:
        """All objects, or a namespace's."""
        return list((self._namespaces.get(namespace, {}) if namespace else self._items).values())

    def by(self, index: str, value: str) -> Sequence[O]:
        """Objects which that index files under `value`."""
        return list(self._indexes[index].get(value, {}).values())

    def __bool__(self) -> bool:
        # An empty cache is a cache: `cache or other` would quietly take the other.
        return True

    def __len__(self) -> int:
        return len(self._items)

    async def wait_synced(self) -> None:
        """Until the first list is in."""
        await self._synced.wait()

    async def wait_until(self, holds: Callable[[], bool], timeout_seconds: float) -> bool:
        """Until `holds()`, looked at after every change; False when time ran out."""
        try:
            async with asyncio.timeout(timeout_seconds), self._moved:
                await self._moved.wait_for(holds)
        except TimeoutError:
            return False
        return True

    async def wait_revision(self, resource_version: str, timeout_seconds: float = 5.0) -> bool:
        """Until a write of that revision has arrived; False when time ran out."""
        wanted = int(resource_version) if resource_version.isdigit() else 0
        if self.revision >= wanted:
            return True
        arrived = asyncio.get_running_loop().create_future()
        heapq.heappush(self._awaited, (wanted, next(self._numbers), arrived))
        try:
            async with asyncio.timeout(timeout_seconds):
                await arrived
        except TimeoutError:
            return False
        return True

    # Following

    def add_index(self, name: str, indexer: Indexer[O]) -> None:
        """Before `run`: file objects by what `indexer` gives."""
        self._indexers[name] = indexer
        self._indexes[name] = {}

    def listen(self, listener: Listener[O]) -> None:
        """Call `listener(old, new)` for each change; None stands for "not there"."""
        self._listeners.append(listener)

    def follow(self, listener: Listener[O]) -> None:
        """As `listen`, and at once for everything that is there already."""
        self.listen(listener)
        for item in self.list():
            listener(None, item)

    async def run(self) -> None:
        """List, then watch; again from the start whenever the stream can't be continued."""
        failures = 0
        while True:
            try:
                await self._relist()
                failures = 0
                await self._follow()
            except Expired:
                continue
            except ApiError as exc:
                failures += 1
                log.info("list or watch failed", extra={"kind": self.kind.name, "error": str(exc)})
                await asyncio.sleep(RETRY.after(failures))

    async def _relist(self) -> None:
        found: dict[Key, O] = {}
        token = ""
        while True:
            page = await self._client.list(
                self.kind,
                self._namespace,
                labels=self._labels,
                fields=self._fields,
                limit=PAGE,
                continue_token=token,
            )
            found |= {key_of(item): item for item in page.items}
            token = page.continue_token
            if not token:
                break
        for key in [key for key in self._items if key not in found]:
            self._put(key, None)
        for key, item in found.items():
            self._put(key, item)
        await self._advance(page.resource_version)
        self._synced.set()

    async def _follow(self) -> None:
        while True:
            async for event in self._client.watch(
                self.kind,
                self._namespace,
                resource_version=str(self.revision),
                labels=self._labels,
                fields=self._fields,
            ):
                if event.object is not None:
                    self._put(key_of(event.object), None if event.type == "DELETED" else event.object)
                await self._advance(event.resource_version)
            # The server ended the stream in good order (it does so now and then): go on where it stopped.
            await asyncio.sleep(RETRY.first_seconds)

    async def _advance(self, resource_version: str) -> None:
        self.revision = max(self.revision, int(resource_version or 0))
        while self._awaited and self._awaited[0][0] <= self.revision:
            arrived = heapq.heappop(self._awaited)[2]
            if not arrived.done():
                arrived.set_result(None)
        async with self._moved:
            self._moved.notify_all()

    def _put(self, key: Key, new: O | None) -> None:
        old = self._items.get(key)
        if old is not None and new is not None and old.metadata.resource_version == new.metadata.resource_version:
            return
        if old is not None:
            self._forget(key, old)
        if new is not None:
            self._items[key] = new
            self._namespaces.setdefault(key[0], {})[key] = new
            for name, indexer in self._indexers.items():
                for value in indexer(new):
                    self._indexes[name].setdefault(value, {})[key] = new
        if old is not None or new is not None:
            for listener in self._listeners:
                listener(old, new)

    def _forget(self, key: Key, old: O) -> None:
        del self._items[key]
        _remove(self._namespaces, key[0], key)
        for name, indexer in self._indexers.items():
            for value in indexer(old):
                _remove(self._indexes[name], value, key)


def _remove(groups: dict[str, dict[Key, O]], group: str, key: Key) -> None:
    members = groups.get(group)
    if members is not None:
        members.pop(key, None)
        if not members:
            del groups[group]
