"""The server's side of a WebSocket on a connection that was taken over (RFC 6455, by the websockets library)."""

from collections import deque
from collections.abc import Sequence
from contextlib import suppress

from websockets.exceptions import InvalidHandshake, InvalidState
from websockets.frames import Frame, Opcode
from websockets.http11 import Request as Handshake
from websockets.server import ServerProtocol
from websockets.typing import Subprotocol

from armillary.engine.node.server.http import Answer, Request

CHUNK = 1 << 16


class WebSocket:
    """Whole messages. Sending may be done by several tasks, receiving by one."""

    def __init__(self, request: Request, protocol: ServerProtocol) -> None:
        self._reader, self._writer = request.reader, request.writer
        self._protocol = protocol
        self._messages: deque[bytes] = deque()
        self._parts: list[bytes] = []

    @property
    def subprotocol(self) -> str:
        return str(self._protocol.subprotocol or "")

    async def receive(self) -> bytes | None:
        """The next message; None once the client is gone."""
        while not self._messages:
            try:
                data = await self._reader.read(CHUNK)
            except ConnectionError:
                return None
            if not data:
                return None
            self._protocol.receive_data(data)
            for event in self._protocol.events_received():
                if isinstance(event, Frame):
                    self._take(event)
            await self._flush()
            if self._protocol.close_expected() and not self._messages:
                return None
        return self._messages.popleft()

    def _take(self, frame: Frame) -> None:
        if frame.opcode in (Opcode.BINARY, Opcode.TEXT, Opcode.CONT):
            self._parts.append(bytes(frame.data))
            if frame.fin:
                self._messages.append(b"".join(self._parts))
                self._parts.clear()

    async def send(self, data: bytes) -> None:
        self._protocol.send_binary(data)
        await self._flush()

    async def close(self) -> None:
        with suppress(ConnectionError, InvalidState):  # it may be closing already
            self._protocol.send_close(1000)
            await self._flush()

    async def _flush(self) -> None:
        for data in self._protocol.data_to_send():
            if data:
                self._writer.write(data)
        await self._writer.drain()


async def accept(request: Request, subprotocols: Sequence[str]) -> WebSocket:
    """Upgrade the connection to the first of `subprotocols` that the client offers. Raises Answer."""
    offered = [Subprotocol(name) for name in subprotocols]
    protocol = ServerProtocol(subprotocols=offered, max_size=None)
    protocol.receive_data(request.head)
    try:
        handshake = next(event for event in protocol.events_received() if isinstance(event, Handshake))
        response = protocol.accept(handshake)
    except (StopIteration, InvalidHandshake) as exc:
        raise Answer(400, f"not a WebSocket handshake: {exc}") from exc
    protocol.send_response(response)
    socket = WebSocket(request, protocol)
    await socket._flush()
    return socket
