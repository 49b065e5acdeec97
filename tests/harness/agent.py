"""A node's agent as the API server sees it: TLS that asks for a client certificate, and a few canned answers."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from armillary.base.pki_files import Pki

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass
class StubAgent:
    """What was asked of it (`METHOD target`), with headers, and the certificates it was shown."""

    port: int = 0
    asked: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    users: list[str] = field(default_factory=list)
    log_more: asyncio.Event = field(default_factory=asyncio.Event)
    gone: asyncio.Event = field(default_factory=asyncio.Event)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            first, *lines = head.strip().split("\r\n")
            method, target, _ = first.split(" ")
            self.asked.append(f"{method} {target}")
            self.headers.append({k.lower(): v for k, _, v in (line.partition(": ") for line in lines)})
            certificate = writer.get_extra_info("peercert") or {}
            self.users += [v for rdn in certificate.get("subject", ()) for k, v in rdn if k == "commonName"]
            await self._answer(target, reader, writer)
        writer.close()

    async def _answer(self, target: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        path = target.partition("?")[0]
        if path.startswith(("/exec", "/attach", "/portForward")) and "refuse" not in path:
            await self._switch(reader, writer)
        elif "refuse" in path:
            _whole(writer, "400 Bad Request", b"no such container")
        elif "fail" in path:
            _whole(writer, "500 Internal Server Error", b"it broke")
        elif "gone" in path:
            _whole(writer, "404 Not Found", b"not here")
        elif path.startswith("/containerLogs"):
            await self._log("follow=true" in target, writer)
        else:
            _whole(writer, "200 OK", f"{path} {await self._body(reader)}".encode())
        await writer.drain()

    async def _body(self, reader: asyncio.StreamReader) -> str:
        length = int(self.headers[-1].get("content-length", "0"))
        return (await reader.readexactly(length)).decode()

    async def _log(self, follow: bool, writer: asyncio.StreamWriter) -> None:
        writer.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n5\r\none\n\n\r\n"
        )
        if follow:
            await writer.drain()
            await self.log_more.wait()
            writer.write(b"4\r\ntwo\n\r\n")
        writer.write(b"0\r\n\r\n")

    async def _switch(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Say a word of one's own at once, give back everything in capitals, and say a last word."""
        writer.write(b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\nhello;")
        while (data := await reader.read(1 << 16)) and b"bye" not in data:
            writer.write(data.upper())
            await writer.drain()
        writer.write(b";over")
        await writer.drain()
        self.gone.set()


def _whole(writer: asyncio.StreamWriter, status: str, body: bytes) -> None:
    writer.write(f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nX-Kept: yes\r\n\r\n".encode() + body)


@asynccontextmanager
async def running_agent(pki: Pki, *, tls: bool = True) -> AsyncIterator[StubAgent]:
    agent, context = StubAgent(), None
    if tls:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(pki.ca))
        context.load_cert_chain(pki.crt("kubelet"), pki.key("kubelet"))
        context.verify_mode = ssl.CERT_REQUIRED
    server = await asyncio.start_server(agent.serve, "127.0.0.1", 0, ssl=context)
    async with server:
        agent.port = server.sockets[0].getsockname()[1]
        yield agent


class Front(asyncio.Protocol):
    """A client's connection on the API server's side, up to where a handler takes it over."""

    def __init__(self) -> None:
        self.head: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._data = b""
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self._data += data
        if b"\r\n\r\n" in self._data and not self.head.done():
            self.transport.pause_reading()
            head, _, self.rest = self._data.partition(b"\r\n\r\n")
            self.head.set_result(head)


@asynccontextmanager
async def connected() -> AsyncIterator[tuple[Streams, Front]]:
    """Both ends of a connection: the client's streams, and what the server has of it."""
    fronts: asyncio.Queue[Front] = asyncio.Queue()

    def made() -> Front:
        front = Front()
        fronts.put_nowait(front)
        return front

    server = await asyncio.get_running_loop().create_server(made, "127.0.0.1", 0)
    async with server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.sockets[0].getsockname()[1])
        try:
            yield (reader, writer), await fronts.get()
        finally:
            writer.close()
