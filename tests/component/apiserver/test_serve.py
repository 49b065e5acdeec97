"""On sockets: TLS with client certificates, the Unix socket, connections that leave HTTP, the end."""

import asyncio
import ssl
from collections.abc import Mapping
from pathlib import Path

import pytest
from tests.harness.apiserver import ADMIN, Allow, api, schemas

from armillary.base.clock import SystemClock
from armillary.base.errors import BadRequest
from armillary.base.pki import ensure_pki
from armillary.base.pki_files import Pki
from armillary.base.serving.connection import TAKE_OVER
from armillary.base.serving.listen import listen, tls_context
from armillary.engine.apiserver.app import ApiServer
from armillary.engine.apiserver.ports import Answer, Call, User
from armillary.engine.kinds.registry import BUILT_IN
from armillary.engine.store.memory import memory_store
from armillary.kube.client import Client
from armillary.kube.kinds.core import NAMESPACE, Namespace
from armillary.kube.kinds.meta import ObjectMeta
from armillary.kube.transport.http import Http
from armillary.kube.transport.unix import UnixHttp

CLOCK = SystemClock()


@pytest.fixture
def pki(tmp_path: Path) -> Pki:
    return ensure_pki(tmp_path / "pki", ["localhost"], ["127.0.0.1"], CLOCK.now(), node="one")


class Certificates:
    """Remembers what certificate came with a request."""

    def __init__(self) -> None:
        self.seen: list[bytes | None] = []

    def authenticate(self, headers: Mapping[str, str], certificate: bytes | None) -> User:
        self.seen.append(certificate)
        return ADMIN


async def exchange(socket: Path, request: bytes, *, more: bytes = b"") -> bytes:
    """Everything that is answered until the server hangs up."""
    reader, writer = await asyncio.open_unix_connection(str(socket))
    writer.write(request)
    if more:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(more)
    async with asyncio.timeout(10):
        answer = await reader.read()
    writer.close()
    return answer


async def test_the_unix_socket_is_its_owners(tmp_path: Path) -> None:
    socket = tmp_path / "api.sock"
    async with listen(api().server, CLOCK, socket_path=socket):
        assert socket.stat().st_mode & 0o777 == 0o600
        client = Client(UnixHttp(str(socket)))
        await client.create(NAMESPACE, Namespace(metadata=ObjectMeta(name="a")))
        async with asyncio.timeout(10):
            async for event in client.watch(NAMESPACE):
                assert event.object is not None
                assert event.object.metadata.name == "a"
                break
        await client.transport.close()
    assert not socket.exists()


async def test_clients_may_show_certificates(tmp_path: Path, pki: Pki) -> None:
    people = Certificates()
    server = ApiServer(memory_store(CLOCK), BUILT_IN, schemas(), people, Allow(), clock=CLOCK)
    tls = tls_context(pki.crt("apiserver"), pki.key("apiserver"), pki.ca)
    async with listen(server, CLOCK, addresses=[("127.0.0.1", 0)], tls=tls) as listening:
        base = f"https://127.0.0.1:{listening.addresses[0][1]}"
        for certified in (False, True):
            trust = ssl.create_default_context(cafile=str(pki.ca))
            if certified:
                trust.load_cert_chain(pki.crt("admin"), pki.key("admin"))
            async with Http(base, tls=trust) as http:
                await Client(http).call("GET", "/version")
    nobody, somebody = people.seen
    assert nobody is None
    assert somebody == ssl.PEM_cert_to_DER_cert(pki.crt("admin").read_text())


async def echo(call: Call) -> Answer | None:
    """Takes the connection over and says everything back, in capitals."""
    take_over = (call.scope.get("extensions") or {}).get(TAKE_OVER)
    if take_over is None:
        raise BadRequest("you must upgrade")
    reader, writer = take_over()
    writer.write(b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n")
    writer.write((await reader.readline()).upper())
    writer.write((await reader.readline()).upper())
    writer.close()
    return None


EXEC = b"POST /api/v1/namespaces/x/pods/p/exec HTTP/1.1\r\nHost: a\r\n"
UPGRADE = b"Connection: Upgrade\r\nUpgrade: SPDY/3.1\r\n"


async def test_a_connection_can_leave_http(tmp_path: Path) -> None:
    server = api(handlers={("pods", "exec"): echo})
    async with listen(server.server, CLOCK, socket_path=tmp_path / "s"):
        answer = await exchange(tmp_path / "s", EXEC + UPGRADE + b"\r\nearly\n", more=b"late\n")
        assert answer == b"EARLY\nLATE\n"


async def test_without_an_upgrade_there_is_nothing_to_take_over(tmp_path: Path) -> None:
    server = api(handlers={("pods", "exec"): echo})
    async with listen(server.server, CLOCK, socket_path=tmp_path / "s"):
        answer = await exchange(tmp_path / "s", EXEC + b"Content-Length: 0\r\nConnection: close\r\n\r\n")
        assert b"you must upgrade" in answer


async def test_an_upgrade_that_nobody_takes_is_an_ordinary_request(tmp_path: Path) -> None:
    async with listen(api().server, CLOCK, socket_path=tmp_path / "s"):
        request = b"GET /version HTTP/1.1\r\nHost: a\r\n" + UPGRADE + b"\r\n"
        answer = await exchange(tmp_path / "s", request)
        assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
        assert b'"major":"1"' in answer


async def test_bytes_that_are_no_http_are_refused(tmp_path: Path) -> None:
    async with listen(api().server, CLOCK, socket_path=tmp_path / "s"):
        assert (await exchange(tmp_path / "s", b"\x16\x03\x01 hello\r\n\r\n")).startswith(b"HTTP/1.1 400 ")


async def test_leaving_ends_watches_cleanly(tmp_path: Path) -> None:
    server = api()
    context = listen(server.server, CLOCK, socket_path=tmp_path / "s")
    await context.__aenter__()
    reader, writer = await asyncio.open_unix_connection(str(tmp_path / "s"))
    writer.write(b"GET /api/v1/pods?watch=1 HTTP/1.1\r\nHost: a\r\n\r\n")
    await reader.readuntil(b"\r\n\r\n")
    async with asyncio.timeout(10):
        await context.__aexit__(None, None, None)
        assert (await reader.read()).endswith(b"0\r\n\r\n")
    writer.close()
