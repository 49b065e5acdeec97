"""An agent on a runtime in memory."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.fakes.runtime import FakeRuntime
from tests.harness.images import BUSYBOX
from tests.harness.node import Cluster, PlainCgroups, node_settings, running_agent
from tests.harness.server import Server

from armillary.engine.node.images import Image


@pytest.fixture
def runtime() -> FakeRuntime:
    fake = FakeRuntime()
    fake.images[BUSYBOX] = Image("sha256:busybox", (BUSYBOX,))
    return fake


@pytest.fixture
async def cluster(server: Server, runtime: FakeRuntime, tmp_path: Path) -> AsyncIterator[Cluster]:
    cgroups = PlainCgroups("/pods", tmp_path / "cgroup")
    async with running_agent(server, runtime, node_settings(tmp_path, cgroup_root="/pods"), cgroups) as running:
        yield running
