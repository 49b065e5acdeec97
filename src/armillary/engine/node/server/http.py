"""As much of an HTTP/1.1 server as the kubelet API needs: bodyless requests, whole or streamed answers, upgrades.

A connection can be taken over as it is, which servers with a request object in between do not let one do.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import aclosing, suppress
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import parse_qs, unquote, urlsplit

import orjson

from armillary.base.errors import ArmillaryError

log = logging.getLogger(__name__)

IDLE_SECONDS = 120.0
MOST_HEAD_BYTES = 64 << 10


class Answer(ArmillaryError):
    """An answer other than success, raised from wherever it becomes clear."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status, self.text = status, text


@dataclass(frozen=True, slots=True)
class Request:
    """One request; `head` is its first line and headers as they came."""

    method: str
    path: tuple[str, ...]  # decoded segments
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]  # names in lower case
    head: bytes
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    def flag(self, name: str) -> bool:
        return self.value(name).lower() in ("1", "true", "t")

    def value(self, name: str) -> str:
        return (self.query.get(name) or [""])[0]

    @property
    def is_upgrade(self) -> bool:
        return "upgrade" in self.headers.get("connection", "").lower() and bool(self.headers.get("upgrade"))

    @property
    def is_websocket(self) -> bool:
        return self.is_upgrade and self.headers.get("upgrade", "").lower() == "websocket"

    @property
    def protocols(self) -> list[str]:
        """WebSocket subprotocols that the client offers."""
        return [word.strip() for word in self.headers.get("sec-websocket-protocol", "").split(",") if word.strip()]

    async def answer(self, body: bytes | str, content_type: str = "text/plain", status: int = 200) -> None:
        content = body.encode() if isinstance(body, str) else body
        head = _head(status, content_type) + f"Content-Length: {len(content)}\r\n\r\n".encode()
        self.writer.write(head + content)
        await self.writer.drain()

    async def answer_json(self, value: object) -> None:
        await self.answer(orjson.dumps(value), "application/json")

    async def stream(self, pieces: AsyncGenerator[bytes, None], content_type: str = "text/plain") -> None:
        """An answer of unknown length; the first piece is awaited before the answer begins."""
        async with aclosing(pieces):
            first = await anext(pieces, b"")
            self.writer.write(_head(200, content_type) + b"Transfer-Encoding: chunked\r\n\r\n" + _chunk(first))
            await self.writer.drain()
            async for piece in pieces:
                self.writer.write(_chunk(piece))
                await self.writer.drain()
            self.writer.write(b"0\r\n\r\n")
            await self.writer.drain()


Handler = Callable[[Request], Awaitable[None]]


async def serve_connection(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, handler: Handler) -> None:
    """All requests of one connection, one after the other, until it ends or is taken over."""
    try:
        while True:
            try:
                async with asyncio.timeout(IDLE_SECONDS):
                    head = await reader.readuntil(b"\r\n\r\n")
            except (TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
                return
            request = parse_request(head, reader, writer)
            await _skip_body(request)
            await _handle(request, handler)
            if request.is_upgrade or request.headers.get("connection", "").lower() == "close":
                return
    except (ConnectionError, ValueError):
        return
    finally:
        writer.close()
        with suppress(ConnectionError, OSError):
            await writer.wait_closed()


async def _handle(request: Request, handler: Handler) -> None:
    try:
        await handler(request)
    except Answer as exc:
        await request.answer(exc.text, status=exc.status)
    except ConnectionError:
        raise
    except Exception as exc:  # boundary: one request's bug must not end the server
        log.exception("request failed", extra={"path": "/".join(request.path)})
        await request.answer(f"internal error: {exc}", status=500)


async def _skip_body(request: Request) -> None:
    length = int(request.headers.get("content-length") or 0)
    if length and not request.is_upgrade:
        await request.reader.readexactly(length)


def parse_request(head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Request:
    """Raises ValueError."""
    first, *lines = head.decode("latin-1").split("\r\n")
    method, target, _ = first.split(" ")
    url = urlsplit(target)
    headers: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if colon:
            key = name.strip().lower()
            headers[key] = f"{headers[key]}, {value.strip()}" if key in headers else value.strip()
    path = tuple(unquote(part) for part in url.path.split("/") if part)
    query = parse_qs(url.query, keep_blank_values=True)
    return Request(method, path, query, headers, head, reader, writer)


def _head(status: int, content_type: str) -> bytes:
    phrase = HTTPStatus(status).phrase
    return f"HTTP/1.1 {status} {phrase}\r\nContent-Type: {content_type}\r\n".encode()


def _chunk(piece: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(piece), piece) if piece else b""
