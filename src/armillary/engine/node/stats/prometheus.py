"""Prometheus text for `/metrics/resource` and `/metrics/cadvisor`. Pure."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from armillary.engine.node.stats.readings import CpuDetail, Interface, Usage
from armillary.engine.node.stats.summary import Measured, MeasuredNode, MeasuredPod

Labels = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Machine:
    """What does not change."""

    cores: int
    memory_bytes: int
    boot_id: str
    machine_id: str
    system_uuid: str


class Text:
    """Families in the order of their first sample, each with its help and type once."""

    def __init__(self, now: datetime) -> None:
        self._time = int(now.timestamp() * 1000)
        self._families: dict[str, list[str]] = {}

    def add(
        self,
        name: str,
        type: Literal["counter", "gauge"],
        help: str,
        samples: Iterable[tuple[Labels, float]],
        *,
        timed: bool = True,
    ) -> None:
        stamp = f" {self._time}" if timed else ""
        lines = [f"{name}{_labels(labels)} {_number(value)}{stamp}" for labels, value in samples]
        if lines:
            self._families.setdefault(name, [f"# HELP {name} {help}", f"# TYPE {name} {type}"]).extend(lines)

    def __str__(self) -> str:
        return "".join(f"{line}\n" for family in self._families.values() for line in family)


def resource_text(node: MeasuredNode, pods: Iterable[MeasuredPod], now: datetime) -> str:
    """`/metrics/resource`: what autoscalers and metrics-server need, and no more."""
    pods = tuple(pods)
    containers = tuple(_resource_containers(pods))
    own = tuple((_pod_labels(pod), pod.own.usage) for pod in pods if pod.own is not None)
    text = Text(now)
    text.add(
        "container_cpu_usage_seconds_total",
        "counter",
        "[STABLE] Cumulative cpu time consumed by the container in core-seconds",
        ((labels, usage.cpu_nanoseconds / 1e9) for labels, _, usage in containers),
    )
    text.add(
        "container_memory_working_set_bytes",
        "gauge",
        "[STABLE] Current working set of the container in bytes",
        ((labels, usage.working_set_bytes) for labels, _, usage in containers),
    )
    text.add(
        "container_start_time_seconds",
        "gauge",
        "[STABLE] Start time of the container since unix epoch in seconds",
        ((labels, started) for labels, started, _ in containers),
        timed=False,
    )
    text.add(
        "container_swap_usage_bytes",
        "gauge",
        "[ALPHA] Current amount of the container swap usage in bytes. Reported only on non-windows systems",
        ((labels, usage.swap_bytes) for labels, _, usage in containers),
    )
    _resource_node(text, node)
    text.add(
        "pod_cpu_usage_seconds_total",
        "counter",
        "[STABLE] Cumulative cpu time consumed by the pod in core-seconds",
        ((labels, usage.cpu_nanoseconds / 1e9) for labels, usage in own),
    )
    text.add(
        "pod_memory_working_set_bytes",
        "gauge",
        "[STABLE] Current working set of the pod in bytes",
        ((labels, usage.working_set_bytes) for labels, usage in own),
    )
    failed = "1 if there was an error while getting container metrics, 0 otherwise"
    text.add("resource_scrape_error", "gauge", f"[STABLE] {failed}", [((), 0)], timed=False)
    text.add("scrape_error", "gauge", f"[ALPHA] (Deprecated since 1.29.0) {failed}", [((), 0)], timed=False)
    return str(text)


def _resource_node(text: Text, node: MeasuredNode) -> None:
    usage = node.own.usage
    text.add(
        "node_cpu_usage_seconds_total",
        "counter",
        "[STABLE] Cumulative cpu time consumed by the node in core-seconds",
        [((), usage.cpu_nanoseconds / 1e9)],
    )
    text.add(
        "node_memory_working_set_bytes",
        "gauge",
        "[STABLE] Current working set of the node in bytes",
        [((), usage.working_set_bytes)],
    )
    text.add(
        "node_swap_usage_bytes",
        "gauge",
        "[ALPHA] Current swap usage of the node in bytes. Reported only on non-windows systems",
        [((), usage.swap_bytes)],
    )


def _resource_containers(pods: Iterable[MeasuredPod]) -> Iterator[tuple[Labels, float, Usage]]:
    for pod in pods:
        for container in pod.subject.containers:
            measured = pod.containers.get(container.id)
            if measured is not None:
                labels = (("container", container.name), *_pod_labels(pod))
                yield labels, container.started.timestamp(), measured.usage


def _pod_labels(pod: MeasuredPod) -> Labels:
    return (("namespace", pod.subject.namespace), ("pod", pod.subject.name))


# cAdvisor's names, for dashboards made for Kubernetes: name, type, help, value.
_USAGE: tuple[tuple[str, Literal["counter", "gauge"], str, Callable[[Usage], float]], ...] = (
    ("container_memory_cache", "gauge", "Number of bytes of page cache memory.", lambda u: u.cache_bytes),
    ("container_memory_mapped_file", "gauge", "Size of memory mapped files in bytes.", lambda u: u.mapped_bytes),
    ("container_memory_rss", "gauge", "Size of RSS in bytes.", lambda u: u.rss_bytes),
    ("container_memory_swap", "gauge", "Container swap usage in bytes.", lambda u: u.swap_bytes),
    (
        "container_memory_usage_bytes",
        "gauge",
        "Current memory usage in bytes, including all memory regardless of when it was accessed",
        lambda u: u.memory_bytes,
    ),
    (
        "container_memory_working_set_bytes",
        "gauge",
        "Current working set in bytes.",
        lambda u: u.working_set_bytes,
    ),
    ("container_processes", "gauge", "Number of processes running inside the container.", lambda u: u.processes),
    (
        "container_spec_memory_limit_bytes",
        "gauge",
        "Memory limit for the container.",
        lambda u: u.memory_limit_bytes or 0,
    ),
)
_DETAIL: tuple[tuple[str, Literal["counter", "gauge"], str, Callable[[CpuDetail], float]], ...] = (
    (
        "container_cpu_cfs_periods_total",
        "counter",
        "Number of elapsed enforcement period intervals.",
        lambda d: d.periods,
    ),
    (
        "container_cpu_cfs_throttled_periods_total",
        "counter",
        "Number of throttled period intervals.",
        lambda d: d.throttled_periods,
    ),
    (
        "container_cpu_cfs_throttled_seconds_total",
        "counter",
        "Total time duration the container has been throttled.",
        lambda d: d.throttled_nanoseconds / 1e9,
    ),
    (
        "container_cpu_system_seconds_total",
        "counter",
        "Cumulative system cpu time consumed in seconds.",
        lambda d: d.system_nanoseconds / 1e9,
    ),
    (
        "container_cpu_user_seconds_total",
        "counter",
        "Cumulative user cpu time consumed in seconds.",
        lambda d: d.user_nanoseconds / 1e9,
    ),
    ("container_spec_cpu_period", "gauge", "CPU period of the container.", lambda d: d.period_microseconds),
    ("container_spec_cpu_shares", "gauge", "CPU share of the container.", lambda d: d.shares),
)
_NETWORK = ("bytes", "packets", "errors", "packets_dropped")


def cadvisor_text(node: MeasuredNode, pods: Iterable[MeasuredPod], machine: Machine, now: datetime) -> str:
    """`/metrics/cadvisor`: all that was read of cgroups and networks, and the machine."""
    rows = tuple(_rows(node, pods))
    measured = [(labels, found) for labels, found, _, _ in rows if found is not None]
    text = Text(now)
    text.add(
        "container_cpu_usage_seconds_total",
        "counter",
        "Cumulative cpu time consumed in seconds.",
        ((_with(labels, "cpu", "total"), found.usage.cpu_nanoseconds / 1e9) for labels, found in measured),
    )
    for name, sort, about, value in _USAGE:
        text.add(name, sort, about, ((labels, value(found.usage)) for labels, found in measured))
    details = [(labels, found.detail) for labels, found in measured if found.detail is not None]
    for name, sort, about, of in _DETAIL:
        text.add(name, sort, about, ((labels, of(detail)) for labels, detail in details))
    text.add(
        "container_spec_cpu_quota",
        "gauge",
        "CPU quota of the container.",
        ((labels, detail.quota_microseconds) for labels, detail in details if detail.quota_microseconds),
    )
    _network(text, [(labels, interface) for labels, _, interfaces, _ in rows for interface in interfaces])
    text.add(
        "container_start_time_seconds",
        "gauge",
        "Start time of the container since unix epoch in seconds.",
        ((labels, int(started.timestamp())) for labels, _, _, started in rows),
    )
    text.add(
        "container_last_seen",
        "gauge",
        "Last time a container was seen by the exporter",
        ((labels, int(now.timestamp())) for labels, _ in measured),
    )
    _machine(text, machine)
    return str(text)


def _rows(
    node: MeasuredNode, pods: Iterable[MeasuredPod]
) -> Iterator[tuple[Labels, Measured | None, tuple[Interface, ...], datetime]]:
    """What has a cgroup: the machine, pods, containers."""
    yield _cadvisor_labels(id="/"), node.own, node.interfaces, node.started
    for pod in pods:
        subject = pod.subject
        where = {"namespace": subject.namespace, "pod": subject.name}
        yield _cadvisor_labels(id=subject.cgroup, **where), pod.own, pod.interfaces, subject.started
        for container in subject.containers:
            labels = _cadvisor_labels(
                container=container.name, id=container.cgroup, image=container.image, name=container.id, **where
            )
            yield labels, pod.containers.get(container.id), (), container.started


def _cadvisor_labels(**values: str) -> Labels:
    names = ("container", "id", "image", "name", "namespace", "pod")
    return tuple((name, values.get(name, "")) for name in names)


def _network(text: Text, rows: Iterable[tuple[Labels, Interface]]) -> None:
    rows = tuple(rows)
    for way, side in (("receive", "received"), ("transmit", "sent")):
        for place, what in enumerate(_NETWORK):
            text.add(
                f"container_network_{way}_{what}_total",
                "counter",
                f"Cumulative count of {what.replace('_', ' ')} {side}.",
                ((_with(labels, "interface", one.name), getattr(one, side)[place]) for labels, one in rows),
            )


def _machine(text: Text, machine: Machine) -> None:
    labels = (("boot_id", machine.boot_id), ("machine_id", machine.machine_id), ("system_uuid", machine.system_uuid))
    facts: Mapping[str, tuple[str, float]] = {
        "machine_cpu_cores": ("Number of logical CPU cores.", machine.cores),
        "machine_memory_bytes": ("Amount of memory installed on the machine.", machine.memory_bytes),
    }
    for name, (about, value) in facts.items():
        text.add(name, "gauge", about, [(labels, value)], timed=False)
    text.add(
        "container_scrape_error",
        "gauge",
        "1 if there was an error while getting container metrics, 0 otherwise",
        [((), 0)],
        timed=False,
    )


def _with(labels: Labels, name: str, value: str) -> Labels:
    return tuple(sorted((*labels, (name, value))))


def _labels(labels: Labels) -> str:
    if not labels:
        return ""
    return "{" + ",".join(f'{name}="{_escaped(value)}"' for name, value in labels) + "}"


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(value)
