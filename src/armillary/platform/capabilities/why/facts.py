"""All that an explanation is made from: one frozen look at the objects around the one that is asked about."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from armillary.kube.kind import Ref
from armillary.kube.kinds.apps import DaemonSet, Deployment, ReplicaSet, StatefulSet
from armillary.kube.kinds.autoscaling import HorizontalPodAutoscaler
from armillary.kube.kinds.batch import CronJob, Job
from armillary.kube.kinds.core import (
    Container,
    ContainerStatus,
    Event,
    Namespace,
    Node,
    PersistentVolumeClaim,
    Pod,
    Service,
)
from armillary.kube.kinds.discovery import EndpointSlice
from armillary.kube.kinds.networking import Ingress, IngressClass, NetworkPolicy
from armillary.kube.kinds.storage import StorageClass

Workload = Deployment | ReplicaSet | StatefulSet | DaemonSet | Job | CronJob


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Only what hangs together with `subject`; None stands for what the asker may not see."""

    subject: Ref
    exists: bool = True
    namespace: Namespace | None = None
    ending: tuple[str, tuple[str, ...]] | None = None  # since when the subject is being deleted, and its finalizers
    workloads: tuple[Workload, ...] = ()  # from the top down: a Deployment before its ReplicaSets
    pods: tuple[Pod, ...] = ()  # those that are wanted now: no old revision's
    services: tuple[Service, ...] = ()
    all_services: tuple[Service, ...] = ()  # of the namespace: what a route may lead to
    slices: tuple[EndpointSlice, ...] = ()
    ingresses: tuple[Ingress, ...] = ()
    policies: tuple[NetworkPolicy, ...] = ()
    claims: tuple[PersistentVolumeClaim, ...] = ()  # of the namespace
    autoscalers: tuple[HorizontalPodAutoscaler, ...] = ()
    neighbours: tuple[Pod, ...] = ()  # all pods of the namespace, where a selector is in question
    events: tuple[Event, ...] = ()  # of the namespace, the newest last
    nodes: tuple[Node, ...] | None = None
    classes: tuple[StorageClass, ...] | None = None
    ingress_classes: tuple[IngressClass, ...] | None = None
    absent_secrets: frozenset[str] = frozenset()  # that pods or routes name, and are not there
    logs: Mapping[tuple[str, str], str] = field(default_factory=dict)  # (pod, container) to its last lines
    withheld: tuple[str, ...] = ()

    def events_of(self, kind: str, name: str, *reasons: str) -> Iterator[Event]:
        """The newest first; of any reason if none is named."""
        for event in reversed(self.events):
            about = event.involved_object
            is_about = about is not None and about.kind == kind and about.name == name
            if is_about and (not reasons or event.reason in reasons):
                yield event


def pod_ref(pod: Pod) -> Ref:
    return Ref("Pod", pod.metadata.namespace, pod.metadata.name)


def ref_of(item: Any) -> Ref:
    """Of a typed object: its class is named as its kind."""
    return Ref(type(item).__name__, item.metadata.namespace, item.metadata.name)


def statuses(pod: Pod) -> Iterator[tuple[ContainerStatus, Container, bool]]:
    """Each container's status with what was asked for, and whether it is an init container; in order of start."""
    for found, asked, is_init in (
        (pod.status.init_container_statuses, pod.spec.init_containers, True),
        (pod.status.container_statuses, pod.spec.containers, False),
    ):
        wanted = {container.name: container for container in asked}
        for status in found:
            if status.name in wanted:
                yield status, wanted[status.name], is_init


def waiting(status: ContainerStatus) -> tuple[str, str]:
    """Reason and message of a container that waits to start; two empty strings if it does not."""
    state = status.state.waiting if status.state is not None else None
    return (state.reason, state.message) if state is not None else ("", "")


def is_ready(pod: Pod) -> bool:
    return any(c.type == "Ready" and c.status == "True" for c in pod.status.conditions)


def first(items: Iterable[str]) -> str:
    return next(iter(items), "")


def was_killed_by_probe(facts: Facts, pod: Pod) -> bool:
    """Whether the node agent ended a container of it for failing its liveness or startup probe."""
    words = ("failed liveness probe", "failed startup probe")
    events = facts.events_of("Pod", pod.metadata.name, "Killing")
    return any(word in event.message for event in events for word in words)
