"""The server's side of a WebSocket (RFC 6455) on a connection that was taken over; frames by the websockets library."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress

from websockets.exceptions import InvalidState
from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.server import ServerProtocol
from websockets.typing import Subprotocol

from armillary.base.errors import BadRequest
from armillary.base.serving.connection import Streams

CHUNK = 1 << 16
CLOSE_SECONDS = 2.0  # for the other side to say goodbye: a connection that is cut may lose what was said last
NORMAL, GOING_AWAY, UNSUPPORTED = 1000, 1001, 1003  # RFC 6455, 7.4.1


class WebSocket:
    """Whole messages. Sending may be done by several tasks, receiving by one.

    Pings are answered by `receive`, which therefore has to be waiting at all times. With `is_text` nothing but text is
    taken and sent; without, messages are sent as bytes, and come as either.
    """

    def __init__(self, streams: Streams, protocol: ServerProtocol, *, is_text: bool) -> None:
        self._reader, self._writer = streams
        self._protocol, self._is_text = protocol, is_text
        self._messages: deque[bytes] = deque()
        self._parts: list[bytes] = []
        self._sending = asyncio.Lock()
        self.heard = 0  # how often anything has come, pongs too: whether the other side is still there

    @property
    def subprotocol(self) -> str:
        """The one that was agreed on, if any."""
        return str(self._protocol.subprotocol or "")

    async def receive(self) -> bytes | None:
        """The next message; None once the client is gone, or has sent what is no message or too long."""
        while not self._messages:
            if self._protocol.close_expected():
                return None
            try:
                data = await self._reader.read(CHUNK)
            except ConnectionError:
                return None
            if not data:
                return None
            self.heard += 1
            self._protocol.receive_data(data)
            for event in self._protocol.events_received():
                if isinstance(event, Frame):
                    self._take(event)
            await self.flush()
        return self._messages.popleft()

    def _take(self, frame: Frame) -> None:
        if frame.opcode is Opcode.BINARY and self._is_text:
            with suppress(InvalidState):
                self._protocol.fail(UNSUPPORTED, "text is spoken here")
        elif frame.opcode in (Opcode.TEXT, Opcode.BINARY, Opcode.CONT):
            self._parts.append(bytes(frame.data))
            if frame.fin:
                self._messages.append(b"".join(self._parts))
                self._parts.clear()

    async def send(self, message: bytes) -> None:
        """Returns once the client takes it, but for what fits into one buffer. Raises ConnectionError."""
        async with self._sending:
            try:
                (self._protocol.send_text if self._is_text else self._protocol.send_binary)(message)
            except InvalidState as exc:
                raise ConnectionResetError("the client says goodbye") from exc
            await self.flush()

    async def ping(self) -> None:
        with suppress(InvalidState):
            self._protocol.send_ping(b"")
            await self.flush()

    async def close(self, code: int = NORMAL, reason: str = "") -> None:
        """Say why, wait a moment for the answer, hang up. Nobody may be receiving any more."""
        with suppress(ConnectionError, InvalidState, TimeoutError):  # it may be closing already
            self._protocol.send_close(code, reason)
            async with asyncio.timeout(CLOSE_SECONDS):
                await self.flush()
                while await self._reader.read(CHUNK):
                    pass
        self._writer.close()

    def drop(self) -> None:
        """Hang up without a word."""
        self._writer.transport.abort()

    async def flush(self) -> None:
        """Send what the protocol has to say of itself."""
        for data in self._protocol.data_to_send():
            if data:
                self._writer.write(data)
        await self._writer.drain()


async def accept(
    head: bytes,
    take_over: Callable[[], Streams],
    *,
    is_text: bool,
    most_bytes: int | None = None,
    subprotocols: Sequence[str] = (),
) -> WebSocket:
    """Agree to a client's handshake, `head`, and to the first of `subprotocols` that it offers. Raises BadRequest.

    Messages of more than `most_bytes` end it.
    """
    offered = [Subprotocol(name) for name in subprotocols]
    protocol = ServerProtocol(subprotocols=offered or None, max_size=most_bytes)
    protocol.receive_data(head)
    handshake = next((event for event in protocol.events_received() if isinstance(event, Request)), None)
    if handshake is None:
        raise BadRequest(f"this is no WebSocket handshake: {protocol.handshake_exc}")
    response = protocol.accept(handshake)
    if response.status_code != 101:
        raise BadRequest(f"this is no WebSocket handshake: {bytes(response.body or b'').decode(errors='replace')}")
    protocol.send_response(response)
    socket = WebSocket(take_over(), protocol, is_text=is_text)
    await socket.flush()
    return socket
