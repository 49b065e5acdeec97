"""The kubelet's summary (`/stats/summary`): readings as its JSON. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from armillary.base.clock import format_time
from armillary.engine.node.stats.disk import DiskUsage
from armillary.engine.node.stats.rates import Rate
from armillary.engine.node.stats.readings import CpuDetail, Interface, Usage
from armillary.engine.node.stats.subjects import ContainerSubject, PodSubject, VolumeSubject

Json = dict[str, Any]
DEFAULT_INTERFACE = "eth0"


@dataclass(frozen=True, slots=True)
class Measured:
    """Readings of one cgroup."""

    usage: Usage
    rate: Rate | None = None
    detail: CpuDetail | None = None


@dataclass(frozen=True, slots=True)
class MeasuredPod:
    """A pod, and all that was read of it. Containers that went away meanwhile have no entry."""

    subject: PodSubject
    own: Measured | None
    containers: Mapping[str, Measured] = field(default_factory=dict)  # by id
    interfaces: tuple[Interface, ...] = ()
    volumes: Mapping[str, DiskUsage] = field(default_factory=dict)
    logs: Mapping[str, DiskUsage] = field(default_factory=dict)  # by container id


@dataclass(frozen=True, slots=True)
class MeasuredNode:
    """The machine."""

    name: str
    started: datetime
    own: Measured
    pods_cgroup: Measured | None = None
    interfaces: tuple[Interface, ...] = ()
    default_interface: str = DEFAULT_INTERFACE
    file_system: DiskUsage | None = None
    image_file_system: DiskUsage | None = None
    max_processes: int = 0


def summary(node: MeasuredNode, pods: Iterable[MeasuredPod], now: datetime) -> Json:
    """All of it."""
    time = format_time(now)
    return {"node": _node(node, time), "pods": [_pod(pod, node.file_system, time) for pod in pods]}


def _node(node: MeasuredNode, time: str) -> Json:
    body: Json = {"nodeName": node.name, "startTime": format_time(node.started)}
    if node.pods_cgroup is not None:
        started = {"name": "pods", "startTime": format_time(node.started)}
        body["systemContainers"] = [started | _cpu_and_memory(node.pods_cgroup, time)]
    body |= _cpu_and_memory(node.own, time)
    if node.interfaces:
        body["network"] = _network(node.interfaces, node.default_interface, time)
    if node.file_system is not None:
        body["fs"] = _disk(node.file_system, time)
    if node.image_file_system is not None:
        disk = _disk(node.image_file_system, time)
        body["runtime"] = {"imageFs": disk, "containerFs": disk}
    body["rlimit"] = {"time": time, "maxpid": node.max_processes, "curproc": node.own.usage.processes}
    return body


def _pod(pod: MeasuredPod, file_system: DiskUsage | None, time: str) -> Json:
    subject = pod.subject
    body: Json = {
        "podRef": {"name": subject.name, "namespace": subject.namespace, "uid": subject.uid},
        "startTime": format_time(subject.started),
        "containers": [
            _container(container, pod.containers[container.id], pod.logs.get(container.id), time)
            for container in subject.containers
            if container.id in pod.containers
        ],
    }
    if pod.own is not None:
        body |= _cpu_and_memory(pod.own, time)
        body["process_stats"] = {"process_count": pod.own.usage.processes}
    if pod.interfaces:
        body["network"] = _network(pod.interfaces, DEFAULT_INTERFACE, time)
    if pod.volumes:
        body["volume"] = [
            _volume(volume, pod.volumes[volume.name], subject.namespace, time)
            for volume in subject.volumes
            if volume.name in pod.volumes
        ]
    if file_system is not None:
        body["ephemeral-storage"] = _ephemeral(pod, file_system, time)
    return body


def _container(container: ContainerSubject, measured: Measured, logs: DiskUsage | None, time: str) -> Json:
    body = {"name": container.name, "startTime": format_time(container.started)}
    return body | _cpu_and_memory(measured, time) | ({"logs": _disk(logs, time)} if logs is not None else {})


def _cpu_and_memory(measured: Measured, time: str) -> Json:
    usage, limit = measured.usage, measured.usage.memory_limit_bytes
    cpu: Json = {"time": time, "usageCoreNanoSeconds": usage.cpu_nanoseconds}
    if measured.rate is not None:
        cpu["usageNanoCores"] = measured.rate.nano_cores
    memory: Json = {
        "time": time,
        "usageBytes": usage.memory_bytes,
        "workingSetBytes": usage.working_set_bytes,
        "rssBytes": usage.rss_bytes,
        "pageFaults": usage.page_faults,
        "majorPageFaults": usage.major_page_faults,
    }
    if limit is not None:
        memory["availableBytes"] = max(0, limit - usage.working_set_bytes)
    return {"cpu": cpu, "memory": memory, "swap": {"time": time, "swapUsageBytes": usage.swap_bytes}}


def _network(interfaces: Iterable[Interface], default: str, time: str) -> Json:
    listed = [_interface(one) for one in interfaces]
    return {"time": time, **next((one for one in listed if one["name"] == default), {"name": ""}), "interfaces": listed}


def _interface(one: Interface) -> Json:
    return {
        "name": one.name,
        "rxBytes": one.received[0],
        "rxErrors": one.received[2],
        "txBytes": one.sent[0],
        "txErrors": one.sent[2],
    }


def _volume(volume: VolumeSubject, usage: DiskUsage, namespace: str, time: str) -> Json:
    claim = {"pvcRef": {"name": volume.claim, "namespace": namespace}} if volume.claim else {}
    return _disk(usage, time) | {"name": volume.name} | claim


def _ephemeral(pod: MeasuredPod, file_system: DiskUsage, time: str) -> Json:
    own = [pod.volumes[v.name] for v in pod.subject.volumes if v.ephemeral and v.name in pod.volumes]
    own += pod.logs.values()
    used = {"usedBytes": sum(u.used_bytes for u in own), "inodesUsed": sum(u.inodes_used for u in own)}
    return _disk(file_system, time) | used


def _disk(usage: DiskUsage, time: str) -> Json:
    return {
        "time": time,
        "availableBytes": usage.available_bytes,
        "capacityBytes": usage.capacity_bytes,
        "usedBytes": usage.used_bytes,
        "inodesFree": usage.inodes_free,
        "inodes": usage.inodes,
        "inodesUsed": usage.inodes_used,
    }
