"""WebSockets of the platform's own routes: opened by whoever may, kept alive, and ended with what they were opened by.

Every second it is asked anew who is there: a token that has ended closes the socket, and other groups count from then
on. Who does not answer a ping before the next one is gone. Close codes:

    1000  the conversation is over          1001  the server is leaving: connect again
    1003  not text                          1009  a message is too long
    1011  an internal error                 3000  the session has ended: sign in
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any

from armillary.base.clock import Clock
from armillary.base.errors import ApiError, BadRequest, Unauthorized
from armillary.base.serving.connection import TAKE_OVER
from armillary.base.serving.tunnel import asks_to_upgrade
from armillary.base.serving.websocket import GOING_AWAY, NORMAL, WebSocket, accept
from armillary.platform.frame.caller import Caller
from armillary.platform.frame.capability import Conversation
from armillary.platform.frame.ending import Ending
from armillary.platform.frame.exchange import Exchange

PING_SECONDS = 20.0
LOOK_SECONDS = 1.0
SEND_SECONDS = 60.0  # for a client to take what it was sent
MOST_BYTES = 1 << 16  # of one message from a client
INTERNAL, SIGNED_OUT = 1011, 3000  # RFC 6455, 7.4.1; the registry of close codes


class ClientSocket:
    """What a conversation is given; see `capability.Socket`."""

    def __init__(self, socket: WebSocket, caller: Caller) -> None:
        self._socket = socket
        self.caller = caller

    async def receive(self) -> bytes | None:
        return await self._socket.receive()

    async def send(self, text: bytes) -> None:
        try:
            async with asyncio.timeout(SEND_SECONDS):
                await self._socket.send(text)
        except TimeoutError as exc:
            self._socket.drop()
            raise ConnectionResetError("the client does not read") from exc


def is_websocket(headers: Mapping[str, str]) -> bool:
    return asks_to_upgrade(headers) and headers["upgrade"].lower() == "websocket"


async def speak(
    exchange: Exchange,
    conversation: Conversation,
    caller: Caller,
    who: Callable[[], Awaitable[Caller]],
    clock: Clock,
    ending: Ending,
    is_leaving: Callable[[], bool],
) -> None:
    """Hold the conversation until one side ends it. `who` tells who is there by now, or raises Unauthorized."""
    take_over = (exchange.scope.get("extensions") or {}).get(TAKE_OVER)
    if take_over is None:
        raise BadRequest("this connection can't be upgraded")
    socket = await accept(_head(exchange), take_over, is_text=True, most_bytes=MOST_BYTES)
    exchange.status = 101
    code, said = INTERNAL, "an internal error"
    try:
        await _hold(ClientSocket(socket, caller), conversation, socket, who, clock, ending)
        code, said = NORMAL, ""
        if ending.is_over:
            code, said = (
                (GOING_AWAY, "the server is leaving") if is_leaving() else (SIGNED_OUT, "the session has ended")
            )
    finally:
        await socket.close(code, said)


async def _hold(
    client: ClientSocket,
    conversation: Conversation,
    socket: WebSocket,
    who: Callable[[], Awaitable[Caller]],
    clock: Clock,
    ending: Ending,
) -> None:
    async with asyncio.TaskGroup() as group:
        talk = group.create_task(_talk(conversation, client), name="conversation")
        ending.then(talk.cancel)
        beside = [
            group.create_task(_beat(socket, clock), name="heartbeat"),
            group.create_task(_look(client, who, clock, ending), name="who is there"),
        ]
        await asyncio.wait((talk,))
        for task in beside:
            task.cancel()


async def _talk(conversation: Conversation, client: ClientSocket) -> None:
    with suppress(ConnectionError):
        await conversation(client)


async def _beat(socket: WebSocket, clock: Clock) -> None:
    """Until the client is gone: then whoever reads is told."""
    with suppress(ConnectionError):
        while True:
            heard = socket.heard
            await socket.ping()
            await clock.sleep(PING_SECONDS)
            if socket.heard == heard:
                socket.drop()
                return


async def _look(client: ClientSocket, who: Callable[[], Awaitable[Caller]], clock: Clock, ending: Ending) -> None:
    while True:
        await clock.sleep(LOOK_SECONDS)
        try:
            found = await who()
        except Unauthorized:
            ending()
            return
        except ApiError:
            continue  # it can't be told now; the next look tells
        if found.must_change_password:
            ending()
            return
        client.caller = found


def _head(exchange: Exchange) -> bytes:
    """The handshake again, as text: what it is made of and nothing else."""
    lines = [b"%b / HTTP/1.1" % exchange.method.encode()]
    kept = (b"host", b"connection", b"upgrade")
    headers: list[tuple[bytes, Any]] = exchange.scope["headers"]
    lines += [b"%b: %b" % (n, v) for n, v in headers if n.lower() in kept or n.lower().startswith(b"sec-websocket-")]
    return b"\r\n".join(lines) + b"\r\n\r\n"
