"""A client's connection: HTTP by uvicorn, with the client's certificate, and a way out of HTTP.

A request that asks to switch protocols (`Connection: Upgrade`; WebSocket, SPDY) is an ordinary ASGI request until
somebody takes its connection over. Whoever handles it finds `scope["extensions"][TAKE_OVER]`:

    take_over = scope["extensions"].get(TAKE_OVER)
    reader, writer = take_over()        # HTTP has ended here; nothing was written yet
    writer.write(b"HTTP/1.1 101 Switching Protocols\\r\\n...\\r\\n\\r\\n")

`reader` begins with the first byte after the request's head. The request's head is in the scope as ever (`method`,
`raw_path`, `query_string`, `headers` in the order they came). From then on the connection is the taker's, who owes
`writer.close()`; the ASGI application may return without having sent anything. A handler that does not take over
answers as usual, and the connection is closed after the answer.
"""

import asyncio
from collections.abc import Callable
from typing import Any

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

# `scope["extensions"][TAKE_OVER]`, where the server's protocol offers it, is a TakeOver: it ends HTTP on the client's
# connection and gives the bytes of both directions, beginning with what came after the request.
TAKE_OVER = "armillary.take_over"
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
TakeOver = Callable[[], Streams]
READ_BYTES = 1 << 16
HEAD_SECONDS = 30.0  # for a request's head to arrive
MOST_EARLY_BYTES = 1 << 16  # that a client may send before the switch was answered


class Connection(HttpToolsProtocol):
    """One connection; `scope["state"]["certificate"]` is the client's verified certificate (DER) or None."""

    _certificate: bytes | None = None
    _switching = False
    _early = b""
    _in_head = True  # a request's head is awaited or half in; between requests uvicorn's own timer runs
    _head_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)  # type: ignore[arg-type]  # as asyncio's own: it is a Transport
        tls = transport.get_extra_info("ssl_object")
        if tls is not None:
            self._certificate = tls.getpeercert(binary_form=True)
        self._time_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._in_head = False
        self._time_head()
        super().connection_lost(exc)

    def _time_head(self) -> None:
        """Whoever sends a head byte by byte, or nothing at all, must not hold a connection for ever."""
        if self._in_head and self._head_timer is None:
            self._head_timer = self.loop.call_later(HEAD_SECONDS, self.timeout_keep_alive_handler)
        elif not self._in_head and self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def on_message_begin(self) -> None:
        self._in_head = True
        super().on_message_begin()
        self.scope["state"] = {"certificate": self._certificate}

    def on_headers_complete(self) -> None:
        self._in_head = False
        if self.parser.should_upgrade():
            extensions: dict[str, Any] = {TAKE_OVER: self.take_over}
            self.scope["extensions"] = extensions
        super().on_headers_complete()
        if self.parser.should_upgrade():
            self.cycle.keep_alive = False  # the parser is of no more use after this request

    def _should_upgrade(self) -> bool:
        return False  # uvicorn shall not speak WebSocket itself

    def data_received(self, data: bytes) -> None:
        if self._switching:
            self._keep(data)
            return
        self._unset_keepalive_if_required()
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as switch:
            self._switching = True
            self._keep(data[switch.args[0] :])
        except httptools.HttpParserError:
            self.send_400_response("Invalid HTTP request received.")
        self._time_head()

    def _keep(self, data: bytes) -> None:
        self._early += data
        if len(self._early) > MOST_EARLY_BYTES and not self.transport.is_closing():
            self.flow.pause_reading()

    def take_over(self) -> Streams:
        """End HTTP on this connection. Raises ConnectionError when the client has gone."""
        if self.transport.is_closing() or self.cycle.disconnected:
            raise ConnectionResetError("the client went away")
        self._unset_keepalive_if_required()
        self.connections.discard(self)
        # uvicorn's cycle shall find nothing left to do.
        self.cycle.disconnected = True
        early, self._early = self._early, b""
        return streams_over(self.transport, early)


def streams_over(transport: asyncio.Transport, initial: bytes) -> Streams:
    """A transport that HTTP was spoken on, as streams: what a server's protocol offers as TAKE_OVER is made of it."""
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=READ_BYTES, loop=loop)
    protocol = asyncio.StreamReaderProtocol(reader, loop=loop)
    transport.set_protocol(protocol)
    protocol.connection_made(transport)
    if initial:
        reader.feed_data(initial)
    transport.resume_reading()
    return reader, asyncio.StreamWriter(transport, protocol, reader, loop)
