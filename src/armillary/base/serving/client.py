"""A lean HTTP/1.1 client for passing requests on: raw heads and bodies as they come, connections kept open.

It follows no redirect, unpacks nothing and remembers no cookie: what it is given it sends, what comes it gives.
"""

import asyncio
import ssl
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass

import httptools

from armillary.base.serving.connection import Streams

CONNECT_SECONDS = 10.0
IDLE_SECONDS = 50.0  # less than servers wait (90 s in Go), so that nothing is sent on a connection about to close
MOST_IDLE = 64
MOST_UNREAD_BYTES = 1 << 20  # of an answer: its server waits then
READ_BYTES = 1 << 16
CONTINUE, SWITCHING = 100, 101

Header = tuple[bytes, bytes]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a server listens: a Unix socket, else host and port; without `tls` in plain HTTP."""

    host: str = ""
    port: int = 0
    tls: ssl.SSLContext | None = None
    socket: str = ""

    @property
    def authority(self) -> str:
        """For the Host header."""
        if self.socket:
            return "localhost"
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Head:
    """Of an answer; names as they came."""

    status: int
    headers: tuple[Header, ...]


class Pool:
    """Connections to one endpoint. Raises ConnectionError when there is none to be had."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self._idle: deque[tuple[float, Exchange]] = deque()

    async def exchange(self, request: bytes, body: AsyncIterator[bytes] | None = None, *, bodyless: bool) -> "Exchange":
        """Send a request: its head with what is known of its body, then `body`. Give the answer back by `give_back`.

        A request without `body` that meets a connection that has just been closed is sent once more, if the server
        cannot have acted on it: the caller says so by `bodyless` (GET and HEAD).
        """
        kept = self._kept()
        if kept is not None and bodyless and body is None:
            try:
                kept.send(request)
                await kept.wait_begun()
                return kept
            except ConnectionError:
                kept.drop()
                kept = None
        found = kept or await self._open()
        found.send(request)
        if body is not None:
            async for piece in body:
                await found.write(piece)
        return found

    def give_back(self, exchange: "Exchange") -> None:
        """It is of no more use: keep its connection if another request may use it."""
        if exchange.is_free and len(self._idle) < MOST_IDLE:
            self._idle.append((asyncio.get_running_loop().time(), exchange))
        else:
            exchange.drop()

    async def dial(self) -> Streams:
        """A connection of one's own, for requests that leave HTTP."""
        at = self.endpoint
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                if at.socket:
                    return await asyncio.open_unix_connection(at.socket, limit=READ_BYTES)
                return await asyncio.open_connection(at.host, at.port, ssl=at.tls, limit=READ_BYTES)
        except (OSError, TimeoutError) as exc:
            raise _unreachable(at, exc) from exc

    def close(self) -> None:
        while self._idle:
            self._idle.pop()[1].drop()

    def _kept(self) -> "Exchange | None":
        oldest = asyncio.get_running_loop().time() - IDLE_SECONDS
        while self._idle and self._idle[0][0] < oldest:
            self._idle.popleft()[1].drop()
        while self._idle:
            _, exchange = self._idle.pop()  # the one used last: others grow old and are let go
            if exchange.is_free:
                return exchange
        return None

    async def _open(self) -> "Exchange":
        at, loop = self.endpoint, asyncio.get_running_loop()
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                if at.socket:
                    return (await loop.create_unix_connection(Exchange, at.socket))[1]
                return (await loop.create_connection(Exchange, at.host, at.port, ssl=at.tls))[1]
        except (OSError, TimeoutError) as exc:
            raise _unreachable(at, exc) from exc


def _unreachable(at: Endpoint, exc: Exception) -> ConnectionError:
    return ConnectionError(f"{at.socket or at.authority} can't be reached: {exc or 'it does not answer in time'}")


class Exchange(asyncio.Protocol):
    """One request at a time on one connection, and its answer: `head`, then `read` until it gives b""."""

    _transport: asyncio.Transport

    def __init__(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._headers: list[Header] = []
        self._chunks: list[bytes] = []
        self._unread = 0
        self._begun = False  # the head is in
        self._ended = True  # the whole answer is in
        self._answered = False  # any byte of the answer has come
        self._fault: ConnectionError | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._writable = asyncio.Event()
        self._writable.set()

    @property
    def is_free(self) -> bool:
        """Whether it may take another request."""
        return self.is_whole and self._fault is None and not self._transport.is_closing()

    @property
    def is_whole(self) -> bool:
        """Whether all of the answer is in and has been read."""
        return self._ended and not self._chunks

    def send(self, request: bytes) -> None:
        if self._fault is not None:
            raise self._fault
        self._headers, self._begun, self._ended, self._answered = [], False, False, False
        self._transport.write(request)

    async def write(self, piece: bytes) -> None:
        """More of the request's body; waits while the server does not read."""
        if self._fault is None and not self._ended:  # a server may answer before it has read all
            self._transport.write(piece)
            await self._writable.wait()

    async def wait_begun(self) -> None:
        """Until some of the answer has come. Raises ConnectionError if none will."""
        while not self._answered and not self._begun:
            await self._news()

    async def head(self) -> Head:
        """Raises ConnectionError."""
        while not self._begun:
            await self._news()
        return Head(int(self._parser.get_status_code()), tuple(self._headers))

    async def read(self) -> bytes:
        """What has come since; b"" at the end. Raises ConnectionError if it is cut off."""
        while not self._chunks and not self._ended:
            await self._news()
        chunks, self._chunks = self._chunks, []
        if self._unread > MOST_UNREAD_BYTES:
            self._transport.resume_reading()
        self._unread = 0
        return chunks[0] if len(chunks) == 1 else b"".join(chunks)

    def end_early(self) -> None:
        """There is no body after this head (an answer to HEAD): the connection can't be used again."""
        self._ended = True
        self._transport.close()

    def finish(self) -> None:
        """Hang up; what has come so far is the whole answer, if that can be told from a cut one's beginning."""
        if self._begun and not self._is_sized():
            self._ended = True
            self._wake()
        self._transport.abort()

    def drop(self) -> None:
        """Hang up. Whoever reads is told by ConnectionError."""
        self._transport.abort()

    async def _news(self) -> None:
        if self._fault is not None:
            raise self._fault
        self._waiter = asyncio.get_running_loop().create_future()
        await self._waiter

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    # The socket's side

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]  # of a stream socket: it is a Transport

    def connection_lost(self, exc: Exception | None) -> None:
        # An answer without a length ends with its connection.
        if self._begun and not self._ended and not self._is_framed() and exc is None:
            self._ended = True
        self._fault = ConnectionResetError(str(exc) if exc else "the server hung up")
        self._writable.set()
        self._wake()

    def _is_sized(self) -> bool:
        return any(name.lower() == b"content-length" for name, _ in self._headers)

    def _is_framed(self) -> bool:
        return self._is_sized() or any(name.lower() == b"transfer-encoding" for name, _ in self._headers)

    def data_received(self, data: bytes) -> None:
        self._answered = True
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as exc:
            self._fault = ConnectionError(f"this is no HTTP: {exc}")
            self._transport.abort()
        self._wake()

    def pause_writing(self) -> None:
        self._writable.clear()

    def resume_writing(self) -> None:
        self._writable.set()

    # The parser's side

    def _is_informal(self) -> bool:
        return CONTINUE <= int(self._parser.get_status_code()) < 200

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers.append((name, value))

    def on_headers_complete(self) -> None:
        if self._is_informal():
            self._headers = []  # the answer itself follows
        else:
            self._begun = True

    def on_body(self, body: bytes) -> None:
        self._chunks.append(body)
        self._unread += len(body)
        if self._unread > MOST_UNREAD_BYTES:
            self._transport.pause_reading()

    def on_message_complete(self) -> None:
        if not self._begun:
            return
        self._ended = True
        if not self._parser.should_keep_alive():
            self._transport.close()
