"""The guard's door: one secret path, also for many who come at the very start."""

import asyncio
from pathlib import Path

from tests.harness.server import running_server

from armillary.base.clock import SystemClock
from armillary.platform.capabilities.tenancy.guard.door import Door, ensure_secret


async def test_the_door_opens_to_its_secret_alone_and_to_all_who_know_it(tmp_path: Path) -> None:
    async with running_server(tmp_path) as server:
        client = server.admin()
        secret = await ensure_secret(client, "kube-system")
        assert await ensure_secret(client, "kube-system") == secret
        door = Door(client, SystemClock(), "kube-system")
        shown = ["guess", secret, secret, "", secret[:-1]]
        assert await asyncio.gather(*map(door.opens, shown)) == [False, True, True, False, False]


async def test_without_a_secret_there_is_no_way_in(tmp_path: Path) -> None:
    async with running_server(tmp_path) as server:
        door = Door(server.admin(), SystemClock(), "kube-system")
        assert await asyncio.gather(*map(door.opens, ["", "guess"])) == [False, False]
