"""Pods and nodes in few words, for the scheduler's tests."""

from collections.abc import Mapping
from random import Random

from armillary.engine.scheduler.nodes import ClusterState
from armillary.engine.scheduler.place import Placed, Placer, Waits
from armillary.engine.scheduler.wants import Wants, wants_of
from armillary.kube.kinds.core import (
    Affinity,
    Container,
    ContainerPort,
    Node,
    NodeSpec,
    NodeStatus,
    Pod,
    PodAffinity,
    PodAffinityTerm,
    PodAntiAffinity,
    PodSpec,
    ResourceRequirements,
    Taint,
    TopologySpreadConstraint,
)
from armillary.kube.kinds.meta import LabelSelector, ObjectMeta


def node(
    name: str,
    *,
    cpu: str = "4",
    memory: str = "8Gi",
    pods: str = "110",
    labels: Mapping[str, str] | None = None,
    taint: str = "",
    effect: str = "NoSchedule",
    cordoned: bool = False,
) -> Node:
    taints = (Taint(key=taint, effect=effect),) if taint else ()
    return Node(
        metadata=ObjectMeta(name=name, labels={"kubernetes.io/hostname": name, **(labels or {})}),
        spec=NodeSpec(taints=taints, unschedulable=cordoned or None),
        status=NodeStatus(allocatable={"cpu": cpu, "memory": memory, "pods": pods}),
    )


def pod(
    name: str = "p",
    *,
    cpu: str = "",
    memory: str = "",
    app: str = "",
    priority: int = 0,
    host_port: int = 0,
    near: str = "",
    apart: str = "",
    spread: str = "",
    key: str = "kubernetes.io/hostname",
    **spec: object,
) -> Wants:
    """`near`, `apart`, `spread` name the app that it wants beside it, away from it, or evened out over `key`."""
    requests = {k: v for k, v in (("cpu", cpu), ("memory", memory)) if v}
    ports = (ContainerPort(container_port=80, host_port=host_port),) if host_port else ()
    container = Container(name="c", resources=ResourceRequirements(requests=requests), ports=ports)
    if near or apart:
        term = PodAffinityTerm(label_selector=LabelSelector(match_labels={"app": near or apart}), topology_key=key)
        required = {"required_during_scheduling_ignored_during_execution": (term,)}
        beside = PodAffinity(**required) if near else None
        away = PodAntiAffinity(**required) if apart else None
        spec["affinity"] = Affinity(pod_affinity=beside, pod_anti_affinity=away)
    if spread:
        selector = LabelSelector(match_labels={"app": spread})
        spec["topology_spread_constraints"] = (
            TopologySpreadConstraint(
                max_skew=1, topology_key=key, when_unsatisfiable="DoNotSchedule", label_selector=selector
            ),
        )
    return wants_of(
        Pod(
            metadata=ObjectMeta(name=name, namespace="d", uid=f"uid-{name}", labels={"app": app} if app else {}),
            spec=PodSpec(containers=(container,), priority=priority, **spec),
        )
    )


def cluster(*nodes: Node, on: Mapping[str, tuple[Wants, ...]] | None = None) -> ClusterState:
    state = ClusterState()
    for item in nodes:
        state.set_node(item)
    for name, pods in (on or {}).items():
        for item in pods:
            state.set_pod(item, name)
    return state


def placed(state: ClusterState, wants: Wants) -> str:
    """The node's name, or the message."""
    match Placer(state, Random(1)).place(wants):
        case Placed(name, _):
            return name
        case Waits() as waits:
            return waits.message(len(state.order))
