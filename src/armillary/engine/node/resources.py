"""Requests and limits as cgroup settings: shares, quotas, limits, who is killed first. Pure.

Formulas and bounds: kubelet's pkg/kubelet/cm/helpers_linux.go, pkg/kubelet/qos/policy.go.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from msgspec.structs import replace

from armillary.base.quantity import milli, parse_quantity, whole
from armillary.engine.node.containers import AnyContainer, lasting_containers
from armillary.kube.kinds.core import Container, Pod, ResourceRequirements
from armillary.kube.requests import Amounts, add, amounts, pod_amounts

QosClass = Literal["Guaranteed", "Burstable", "BestEffort"]

MIN_SHARES, MAX_SHARES = 2, 262144
PERIOD_MICROSECONDS = 100_000
MIN_QUOTA_MICROSECONDS = 1_000
GUARANTEED_OOM_SCORE = -997
BEST_EFFORT_OOM_SCORE = 1000

_COMPUTE = ("cpu", "memory")


@dataclass(frozen=True, slots=True)
class ContainerResources:
    """What the runtime is told about one container; 0 means no limit."""

    cpu_shares: int
    cpu_quota: int
    cpu_period: int
    memory_limit_bytes: int
    oom_score_adj: int


@dataclass(frozen=True, slots=True)
class PodResources:
    """Settings of a pod's own cgroup; None means no limit."""

    cpu_shares: int
    cpu_quota: int | None = None
    cpu_period: int = PERIOD_MICROSECONDS
    memory_limit_bytes: int | None = None
    pids_limit: int | None = None


def shares_of(milli_cpu: int) -> int:
    """CPU shares for so many thousandths of a core."""
    return min(MAX_SHARES, max(MIN_SHARES, milli_cpu * 1024 // 1000))


def quota_of(milli_cpu: int, period: int = PERIOD_MICROSECONDS) -> int:
    """Microseconds of CPU time in each period; 0 for no limit."""
    return max(MIN_QUOTA_MICROSECONDS, milli_cpu * period // 1000) if milli_cpu else 0


def qos_class(pod: Pod) -> QosClass:
    """By the pod's status if it says so, else by its spec."""
    match pod.status.qos_class:
        case "Guaranteed" | "Burstable" | "BestEffort" as known:
            return known
    return compute_qos_class(pod)


def compute_qos_class(pod: Pod) -> QosClass:
    """By requests and limits of CPU and memory."""
    if pod.spec.resources is not None:
        wanted = [pod.spec.resources]
    else:
        wanted = [c.resources or ResourceRequirements() for c in lasting_containers(pod)]
    requests = _sum(_positive_compute(r.requests) for r in wanted)
    limits = _sum(_positive_compute(r.limits) for r in wanted)
    if not requests and not limits:
        return "BestEffort"
    every_limit = all(len(_positive_compute(r.limits)) == len(_COMPUTE) for r in wanted)
    return "Guaranteed" if every_limit and requests == limits else "Burstable"


def container_resources(
    container: AnyContainer, pod: Pod, *, memory_capacity_bytes: int, lowest_oom_score: int = -1000
) -> ContainerResources:
    """For the runtime. `lowest_oom_score` is the least this machine lets one set (0 without CAP_SYS_RESOURCE)."""
    own = container.resources or ResourceRequirements()
    cpu_limit = _limit("cpu", own, pod)
    # A request that is not there follows the limit.
    cpu_request = own.requests.get("cpu", cpu_limit)
    return ContainerResources(
        cpu_shares=shares_of(milli(cpu_request)),
        cpu_quota=quota_of(milli(cpu_limit)),
        cpu_period=PERIOD_MICROSECONDS,
        memory_limit_bytes=whole(_limit("memory", own, pod)),
        oom_score_adj=max(lowest_oom_score, oom_score(container, pod, memory_capacity_bytes)),
    )


def pod_resources(pod: Pod, pids_limit: int | None = None) -> PodResources:
    """For the pod's cgroup: a limit holds for the pod only if every container has one."""
    shares = shares_of(pod_amounts(pod.spec).get("cpu", 0))
    limits, level = pod_amounts(pod.spec, "limits"), pod.spec.resources.limits if pod.spec.resources else {}
    quota, memory = quota_of(limits.get("cpu", 0)), limits.get("memory", 0)
    match qos_class(pod):
        case "Guaranteed":
            return PodResources(shares, quota, PERIOD_MICROSECONDS, memory, pids_limit)
        case "BestEffort":
            return PodResources(MIN_SHARES, pids_limit=pids_limit)
    return PodResources(
        cpu_shares=shares,
        cpu_quota=quota if _declared("cpu", pod, level) else None,
        memory_limit_bytes=memory if _declared("memory", pod, level) else None,
        pids_limit=pids_limit,
    )


def oom_score(container: AnyContainer, pod: Pod, memory_capacity_bytes: int) -> int:
    """The less of its memory a container asked for, the sooner it is killed."""
    if pod.spec.priority_class_name == "system-node-critical":
        return GUARANTEED_OOM_SCORE
    match qos_class(pod):
        case "Guaranteed":
            return GUARANTEED_OOM_SCORE
        case "BestEffort":
            return BEST_EFFORT_OOM_SCORE
    share = _unassigned_memory(pod)
    asked = _memory_request(container) + share
    if _is_sidecar(container, pod):
        # A sidecar must not be killed before the containers that it serves.
        asked = max(asked, min(map(_memory_request, pod.spec.containers), default=0) + share)
    score = 1000 - 1000 * asked // memory_capacity_bytes
    return min(BEST_EFFORT_OOM_SCORE - 1, max(1000 + GUARANTEED_OOM_SCORE, score))


def cgroup_of(root: str, pod: Pod) -> str:
    """The path of the pod's cgroup in each hierarchy; `root` is where all pods live (`/armillary`)."""
    tier = qos_class(pod)
    parent = root if tier == "Guaranteed" else f"{root}/{tier.lower()}"
    return f"{parent}/pod{pod.metadata.uid}"


def burstable_shares(pods: Iterable[Pod]) -> int:
    """Shares of the tier of burstable pods: what its pods ask for together."""
    burstable = (pod for pod in pods if qos_class(pod) == "Burstable")
    return shares_of(sum(pod_amounts(pod.spec).get("cpu", 0) for pod in burstable))


def _limit(name: str, own: ResourceRequirements, pod: Pod) -> str:
    given = own.limits.get(name, "0")
    if not parse_quantity(given) and pod.spec.resources is not None:
        return pod.spec.resources.limits.get(name, "0")
    return given


def _declared(name: str, pod: Pod, pod_level: Mapping[str, str]) -> bool:
    if parse_quantity(pod_level.get(name, "0")):
        return True
    return all(limits.get(name) for limits in _effective_limits(pod))


def _effective_limits(pod: Pod) -> Iterator[Amounts]:
    """As they bear on the pod: an init container's come on top of those of the sidecars before it."""
    for container in pod.spec.containers:
        yield _limits(container)
    sidecars: Amounts = {}
    for container in pod.spec.init_containers:
        own = _limits(container)
        if container.restart_policy == "Always":
            sidecars = _sum([sidecars, own])
            yield sidecars
        else:
            yield _sum([own, sidecars])


def _unassigned_memory(pod: Pod) -> int:
    """Memory that the pod asks for and no container does, shared out among the containers."""
    asked = pod.spec.resources.requests.get("memory") if pod.spec.resources else None
    if asked is None:
        return 0
    assigned = pod_amounts(replace(pod.spec, resources=None, overhead={})).get("memory", 0)
    spare = whole(asked) - assigned
    return max(0, spare) // len(lasting_containers(pod))


def _memory_request(container: AnyContainer) -> int:
    return whole(container.resources.requests.get("memory", "0")) if container.resources else 0


def _is_sidecar(container: AnyContainer, pod: Pod) -> bool:
    return container.restart_policy == "Always" and any(c.name == container.name for c in pod.spec.init_containers)


def _limits(container: Container) -> Amounts:
    return amounts(container.resources.limits) if container.resources else {}


def _sum(parts: Iterable[Amounts]) -> Amounts:
    total: Amounts = {}
    for part in parts:
        add(total, part)
    return total


def _positive_compute(given: Mapping[str, str]) -> Amounts:
    return {name: amount for name, amount in amounts(given).items() if name in _COMPUTE and amount > 0}
