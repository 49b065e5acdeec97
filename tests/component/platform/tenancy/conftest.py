"""Tenancy at work for each test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.component.platform.tenancy.running import Tenancy, running_tenancy


@pytest.fixture
async def tenancy(tmp_path: Path) -> AsyncIterator[Tenancy]:
    async with running_tenancy(tmp_path) as running:
        yield running
