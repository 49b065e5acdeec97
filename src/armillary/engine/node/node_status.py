"""The Node object: what the machine has, what pods may use, how it is. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from armillary.base.clock import format_time
from armillary.engine.node.facts import Facts, Load
from armillary.engine.node.runtime.port import Health, Version
from armillary.engine.node.settings import VERSION, NodeSettings
from armillary.kube.kinds.core import (
    ContainerImage,
    DaemonEndpoint,
    Node,
    NodeAddress,
    NodeCondition,
    NodeDaemonEndpoints,
    NodeSpec,
    NodeStatus,
    NodeSystemInfo,
)
from armillary.kube.kinds.meta import ObjectMeta

# kubelet's hard eviction thresholds: what is kept free is not for pods.
MEMORY_KEPT_BYTES = 100 << 20
DISK_KEPT_PERCENT = 10
INODES_KEPT_PERCENT = 5
OURS = ("MemoryPressure", "DiskPressure", "PIDPressure", "Ready")


@dataclass(frozen=True, slots=True)
class Seen:
    """How the node is now."""

    health: Health
    load: Load
    version: Version
    images: tuple[ContainerImage, ...] = ()


def node_object(settings: NodeSettings, facts: Facts) -> Node:
    """To be created when there is none; its status comes after."""
    spec = NodeSpec()
    if settings.pod_cidr:
        spec = NodeSpec(pod_cidr=settings.pod_cidr, pod_cidrs=(settings.pod_cidr,))
    return Node(metadata=ObjectMeta(name=settings.node_name, labels=node_labels(settings, facts)), spec=spec)


def node_labels(settings: NodeSettings, facts: Facts) -> dict[str, str]:
    labels = {
        "kubernetes.io/hostname": settings.node_name,
        "kubernetes.io/os": "linux",
        "kubernetes.io/arch": facts.architecture,
        "beta.kubernetes.io/os": "linux",
        "beta.kubernetes.io/arch": facts.architecture,
    }
    if settings.control_plane:
        labels["node-role.kubernetes.io/control-plane"] = ""
    return labels | dict(settings.labels)


def node_status(
    settings: NodeSettings, facts: Facts, seen: Seen, previous: Sequence[NodeCondition], now: datetime
) -> NodeStatus:
    """Moments of change are taken from `previous`; conditions of others are left out."""
    hugepages = {f"hugepages-{size}": "0" for size in facts.hugepages}
    reserved = settings.reserved
    capacity = {
        "cpu": str(facts.cpus),
        "ephemeral-storage": f"{facts.disk_bytes // 1024}Ki",
        "memory": f"{facts.memory_bytes // 1024}Ki",
        "pods": str(settings.max_pods),
    }
    memory = facts.memory_bytes - reserved.memory_bytes - MEMORY_KEPT_BYTES
    milli_cpu = facts.cpus * 1000 - reserved.milli_cpu
    allocatable = {
        "cpu": f"{milli_cpu}m" if milli_cpu % 1000 else str(milli_cpu // 1000),
        "ephemeral-storage": str(facts.disk_bytes * (100 - DISK_KEPT_PERCENT) // 100),
        "memory": f"{memory // 1024}Ki",
        "pods": str(settings.max_pods),
    }
    return NodeStatus(
        addresses=(
            NodeAddress(type="InternalIP", address=settings.address),
            NodeAddress(type="Hostname", address=settings.node_name),
        ),
        capacity=capacity | hugepages,
        allocatable=allocatable | hugepages,
        conditions=_conditions(facts, seen, previous, now),
        daemon_endpoints=NodeDaemonEndpoints(kubelet_endpoint=DaemonEndpoint(daemon_port=settings.port)),
        images=seen.images,
        node_info=NodeSystemInfo(
            architecture=facts.architecture,
            boot_id=facts.boot_id,
            container_runtime_version=f"{seen.version.name}://{seen.version.version}",
            kernel_version=facts.kernel,
            kube_proxy_version="",
            kubelet_version=VERSION,
            machine_id=facts.machine_id,
            operating_system="linux",
            os_image=facts.os_image,
            system_uuid=facts.system_uuid,
        ),
    )


def _conditions(
    facts: Facts, seen: Seen, previous: Sequence[NodeCondition], now: datetime
) -> tuple[NodeCondition, ...]:
    load, health = seen.load, seen.health
    low_memory = load.available_memory_bytes < MEMORY_KEPT_BYTES
    low_disk = (
        load.available_disk_bytes * 100 < facts.disk_bytes * DISK_KEPT_PERCENT
        or load.free_inodes_percent < INODES_KEPT_PERCENT
    )
    ready = health.runtime_ready and health.network_ready
    told = (
        (
            "MemoryPressure",
            low_memory,
            "KubeletHasInsufficientMemory" if low_memory else "KubeletHasSufficientMemory",
            f"kubelet has {'in' if low_memory else ''}sufficient memory available",
        ),
        (
            "DiskPressure",
            low_disk,
            "KubeletHasDiskPressure" if low_disk else "KubeletHasNoDiskPressure",
            "kubelet has disk pressure" if low_disk else "kubelet has no disk pressure",
        ),
        ("PIDPressure", False, "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
        (
            "Ready",
            ready,
            "KubeletReady" if ready else "KubeletNotReady",
            "kubelet is posting ready status" if ready else health.message or "container runtime is down",
        ),
    )
    before = {condition.type: condition for condition in previous}
    return tuple(_condition(before.get(name), name, holds, reason, text, now) for name, holds, reason, text in told)


def _condition(
    before: NodeCondition | None, type: str, holds: bool, reason: str, message: str, now: datetime
) -> NodeCondition:
    status = "True" if holds else "False"
    same = before is not None and before.status == status
    return NodeCondition(
        type=type,
        status=status,
        reason=reason,
        message=message,
        last_heartbeat_time=format_time(now),
        last_transition_time=before.last_transition_time if same and before is not None else format_time(now),
    )


def is_ready(conditions: Sequence[NodeCondition]) -> bool:
    return any(c.type == "Ready" and c.status == "True" for c in conditions)
