"""Access at work for each test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.component.platform.access.running import Access, running_access


@pytest.fixture
async def access(tmp_path: Path) -> AsyncIterator[Access]:
    async with running_access(tmp_path) as running:
        yield running
