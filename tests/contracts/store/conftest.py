"""Both stores, under one suite."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from armillary.base.clock import SystemClock
from armillary.engine.store.memory import memory_store
from armillary.engine.store.port import Store
from armillary.engine.store.sqlite import open_store


@pytest.fixture(params=["memory", "sqlite"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    if request.param == "memory":
        yield memory_store(SystemClock())
    else:
        async with open_store(tmp_path / "store.db", SystemClock()) as opened:
            yield opened
