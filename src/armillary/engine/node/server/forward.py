"""Port forwarding whose SPDY comes wrapped in WebSocket messages (kubectl 1.31 and later, KEP-4006)."""

import asyncio
from contextlib import suppress
from urllib.parse import urlsplit

from armillary.base.serving.websocket import WebSocket
from armillary.engine.node.server.http import Answer, Request
from armillary.engine.node.server.tunnel import CHUNK, connect
from armillary.engine.node.server.websocket import accept
from armillary.engine.node.together import first_of

TUNNELED = "SPDY/3.1+portforward.k8s.io"


async def forward_tunneled(request: Request, url: str) -> None:
    """The messages' bytes go to the runtime's SPDY server as they are, and back."""
    reader, writer = await connect(url)
    try:
        await _upgrade(reader, writer, url)
        socket = await accept(request, [TUNNELED])
        await _both_ways(socket, reader, writer)
        await socket.close()
    finally:
        writer.close()


async def _upgrade(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, url: str) -> None:
    target = urlsplit(url)
    writer.write(
        f"POST {target.path} HTTP/1.1\r\nHost: {target.netloc}\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\n"
        "X-Stream-Protocol-Version: portforward.k8s.io\r\nContent-Length: 0\r\n\r\n".encode()
    )
    head = await reader.readuntil(b"\r\n\r\n")
    if b" 101 " not in head.split(b"\r\n", 1)[0]:
        raise Answer(502, f"the runtime refused to forward: {head.splitlines()[0].decode(errors='replace')}")


async def _both_ways(socket: WebSocket, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    async def up() -> None:
        with suppress(ConnectionError):
            while (message := await socket.receive()) is not None:
                writer.write(message)
                await writer.drain()

    async def down() -> None:
        with suppress(ConnectionError):
            while data := await reader.read(CHUNK):
                await socket.send(data)

    await first_of(up(), down())
