"""A cluster comes up, survives what happens to its parts, goes down, and leaves nothing behind."""

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.harness.cluster import Cluster, eventually, network_namespace

from armillary.allinone.layout import Layout
from armillary.allinone.settings import load_settings
from armillary.allinone.teardown import network_namespaces

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


def is_alive(pid: int) -> bool:
    """Whoever inherits a process may never ask how it ended: then it stays as a zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def container_id(cluster: Cluster) -> str:
    return cluster.kubectl("get", "pod", "sleeper", "-o", "jsonpath={.status.containerStatuses[0].containerID}")


def is_running(cluster: Cluster) -> bool:
    path = "jsonpath={.status.containerStatuses[0].ready}"
    return cluster.kubectl("get", "pod", "sleeper", "-o", path, check=False).strip() == "true"


def traces(cluster: Cluster) -> set[Path]:
    """Files of this cluster outside of its data directory, as they are now."""
    layout, settings = Layout(cluster.data_dir), load_settings(cluster.data_dir)
    found = set(Path("/sys/fs/cgroup").glob(f"*/{settings.cgroup}"))
    for task in layout.run.glob("containerd/io.containerd.runtime.v2.task/k8s.io/*"):
        found.add(Path("/run/containerd/runc/k8s.io") / task.name)
        found.add(Path((task / "address").read_text().strip().removeprefix("unix://")))
        found |= set(Path("/var/lib/cni/results").glob(f"*{task.name}*"))
    for result in Path("/var/lib/cni/results").glob("*"):
        found |= {Path(name) for name in network_namespaces(result.read_bytes(), layout.root) or ()}
    return {path for path in found if path.exists()}


def still_there(cluster: Cluster) -> set[str]:
    """Mounts and processes of this cluster."""
    mark = str(cluster.data_dir)
    mounts = {line for line in Path("/proc/self/mountinfo").read_text().splitlines() if mark in line}
    listed = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    return mounts | {line for line in listed.splitlines() if mark in line}


@pytest.mark.timeout(600)
def test_a_life(own: Cluster, archives: list[Path]) -> None:
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
    tables = own.run("nft", "list", "tables").stdout
    assert {"inet armillary", "inet armillary-policies"} <= set(tables.replace("table ", "").splitlines()), tables
    assert "not running" in own.armillary("status", check=False).stdout
    own.armillary("up", "--detach")
    eventually(lambda: is_running(own), "the pod is found again")
    assert container_id(own) == container

    own.armillary("down")
    assert own.armillary("down").returncode == 0, "twice does no harm"
    assert "armillary" not in own.run("nft", "list", "tables").stdout, "without pods no rules"
    own.armillary("up", "--detach")
    eventually(lambda: is_running(own) and container_id(own) != container, "the pod is started anew")

    left = traces(own)
    assert {path.parts[1] for path in left} == {"run", "sys", "var"}, "else the next lines would say nothing"
    own.armillary("down", "--purge", "--yes")
    assert not own.data_dir.exists()
    assert not {path for path in left if path.exists()}
    assert not still_there(own)
    assert "cni0" not in own.run("ip", "-brief", "link").stdout
    assert "armillary" not in own.run("nft", "list", "ruleset").stdout


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
    eventually(lambda: not any(is_alive(pid) for pid in pids), "its parts end with it")
    own.armillary("up", "--detach")
