"""Values sent while they come, a line of JSON each: what a route's handler streams."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import msgspec

from armillary.base.errors import ApiError
from armillary.platform.frame.ending import Ending
from armillary.platform.frame.exchange import Exchange

CONTENT_TYPE = b"application/x-ndjson"


async def send_lines(exchange: Exchange, status: int, values: AsyncIterator[Any], ending: Ending) -> None:
    """Until there are no more, the client goes, or the caller's session ends."""
    await exchange.begin(status, [(b"content-type", CONTENT_TYPE)])
    if exchange.method == "HEAD":
        await exchange.write(b"")
        return
    async with asyncio.TaskGroup() as group:
        sending = group.create_task(_send(exchange, values), name=f"lines of {exchange.path}")
        ending.then(sending.cancel)
        gone = group.create_task(wait_gone(exchange), name=f"client of {exchange.path}")
        await asyncio.wait((sending, gone), return_when=asyncio.FIRST_COMPLETED)
        sending.cancel()
        gone.cancel()
    await exchange.write(b"")


async def wait_gone(exchange: Exchange) -> None:
    """Until the client has left."""
    while (await exchange.receive())["type"] != "http.disconnect":
        pass


async def _send(exchange: Exchange, values: AsyncIterator[Any]) -> None:
    """The last line is a Status if it does not end well."""
    async with aclosing(values) as open_values:  # type: ignore[type-var]  # what handlers give are generators
        try:
            async for value in open_values:
                await exchange.write(msgspec.json.encode(value) + b"\n", more=True)
        except ApiError as exc:
            await exchange.write(msgspec.json.encode(exc.status()) + b"\n", more=True)
