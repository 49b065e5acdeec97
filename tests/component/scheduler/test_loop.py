"""The scheduler against a real API server: pods get nodes, or a reason."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from random import Random

from tests.harness.server import Server

from armillary.base.clock import SystemClock
from armillary.engine.scheduler.loop import Scheduler
from armillary.kube.client import Client
from armillary.kube.kinds.core import (
    EVENT,
    NODE,
    POD,
    SERVICE_ACCOUNT,
    Container,
    Node,
    Pod,
    PodSpec,
    ResourceRequirements,
    ServiceAccount,
)
from armillary.kube.kinds.meta import ObjectMeta
from armillary.kube.kinds.scheduling import PRIORITY_CLASS, PriorityClass


@asynccontextmanager
async def scheduling(server: Server) -> AsyncIterator[Client]:
    """With the scheduler at work; gives an administrator's client."""
    admin = server.admin()
    await admin.create(
        SERVICE_ACCOUNT, ServiceAccount(metadata=ObjectMeta(name="default", namespace="default")), "default"
    )
    scheduler = Scheduler(server.client("system:kube-scheduler"), SystemClock(), Random(1))
    async with asyncio.TaskGroup() as group:
        task = group.create_task(scheduler.run())
        try:
            yield admin
        finally:
            task.cancel()


async def add_node(client: Client, name: str, cpu: str = "2") -> None:
    allocatable = {"cpu": cpu, "memory": "4Gi", "pods": "10"}
    node = await client.create(NODE, Node(metadata=ObjectMeta(name=name)))
    status = {"status": {"allocatable": allocatable, "capacity": allocatable}}
    await client.patch(NODE, name, "", status, subresource="status")
    # Admission gives a new node a taint until its controller has seen it ready.
    await client.patch(NODE, node.metadata.name, "", {"spec": {"taints": None}})


async def add_pod(client: Client, name: str, cpu: str = "1", **spec: object) -> Pod:
    container = Container(name="c", image="x", resources=ResourceRequirements(requests={"cpu": cpu}))
    pod = Pod(metadata=ObjectMeta(name=name, namespace="default"), spec=PodSpec(containers=(container,), **spec))
    return await client.create(POD, pod, "default")


async def until(holds: Callable[[], Awaitable[object]], what: str) -> None:
    for _ in range(500):
        if await holds():
            return
        await asyncio.sleep(0.01)
    raise AssertionError(f"{what}: not within 5 s")


async def node_of(client: Client, name: str) -> str:
    return (await client.get(POD, name, "default")).spec.node_name


async def test_pods_get_nodes_with_room(server: Server) -> None:
    async with scheduling(server) as client:
        await add_node(client, "a")
        await add_node(client, "b")
        for number in range(4):
            await add_pod(client, f"p{number}")

        async def all_placed() -> bool:
            pods = (await client.list(POD, "default")).items
            return sorted(pod.spec.node_name for pod in pods) == ["a", "a", "b", "b"]

        await until(all_placed, "two pods on each node")


async def test_a_pod_that_fits_nowhere_is_told_why_and_placed_when_it_can_be(server: Server) -> None:
    async with scheduling(server) as client:
        await add_node(client, "a", cpu="1")
        await add_pod(client, "large", cpu="3")

        async def told() -> bool:
            events = (await client.list(EVENT, "default", fields="involvedObject.name=large")).items
            said = "0/1 nodes are available: 1 Insufficient cpu. preemption: 0/1 nodes are available: "
            said += "1 Preemption is not helpful for scheduling."
            return any(e.reason == "FailedScheduling" and e.message == said for e in events)

        await until(told, "an event that says why")
        conditions = (await client.get(POD, "large", "default")).status.conditions
        assert [(c.type, c.status, c.reason) for c in conditions] == [("PodScheduled", "False", "Unschedulable")]
        await add_node(client, "b", cpu="4")

        async def placed() -> bool:
            return await node_of(client, "large") == "b"

        await until(placed, "it is placed on the new node")


async def test_an_important_pod_takes_the_place_of_another(server: Server) -> None:
    async with scheduling(server) as client:
        await client.create(PRIORITY_CLASS, PriorityClass(metadata=ObjectMeta(name="urgent"), value=1000))
        await add_node(client, "a", cpu="1")
        await add_pod(client, "plain", termination_grace_period_seconds=0)

        async def plain_placed() -> bool:
            return await node_of(client, "plain") == "a"

        await until(plain_placed, "the plain pod runs")
        await add_pod(client, "urgent", priority_class_name="urgent")

        async def victim_asked_to_go() -> bool:
            victim = await client.find(POD, "plain", "default")
            return victim is None or bool(victim.metadata.deletion_timestamp)

        await until(victim_asked_to_go, "the plain pod has to go")
        # What the node's agent would do once the containers have stopped.
        if await client.find(POD, "plain", "default") is not None:
            await client.delete(POD, "plain", "default", grace_seconds=0)

        async def urgent_placed() -> bool:
            return await node_of(client, "urgent") == "a"

        await until(urgent_placed, "the urgent pod takes its place")
