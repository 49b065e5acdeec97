"""A client of the live channel, and what a conversation sees of one."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
from tests.harness.platform import Running
from websockets.asyncio.client import ClientConnection, connect

from armillary.platform.frame.caller import Caller

SECONDS = 15


@dataclass
class Talking:
    """Messages as JSON; what is awaited comes in time."""

    socket: ClientConnection

    async def ask(self, **message: Any) -> None:
        await self.socket.send(orjson.dumps(message).decode())

    async def hear(self) -> Any:
        async with asyncio.timeout(SECONDS):
            return orjson.loads(await self.socket.recv())

    async def until(self, is_it: Any) -> Any:
        """The first message for which that is true."""
        while not is_it(told := await self.hear()):
            pass
        return told


@asynccontextmanager
async def talking(running: Running, user: str) -> AsyncIterator[Talking]:
    assert running.pki is not None
    async with talking_at(running.url, running.pki.ca, user) as found:
        yield found


@asynccontextmanager
async def talking_at(url: str, ca: Path, token: str) -> AsyncIterator[Talking]:
    trust = ssl.create_default_context(cafile=str(ca))
    headers = {"authorization": f"Bearer {token}"}
    where = url.replace("https", "wss") + "/platform/v1/live"
    async with connect(where, ssl=trust, additional_headers=headers) as socket:
        yield Talking(socket)


@dataclass
class Client:
    """A socket without a network: `reads` lets the client take what it is sent."""

    caller: Caller
    reads: asyncio.Event = field(default_factory=asyncio.Event)
    told: "asyncio.Queue[Any]" = field(default_factory=asyncio.Queue)
    asked: "asyncio.Queue[bytes | None]" = field(default_factory=asyncio.Queue)
    sent: int = 0

    def ask(self, **message: Any) -> None:
        self.asked.put_nowait(orjson.dumps(message))

    async def hear(self) -> Any:
        async with asyncio.timeout(SECONDS):
            return await self.told.get()

    # What a conversation is given

    async def receive(self) -> bytes | None:
        return await self.asked.get()

    async def send(self, text: bytes) -> None:
        self.sent += 1
        self.told.put_nowait(orjson.loads(text))
        await self.reads.wait()
