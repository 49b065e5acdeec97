"""Pods placed a second among 5,000 nodes that are only objects: by the whole scheduler, and by its pure part alone."""

import asyncio
import tempfile
import time
from pathlib import Path
from random import Random

import uvloop
from tests.harness.server import running_server

from armillary.base.clock import SystemClock
from armillary.base.tasks import gather_limited
from armillary.engine.scheduler.loop import Scheduler
from armillary.engine.scheduler.nodes import ClusterState
from armillary.engine.scheduler.place import Placed, Placer
from armillary.engine.scheduler.wants import wants_of
from armillary.kube.client import Client
from armillary.kube.kinds.core import (
    NODE,
    POD,
    SERVICE_ACCOUNT,
    Container,
    Node,
    NodeStatus,
    Pod,
    PodSpec,
    ResourceRequirements,
    ServiceAccount,
)  # fmt: skip
from armillary.kube.kinds.meta import ObjectMeta
from benchmarks.report import Figure

NODES = 5000
PODS = 3000
ZONES = 10
AT_ONCE = 64


def measure() -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="armillary-bench-") as directory:
        whole = uvloop.run(_by_the_loop(Path(directory)))
    return [
        Figure(f"pods scheduled on {NODES:,} nodes", whole, "/s", "more", aim=270),
        Figure(f"pods placed on {NODES:,} nodes, the pure part alone", _by_the_placer(), "/s", "more"),
    ]


def _node(number: int) -> Node:
    name = f"node-{number:05}"
    room = {"cpu": "8", "memory": "32Gi", "pods": "110"}
    labels = {"kubernetes.io/hostname": name, "topology.kubernetes.io/zone": f"zone-{number % ZONES}"}
    status = NodeStatus(capacity=room, allocatable=room)
    return Node(metadata=ObjectMeta(name=name, labels=labels), status=status)


def _pod(number: int) -> Pod:
    name = f"pod-{number:05}"
    asks = ResourceRequirements(requests={"cpu": "100m", "memory": "128Mi"})
    main = Container(name="main", image="registry.example.com/team/application:1.2.3", resources=asks)
    meta = ObjectMeta(name=name, namespace="default", uid=name, labels={"app": "bench"})
    return Pod(metadata=meta, spec=PodSpec(containers=(main,)))


async def _by_the_loop(directory: Path) -> float:
    """Pods that wait when the scheduler starts; from the first binding to the last."""
    async with running_server(directory) as server:
        await _fill(server.admin())
        bindings = server.store.watch("pods", after=server.store.revision)
        scheduler = Scheduler(server.client("system:kube-scheduler"), SystemClock(), Random(1))
        async with asyncio.TaskGroup() as group:
            work = group.create_task(scheduler.run())
            bound, began = 0, 0.0
            while bound < PODS:
                changes = await bindings.changes(60)
                began = began or time.perf_counter()
                bound += sum(bool(c.entry.fields.get("spec.nodeName")) for c in changes)
            took = time.perf_counter() - began
            work.cancel()
        bindings.close()
        return PODS / took


async def _fill(admin: Client) -> None:
    await admin.create(SERVICE_ACCOUNT, ServiceAccount(metadata=ObjectMeta(name="default")), "default")

    async def node(number: int) -> None:
        made = await admin.create(NODE, _node(number))
        await admin.patch(NODE, made.metadata.name, "", {"spec": {"taints": None}})  # admission's, until it is ready

    await gather_limited(AT_ONCE, [node(number) for number in range(NODES)])
    await gather_limited(AT_ONCE, [admin.create(POD, _pod(number), "default") for number in range(PODS)])


def _by_the_placer() -> float:
    cluster = ClusterState()
    for number in range(NODES):
        cluster.set_node(_node(number))
    placer = Placer(cluster, Random(1))
    began = time.perf_counter()
    for number in range(PODS):
        wants = wants_of(_pod(number))
        placed = placer.place(wants)
        assert isinstance(placed, Placed)
        cluster.set_pod(wants, placed.node)
    return PODS / (time.perf_counter() - began)
