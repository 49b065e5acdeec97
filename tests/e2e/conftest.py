"""One cluster for all end-to-end tests that do not need their own."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.harness.cluster import Cluster, bake, eventually, running_cluster

IMAGES = ("busybox", "debian", "python", "nginx", "postgres", "kubectl")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.machine)
            item.add_marker(pytest.mark.kubectl)


@pytest.fixture(scope="session")
def archives() -> list[Path]:
    """Base images, baked once a checkout."""
    return bake(*IMAGES)


@pytest.fixture(scope="session")
def data_dirs() -> Iterator[Path]:
    """Short paths: sockets live below them."""
    root = Path(tempfile.mkdtemp(prefix="arm-"))
    yield root
    shutil.rmtree(root, ignore_errors=True)


@pytest.fixture(scope="session")
def cluster(archives: list[Path], data_dirs: Path) -> Iterator[Cluster]:
    """A running cluster with the base images in its registry."""
    with running_cluster(f"arm-e2e-{os.getpid()}", data_dirs / "e2e") as up:
        for archive in archives:
            up.armillary("image", "import", str(archive))
        yield up


@pytest.fixture
def namespace(cluster: Cluster, request: pytest.FixtureRequest) -> Iterator[str]:
    """A namespace for one test, with its default service account."""
    name = (
        request.node.name.replace("_", "-").replace("[", "-").replace("]", "").replace(".", "-").lower()[:50].strip("-")
    )
    cluster.kubectl("create", "namespace", name)
    eventually(lambda: cluster.kubectl("-n", name, "get", "serviceaccount", "default"), "the service account")
    yield name
    cluster.kubectl("delete", "namespace", name, "--wait=false")
