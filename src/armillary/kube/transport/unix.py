"""To an API server on the same machine, by a Unix socket: what the engine's own parts use.

No more than that server needs, so a request costs a fifth of what a full HTTP client takes, and so does the start.
"""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from urllib.parse import urlencode

import httptools
import orjson

from armillary.base.errors import Unavailable, error_of
from armillary.kube.transport.port import Response, joined

CONNECTIONS = 64
MOST_UNREAD_BYTES = 1 << 20  # of a stream: its server waits then


class UnixHttp:
    """Keeps connections open between requests; close it at the end."""

    def __init__(self, path: str, headers: Mapping[str, str] | None = None) -> None:
        self._path = path
        self._headers = _lines({"host": "localhost", **(headers or {})})
        self._idle: list[_Connection] = []
        # Streams hold a connection for as long as they last: they must not use up what requests need.
        self._gate = asyncio.Semaphore(CONNECTIONS)

    async def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str],
        body: bytes | None,
        headers: Mapping[str, str],
    ) -> Response:
        sized = {"content-length": str(len(body))} if body is not None else {}
        sent = self._head(method, path, query, headers, sized) + (body or b"")
        async with self._gate:
            connection = await self._connection()
            try:
                response = await connection.exchange(sent)
            except ConnectionError as exc:
                raise self._unavailable(exc) from exc
            finally:
                self._keep(connection)
        return response

    async def lines(
        self, method: str, path: str, *, query: Mapping[str, str], headers: Mapping[str, str] | None = None
    ) -> AsyncGenerator[bytes, None]:
        connection = await self._connection()
        try:
            status = await connection.begin(self._head(method, path, query, headers or {}))
            buffer = b""
            while chunk := await connection.read():
                buffer += chunk
                if status < 400:
                    *whole, buffer = buffer.split(b"\n")
                    for line in whole:
                        yield line
            if status >= 400:
                raise error_of(status, orjson.loads(buffer or b"{}"))
        except (ConnectionError, orjson.JSONDecodeError) as exc:
            raise self._unavailable(exc) from exc
        finally:
            connection.drop()

    async def close(self) -> None:
        for connection in self._idle:
            connection.drop()
        self._idle.clear()

    def _head(self, method: str, path: str, query: Mapping[str, str], *headers: Mapping[str, str]) -> bytes:
        target = f"{path}?{urlencode(query)}" if query else path
        lines = self._headers + b"".join(map(_lines, headers))
        return b"%b %b HTTP/1.1\r\n%b\r\n" % (method.encode(), target.encode(), lines)

    def _unavailable(self, why: Exception) -> Unavailable:
        return Unavailable(f"{self._path} does not answer: {why}")

    async def _connection(self) -> "_Connection":
        while self._idle:
            connection = self._idle.pop()
            if connection.is_free:  # else the server has closed it
                return connection
        try:
            _, made = await asyncio.get_running_loop().create_unix_connection(_Connection, self._path)
        except OSError as exc:
            raise self._unavailable(exc) from exc
        return made

    def _keep(self, connection: "_Connection") -> None:
        if connection.is_free:
            self._idle.append(connection)
        else:
            connection.drop()


def _lines(headers: Mapping[str, str]) -> bytes:
    return "".join(f"{name}: {value}\r\n" for name, value in headers.items()).encode()


class _Connection(asyncio.Protocol):
    """One request at a time; its answer is read as a whole (`exchange`), or bit by bit (`begin`, then `read`)."""

    _transport: asyncio.Transport

    def __init__(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._headers: list[tuple[str, str]] = []
        self._chunks: list[bytes] = []
        self._unread = 0
        self._begun = False  # the headers are in
        self._ended = True  # the whole answer is in
        self._fault: ConnectionError | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._is_stream = False

    @property
    def is_free(self) -> bool:
        """Whether it may take another request."""
        is_read = self._ended and not self._chunks  # not so if its reader was cancelled
        return is_read and self._fault is None and not self._transport.is_closing()

    async def exchange(self, request: bytes) -> Response:
        """Raises ConnectionError."""
        self._send(request)
        while not self._ended:
            await self._news()
        chunks, self._chunks = self._chunks, []
        return Response(self._parser.get_status_code(), joined(self._headers), b"".join(chunks))

    async def begin(self, request: bytes) -> int:
        """Gives the status. Raises ConnectionError."""
        self._is_stream = True
        self._send(request)
        while not self._begun:
            await self._news()
        return int(self._parser.get_status_code())

    async def read(self) -> bytes:
        """What has come since; b"" at the end. Raises ConnectionError."""
        while not self._chunks and not self._ended:
            await self._news()
        chunks, self._chunks = self._chunks, []
        if self._unread > MOST_UNREAD_BYTES:
            self._transport.resume_reading()
        self._unread = 0
        return b"".join(chunks)

    def drop(self) -> None:
        self._transport.abort()

    def _send(self, request: bytes) -> None:
        if self._fault is not None:
            raise self._fault
        self._headers, self._begun, self._ended = [], False, False
        self._transport.write(request)

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
        self._transport = transport  # type: ignore[assignment]  # a Unix socket's is a Transport

    def connection_lost(self, exc: Exception | None) -> None:
        self._fault = ConnectionResetError(str(exc) if exc else "the server hung up")
        self._wake()

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as exc:
            self._fault = ConnectionError(f"this is no HTTP: {exc}")
            self._transport.abort()
        if self._ended or (self._is_stream and self._begun) or self._fault is not None:
            self._wake()

    # The parser's side

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers.append((name.decode("latin-1"), value.decode("latin-1")))

    def on_headers_complete(self) -> None:
        self._begun = True

    def on_body(self, body: bytes) -> None:
        self._chunks.append(body)
        self._unread += len(body)
        if self._is_stream and self._unread > MOST_UNREAD_BYTES:
            self._transport.pause_reading()

    def on_message_complete(self) -> None:
        self._ended = True
        if not self._parser.should_keep_alive():
            self._transport.close()
