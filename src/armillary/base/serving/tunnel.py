"""Requests that leave HTTP behind (exec, attach, port-forward): a raw connection between a client and a far side.

What is spoken after the switch (WebSocket, SPDY) is the two ends' business; bytes go through as they are. The client
is taken over only after the far side has agreed, so a refusal is still an ordinary answer.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

import httptools

from armillary.base.errors import BadRequest, Internal
from armillary.base.serving.connection import READ_BYTES, TAKE_OVER, Streams

MOST_HEAD_BYTES = 1 << 16
MOST_REFUSAL_BYTES = 1 << 20
DRAIN_SECONDS = 5.0

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


def asks_to_upgrade(headers: Mapping[str, str]) -> bool:
    """Whether a request wants another protocol; `headers` have names in lower case."""
    tokens = headers.get("connection", "").lower().split(",")
    return "upgrade" in (token.strip() for token in tokens) and bool(headers.get("upgrade"))


async def tunnel(scope: Mapping[str, Any], send: Send, far: Streams, request: bytes) -> None:
    """Ask the far side to switch protocols by `request`; then carry bytes until both sides are done."""
    reader, writer = far
    try:
        writer.write(request)
        await writer.drain()
        head = await _read_head(reader)
        status, headers = _parse_head(head)
        if status != 101:
            await _refuse(send, reader, status, headers)
            return
        take_over = (scope.get("extensions") or {}).get(TAKE_OVER)
        if take_over is None:
            raise BadRequest("this connection can't be upgraded")
        near_reader, near_writer = take_over()
        near_writer.write(head)
        await _carry((near_reader, near_writer), far)
    except (OSError, asyncio.IncompleteReadError) as exc:
        raise Internal(f"error dialing backend: {exc}") from exc
    finally:
        writer.close()


async def _read_head(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.readuntil(b"\r\n\r\n")
    except asyncio.LimitOverrunError as exc:
        raise Internal(f"the backend's answer begins with more than {MOST_HEAD_BYTES} bytes of headers") from exc


class _Answer:
    """What httptools tells of a response's head."""

    def __init__(self) -> None:
        self.headers: dict[str, str] = {}

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers[name.decode("latin-1").lower()] = value.decode("latin-1")


def _parse_head(head: bytes) -> tuple[int, Mapping[str, str]]:
    answer = _Answer()
    parser = httptools.HttpResponseParser(answer)
    # A response that switches protocols ends the parsing, which is no fault.
    with contextlib.suppress(httptools.HttpParserUpgrade):
        try:
            parser.feed_data(head)
        except httptools.HttpParserError as exc:
            raise Internal(f"the backend does not speak HTTP: {exc}") from exc
    return parser.get_status_code(), answer.headers


async def _refuse(send: Send, reader: asyncio.StreamReader, status: int, headers: Mapping[str, str]) -> None:
    """Give the client the far side's own answer."""
    length = headers.get("content-length", "")
    async with asyncio.timeout(DRAIN_SECONDS):
        if length.isdigit():
            body = await reader.readexactly(min(int(length), MOST_REFUSAL_BYTES))
        elif headers.get("transfer-encoding", "").lower() == "chunked":
            body = await _read_chunks(reader)
        else:
            body = await reader.read(MOST_REFUSAL_BYTES)
    kept = [
        (name.encode(), value.encode("latin-1"))
        for name, value in headers.items()
        if name in ("content-type", "x-content-type-options", "sec-websocket-version")
    ]
    await send({"type": "http.response.start", "status": status, "headers": kept})
    await send({"type": "http.response.body", "body": body})


async def _read_chunks(reader: asyncio.StreamReader) -> bytes:
    body = b""
    while len(body) < MOST_REFUSAL_BYTES:
        size = int((await reader.readline()).split(b";")[0] or b"0", 16)
        if size == 0:
            break
        body += await reader.readexactly(size)
        await reader.readline()
    return body


async def _carry(near: Streams, far: Streams) -> None:
    """Bytes both ways. Ends when the far side is done, or soon after the near one is."""
    try:
        async with asyncio.TaskGroup() as group:
            upward = group.create_task(_pump(near[0], far[1]), name="tunnel: upward")
            downward = group.create_task(_pump(far[0], near[1]), name="tunnel: downward")
            await asyncio.wait((upward, downward), return_when=asyncio.FIRST_COMPLETED)
            if not downward.done():
                # The client says no more; what is on its way to it may still arrive. Whoever can be told that the
                # other has ended goes on by himself (a TLS connection can't be: it is closed as a whole).
                if not far[1].can_write_eof():
                    await asyncio.wait((downward,), timeout=DRAIN_SECONDS)
                    downward.cancel()
            else:
                upward.cancel()
    finally:
        near[1].close()


async def _pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await source.read(READ_BYTES):
            sink.write(data)
            await sink.drain()
        if sink.can_write_eof():
            sink.write_eof()
        else:
            await sink.drain()
