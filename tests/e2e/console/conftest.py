"""A cluster with a platform that has people, places and workloads in all states, and a browser beside it."""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from tests.e2e.test_story import Person
from tests.harness.browser import ORIGIN, Visitor, running_browser, visiting
from tests.harness.cluster import Cluster, eventually, running_cluster

PASSWORD = "rings-around-the-globe"  # of everybody here
NAMESPACE = "shop-web"
PROJECT = "/w/shop/c/host/p/web"
THINGS = Path(__file__).with_name("things.yaml")


@dataclass(frozen=True)
class Installation:
    cluster: Cluster
    admin: Person


@pytest.fixture(scope="session")
def own_cluster(archives: list[Path], data_dirs: Path) -> Iterator[Cluster]:
    with running_cluster(f"arm-console-{os.getpid()}", data_dirs / "console") as up:
        for archive in (archives[0], archives[3], archives[-1]):  # busybox, nginx, kubectl
            up.armillary("image", "import", str(archive))
        yield up


@pytest.fixture(scope="session")
def installation(own_cluster: Cluster, data_dirs: Path) -> Installation:
    """Workspaces shop and bank; in shop: project web, with ann (its head), olga (operator) and vera (viewer)."""
    home = data_dirs / "home-console"
    home.mkdir()
    admin = Person(own_cluster, home)
    first = own_cluster.armillary("initial-password").stdout.strip()
    _signed_in(admin, "admin", first)
    for name in ("ann", "olga", "vera", "eve"):
        told = json.loads(admin("user", "create", name, "-o", "json"))
        home = data_dirs / f"home-console-{name}"
        home.mkdir()
        _signed_in(Person(own_cluster, home), name, told["password"])
    admin("workspace", "create", "shop", "--manager", "ann", "--quota", "pods=40")
    admin("workspace", "create", "bank", "--manager", "eve")
    admin("project", "create", "web", "-w", "shop")
    admin("project", "create", "ledger", "-w", "bank")
    admin("member", "add", "olga", "--role", "operator", "-w", "shop", "-p", "web")
    admin("member", "add", "vera", "--role", "viewer", "-w", "shop", "-p", "web")
    eventually(lambda: own_cluster.kubectl("-n", NAMESPACE, "get", "serviceaccount", "default"), "the project")
    own_cluster.apply(THINGS.read_text())
    own_cluster.kubectl("-n", NAMESPACE, "rollout", "status", "deployment/storefront", "--timeout=120s", timeout=150)
    return Installation(own_cluster, admin)


def _signed_in(somebody: Person, name: str, first: str) -> None:
    """With the first password, which they change."""
    ca = str(somebody.cluster.data_dir / "pki/ca.crt")
    words = ("login", ORIGIN, "--ca-file", ca, "--username", name, "--password-stdin")
    somebody(*words, stdin=f"{first}\n{PASSWORD}\n")


# Playwright holds the thread's event loop until it is stopped, and nobody else could run one.
@pytest.fixture(scope="module")
def browser(installation: Installation, data_dirs: Path) -> Iterator[Browser]:
    with running_browser(installation.cluster, data_dirs) as found:
        yield found


@pytest.fixture(params=["en", "zh"])
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def admin(browser: Browser) -> Iterator[Visitor]:
    with visiting(browser) as visitor:
        visitor.sign_in("admin", PASSWORD)
        yield visitor
