"""The example of three tiers runs, is reached from outside, and its data outlives pods and a stop of the cluster."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.harness.cluster import Cluster, eventually, running_cluster

WEB = "http://127.0.0.1:30080"
NEEDED = ("nginx", "python", "postgres")


@pytest.fixture
def own(archives: list[Path], data_dirs: Path) -> Iterator[Cluster]:
    """A cluster that may be stopped."""
    with running_cluster(f"arm-book-{os.getpid()}", data_dirs / "book") as up:
        for archive in archives:
            if any(f"_{name}_" in archive.name for name in NEEDED):
                up.armillary("image", "import", str(archive))
        yield up


def entries(cluster: Cluster) -> list[str]:
    done = cluster.run("curl", "--silent", "--fail", "--max-time", "5", f"{WEB}/api/entries", check=False)
    return list(json.loads(done.stdout)) if done.returncode == 0 else []


@pytest.mark.timeout(600)
def test_data_survives(own: Cluster) -> None:
    own.kubectl("apply", "-f", "examples/guestbook/")
    own.kubectl("-n", "guestbook", "rollout", "status", "statefulset/database", "--timeout=120s")
    own.kubectl("-n", "guestbook", "wait", "--for=condition=Available", "deployment", "--all", "--timeout=120s")
    assert "Guestbook" in own.run("curl", "--silent", "--fail", f"{WEB}/").stdout
    own.run("curl", "--silent", "--fail", "--data", "written once", f"{WEB}/api/entries")
    assert entries(own) == ["written once"]

    own.kubectl("-n", "guestbook", "delete", "pods", "--all", "--timeout=90s")
    own.kubectl("-n", "guestbook", "rollout", "status", "statefulset/database", "--timeout=120s")
    eventually(lambda: entries(own) == ["written once"], "the entry, after all pods were replaced")

    own.armillary("down")
    own.armillary("up", "--detach")
    eventually(lambda: entries(own) == ["written once"], "the entry, after the cluster was stopped", timeout=120)

    own.kubectl("delete", "-f", "examples/guestbook/", "--timeout=120s")
    eventually(lambda: "No resources" in own.kubectl("get", "pv"), "the volume is gone with its claim")
    assert not list((own.data_dir / "volumes").iterdir()), "and so is its directory"
