"""Requests that leave HTTP behind (exec, attach, port-forward): a raw connection between client and agent.

What is spoken after the switch (WebSocket, SPDY) is the two ends' business; bytes go through as they are. The client
is taken over only after the other side has agreed, so a refusal is still an ordinary answer.
"""

import asyncio
import contextlib
from collections.abc import Mapping

import httptools

from armillary.base.errors import BadRequest, Internal
from armillary.engine.apiserver.auth.authenticate import BEARER_PROTOCOL
from armillary.engine.apiserver.ports import TAKE_OVER, Call

CHUNK_BYTES = 1 << 16
MOST_HEAD_BYTES = 1 << 16
MOST_REFUSAL_BYTES = 1 << 20
DRAIN_SECONDS = 5.0

# Not for whom the request is passed on to.
_OURS = frozenset(("host", "authorization", "content-length", "transfer-encoding", "expect"))
_Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


def is_upgrade(call: Call) -> bool:
    tokens = call.headers.get("connection", "").lower().split(",")
    return "upgrade" in (token.strip() for token in tokens) and bool(call.headers.get("upgrade"))


async def tunnel(call: Call, far: _Streams, host: str, target: str) -> None:
    """Ask the far side to switch protocols at `target`; then carry bytes until both sides are done."""
    reader, writer = far
    try:
        writer.write(_head(call, host, target))
        await writer.drain()
        head = await _read_head(reader)
        status, headers = _parse_head(head)
        if status != 101:
            await _refuse(call, reader, status, headers)
            return
        take_over = (call.scope.get("extensions") or {}).get(TAKE_OVER)
        if take_over is None:
            raise BadRequest("this connection can't be upgraded")
        near_reader, near_writer = take_over()
        near_writer.write(head)
        await _carry((near_reader, near_writer), far)
    except (OSError, asyncio.IncompleteReadError) as exc:
        raise Internal(f"error dialing backend: {exc}") from exc
    finally:
        writer.close()


def _head(call: Call, host: str, target: str) -> bytes:
    lines = [f"{call.method} {target} HTTP/1.1", f"Host: {host}"]
    for raw_name, raw_value in call.scope["headers"]:
        name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1")
        if name.lower() in _OURS or name.lower().startswith("impersonate-"):
            continue
        if name.lower() == "sec-websocket-protocol":
            kept = [p.strip() for p in value.split(",") if not p.strip().startswith(BEARER_PROTOCOL)]
            value = ", ".join(kept)
        lines.append(f"{name}: {value}")
    if call.body:
        lines.append(f"Content-Length: {len(call.body)}")
    return "\r\n".join((*lines, "", "")).encode("latin-1") + call.body


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


async def _refuse(call: Call, reader: asyncio.StreamReader, status: int, headers: Mapping[str, str]) -> None:
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
    await call.send({"type": "http.response.start", "status": status, "headers": kept})
    await call.send({"type": "http.response.body", "body": body})


async def _read_chunks(reader: asyncio.StreamReader) -> bytes:
    body = b""
    while len(body) < MOST_REFUSAL_BYTES:
        size = int((await reader.readline()).split(b";")[0] or b"0", 16)
        if size == 0:
            break
        body += await reader.readexactly(size)
        await reader.readline()
    return body


async def _carry(near: _Streams, far: _Streams) -> None:
    """Bytes both ways. Ends when the far side is done, or soon after the near one is."""
    try:
        async with asyncio.TaskGroup() as group:
            upward = group.create_task(_pump(near[0], far[1]), name="tunnel: client to agent")
            downward = group.create_task(_pump(far[0], near[1]), name="tunnel: agent to client")
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
        while data := await source.read(CHUNK_BYTES):
            sink.write(data)
            await sink.drain()
        if sink.can_write_eof():
            sink.write_eof()
        else:
            await sink.drain()


def streams_over(transport: asyncio.Transport, initial: bytes) -> _Streams:
    """A transport that HTTP was spoken on, as streams: what a server's protocol offers as TAKE_OVER is made of it."""
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=CHUNK_BYTES, loop=loop)
    protocol = asyncio.StreamReaderProtocol(reader, loop=loop)
    transport.set_protocol(protocol)
    protocol.connection_made(transport)
    if initial:
        reader.feed_data(initial)
    transport.resume_reading()
    return reader, asyncio.StreamWriter(transport, protocol, reader, loop)
