"""Federation at work for each test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.component.platform.federation.running import Federated, running_federation


@pytest.fixture
async def federated(tmp_path: Path) -> AsyncIterator[Federated]:
    async with running_federation(tmp_path) as running:
        yield running


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A controller that is cancelled before its actions were begun leaves them unawaited, which is no fault here."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.filterwarnings("ignore:coroutine '_Runner._try' was never awaited"))
