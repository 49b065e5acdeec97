"""Bytes between a client and the runtime's streaming server, which ends SPDY and older WebSocket protocols itself."""

import asyncio
from contextlib import suppress
from urllib.parse import urlsplit

from armillary.engine.node.server.http import Answer, Request

CHUNK = 1 << 16


async def tunnel(request: Request, url: str) -> None:
    """Pass the request on to `url` as it came, with its query, then everything in both directions."""
    reader, writer = await connect(url)
    _, _, rest = request.head.partition(b"\r\n")
    query = request.head.split(b" ", 2)[1].partition(b"?")[2]
    path = urlsplit(url).path.encode() + (b"?" + query if query else b"")
    writer.write(b"%s %s HTTP/1.1\r\n" % (request.method.encode(), path) + rest)
    await both_ways((request.reader, request.writer), (reader, writer))


async def connect(url: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    target = urlsplit(url)
    try:
        return await asyncio.open_connection(target.hostname, target.port)
    except OSError as exc:
        raise Answer(502, f"the runtime's streaming server does not answer: {exc}") from exc


Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def both_ways(near: Stream, far: Stream) -> None:
    """Until the far end is done; a near end that has nothing more to say may still listen."""

    async def up() -> None:
        await copy(near[0], far[1])
        with suppress(OSError):
            far[1].write_eof()

    try:
        async with asyncio.TaskGroup() as group:
            sending = group.create_task(up())
            await copy(far[0], near[1])
            sending.cancel()
    finally:
        far[1].close()


async def copy(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while data := await source.read(CHUNK):
            sink.write(data)
            await sink.drain()
