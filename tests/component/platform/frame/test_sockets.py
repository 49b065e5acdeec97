"""The front door on a TLS socket: what is not quite HTTP, what comes too slowly, and leaving in good order."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.harness.platform import Running, listening_platform

from armillary.base.serving import connection
from armillary.base.words import Words
from armillary.platform.frame.capability import Call, Capability, Open, Route
from armillary.platform.frame.parts import Parts


class Slow:
    """A handler that the test lets go on."""

    def __init__(self) -> None:
        self.begun, self.goes_on, self.closed = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def answer(self, call: Call, deps: Parts) -> dict[str, str]:
        self.begun.set()
        await self.goes_on.wait()
        return {"done": "yes"}

    async def lines(self, call: Call, deps: Parts) -> AsyncIterator[dict[str, int]]:
        async def values() -> AsyncIterator[dict[str, int]]:
            try:
                yield {"line": 1}
                await asyncio.get_running_loop().create_future()
            finally:
                self.closed.set()

        return values()


@pytest.fixture
async def slow() -> Slow:
    return Slow()


@pytest.fixture
async def running(tmp_path: Path, slow: Slow) -> AsyncIterator[Running]:
    routes: tuple[Route[Parts], ...] = (
        Route("GET", "/slow", slow.answer, Open.SIGNED_IN, "Slow.", returns=dict[str, str]),
        Route("GET", "/lines", slow.lines, Open.SIGNED_IN, "Lines.", returns=dict[str, int]),
    )
    tried = Capability("tried", Words("Tried.", "试。"), connect=lambda parts: parts, routes=routes)
    async with listening_platform(tmp_path, tried) as found:
        yield found


Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def dial(running: Running) -> Streams:
    assert running.pki is not None
    trust = ssl.create_default_context(cafile=str(running.pki.ca))
    return await asyncio.open_connection("127.0.0.1", int(running.url.rpartition(":")[2]), ssl=trust)


async def ask(running: Running, request: bytes) -> bytes:
    """Everything until the server hangs up."""
    reader, writer = await dial(running)
    writer.write(request)
    async with asyncio.timeout(10):
        answer = await reader.read()
    writer.close()
    return answer


AS_ANN = b"Host: a\r\nAuthorization: Bearer ann\r\n"


@pytest.mark.parametrize(
    "request_",
    [
        b"CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n\r\n",
        b"GET /clusters/host/api HTTP/1.1\r\n" + AS_ANN + b"X: a\r\n b\r\n\r\n",
        b"GET /clusters/host/api HTTP/1.1\r\n" + AS_ANN + b"X : a\r\n\r\n",
        b"POST /a HTTP/1.1\r\n" + AS_ANN + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST /a HTTP/1.1\r\n" + AS_ANN + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabc",
        b"GET /a b HTTP/1.1\r\n" + AS_ANN + b"\r\n",
    ],
)
async def test_what_two_servers_could_read_in_two_ways_is_refused(running: Running, request_: bytes) -> None:
    answer = await ask(running, request_.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n", 1))
    assert answer.startswith(b"HTTP/1.1 4")
    assert running.audit.noted == []


@pytest.mark.parametrize("target", [b"http://evil.example/clusters/host/version", b"//evil.example/version"])
async def test_proxy_ssrf_by_a_target_that_names_another_host(running: Running, target: bytes) -> None:
    """The host in a request's target means nothing: its path is looked at, and nothing else."""
    answer = await ask(running, b"GET " + target + b" HTTP/1.1\r\n" + AS_ANN + b"Connection: close\r\n\r\n")
    assert (b"gitVersion" in answer) is target.startswith(b"http:")


async def test_a_head_must_come_in_time(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "HEAD_SECONDS", 0.05)
    for sent in (b"", b"GET / HTTP/1.1\r\nHost:"):
        assert await ask(running, sent) == b""
    assert (await ask(running, b"GET /livez HTTP/1.1\r\nConnection: close\r\n\r\n")).endswith(b"\r\n\r\nok")


async def test_leaving_lets_requests_finish_and_ends_streams(tmp_path: Path, slow: Slow) -> None:
    routes: tuple[Route[Parts], ...] = (
        Route("GET", "/slow", slow.answer, Open.SIGNED_IN, "Slow.", returns=dict[str, str]),
        Route("GET", "/lines", slow.lines, Open.SIGNED_IN, "Lines.", returns=dict[str, int]),
    )
    tried = Capability("tried", Words("Tried.", "试。"), connect=lambda parts: parts, routes=routes)
    async with asyncio.timeout(20), asyncio.TaskGroup() as group:
        async with listening_platform(tmp_path, tried) as running:
            asked = group.create_task(ask(running, b"GET /platform/v1/slow HTTP/1.1\r\n" + AS_ANN + b"\r\n"))
            reader, writer = await dial(running)
            writer.write(b"GET /platform/v1/lines HTTP/1.1\r\n" + AS_ANN + b"\r\n")
            await reader.readuntil(b'{"line":1}\n')
            await slow.begun.wait()
            slow.goes_on.set()
        assert (await reader.read()).endswith(b"0\r\n\r\n")
        assert (await asked).endswith(b'{"done":"yes"}')
        writer.close()


@pytest.mark.parametrize("how", ["client", "session"])
async def test_lines_end_with_their_client_or_session(running: Running, slow: Slow, how: str) -> None:
    reader, writer = await dial(running)
    writer.write(b"GET /platform/v1/lines HTTP/1.1\r\n" + AS_ANN + b"\r\n")
    await reader.readuntil(b'{"line":1}\n')
    if how == "client":
        writer.close()
    else:
        running.parts.streams.end_session("session-ann")
    async with asyncio.timeout(10):
        await slow.closed.wait()
    writer.close()


async def test_the_head_of_lines_has_no_end_to_wait_for(running: Running) -> None:
    answer = await ask(running, b"HEAD /platform/v1/lines HTTP/1.1\r\n" + AS_ANN + b"Connection: close\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert answer.endswith(b"\r\n\r\n")
