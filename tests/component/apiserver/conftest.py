"""A bare API server for each test: no admission, everybody an administrator."""

import pytest
from tests.harness.apiserver import Api, api


@pytest.fixture
async def bare() -> Api:
    server = api()
    await server.create("/api/v1/namespaces", {"metadata": {"name": "x"}})
    return server
