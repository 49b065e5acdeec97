"""What hangs together with an object: its pods, what makes them, the services and routes before them. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from armillary.kube.kinds.apps import Deployment, ReplicaSet
from armillary.kube.kinds.autoscaling import HorizontalPodAutoscaler
from armillary.kube.kinds.batch import CronJob
from armillary.kube.kinds.core import PersistentVolumeClaim, Pod, Service
from armillary.kube.kinds.networking import Ingress
from armillary.kube.object import controller_of
from armillary.platform.capabilities.why.facts import Facts, Workload

REVISION = "deployment.kubernetes.io/revision"


@dataclass(frozen=True, slots=True)
class Around:
    """Everything of these kinds in the namespace."""

    pods: tuple[Pod, ...]
    replica_sets: tuple[ReplicaSet, ...]
    workloads: tuple[Workload, ...]  # all but ReplicaSets
    services: tuple[Service, ...]
    ingresses: tuple[Ingress, ...]
    autoscalers: tuple[HorizontalPodAutoscaler, ...]


def narrow(facts: Facts, item: Any, around: Around) -> Facts:
    """The facts with what belongs to `item`, and nothing else's."""
    match item:
        case Pod():
            return replace(facts, pods=(item,))
        case Service():
            return _behind(facts, (item,), (), around)
        case Ingress():
            return _behind(facts, tuple(s for s in around.services if s.metadata.name in _named(item)), (item,), around)
        case PersistentVolumeClaim():
            return replace(facts, pods=tuple(pod for pod in around.pods if _mounts(pod, item.metadata.name)))
        case HorizontalPodAutoscaler():
            target = item.spec.scale_target_ref
            scaled = [w for w in around.workloads if target is not None and _is(w, target.kind, target.name)]
            return replace(_made(facts, scaled[0], around) if scaled else facts, autoscalers=(item,))
    return _with_front(_made(facts, item, around), item, around)


def _is(workload: Workload, kind: str, name: str) -> bool:
    return type(workload).__name__ == kind and workload.metadata.name == name


def _made(facts: Facts, workload: Workload, around: Around) -> Facts:
    """A workload with what it makes, down to the pods of its current revision."""
    chain: list[Workload] = [workload]
    for parent in chain:  # grows while it is walked
        chain += _children(parent, around)
    uids = {w.metadata.uid for w in chain}
    pods = tuple(pod for pod in around.pods if (owner := controller_of(pod)) is not None and owner.uid in uids)
    autoscalers = tuple(
        a
        for a in around.autoscalers
        if a.spec.scale_target_ref is not None
        and _is(workload, a.spec.scale_target_ref.kind, a.spec.scale_target_ref.name)
    )
    return replace(
        facts,
        workloads=(*facts.workloads, *chain),
        pods=(*facts.pods, *pods),
        autoscalers=(*facts.autoscalers, *autoscalers),
    )


def _children(parent: Workload, around: Around) -> list[Workload]:
    if isinstance(parent, Deployment):
        owned = [s for s in around.replica_sets if _owner_uid(s) == parent.metadata.uid]
        newest = sorted(owned, key=lambda s: int(s.metadata.annotations.get(REVISION) or 0))[-1:]
        return [*newest]
    if isinstance(parent, CronJob):
        owned_jobs = [w for w in around.workloads if _owner_uid(w) == parent.metadata.uid]
        return sorted(owned_jobs, key=lambda job: job.metadata.creation_timestamp)[-1:]
    return []


def _owner_uid(item: Any) -> str:
    owner = controller_of(item)
    return owner.uid if owner is not None else ""


def _labels(workload: Workload) -> Mapping[str, str]:
    """Those its pods will have."""
    spec: Any = workload.spec.job_template.spec if isinstance(workload, CronJob) else workload.spec
    template = spec.template
    return template.metadata.labels if template is not None and template.metadata is not None else {}


def _with_front(facts: Facts, workload: Workload, around: Around) -> Facts:
    """The services that select its pods, and the routes that lead to them."""
    labels = _labels(workload)
    services = tuple(s for s in around.services if s.spec.selector and s.spec.selector.items() <= labels.items())
    names = {s.metadata.name for s in services}
    ingresses = tuple(i for i in around.ingresses if names & set(_named(i)))
    return replace(facts, services=services, ingresses=ingresses)


def _behind(facts: Facts, services: tuple[Service, ...], ingresses: tuple[Ingress, ...], around: Around) -> Facts:
    """The pods that services select, and what makes them, also where no pod came to be."""
    for workload in around.workloads:
        labels = _labels(workload)
        if any(s.spec.selector and s.spec.selector.items() <= labels.items() for s in services):
            facts = _made(facts, workload, around)
    known = {pod.metadata.uid for pod in facts.pods}
    bare = tuple(
        pod
        for pod in around.pods
        if pod.metadata.uid not in known
        and controller_of(pod) is None
        and any(s.spec.selector and s.spec.selector.items() <= pod.metadata.labels.items() for s in services)
    )
    return replace(facts, pods=(*facts.pods, *bare), services=services, ingresses=ingresses)


def _named(ingress: Ingress) -> Iterator[str]:
    """Services that it leads to."""
    if (backend := ingress.spec.default_backend) is not None and backend.service is not None:
        yield backend.service.name
    for rule in ingress.spec.rules:
        for path in rule.http.paths if rule.http is not None else ():
            if path.backend.service is not None:
                yield path.backend.service.name


def _mounts(pod: Pod, claim: str) -> bool:
    sources = (volume.persistent_volume_claim for volume in pod.spec.volumes)
    return any(source is not None and source.claim_name == claim for source in sources)
