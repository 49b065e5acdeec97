"""Everything of a kind and all its changes, as bytes: list, then watch, holding no objects."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Literal

import msgspec
import orjson

from armillary.base.errors import Expired, error_of
from armillary.kube.client import Client
from armillary.kube.kind import Kind

PAGE = 500
AGAIN_SECONDS = 0.1  # after a server has ended a watch in good order


@dataclass(frozen=True, slots=True)
class Signal:
    """`listing`: a list begins. `listed`: it is there, and may have been for long. `complete`: that was all.

    `revision` is how far this has come; "" while a list is under way.
    """

    type: Literal["listing", "listed", "complete", "changed", "gone", "reached"]
    raw: bytes = b""
    revision: str = ""


class _Meta(msgspec.Struct, rename="camel"):
    resource_version: str = ""
    continue_: str = msgspec.field(default="", name="continue")


class _Listed(msgspec.Struct):
    metadata: _Meta
    items: list[msgspec.Raw] | None = None


class _Object(msgspec.Struct):
    metadata: _Meta


class _Event(msgspec.Struct):
    type: str
    object: msgspec.Raw


async def follow(client: Client, kind: Kind[Any], revision: str) -> AsyncGenerator[Signal, None]:
    """Changes after `revision`; everything first, if that is "" or no longer kept. Raises an ApiError when it ends."""
    while True:
        if not revision:
            async with aclosing(_list(client, kind)) as listed:
                async for signal in listed:
                    revision = signal.revision
                    yield signal
        try:
            async with aclosing(_watch(client, kind, revision)) as events:
                async for signal in events:
                    revision = signal.revision
                    yield signal
        except Expired:
            revision = ""
        await asyncio.sleep(AGAIN_SECONDS)


async def _list(client: Client, kind: Kind[Any]) -> AsyncGenerator[Signal, None]:
    yield Signal("listing")
    token = ""
    while True:
        query = {"limit": str(PAGE)} | ({"continue": token} if token else {})
        page = msgspec.json.decode((await client.call("GET", kind.path(), query=query)).body, type=_Listed)
        for raw in page.items or ():
            yield Signal("listed", bytes(raw))
        token = page.metadata.continue_
        if not token:
            yield Signal("complete", revision=page.metadata.resource_version)
            return


async def _watch(client: Client, kind: Kind[Any], revision: str) -> AsyncGenerator[Signal, None]:
    query = {"watch": "true", "allowWatchBookmarks": "true", "resourceVersion": revision}
    async with aclosing(client.transport.lines("GET", kind.path(), query=query)) as lines:
        async for line in lines:
            event = msgspec.json.decode(line, type=_Event)
            if event.type == "ERROR":
                status = orjson.loads(bytes(event.object))
                raise error_of(int(status.get("code") or 500), status)
            reached = msgspec.json.decode(event.object, type=_Object).metadata.resource_version
            match event.type:
                case "BOOKMARK":
                    yield Signal("reached", revision=reached)
                case "DELETED":
                    yield Signal("gone", bytes(event.object), reached)
                case _:
                    yield Signal("changed", bytes(event.object), reached)
