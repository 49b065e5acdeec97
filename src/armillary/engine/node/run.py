"""The node agent put together: give it settings, a client and a clock."""

import asyncio
import logging
import os
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from armillary.base.backoff import Backoff
from armillary.base.clock import Clock
from armillary.base.errors import SetupError
from armillary.base.tasks import supervise
from armillary.engine.node import pause
from armillary.engine.node import record as r
from armillary.engine.node.agent import NodeAgent
from armillary.engine.node.cgroups import Cgroups
from armillary.engine.node.facts import Facts, read_facts
from armillary.engine.node.gate import Gate
from armillary.engine.node.hands import Network, Tools
from armillary.engine.node.image_gc import Disk, ImageCollector
from armillary.engine.node.images import Access, Images
from armillary.engine.node.inotify import Notices
from armillary.engine.node.launch import Machine, log_directory, log_path
from armillary.engine.node.log_rotation import LogRotation
from armillary.engine.node.registration import Registration
from armillary.engine.node.runtime.containerd import import_command
from armillary.engine.node.runtime.cri import CriRuntime
from armillary.engine.node.runtime.port import Runtime, RuntimeFault
from armillary.engine.node.server.api import KubeletApi
from armillary.engine.node.server.subjects import subjects_of
from armillary.engine.node.settings import NodeSettings
from armillary.engine.node.stats.collect import NodeStats
from armillary.engine.node.stats.prometheus import Machine as MeasuredMachine
from armillary.engine.node.stats.readings import cgroup_files
from armillary.engine.node.telling import Teller
from armillary.engine.node.volumes.lifecycle import VolumeManager
from armillary.engine.node.volumes.sources import KubeSources
from armillary.kube.cache import Cache
from armillary.kube.client import Client
from armillary.kube.kinds.core import POD, SERVICE, Pod

log = logging.getLogger(__name__)

_RUNTIME = Backoff(first_seconds=0.02, most_seconds=2.0)


@dataclass(frozen=True, slots=True)
class NodeParts:
    """The agent and what serves beside it."""

    settings: NodeSettings
    runtime: Runtime
    agent: NodeAgent
    registration: Registration
    facts: Facts
    notices: Notices
    clock: Clock


async def run_node(
    settings: NodeSettings, client: Client, clock: Clock, *, pods: Cache[Pod] | None = None, network: Network
) -> None:
    """Until cancelled; the pods run on. `pods`, if given, is a cache of this node's pods that the caller runs.

    `network` is told who joins it, and who leaves.
    """
    async with CriRuntime(settings.runtime_socket) as runtime:
        await wait_runtime(runtime, settings, clock)
        async with node_parts(settings, runtime, client, clock, pods, network=network) as (parts, group):
            api, stats = kubelet_api(parts)
            group.create_task(supervise("stats", stats.run), name="stats")
            await supervise("kubelet API", api.serve)


def pods_cache(client: Client, node_name: str) -> Cache[Pod]:
    """Of the pods that are bound to a node."""
    return Cache(client, POD, fields=f"spec.nodeName={node_name}")


class _Open:
    """A network without policies."""

    async def joined(self, pod: Pod, addresses: Sequence[str]) -> None:
        pass

    def left(self, pod: Pod) -> None:
        pass


@asynccontextmanager
async def node_parts(
    settings: NodeSettings,
    runtime: Runtime,
    client: Client,
    clock: Clock,
    pods: Cache[Pod] | None = None,
    cgroups: Cgroups | None = None,
    network: Network = _Open(),  # noqa: B008  # it has no state
) -> AsyncIterator[tuple[NodeParts, asyncio.TaskGroup]]:
    """Everything but the kubelet API, running; the group is for what shall end with it."""
    _make_directories(settings)
    facts = read_facts(settings.pods, clock)
    teller = Teller(client, clock, settings.node_name)
    services = Cache(client, SERVICE)
    registration = Registration(settings, facts, runtime, client, clock, teller.write)
    sources = KubeSources(client, clock)
    notices, access = Notices(), Access(settings.state / "image-access.json")
    tools = Tools(
        settings=settings,
        runtime=runtime,
        volumes=_volumes(settings, sources, registration, teller, clock),
        sources=sources,
        images=Images(runtime, clock, access),
        cgroups=cgroups or Cgroups(settings.cgroup_root),
        notices=notices,
        machine=Machine(facts.memory_bytes, -1000 if facts.may_protect_from_oom else 0),
        gate=Gate(settings.starts_at_once),
        clock=clock,
        services=services.list,
        node=registration.node,
        look_at_node=registration.look_now,
        tell=teller.tell,
        network=network,
    )
    tools.cgroups.prepare()
    own = pods if pods is not None else pods_cache(client, settings.node_name)
    agent = NodeAgent(tools, client, own)
    tasks: dict[str, Callable[[], Awaitable[None]]] = {
        "events": teller.run,
        "registration": registration.run,
        "services": services.run,
        "sources": sources.run,
        "volumes": tools.volumes.run,
        "image collection": _collector(settings, runtime, clock, access).run,
        "log rotation": LogRotation(clock, logs=lambda: _running_logs(settings, agent), reopen=runtime.reopen_log).run,
    }
    if pods is None:
        tasks["pods"] = own.run
    try:
        async with asyncio.TaskGroup() as group:
            running = [group.create_task(supervise(name, run), name=name) for name, run in tasks.items()]
            await services.wait_synced()
            running.append(group.create_task(supervise("pods of this node", agent.run), name="agent"))
            try:
                yield NodeParts(settings, runtime, agent, registration, facts, notices, clock), group
            finally:
                for task in running:
                    task.cancel()
    finally:
        notices.close()


def _make_directories(settings: NodeSettings) -> None:
    for path in (settings.pods, settings.pod_logs, settings.state):
        path.mkdir(mode=0o711, parents=True, exist_ok=True)


def _volumes(
    settings: NodeSettings, sources: KubeSources, registration: Registration, teller: Teller, clock: Clock
) -> VolumeManager:
    return VolumeManager(
        settings.pods,
        sources,
        clock,
        allocatable=lambda: registration.node().status.allocatable,
        failed=lambda pod, message: teller.tell(pod, r.Tell("Warning", "FailedMount", message)),
    )


def kubelet_api(parts: NodeParts) -> tuple[KubeletApi, NodeStats]:
    """What serves requests, and what it measures with; both are still to be run."""
    settings, facts = parts.settings, parts.facts
    stats = NodeStats(
        settings.node_name,
        parts.clock,
        cgroup_files(),
        pods=lambda: subjects_of(parts.agent.records(), settings),
        pods_cgroup=settings.cgroup_root,
        data=settings.pods,
        images=settings.runtime_socket.parent,
        machine=MeasuredMachine(facts.cpus, facts.memory_bytes, facts.boot_id, facts.machine_id, facts.system_uuid),
        booted=facts.booted,
        network_pid=os.getpid(),
    )
    return KubeletApi(settings, parts.agent, parts.runtime, stats, parts.notices, parts.clock), stats


async def wait_runtime(runtime: Runtime, settings: NodeSettings, clock: Clock) -> None:
    """Until the runtime answers, and has the image of sandboxes."""
    failures = 0
    while True:
        try:
            found = await runtime.image_status(pause.IMAGE)
            break
        except RuntimeFault as exc:
            failures += 1
            log.info("the runtime does not answer yet", extra={"error": exc.message})
            await clock.sleep(_RUNTIME.after(failures))
    if found is None:
        await asyncio.to_thread(_import_pause, settings)


def _import_pause(settings: NodeSettings) -> None:
    settings.state.mkdir(mode=0o711, parents=True, exist_ok=True)
    archive = settings.state / "pause.tar"
    archive.write_bytes(pause.pause_archive())
    command = import_command(settings.runtime_socket, archive)
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    archive.unlink()
    if done.returncode:
        raise SetupError(f"{' '.join(command)}: {done.stderr.strip()}")


def _running_logs(settings: NodeSettings, agent: NodeAgent) -> list[tuple[str, Path]]:
    return [
        (found.current.id, log_directory(settings, record.pod) / log_path(found.name, found.current.attempt))
        for record in agent.records()
        for found in record.containers.values()
        if found.is_running and found.current is not None
    ]


def _collector(settings: NodeSettings, runtime: Runtime, clock: Clock, access: Access) -> ImageCollector:
    async def in_use() -> set[str]:
        sandbox_image = await runtime.image_status(pause.IMAGE)
        kept = {sandbox_image.id} if sandbox_image else set()
        return kept | {container.image_ref for container in await runtime.containers()}

    def disk() -> Disk:
        found = os.statvfs(settings.runtime_socket.parent)
        return Disk(found.f_blocks * found.f_frsize, found.f_bavail * found.f_frsize)

    return ImageCollector(runtime, clock, access, in_use=in_use, disk=disk)
