"""From `armillary up` on an empty data directory to an API that answers and a node that is Ready; rest at idle."""

import csv
import http.client
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
from tests.harness.cluster import Cluster

from armillary.allinone.instance import memory_of, report
from armillary.allinone.layout import Layout
from benchmarks.report import Figure

LOOK_SECONDS = 0.01
DEADLINE_SECONDS = 60.0
SETTLE_SECONDS = 5.0
IDLE_SECONDS = 10.0
READER = "system:kube-controller-manager"


def start(cluster: Cluster, up: Callable[[], subprocess.Popen[str]]) -> list[Figure]:
    """`up` runs the command; it has ended well when this returns."""
    layout = Layout(cluster.data_dir)
    began = time.perf_counter()
    command = up()
    api = _when(lambda: _get(layout, "/readyz") is not None) - began
    node = _when(lambda: _has_ready_node(layout)) - began
    said, _ = command.communicate(timeout=DEADLINE_SECONDS)
    if command.returncode:
        raise RuntimeError(f"armillary up gave {command.returncode}: {said}")
    whole = time.perf_counter() - began
    return [
        Figure("start to API ready", api, "s", "less", 3.9, 2.0),
        Figure("start to node Ready", node, "s", "less", 9.9, 2.0),
        Figure("the whole `armillary up --detach`", whole, "s", "less"),
    ]


def idle(cluster: Cluster) -> list[Figure]:
    """Memory and work of all parts when nothing is asked of them. Shared pages are counted once."""
    layout = Layout(cluster.data_dir)
    time.sleep(SETTLE_SECONDS)
    found = report(layout)
    pids = [found.pid, *(part.pid for part in found.parts)]
    before = sum(map(_work_seconds, pids))
    time.sleep(IDLE_SECONDS)
    share = (sum(map(_work_seconds, pids)) - before) / IDLE_SECONDS
    memory = sum(map(memory_of, pids)) / (1 << 20)
    return [
        Figure("idle memory of all parts (PSS)", memory, "MiB", "less", 635, 250),
        Figure("idle work of all parts, of one core", share * 100, "%", "less", aim=2.0),
    ]


def _work_seconds(pid: int) -> float:
    return sum(int(task.read_text().split()[0]) for task in Path(f"/proc/{pid}/task").glob("*/schedstat")) / 1e9


def _when(holds: Callable[[], bool]) -> float:
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not holds():
        if time.monotonic() > deadline:
            raise RuntimeError(f"the cluster did not start within {DEADLINE_SECONDS:.0f} s")
        time.sleep(LOOK_SECONDS)
    return time.perf_counter()


def _has_ready_node(layout: Layout) -> bool:
    nodes = _get(layout, "/api/v1/nodes")
    found = orjson.loads(nodes)["items"] if nodes else ()
    told = [condition for node in found for condition in node["status"].get("conditions", ())]
    return any(condition["type"] == "Ready" and condition["status"] == "True" for condition in told)


def _get(layout: Layout, path: str) -> bytes | None:
    """A good answer of the API server on its Unix socket; None while there is none."""
    connection = _UnixConnection(layout.api_socket)
    try:
        connection.request("GET", path, headers={"authorization": f"Bearer {_token(layout)}"})
        answer = connection.getresponse()
        body = answer.read()
    except OSError:
        return None
    finally:
        connection.close()
    return body if answer.status == 200 else None


def _token(layout: Layout) -> str:
    with (layout.pki / "tokens.csv").open() as file:
        return next(row[0] for row in csv.reader(file) if row[1] == READER)


class _UnixConnection(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path: Path) -> None:
        super().__init__("localhost")
        self._path = path

    def connect(self) -> None:
        self.sock: Any = socket.socket(socket.AF_UNIX)
        self.sock.connect(str(self._path))
