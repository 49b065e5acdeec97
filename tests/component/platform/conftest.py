"""Both databases, for whatever is kept in one."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from tests.harness.databases import Postgres, opened, running_postgres

from armillary.platform.frame.database import SqlDatabase


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    with running_postgres() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
async def database_url(request: pytest.FixtureRequest) -> str:
    if request.param == "sqlite":
        return ""
    server: Postgres = request.getfixturevalue("postgres")
    return await server.new()


@pytest.fixture
async def database(database_url: str, tmp_path: Path) -> AsyncIterator[SqlDatabase]:
    async with opened(database_url, tmp_path) as found:
        yield found
