"""WebSockets of routes: how they begin, what keeps them, and how they end."""

import asyncio
import base64
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.harness.platform import Running, listening_platform
from websockets.asyncio.client import ClientConnection, connect

from armillary.base.words import Words
from armillary.platform.frame import sockets
from armillary.platform.frame.capability import Call, Capability, Conversation, Open, Route, Socket
from armillary.platform.frame.parts import Parts

HANDSHAKE = (
    b"GET /platform/v1/talk HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ann\r\nConnection: Upgrade\r\n"
    b"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "
    + base64.b64encode(b"0123456789abcdef")
    + b"\r\n\r\n"
)
PING, CLOSE = 0x89, 0x88  # the first byte of such a frame (RFC 6455, 5.2)


class Talk:
    """Says who is there and what it heard; `fault` is what it fails with, `flood` what it says for ever."""

    def __init__(self) -> None:
        self.fault: Exception | None = None
        self.flood = b""
        self.over = asyncio.Event()

    async def route(self, call: Call, deps: Parts) -> Conversation:
        return self.hold

    async def hold(self, socket: Socket) -> None:
        try:
            while (text := await socket.receive()) is not None:
                if self.fault is not None:
                    raise self.fault
                while self.flood:
                    await socket.send(self.flood)
                await socket.send(f"{socket.caller.user}: {text.decode()}".encode())
        finally:
            self.over.set()


@pytest.fixture
async def talk() -> Talk:
    return Talk()


@pytest.fixture
async def running(tmp_path: Path, talk: Talk) -> AsyncIterator[Running]:
    route: Route[Parts] = Route("GET", "/talk", talk.route, Open.SIGNED_IN, "Talk.", socket=True)
    tried = Capability("tried", Words("Tried.", "试。"), connect=lambda parts: parts, routes=(route,))
    async with listening_platform(tmp_path, tried) as found:
        yield found


def trust(running: Running) -> ssl.SSLContext:
    assert running.pki is not None
    return ssl.create_default_context(cafile=str(running.pki.ca))


def dial(running: Running, **headers: str) -> connect:
    url = running.url.replace("https", "wss") + "/platform/v1/talk"
    return connect(url, ssl=trust(running), additional_headers=headers or {"authorization": "Bearer ann"})


async def closed(socket: ClientConnection) -> int | None:
    """The code with which the server ends it."""
    async with asyncio.timeout(10):
        await socket.wait_closed()
    return socket.close_code


async def test_it_is_text_both_ways(running: Running, talk: Talk) -> None:
    async with dial(running) as socket:
        await socket.send("hello")
        assert await socket.recv() == b"ann: hello".decode()
        await socket.send(["in ", "pieces"])
        assert await socket.recv() == "ann: in pieces"
    async with asyncio.timeout(10):
        await talk.over.wait()


async def test_the_cookie_opens_it_from_the_consoles_own_page(running: Running) -> None:
    async with dial(running, cookie="user=ann", origin=running.url) as socket:
        await socket.send("hello")
        assert await socket.recv() == "ann: hello"


async def test_a_bug_ends_it_as_one(running: Running, talk: Talk) -> None:
    talk.fault = LookupError("a bug")
    async with dial(running) as socket:
        await socket.send("hello")
        assert await closed(socket) == 1011
    async with dial(running):
        pass  # the server goes on


async def by_hand(running: Running) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A client that has shaken hands and does nothing of itself."""
    port = int(running.url.rpartition(":")[2])
    reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=trust(running))
    writer.write(HANDSHAKE)
    assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 101 ")
    return reader, writer


async def test_who_does_not_answer_a_ping_is_gone(
    running: Running, talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sockets, "PING_SECONDS", 0.05)
    reader, writer = await by_hand(running)
    async with asyncio.timeout(10):
        assert (await reader.readexactly(2))[0] == PING
        await talk.over.wait()
    writer.close()


async def test_who_does_not_read_is_not_waited_for(
    running: Running, talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sockets, "SEND_SECONDS", 0.1)
    talk.flood = b"x" * (1 << 20)
    _, writer = await by_hand(running)
    writer.write(b"\x81\x82\x00\x00\x00\x00hi")  # a masked text frame (RFC 6455, 5.7)
    async with asyncio.timeout(10):
        await talk.over.wait()
    writer.close()


async def test_a_session_that_ends_ends_it_at_once(running: Running, talk: Talk) -> None:
    reader, writer = await by_hand(running)
    async with asyncio.timeout(10):
        await reader.readexactly(2)  # the first ping: the conversation has begun
        running.parts.streams.end_session("session-ann")
        assert (await reader.readexactly(1))[0] == CLOSE
        await talk.over.wait()
    writer.close()


@pytest.mark.parametrize(
    "broken",
    [
        HANDSHAKE.replace(b"Version: 13", b"Version: 7"),
        HANDSHAKE.replace(base64.b64encode(b"0123456789abcdef"), b"short"),
    ],
)
async def test_what_is_no_handshake(running: Running, broken: bytes) -> None:
    port = int(running.url.rpartition(":")[2])
    reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=trust(running))
    writer.write(broken)
    async with asyncio.timeout(10):
        assert (await reader.readline()).startswith(b"HTTP/1.1 400 ")
    writer.close()


async def test_it_is_described(running: Running) -> None:
    described = (await running.nobody().get("/openapi.json")).json["paths"]["/platform/v1/talk"]["get"]
    assert {"101", "401", "426"} <= described["responses"].keys()
