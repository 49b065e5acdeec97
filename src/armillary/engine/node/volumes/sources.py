"""Objects that pods on this node refer to, read from the API server and watched one by one, as kubelet does.

A node sees only what its pods name, and keeps no other config map or secret in memory.
"""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol

from armillary.base.clock import Clock
from armillary.base.tasks import supervise
from armillary.engine.node.containers import all_containers
from armillary.engine.node.env import references
from armillary.engine.node.volumes.tokens import Token, Tokens, TokenWish
from armillary.kube.cache import Cache
from armillary.kube.client import Client, decode, encode
from armillary.kube.kind import Kind
from armillary.kube.kinds.authentication import TOKEN_REQUEST, TokenRequest
from armillary.kube.kinds.core import (
    CONFIG_MAP,
    PERSISTENT_VOLUME,
    PERSISTENT_VOLUME_CLAIM,
    SECRET,
    SERVICE_ACCOUNT,
    ConfigMap,
    PersistentVolume,
    PersistentVolumeClaim,
    Pod,
    Secret,
)
from armillary.kube.object import O

Name = tuple[str, str, str]  # plural, namespace, name


class Sources(Protocol):
    """What volumes and environments are made of. None: not there. Raises ApiError."""

    async def config_map(self, name: str, namespace: str) -> ConfigMap | None: ...

    async def secret(self, name: str, namespace: str) -> Secret | None: ...

    async def claim(self, name: str, namespace: str) -> PersistentVolumeClaim | None: ...

    async def volume(self, name: str) -> PersistentVolume | None: ...

    async def token(self, wish: TokenWish) -> str:
        """A token for a service account, renewed in time."""
        ...

    def follow(self, pod: Pod) -> None:
        """Watch what the pod refers to, until `forget`."""
        ...

    def forget(self, pod_uid: str) -> None: ...

    def listen(self, listener: Callable[[str], None]) -> None:
        """Call `listener(pod uid)` when something that a followed pod refers to has changed."""
        ...


@dataclass(slots=True)
class _Watched:
    """An object under watch, and the pods that need it."""

    cache: Cache[Any]
    task: asyncio.Task[None]
    pods: set[str] = field(default_factory=set)
    synced: bool = False


class KubeSources:
    """Sources from an API server. Before `run`, and for what is not watched yet, each read is a request."""

    def __init__(self, client: Client, clock: Clock) -> None:
        self._client = client
        self._tokens = Tokens(self._request_token, clock)
        self._watched: dict[Name, _Watched] = {}
        self._listeners: list[Callable[[str], None]] = []
        self._given: dict[Name, str] = {}  # revision that was last handed out
        self._group: asyncio.TaskGroup | None = None
        self._pods: dict[str, Pod] = {}

    async def run(self) -> None:
        """Keep watches alive until cancelled."""
        async with asyncio.TaskGroup() as group:
            self._group = group
            try:
                for pod in self._pods.values():
                    self._watch_all(pod)
                await asyncio.Event().wait()
            finally:
                self._group = None
                self._watched.clear()

    async def config_map(self, name: str, namespace: str) -> ConfigMap | None:
        return await self._read(CONFIG_MAP, name, namespace)

    async def secret(self, name: str, namespace: str) -> Secret | None:
        return await self._read(SECRET, name, namespace)

    async def claim(self, name: str, namespace: str) -> PersistentVolumeClaim | None:
        return await self._client.find(PERSISTENT_VOLUME_CLAIM, name, namespace)

    async def volume(self, name: str) -> PersistentVolume | None:
        return await self._client.find(PERSISTENT_VOLUME, name)

    async def token(self, wish: TokenWish) -> str:
        return await self._tokens.get(wish)

    def follow(self, pod: Pod) -> None:
        self._pods[pod.metadata.uid] = pod
        if self._group is not None:
            self._watch_all(pod)

    def forget(self, pod_uid: str) -> None:
        self._pods.pop(pod_uid, None)
        self._tokens.forget(pod_uid)
        for name, watched in list(self._watched.items()):
            watched.pods.discard(pod_uid)
            if not watched.pods:
                watched.task.cancel()
                del self._watched[name]
                self._given.pop(name, None)

    def listen(self, listener: Callable[[str], None]) -> None:
        self._listeners.append(listener)

    async def _read(self, kind: Kind[O], name: str, namespace: str) -> O | None:
        key = (kind.plural, namespace, name)
        watched = self._watched.get(key)
        found: O | None
        if watched is not None and watched.synced:
            found = watched.cache.get(name, namespace)
        else:
            found = await self._client.find(kind, name, namespace)
        self._given[key] = found.metadata.resource_version if found is not None else ""
        return found

    async def _request_token(self, wish: TokenWish) -> Token:
        body = encode(TOKEN_REQUEST, TokenRequest(spec=wish.spec()))
        answer = await self._client.post(SERVICE_ACCOUNT, wish.account, wish.namespace, "token", body)
        status = decode(TOKEN_REQUEST, answer).status
        return Token(status.token, status.expiration_timestamp)

    def _watch_all(self, pod: Pod) -> None:
        assert self._group is not None  # noqa: S101  # callers look
        namespace = pod.metadata.namespace
        for kind, name in referred(pod):
            key = (kind.plural, namespace, name)
            watched = self._watched.get(key)
            if watched is None:
                cache = Cache(self._client, kind, namespace=namespace, fields=f"metadata.name={name}")
                cache.listen(partial(self._on_change, key))
                label = f"watch {kind.plural} {namespace}/{name}"
                watched = _Watched(cache, self._group.create_task(self._follow(key, cache), name=label))
                self._watched[key] = watched
            watched.pods.add(pod.metadata.uid)

    async def _follow(self, key: Name, cache: Cache[Any]) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(supervise(f"cache {key}", cache.run), name=f"cache {key}")
            await cache.wait_synced()
            watched = self._watched.get(key)
            if watched is not None and watched.cache is cache:
                watched.synced = True

    def _on_change(self, key: Name, old: Any, new: Any) -> None:
        revision = new.metadata.resource_version if new is not None else ""
        watched = self._watched.get(key)
        # What a pod was mounted with comes again with the first list of its watch: that is no change.
        if watched is None or self._given.get(key) == revision:
            return
        for uid in watched.pods:
            for listener in self._listeners:
                listener(uid)


def referred(pod: Pod) -> Iterator[tuple[Kind[Any], str]]:
    """Config maps and secrets that a pod's volumes, environments and image pulls name."""
    yield from dict.fromkeys(_referred(pod))


def _referred(pod: Pod) -> Iterator[tuple[Kind[Any], str]]:
    spec = pod.spec
    for container in all_containers(pod):
        needs = references(container)
        yield from ((CONFIG_MAP, name) for name in sorted(needs.config_maps))
        yield from ((SECRET, name) for name in sorted(needs.secrets))
    for volume in spec.volumes:
        if volume.config_map is not None:
            yield CONFIG_MAP, volume.config_map.name
        if volume.secret is not None:
            yield SECRET, volume.secret.secret_name
        for source in volume.projected.sources if volume.projected else ():
            if source.config_map is not None:
                yield CONFIG_MAP, source.config_map.name
            if source.secret is not None:
                yield SECRET, source.secret.name
    yield from ((SECRET, ref.name) for ref in spec.image_pull_secrets if ref.name)
