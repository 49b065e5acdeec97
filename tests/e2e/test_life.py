"""A cluster comes up, survives what happens to its parts, goes down, and leaves nothing behind."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.harness.cluster import Cluster, eventually, network_namespace

SLEEPER = """
apiVersion: v1
kind: Pod
metadata: {name: sleeper}
spec:
  terminationGracePeriodSeconds: 0
  containers:
  - {name: c, image: busybox, command: [sleep, "100000"]}
"""


@pytest.fixture(scope="module")
def own(archives: list[Path], data_dirs: Path) -> Iterator[Cluster]:
    """A cluster that may be hurt."""
    with network_namespace(f"arm-life-{os.getpid()}") as name:
        cluster = Cluster(name, data_dirs / "life")
        try:
            yield cluster
        finally:
            cluster.armillary("down", "--purge", "--yes", check=False)


def parts(cluster: Cluster) -> dict[str, dict[str, object]]:
    status = json.loads(cluster.armillary("status", "-o", "json", check=False).stdout)
    return {part["name"]: part for part in status["parts"]}


def container_id(cluster: Cluster) -> str:
    return cluster.kubectl("get", "pod", "sleeper", "-o", "jsonpath={.status.containerStatuses[0].containerID}")


def is_running(cluster: Cluster) -> bool:
    path = "jsonpath={.status.containerStatuses[0].ready}"
    return cluster.kubectl("get", "pod", "sleeper", "-o", path, check=False).strip() == "true"


PLACES = ("/var/lib/cni/results", "/run/containerd/s", "/run/containerd/runc/k8s.io")


def machine_state() -> dict[str, set[str]]:
    """What a cluster could leave behind on this machine."""
    mounts = {line.split()[4] for line in Path("/proc/self/mountinfo").read_text().splitlines()}
    processes = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    # armillary-<hash> belongs to a test's data directory; other tests' clusters are theirs to remove.
    groups = {str(path) for path in Path("/sys/fs/cgroup").glob("*/armillary-*")}
    return {
        "mounts": mounts,
        "namespaces": {path.name for path in Path("/run/netns").glob("*")},
        # A process that has ended stays in the list until init has taken notice.
        "shims": {line for line in processes.splitlines() if "containerd" in line and "<defunct>" not in line},
        "cgroups": groups,
        "files": {str(path) for place in PLACES for path in Path(place).glob("*")},
    }


@pytest.mark.timeout(600)
def test_a_life(own: Cluster, archives: list[Path]) -> None:
    before = machine_state()
    first = own.armillary("up", "--detach", "--node-name", "node-1").stdout
    assert "The cluster is ready" in first
    assert "kubectl get nodes" in first, "it says what to do next"
    assert "running already" in own.armillary("up", "--detach").stdout

    own.armillary("image", "import", str(archives[0]))
    eventually(lambda: own.apply(SLEEPER), "a pod")
    eventually(lambda: is_running(own), "the pod runs")
    container = container_id(own)

    _a_killed_part_comes_back(own)
    _a_killed_supervisor_is_replaced(own)
    eventually(lambda: is_running(own), "the pod is found again")
    assert container_id(own) == container, "it was not restarted"

    own.armillary("down", "--keep-pods")
    assert "not running" in own.armillary("status", check=False).stdout
    own.armillary("up", "--detach")
    eventually(lambda: is_running(own), "the pod is found again")
    assert container_id(own) == container

    own.armillary("down")
    assert own.armillary("down").returncode == 0, "twice does no harm"
    own.armillary("up", "--detach")
    eventually(lambda: is_running(own) and container_id(own) != container, "the pod is started anew")

    began = time.monotonic()
    own.armillary("down", "--purge", "--yes")
    took = time.monotonic() - began
    assert not own.data_dir.exists()
    after = machine_state()
    assert {key: after[key] - before[key] for key in after} == {key: set() for key in after}
    links = own.run("ip", "-brief", "link").stdout
    assert "cni0" not in links
    assert "armillary" not in own.run("nft", "list", "ruleset").stdout
    # Not a matter of speed: a purge that hangs on something would run into its own time limits.
    assert took < 30


def _a_killed_part_comes_back(own: Cluster) -> None:
    for name in ("controllers", "apiserver", "node", "containerd"):
        pid = int(str(parts(own)[name]["pid"]))
        os.kill(pid, signal.SIGKILL)
        eventually(
            lambda name=name: parts(own)[name]["restarts"] == 1 and parts(own)[name]["state"] == "ready",
            f"{name} comes back",
        )
        assert parts(own)[name]["last_exit"] == "signal 9"
    eventually(lambda: "node-1" in own.kubectl("get", "nodes"), "the API answers")


def _a_killed_supervisor_is_replaced(own: Cluster) -> None:
    pids = [int(str(part["pid"])) for part in parts(own).values()]
    status = json.loads(own.armillary("status", "-o", "json").stdout)
    os.kill(int(status["pid"]), signal.SIGKILL)
    eventually(lambda: not any(Path(f"/proc/{pid}").exists() for pid in pids), "its parts end with it")
    own.armillary("up", "--detach")
