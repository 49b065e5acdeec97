"""Stats of this node, read when they are asked for.

In the background only CPU counters (every ten seconds, so that a rate is there at once) and the sizes of
volumes (every minute, for walking them takes time) are kept.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from armillary.base.clock import Clock
from armillary.engine.node.stats.disk import DiskUsage, directory_usage, file_system_usage
from armillary.engine.node.stats.prometheus import Machine, cadvisor_text, resource_text
from armillary.engine.node.stats.rates import Rates
from armillary.engine.node.stats.readings import (
    CgroupFiles,
    Usage,
    read_interfaces,
    read_machine_usage,
    read_max_processes,
)
from armillary.engine.node.stats.subjects import ContainerSubject, PodSubject, VolumeSubject
from armillary.engine.node.stats.summary import Measured, MeasuredNode, MeasuredPod, summary

log = logging.getLogger(__name__)

SAMPLE_SECONDS = 10.0
WALK_EVERY = 6  # samples
_MACHINE = "/"


class NodeStats:
    """Answers for `/stats/summary`, `/metrics/resource` and `/metrics/cadvisor`."""

    def __init__(
        self,
        node_name: str,
        clock: Clock,
        files: CgroupFiles,
        *,
        pods: Callable[[], Sequence[PodSubject]],
        pods_cgroup: str,
        data: Path,
        images: Path,
        machine: Machine,
        booted: datetime,
        network_pid: int,
        default_interface: str = "eth0",
    ) -> None:
        """`data` and `images` are on the file systems of pods and of images; `network_pid` lives in the node's."""
        self._name, self._clock, self._files, self._pods = node_name, clock, files, pods
        self._pods_cgroup, self._data, self._images = pods_cgroup, data, images
        self._machine, self._booted = machine, booted
        self._network_pid, self._default_interface = network_pid, default_interface
        self._rates = Rates()
        self._sizes: dict[Path, DiskUsage] = {}
        self._reading = asyncio.Lock()  # rates are kept in order

    async def run(self) -> None:
        """Keep rates and sizes until cancelled."""
        count = 0
        while True:
            async with self._reading:
                await asyncio.to_thread(self._sample)
            if count % WALK_EVERY == 0:
                await asyncio.to_thread(self._walk)
            count += 1
            await self._clock.sleep(SAMPLE_SECONDS)

    async def summary(self, only_cpu_and_memory: bool = False) -> dict[str, Any]:
        """The body of `/stats/summary`."""
        node, pods, now = await self._read(more=not only_cpu_and_memory)
        return summary(node, pods, now)

    async def resource_metrics(self) -> str:
        node, pods, now = await self._read(more=False)
        return resource_text(node, pods, now)

    async def cadvisor_metrics(self) -> str:
        node, pods, now = await self._read(more=True, detail=True)
        return cadvisor_text(node, pods, self._machine, now)

    def volume_usage(self, pod: PodSubject) -> dict[str, DiskUsage]:
        """Sizes of a pod's volumes as last seen."""
        return {v.name: self._sizes[v.path] for v in pod.volumes if v.path in self._sizes}

    async def _read(self, *, more: bool, detail: bool = False) -> tuple[MeasuredNode, list[MeasuredPod], datetime]:
        async with self._reading:
            now = self._clock.now()
            node, pods = await asyncio.to_thread(self._measure, now, more=more, detail=detail)
            return node, pods, now

    def _measure(self, now: datetime, *, more: bool, detail: bool) -> tuple[MeasuredNode, list[MeasuredPod]]:
        node = MeasuredNode(
            name=self._name,
            started=self._booted,
            own=self._measured(_MACHINE, read_machine_usage(), now, None, detail=False),
            pods_cgroup=self._cgroup(self._pods_cgroup, now, None, detail=False),
            interfaces=read_interfaces(self._network_pid) if more else (),
            default_interface=self._default_interface,
            file_system=_file_system(self._data) if more else None,
            image_file_system=_file_system(self._images) if more else None,
            max_processes=read_max_processes(),
        )
        return node, [self._pod(pod, now, more, detail) for pod in self._pods()]

    def _pod(self, pod: PodSubject, now: datetime, more: bool, detail: bool) -> MeasuredPod:
        containers = {}
        for container in pod.containers:
            found = self._cgroup(container.cgroup, now, container.started, detail=detail)
            if found is not None:
                containers[container.id] = found
        return MeasuredPod(
            subject=pod,
            own=self._cgroup(pod.cgroup, now, pod.started, detail=detail),
            containers=containers,
            interfaces=read_interfaces(pod.network_pid) if more and pod.network_pid is not None else (),
            volumes=self.volume_usage(pod) if more else {},
            logs={c.id: usage for c in pod.containers if (usage := _log_usage(c)) is not None} if more else {},
        )

    def _cgroup(self, cgroup: str, now: datetime, started: datetime | None, *, detail: bool) -> Measured | None:
        usage = self._files.usage(cgroup)
        return self._measured(cgroup, usage, now, started, detail=detail) if usage is not None else None

    def _measured(
        self, cgroup: str, usage: Usage, now: datetime, started: datetime | None, *, detail: bool
    ) -> Measured:
        rate = self._rates.note(cgroup, usage.cpu_nanoseconds, now, started)
        return Measured(usage, rate, self._files.detail(cgroup) if detail else None)

    def _sample(self) -> None:
        now = self._clock.now()
        subjects: list[tuple[str, datetime | None]] = [(self._pods_cgroup, None)]
        for pod in self._pods():
            subjects.append((pod.cgroup, pod.started))
            subjects += [(container.cgroup, container.started) for container in pod.containers]
        self._rates.note(_MACHINE, read_machine_usage().cpu_nanoseconds, now, None)
        for cgroup, started in subjects:
            cpu = self._files.cpu(cgroup)
            if cpu is not None:
                self._rates.note(cgroup, cpu, now, started)
        self._rates.keep_only({_MACHINE, *(cgroup for cgroup, _ in subjects)})

    def _walk(self) -> None:
        sizes = {}
        for pod in self._pods():
            for volume in pod.volumes:
                usage = _volume_size(volume)
                if usage is not None:
                    sizes[volume.path] = usage
        self._sizes = sizes


def _volume_size(volume: VolumeSubject) -> DiskUsage | None:
    try:
        return file_system_usage(volume.path) if volume.whole else directory_usage(volume.path)
    except OSError as exc:
        log.debug("volume not measured", extra={"path": str(volume.path), "error": str(exc)})
        return None


def _log_usage(container: ContainerSubject) -> DiskUsage | None:
    try:
        return directory_usage(container.logs) if container.logs is not None else None
    except OSError:  # not written yet, or gone
        return None


def _file_system(path: Path) -> DiskUsage | None:
    try:
        return file_system_usage(path)
    except OSError:
        return None
