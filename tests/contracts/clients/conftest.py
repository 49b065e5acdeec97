"""One served cluster for all stock clients; a namespace for each test."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.harness.cluster import VERSIONS, eventually
from tests.harness.served import Kubectl, Served, serving


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.kubectl)


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("served")) as up:
        yield up


@pytest.fixture
def namespace(served: Served, request: pytest.FixtureRequest) -> Iterator[str]:
    """Named for the test, with its default service account; deleted in the background."""
    admin = served.kubectl(VERSIONS[-1])
    name = re.sub("[^a-z0-9]+", "-", request.node.name.lower())[:60].strip("-")
    admin("create", "namespace", name)
    eventually(lambda: not admin.run("-n", name, "get", "sa", "default").returncode, "the service account")
    yield name
    admin("delete", "namespace", name, "--wait=false")


@pytest.fixture(params=VERSIONS)
def kubectl(served: Served, namespace: str, request: pytest.FixtureRequest) -> Kubectl:
    """kubectl of each version, in the test's namespace."""
    return replace(served.kubectl(request.param), namespace=namespace)


@pytest.fixture
def manifest(tmp_path: Path) -> "Manifests":
    return Manifests(tmp_path)


class Manifests:
    """Writes files for `-f`."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def __call__(self, text: str, name: str = "manifest.yaml") -> str:
        path = self.directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return str(path)
