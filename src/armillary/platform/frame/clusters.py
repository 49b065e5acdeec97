"""The clusters that the platform manages: the host, and those that Cluster objects name with a kubeconfig Secret.

Each cluster has a task of its own that connects, looks after it and tells its status; one that is lost disturbs none of
the others. The kind of the objects is passed in, since it is a capability's.
"""

import asyncio
import base64
import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import msgspec
import orjson

from armillary.base.clock import Clock, format_time
from armillary.base.errors import AlreadyExists, ApiError, NotFound, SetupError, Unavailable
from armillary.base.serving.client import Endpoint, Pool
from armillary.base.tasks import supervise
from armillary.kube.cache import Cache
from armillary.kube.client import Client
from armillary.kube.kind import Kind
from armillary.kube.kinds.core import NODE, SECRET
from armillary.kube.kubeconfig import Access, inline_access_of
from armillary.kube.transport.http import Http
from armillary.kube.transport.impersonating import Impersonating
from armillary.kube.transport.port import Transport
from armillary.kube.transport.unix import UnixHttp
from armillary.platform.frame.caller import Caller
from armillary.platform.frame.parts import HOST
from armillary.platform.frame.passthrough import Upstream

log = logging.getLogger(__name__)

LOOK_SECONDS = 10.0  # between two looks at a cluster
KEY = "kubeconfig"  # in the Secret
READY = "Ready"


@dataclass(frozen=True, slots=True)
class Link:
    """A connected cluster: for typed calls, and for requests that are passed on as they are.

    Calls in others' names have connections of their own: a write of theirs may wait for the guard, which then has to
    call the cluster itself. If they had taken all connections, neither would ever get on.
    """

    client: Client
    for_others: Transport
    upstream: Upstream

    async def close(self) -> None:
        await self.client.transport.close()
        await self.for_others.close()
        self.upstream.pool.close()

    def client_as(self, caller: Caller) -> Client:
        return Client(Impersonating(self.for_others, caller.kube_user, caller.kube_groups))


def link_of(access: Access) -> Link:
    """By TCP, as a kubeconfig says."""
    server = urlsplit(access.server)
    tls = access.tls if server.scheme == "https" else None
    endpoint = Endpoint(server.hostname or "", server.port or (443 if tls else 80), tls)
    own, others = (Http(access.server, tls=access.tls, headers=access.headers) for _ in range(2))
    return Link(Client(own), others, _upstream(endpoint, access.headers, server.path.rstrip("/")))


def unix_link(path: str, headers: Mapping[str, str]) -> Link:
    """To an API server on this machine, by its Unix socket."""
    own, others = (UnixHttp(path, headers) for _ in range(2))
    return Link(Client(own), others, _upstream(Endpoint(socket=path), headers))


def _upstream(endpoint: Endpoint, headers: Mapping[str, str], prefix: str = "") -> Upstream:
    credentials = tuple((name.encode(), value.encode("latin-1")) for name, value in headers.items())
    return Upstream(Pool(endpoint), credentials, prefix.encode())


@dataclass(slots=True)
class _Member:
    """One cluster besides the host. `made_of` tells whether its Secret has changed."""

    link: Link | None = None
    made_of: tuple[str, str] = ("", "")
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    task: "asyncio.Task[None] | None" = None


class ManagedClusters:
    """`run` keeps it current. `kind` is that of Cluster objects, in the host cluster."""

    def __init__(self, host: Link, kind: Kind[Any], namespace: str, clock: Clock) -> None:
        self._host, self._namespace, self._clock = host, namespace, clock
        self._kind, self._objects = kind, Cache(host.client, kind)
        self._members: dict[str, _Member] = {}

    def names(self) -> Sequence[str]:
        return (HOST, *sorted(name for name in self._members if name != HOST))

    def client(self, cluster: str = HOST) -> Client:
        return self._link(cluster).client

    def client_as(self, caller: Caller, cluster: str = HOST) -> Client:
        return self._link(cluster).client_as(caller)

    def upstream(self, cluster: str) -> Upstream:
        return self._link(cluster).upstream

    def _link(self, cluster: str) -> Link:
        if cluster == HOST:
            return self._host
        member = self._members.get(cluster)
        if member is None:
            raise NotFound(f'clusters.{self._kind.group} "{cluster}" not found', group=self._kind.group, name=cluster)
        if member.link is None:
            raise Unavailable(f"cluster {cluster} is not connected", retry_after_seconds=int(LOOK_SECONDS))
        return member.link

    async def run(self) -> None:
        """Until cancelled."""
        await self._have_host()
        self._objects = Cache(self._host.client, self._kind)
        async with asyncio.TaskGroup() as group:

            def changed(old: Any, new: Any) -> None:
                self._on_change(group, (new or old).metadata.name, is_there=new is not None)

            self._objects.follow(changed)
            await supervise("clusters", self._objects.run)

    async def _have_host(self) -> None:
        body = {"apiVersion": self._kind.api_version, "kind": self._kind.name, "metadata": {"name": HOST}, "spec": {}}
        with suppress(AlreadyExists):
            await self._host.client.call("POST", self._kind.path(), body=orjson.dumps(body))

    def _on_change(self, group: asyncio.TaskGroup, name: str, *, is_there: bool) -> None:
        member = self._members.get(name)
        if member is None and is_there:
            member = self._members[name] = _Member()
            member.task = group.create_task(self._keep(name, member), name=f"cluster {name}")
        elif member is not None and not is_there:
            del self._members[name]
            if member.task is not None:
                member.task.cancel()
        elif member is not None:
            member.changed.set()

    async def _keep(self, name: str, member: _Member) -> None:
        """Until its object is gone."""
        try:
            await supervise(f"cluster {name}", partial(self._look_after, name, member))
        finally:
            await self._disconnect(member)

    async def _look_after(self, name: str, member: _Member) -> None:
        while (cluster := self._objects.get(name)) is not None:
            member.changed.clear()
            try:
                await self._look(name, cluster, member)
            except ApiError as exc:  # of the host: its status could not be written, which the next look does
                log.info("cluster not looked at", extra={"cluster": name, "error": str(exc)})
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_SECONDS):
                    await member.changed.wait()

    async def _look(self, name: str, cluster: Any, member: _Member) -> None:
        found: dict[str, Any] = {"observedGeneration": cluster.metadata.generation}
        try:
            link = self._host if name == HOST else await self._connected(cluster, member)
            async with asyncio.timeout(LOOK_SECONDS):
                version = orjson.loads((await link.client.call("GET", "/version")).body)["gitVersion"]
                nodes = len((await link.client.list(NODE, resource_version="0")).items)
            found |= {"version": version, "nodes": nodes}
            ready = ("True", "Connected", "")
        except SetupError as exc:
            ready = ("False", "KubeconfigInvalid", str(exc))
        except (ApiError, TimeoutError) as exc:
            ready = ("False", "Unreachable", str(exc) or "it does not answer in time")
        await self._tell(name, cluster, found, ready)

    async def _connected(self, cluster: Any, member: _Member) -> Link:
        """With what its Secret says now. Raises SetupError."""
        wanted = cluster.spec.kubeconfig_secret
        if not wanted:
            raise SetupError("spec.kubeconfigSecret names no Secret")
        secret = await self._host.client.find(SECRET, wanted, self._namespace)
        if secret is None or KEY not in secret.data:
            await self._disconnect(member)
            raise SetupError(f"there is no Secret {wanted} with the key {KEY} in {self._namespace}")
        made_of = (secret.metadata.uid, secret.metadata.resource_version)
        if member.link is None or member.made_of != made_of:
            await self._disconnect(member)
            access = inline_access_of(base64.b64decode(secret.data[KEY]), f"Secret {wanted}")
            member.link, member.made_of = link_of(access), made_of
        return member.link

    async def _disconnect(self, member: _Member) -> None:
        link, member.link = member.link, None
        if link is not None:
            await link.close()

    async def _tell(self, name: str, cluster: Any, found: dict[str, Any], ready: tuple[str, str, str]) -> None:
        """Write its status, if it says something new."""
        status, reason, message = ready
        old: dict[str, Any] = msgspec.to_builtins(cluster.status)
        condition: dict[str, Any] = next((c for c in old.get("conditions", ()) if c["type"] == READY), {})
        since = condition.get("lastTransitionTime") if condition.get("status") == status else None
        new = {"type": READY, "status": status, "reason": reason, "message": message}
        new["lastTransitionTime"] = since or format_time(self._clock.now())
        wanted = {**old, **found, "conditions": [new]}
        if wanted != {**old, "conditions": [{"message": "", **condition}]}:
            await self._host.client.patch(self._kind, name, "", {"status": wanted}, subresource="status")
