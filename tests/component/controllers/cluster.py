"""The controllers at work on a real API server in this process, with a node agent played beside them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import orjson
from tests.harness.server import Server

from armillary.base.clock import SystemClock, format_time
from armillary.base.errors import ApiError, NotFound
from armillary.engine.controllers.all import ControllerSettings, run_built_in
from armillary.kube.client import Client
from armillary.kube.journal import Journal
from armillary.kube.kind import Kind
from armillary.kube.kinds.core import NODE, POD, SERVICE_ACCOUNT, Node, Pod
from armillary.kube.kinds.meta import ObjectMeta

SECONDS = 10.0  # a deadline, not a duration: everything waited for comes long before


@dataclass
class Cluster:
    """An administrator's client, and what the controllers noted."""

    client: Client
    journal: Journal

    async def until(self, what: str, holds: Callable[[], Awaitable[Any]]) -> Any:
        """Wait until `holds` gives something true, and give that."""
        try:
            async with asyncio.timeout(SECONDS):
                while True:
                    found = await holds()
                    if found:
                        return found
                    await asyncio.sleep(0.01)
        except TimeoutError:
            raise AssertionError(f"in vain: {what}; {self.story()}") from None

    async def gone(self, kind: Kind[Any], name: str, namespace: str = "") -> None:
        async def holds() -> bool:
            return await self.client.find(kind, name, namespace) is None

        await self.until(f"{kind.name} {name} is gone", holds)

    async def pods(self, labels: str = "", namespace: str = "default") -> list[Pod]:
        return list((await self.client.list(POD, namespace, labels=labels)).items)

    def story(self) -> str:
        entries = [(e.at, str(ref), e) for ref, es in self.journal._entries.items() for e in es]
        return "\n".join(f"{ref}: {e.because} {e.error}" for _, ref, e in sorted(entries, key=lambda t: t[0])[-40:])


@asynccontextmanager
async def controlling(server: Server, *, node: str = "node-1") -> AsyncIterator[Cluster]:
    """With all controllers running, a node, and pods that run as soon as they are there."""
    client, journal = server.admin(), Journal()
    settings = ControllerSettings(root_ca=server.pki.ca.read_text(), signing_key=server.pki.signing_key)
    cluster = Cluster(client, journal)
    async with asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(run_built_in(settings, server.client(), SystemClock(), journal)),
            group.create_task(_play_agent(client, node)),
        ]
        try:
            await add_node(client, node)

            async def account() -> Any:
                return await client.find(SERVICE_ACCOUNT, "default", "default")

            await cluster.until("the default service account", account)
            yield cluster
        finally:
            for task in tasks:
                task.cancel()


async def add_node(client: Client, name: str) -> None:
    await client.create(NODE, Node(metadata=ObjectMeta(name=name)))
    ready = {"type": "Ready", "status": "True", "lastHeartbeatTime": _now(), "lastTransitionTime": _now()}
    await client.patch(NODE, name, "", {"status": {"conditions": [ready]}}, subresource="status")
    await client.patch(NODE, name, "", {"spec": {"taints": None}})


def _now() -> str:
    return format_time(SystemClock().now())


async def _play_agent(client: Client, node: str) -> None:
    """What scheduler and node agent do together, as far as the API shows it."""
    number = 10
    while True:
        try:
            for pod in (await client.list(POD)).items:
                number += 1
                await _live(client, pod, node, f"10.244.{number // 250}.{number % 250}")
        except ApiError:
            pass  # somebody wrote first
        await asyncio.sleep(0.01)


async def _live(client: Client, pod: Pod, node: str, ip: str) -> None:
    meta = pod.metadata
    if meta.deletion_timestamp:
        await client.delete(POD, meta.name, meta.namespace, uid=meta.uid, grace_seconds=0)
    elif not pod.spec.node_name:
        target = {"kind": "Node", "name": node}
        body = {"apiVersion": "v1", "kind": "Binding", "metadata": {"name": meta.name}, "target": target}
        try:
            await client.post(POD, meta.name, meta.namespace, "binding", orjson.dumps(body))
        except NotFound:
            return
    elif pod.status.phase == "Pending":
        ends = pod.spec.containers[0].image.startswith("exit-")
        code = int(pod.spec.containers[0].image.removeprefix("exit-")) if ends else 0
        phase = ("Failed" if code else "Succeeded") if ends else "Running"
        ready = {"type": "Ready", "status": "False" if ends else "True", "lastTransitionTime": _now()}
        status = {"phase": phase, "podIP": ip, "podIPs": [{"ip": ip}], "conditions": [ready]}
        await client.patch(POD, meta.name, meta.namespace, {"status": status}, subresource="status")
