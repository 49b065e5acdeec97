"""Passing an agent's or pod's answer on to the client while it comes."""

from __future__ import annotations

import asyncio

import aiohttp

from armillary.engine.apiserver.ports import Call


async def relay(call: Call, answer: aiohttp.ClientResponse, headers: list[tuple[bytes, bytes]]) -> None:
    """Until the answer ends or the client goes."""
    await call.send({"type": "http.response.start", "status": answer.status, "headers": headers})
    async with asyncio.TaskGroup() as group:
        gone = group.create_task(_disconnected(call), name=f"relay {call.name}: client")
        pump = group.create_task(_pump(call, answer), name=f"relay {call.name}: answer")
        await asyncio.wait((gone, pump), return_when=asyncio.FIRST_COMPLETED)
        gone.cancel()
        pump.cancel()


async def _disconnected(call: Call) -> None:
    while (await call.receive())["type"] != "http.disconnect":
        pass


async def _pump(call: Call, answer: aiohttp.ClientResponse) -> None:
    try:
        async for chunk in answer.content.iter_any():
            await call.send({"type": "http.response.body", "body": chunk, "more_body": True})
    except aiohttp.ClientError:
        return  # cut off where the other side stopped: the client sees that it is not whole
    await call.send({"type": "http.response.body", "body": b""})
