"""One API server for all requests of a module, and nobody else who writes."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from tests.contracts.badinput.asking import Asking
from tests.harness.server import running_server


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def api(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Asking]:
    async with running_server(tmp_path_factory.mktemp("api"), alone=True) as server:
        asking = Asking(server)
        await asking.prepare()
        yield asking
