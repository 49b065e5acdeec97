"""Tenancy at work for each test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.component.platform.tenancy.running import Tenancy, running_tenancy


@pytest.fixture
async def tenancy(tmp_path: Path) -> AsyncIterator[Tenancy]:
    async with running_tenancy(tmp_path) as running:
        yield running


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A controller that is cancelled before its actions were begun leaves them unawaited, which is no fault here."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.filterwarnings("ignore:coroutine '_Runner._try' was never awaited"))
