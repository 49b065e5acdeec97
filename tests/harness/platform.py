"""A whole platform in this process, in front of a whole API server: what capabilities' component tests talk to.

With ARMILLARY_TEST_KUBECONFIG the cluster behind it is that one instead.
"""

import asyncio
import os
import shutil
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping, MutableMapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from typing import Any

import orjson
import uvloop
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from tests.harness.server import Server, running_server
from tests.harness.tidied import tidied

from armillary.base.clock import Clock, SystemClock
from armillary.base.errors import NotFound, Unauthorized
from armillary.base.pki import ensure_pki
from armillary.base.pki_files import Pki
from armillary.base.serving.listen import listen, tls_context
from armillary.kube.client import Client
from armillary.kube.kinds.core import NAMESPACE, Namespace
from armillary.kube.kinds.meta import ObjectMeta
from armillary.kube.kubeconfig import access_of
from armillary.kube.runner import Caches
from armillary.platform.frame.assembly import Platform, assemble
from armillary.platform.frame.caller import Caller
from armillary.platform.frame.capability import Capability
from armillary.platform.frame.clusters import Link, link_of, unix_link
from armillary.platform.frame.parts import HOST, Authenticator, Database, Deed, Parts, PlatformSettings
from armillary.platform.frame.passthrough import Upstream
from armillary.platform.frame.rights import AskedRights
from armillary.platform.frame.streams import OpenStreams

KUBECONFIG = "ARMILLARY_TEST_KUBECONFIG"
ORIGIN = "https://platform.example"


@dataclass
class HostOnly:
    """One cluster."""

    link: Link

    @property
    def host(self) -> Client:
        return self.link.client

    def upstream(self, cluster: str) -> Upstream:
        self.client(cluster)
        return self.link.upstream

    def names(self) -> Sequence[str]:
        return (HOST,)

    def client(self, cluster: str = HOST) -> Client:
        if cluster != HOST:
            raise NotFound(f'clusters.tenancy.armillary.io "{cluster}" not found')
        return self.host

    def client_as(self, caller: Caller, cluster: str = HOST) -> Client:
        self.client(cluster)
        return self.link.client_as(caller)


@dataclass
class Deeds:
    """An audit log that can be looked at."""

    noted: list[Deed] = field(default_factory=list)

    def note(self, deed: Deed) -> None:
        self.noted.append(deed)


@dataclass
class People:
    """Believes `Authorization: Bearer <user>`, or a cookie `user=<user>`; `callers` says more of some."""

    callers: dict[str, Caller] = field(default_factory=dict)

    async def authenticate(self, headers: Mapping[str, str], cookies: Mapping[str, str]) -> Caller | None:
        shown = headers.get("authorization", "").removeprefix("Bearer ") or cookies.get("user", "")
        if shown == "invalid":
            raise Unauthorized("this token is not valid")
        return self.callers.get(shown, Caller(shown, session=f"session-{shown}")) if shown else None


class NoDatabase:
    """For capabilities that need none; the others' tests give one."""

    def begin(self) -> Any:
        raise LookupError("give running_platform a database")


@dataclass(frozen=True)
class Answer:
    """`header` gives one by its name in lower case; "" if there is none."""

    status: int
    headers: Sequence[tuple[str, str]]
    body: bytes

    @property
    def json(self) -> Any:
        return orjson.loads(self.body)

    def header(self, name: str) -> str:
        return next((value for given, value in self.headers if given == name), "")


@dataclass(frozen=True)
class Asking:
    """Requests of somebody; paths begin at the origin. What is not bytes is sent as JSON."""

    door: Any
    headers: Mapping[str, str] = field(default_factory=dict)
    address: str = "198.51.100.7"

    async def __call__(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """One request and its whole answer."""
        sent = body if isinstance(body, bytes) else b"" if body is None else orjson.dumps(body)
        given = {} if body is None or isinstance(body, bytes) else {"content-type": "application/json"}
        exchanged = _Exchanged(sent)
        scope = self._scope(method, path, {**given, **self.headers, **(headers or {})})
        await self.door(scope, exchanged.receive, exchanged.send)
        return exchanged.answer()

    async def get(self, path: str, **how: Any) -> Answer:
        return await self("GET", path, **how)

    async def post(self, path: str, body: Any = None, **how: Any) -> Answer:
        return await self("POST", path, body, **how)

    async def put(self, path: str, body: Any = None, **how: Any) -> Answer:
        return await self("PUT", path, body, **how)

    async def patch(self, path: str, body: Any = None, **how: Any) -> Answer:
        return await self("PATCH", path, body, **how)

    async def delete(self, path: str, body: Any = None, **how: Any) -> Answer:
        return await self("DELETE", path, body, **how)

    def _scope(self, method: str, path: str, headers: Mapping[str, str]) -> dict[str, Any]:
        raw, _, query = path.partition("?")
        return {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "https",
            "path": raw,
            "raw_path": raw.encode(),
            "query_string": query.encode(),
            "headers": [(k.lower().encode(), v.encode()) for k, v in headers.items()],
            "client": (self.address, 40000),
            "server": ("127.0.0.1", 443),
            "state": {},
        }


class _Exchanged:
    def __init__(self, body: bytes) -> None:
        self._body: bytes | None = body
        self._start: MutableMapping[str, Any] = {}
        self._chunks: list[bytes] = []

    async def receive(self) -> dict[str, Any]:
        if self._body is None:
            await asyncio.get_running_loop().create_future()  # the client stays
        body, self._body = self._body, None
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(self, message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self._start = message
        else:
            self._chunks.append(bytes(message.get("body", b"")))

    def answer(self) -> Answer:
        headers = [(name.decode(), value.decode()) for name, value in self._start["headers"]]
        return Answer(self._start["status"], headers, b"".join(self._chunks))


@dataclass
class Running:
    """A platform at work. `admin` is the cluster's own administrator; `people` and `audit` may be looked at."""

    platform: Platform
    parts: Parts
    admin: Client
    people: Any
    audit: Deeds
    tasks: Sequence["asyncio.Task[None]"] = ()
    url: str = ""  # where it listens, if it does
    pki: Pki | None = None  # of its certificate

    def as_user(self, user: str, *groups: str, **more: Any) -> Asking:
        """Requests of that user; `groups` and `more` are of its Caller (with the harness's own authenticator)."""
        if (groups or more) and isinstance(self.people, People):
            known = Caller(user, groups, session=f"session-{user}")
            self.people.callers[user] = replace(known, **more)
        return Asking(self.platform.door, {"authorization": f"Bearer {user}"})

    def stop(self) -> None:
        """End its work beside the requests."""
        for task in self.tasks:
            task.cancel()

    def nobody(self) -> Asking:
        return Asking(self.platform.door)


@asynccontextmanager
async def running_platform(
    directory: Path,
    *capabilities: Capability[Any],
    clock: Clock | None = None,
    authenticator: Authenticator | None = None,
    settings: Mapping[str, Any] | None = None,
    database: Database | None = None,
    works: bool = True,
) -> AsyncIterator[Running]:
    """All kinds of `capabilities` are served; unless `works` is false, their controllers and tasks run."""
    clock = clock or SystemClock()
    async with AsyncExitStack() as stack:
        link = await _cluster(stack, directory, clock)
        admin, clusters = link.client, HostOnly(link)
        parts, audit = _parts(directory, clusters, clock, database or NoDatabase(), settings or {})
        people = authenticator or People()
        platform = assemble(capabilities, parts, people, clusters)
        await platform.prepare()
        if await admin.find(NAMESPACE, parts.settings.namespace) is None:
            await admin.create(NAMESPACE, Namespace(metadata=ObjectMeta(name=parts.settings.namespace)))
        group = await stack.enter_async_context(asyncio.TaskGroup())
        tasks = [group.create_task(parts.rights.run())]  # type: ignore[attr-defined]  # AskedRights
        tasks += [group.create_task(platform.run() if works else parts.reads.run())]
        await parts.reads.wait_synced()
        while works and not platform.state.ready:
            await asyncio.sleep(0)
        try:
            yield Running(platform, parts, admin, people, audit, tasks)
        finally:
            await platform.door.leave()
            for task in tasks:
                task.cancel()


@asynccontextmanager
async def listening_platform(
    directory: Path, *capabilities: Capability[Any], settings: Mapping[str, Any] | None = None, **how: Any
) -> AsyncIterator[Running]:
    """As `running_platform`, on a TLS socket of this machine; its origin is where it listens."""
    clock = how.get("clock") or SystemClock()
    pki = ensure_pki(directory / "front", ["localhost"], ["127.0.0.1"], clock.now(), node="one")
    port = _free_port()
    url = f"https://127.0.0.1:{port}"
    tls = tls_context(pki.crt("platform"), pki.key("platform"))
    told = {"origin": url, **(settings or {})}
    async with (
        running_platform(directory, *capabilities, settings=told, **how) as running,
        listen(running.platform.door, clock, addresses=[("127.0.0.1", port)], tls=tls),
    ):
        yield replace(running, url=url, pki=pki)


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


async def _cluster(stack: AsyncExitStack, directory: Path, clock: Clock) -> Link:
    given = os.environ.get(KUBECONFIG)
    if given:
        link = link_of(access_of(Path(given)))
        stack.push_async_callback(link.close)
        await stack.enter_async_context(tidied(link.client))
        return link
    server = await stack.enter_async_context(running_server(directory / "cluster", clock))
    at = Path(tempfile.mkdtemp(prefix="arm-")) / "api.sock"  # `directory`'s path may be too long for one
    stack.callback(shutil.rmtree, at.parent)
    await stack.enter_async_context(listen(_AsAdmin(server), clock, socket_path=at))
    link = unix_link(str(at), {})
    stack.push_async_callback(link.close)
    return link


class _AsAdmin:
    """An API server that takes who comes by this way, and shows nothing else, for the administrator."""

    def __init__(self, server: Server) -> None:
        self._server = server
        pem = server.pki.crt("admin").read_bytes()
        self._certificate = x509.load_pem_x509_certificate(pem).public_bytes(Encoding.DER)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        scope["state"] = {"certificate": self._certificate}
        await self._server.app(scope, receive, send)

    async def leave(self) -> None:
        await self._server.app.leave()


def _parts(
    directory: Path, clusters: HostOnly, clock: Clock, database: Database, settings: Mapping[str, Any]
) -> tuple[Parts, Deeds]:
    data = directory / "platform"
    data.mkdir(parents=True, exist_ok=True)
    admin, audit = clusters.host, Deeds()
    parts = Parts(
        settings=PlatformSettings(**{"origin": ORIGIN, "data_dir": data, **settings}),
        clock=clock,
        random=Random(1),
        client=admin,
        reads=Caches(admin, clock),
        clusters=clusters,
        rights=AskedRights(clusters, clock),
        streams=OpenStreams(),
        audit=audit,
        database=database,
    )
    return parts, audit


# In a process of its own, for what talks to it from elsewhere: `python -m tests.harness.platform DIRECTORY`


def main() -> None:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(Path(sys.argv[1])))


async def _serve(directory: Path) -> None:
    async with listening_platform(directory) as running:
        assert running.pki is not None
        print(running.url, running.pki.ca, flush=True)
        await asyncio.to_thread(sys.stdin.read)  # it stops when nobody holds its standard input


if __name__ == "__main__":
    main()
