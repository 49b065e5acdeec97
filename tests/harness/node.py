"""A node agent in this process, on any runtime, against an API server in this process."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
from tests.harness.images import BUSYBOX
from tests.harness.server import Server

from armillary.base.clock import SystemClock
from armillary.base.errors import NotFound
from armillary.engine.node.cgroups import Cgroups
from armillary.engine.node.run import NodeParts, node_parts
from armillary.engine.node.runtime.port import Runtime
from armillary.engine.node.settings import NodeSettings, TlsFiles
from armillary.kube.client import Client
from armillary.kube.kinds.core import EVENT, POD, SERVICE_ACCOUNT, Event, Pod, ServiceAccount
from armillary.kube.kinds.meta import ObjectMeta

NODE = "node-1"
WAIT_SECONDS = 30.0


def node_settings(directory: Path, **changes: Any) -> NodeSettings:
    """`directory` is a test's own; cgroups hang below a root named after it."""
    tls = TlsFiles(directory / "pki/kubelet.crt", directory / "pki/kubelet.key", directory / "pki/ca.crt")
    given: dict[str, Any] = {
        "node_name": NODE,
        "address": "127.0.0.1",
        "pods": directory / "pods",
        "pod_logs": directory / "logs",
        "state": directory / "node",
        "runtime_socket": directory / "c.sock",
        "tls": tls,
        "cgroup_root": f"/arm-node-{directory.name}",
    }
    return NodeSettings(**given | changes)


@dataclass(slots=True)
class Cluster:
    """An agent at work, and what a user would do."""

    admin: Client
    parts: NodeParts
    group: asyncio.TaskGroup

    async def create(self, name: str = "web", *containers: dict[str, Any], **spec: Any) -> Pod:
        """A pod that is bound to the node already; one busybox that sleeps, unless told otherwise."""
        given = {
            "metadata": {"name": name, "namespace": "default"},
            "spec": {
                "containers": list(containers) or [box()],
                "nodeName": NODE,
                "automountServiceAccountToken": False,
                "terminationGracePeriodSeconds": 1,
                **spec,
            },
        }
        return await self.admin.create(POD, msgspec.convert(given, Pod), "default")

    async def pod(self, name: str = "web") -> Pod:
        return await self.admin.get(POD, name, "default")

    async def wait(self, holds: Callable[[Pod], Any], name: str = "web") -> Pod:
        """The pod once that holds."""
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                while True:
                    found = await self.pod(name)
                    if holds(found):
                        return found
                    await asyncio.sleep(0.01)
        except TimeoutError:
            raise AssertionError(f"never came: {(await self.pod(name)).status}") from None

    async def wait_gone(self, name: str = "web") -> None:
        async with asyncio.timeout(WAIT_SECONDS):
            while True:
                try:
                    await self.pod(name)
                except NotFound:
                    return
                await asyncio.sleep(0.01)

    async def delete(self, name: str = "web", grace_seconds: int | None = None) -> None:
        await self.admin.delete(POD, name, "default", grace_seconds=grace_seconds)

    async def events(self, name: str = "web") -> list[Event]:
        found = await self.admin.list(EVENT, "default")
        return [event for event in found.items if event.involved_object.name == name]

    async def wait_event(self, reason: str, name: str = "web") -> Event:
        async with asyncio.timeout(WAIT_SECONDS):
            while True:
                for event in await self.events(name):
                    if event.reason == reason:
                        return event
                await asyncio.sleep(0.01)


def box(name: str = "main", *command: str, **more: Any) -> dict[str, Any]:
    """A container of the test image."""
    return {"name": name, "image": BUSYBOX, "command": list(command) or ["sleep", "1000"], **more}


def is_ready(pod: Pod) -> bool:
    return any(c.type == "Ready" and c.status == "True" for c in pod.status.conditions)


def phase_is(*phases: str) -> Callable[[Pod], bool]:
    return lambda pod: pod.status.phase in phases


class PlainCgroups(Cgroups):
    """Directories and files like any others, for tests that run nothing."""

    def remove(self, cgroup: str) -> bool:
        for controller in ("cpu", "memory", "pids"):
            shutil.rmtree(self.directory(controller, cgroup), ignore_errors=True)
        return True


@asynccontextmanager
async def running_agent(
    server: Server, runtime: Runtime, settings: NodeSettings, cgroups: Cgroups | None = None
) -> AsyncIterator[Cluster]:
    """Registered and recovered."""
    admin = server.admin()
    if await admin.find(SERVICE_ACCOUNT, "default", "default") is None:
        await admin.create(SERVICE_ACCOUNT, ServiceAccount(metadata=ObjectMeta(name="default")), "default")
    client = server.client(f"system:node:{NODE}")
    async with node_parts(settings, runtime, client, SystemClock(), cgroups=cgroups) as (parts, group):
        async with asyncio.timeout(WAIT_SECONDS):
            await parts.agent.recovered.wait()
        yield Cluster(admin, parts, group)
