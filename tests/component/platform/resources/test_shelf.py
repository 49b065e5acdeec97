"""What a shelf lives through: a server that goes and comes, revisions that are gone, kinds that change or vanish."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.harness.server import running_server

from armillary.base.clock import SystemClock
from armillary.base.errors import Expired, NotFound, Unavailable
from armillary.kube.client import Client
from armillary.kube.custom import CustomResource, definition_of
from armillary.kube.discovery import Partial, Served
from armillary.kube.install import apply
from armillary.kube.kind import Kind
from armillary.kube.kinds.core import CONFIG_MAP, ConfigMap
from armillary.kube.kinds.meta import ObjectMeta
from armillary.kube.transport.port import Response, Transport
from armillary.platform.capabilities.resources.library import Library
from armillary.platform.capabilities.resources.shelf import Shelf
from armillary.platform.frame.caller import Caller

DRAGON = Kind("example.com", "v1", "Dragon", "dragons", True, Partial)
DRAGONS = ("example.com", "v1", "dragons")
DEFINITION = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/dragons.example.com"
MAPS = Served(Kind("", "v1", "ConfigMap", "configmaps", True, Partial), frozenset({"list", "watch"}))


@dataclass
class Breaking:
    """`fault`, while set, is what every request ends with."""

    transport: Transport
    fault: Exception | None = None
    lists: int = 0
    _ends: "asyncio.Future[Exception | None] | None" = None

    def end_watch(self, fault: Exception | None = None) -> None:
        """In good order, if there is no `fault`."""
        if self._ends is not None and not self._ends.done():
            self._ends.set_result(fault)

    async def request(self, method: str, path: str, **how: Any) -> Response:
        self.lists += 1
        if self.fault is not None:
            raise self.fault
        return await self.transport.request(method, path, **how)

    async def lines(self, method: str, path: str, **how: Any) -> AsyncGenerator[bytes, None]:
        if self.fault is not None:
            raise self.fault
        ends = self._ends = asyncio.get_running_loop().create_future()
        lines: asyncio.Queue[bytes] = asyncio.Queue()

        async def read() -> None:
            async with aclosing(self.transport.lines(method, path, **how)) as stream:
                async for line in stream:
                    lines.put_nowait(line)

        reading = asyncio.ensure_future(read())
        try:
            while not ends.done():
                taking = asyncio.ensure_future(lines.get())
                await asyncio.wait((taking, ends, reading), return_when=asyncio.FIRST_COMPLETED)
                if taking.done():
                    yield taking.result()
                    continue
                taking.cancel()
                if reading.done():
                    reading.result()
                    return
        finally:
            reading.cancel()
            await asyncio.wait((reading,))
        if (fault := ends.result()) is not None:
            raise fault

    async def close(self) -> None:
        """Nothing of its own is held."""


@dataclass(frozen=True)
class OneCluster:
    admin: Client

    def names(self) -> list[str]:
        return ["host"]

    def client(self, cluster: str = "host") -> Client:
        return self.admin

    def client_as(self, caller: Caller, cluster: str = "host") -> Client:
        raise AssertionError("shelves are the platform's")


@asynccontextmanager
async def running(run: Callable[[], Any]) -> AsyncIterator[None]:
    task = asyncio.get_running_loop().create_task(run())
    await asyncio.sleep(0)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait((task,))


@asynccontextmanager
async def shelf_of_maps(tmp_path: Path) -> AsyncIterator[tuple[Shelf, Breaking, Client]]:
    async with running_server(tmp_path, alone=True) as server:
        admin = server.admin()
        breaking = Breaking(admin.transport)
        shelf = Shelf(lambda: Client(breaking), MAPS, SystemClock())
        async with running(shelf.run):
            await admin.create(CONFIG_MAP, ConfigMap(metadata=ObjectMeta(name="first")), "default")
            await shelf.ready()
            yield shelf, breaking, admin


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(15):
        while not holds():
            await asyncio.sleep(0.01)


def names(shelf: Shelf) -> set[str]:
    return {row.name for row in shelf.rows}


async def test_a_server_that_is_away_for_a_moment_takes_nothing_away(tmp_path: Path) -> None:
    async with shelf_of_maps(tmp_path) as (shelf, breaking, admin):
        await until(lambda: "first" in names(shelf))
        seen = breaking.lists
        breaking.fault = Unavailable("it starts again")
        breaking.end_watch(breaking.fault)
        await until(lambda: breaking.lists > seen)
        await shelf.ready()
        assert "first" in names(shelf)
        await admin.delete(CONFIG_MAP, "first", "default")
        await admin.create(CONFIG_MAP, ConfigMap(metadata=ObjectMeta(name="second")), "default")
        breaking.fault = None
        await until(lambda: "second" in names(shelf))
        assert "first" not in names(shelf)


async def test_a_revision_that_is_gone_is_a_reason_to_list_again(tmp_path: Path) -> None:
    async with shelf_of_maps(tmp_path) as (shelf, breaking, admin):
        seen = breaking.lists
        breaking.end_watch(Expired("too old resource version"))
        await admin.create(CONFIG_MAP, ConfigMap(metadata=ObjectMeta(name="second")), "default")
        await until(lambda: breaking.lists > seen and "second" in names(shelf))
        await shelf.ready()


def definition(*columns: str) -> dict[str, Any]:
    made = definition_of(CustomResource(DRAGON, "A dragon."))
    made["spec"]["versions"][0]["additionalPrinterColumns"] = [
        {"name": column, "type": "string", "jsonPath": f".metadata.labels.{column.lower()}"} for column in columns
    ]
    return made


async def test_custom_kinds_come_change_and_go(tmp_path: Path) -> None:
    async with running_server(tmp_path) as server:
        admin = server.admin()
        breaking = Breaking(admin.transport)
        library = Library(OneCluster(Client(breaking)), SystemClock())
        async with running(library.run):
            with pytest.raises(NotFound):
                await library.shelf("host", DRAGONS)
            await apply(admin, DEFINITION, definition("Size"))
            shelf = await arrived(library)
            assert shelf.rows.columns.titles == ("Size",)
            meta = ObjectMeta(name="smaug", labels={"size": "large", "colour": "red"})
            await admin.create(DRAGON, Partial(metadata=meta), "default")
            await until(lambda: "smaug" in names(shelf))
            await apply(admin, DEFINITION, definition("Colour", "Size"))
            breaking.end_watch()
            await admin.create(DRAGON, Partial(metadata=ObjectMeta(name="fafnir")), "default")
            await until(lambda: shelf.rows.columns.titles == ("Colour", "Size"))
            assert {row.name: row.cells for row in shelf.rows} == {"smaug": ("red", "large"), "fafnir": (None, None)}
            await admin.call("DELETE", DEFINITION)
            await until(lambda: not names(shelf))
            breaking.end_watch()
            with pytest.raises(NotFound):
                await gone(shelf)


async def gone(shelf: Shelf) -> None:
    async with asyncio.timeout(15):
        while True:
            await shelf.ready()
            await asyncio.sleep(0.01)


async def arrived(library: Library) -> Shelf:
    async with asyncio.timeout(15):
        while True:
            try:
                return await library.shelf("host", DRAGONS)
            except NotFound:
                await asyncio.sleep(0.01)
