"""A pod as the scheduler sees it: what it wants of a node, worked out once. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from armillary.kube.kinds.core import (
    Pod,
    PodAffinityTerm,
    PodSpec,
    PreferredSchedulingTerm,
    TopologySpreadConstraint,
)
from armillary.kube.requests import Amounts, pod_amounts
from armillary.kube.selectors import EVERYTHING, Op, Requirement, Selector, selector_of

# What a container without requests counts as when nodes are compared, as upstream's schedutil has it.
UNREQUESTED_CPU_MILLI = 100
UNREQUESTED_MEMORY_BYTES = 200 << 20

Port = tuple[str, str, int]  # protocol, host address ("" for all), port


@dataclass(frozen=True, slots=True)
class PodTerm:
    """One term of pod (anti-)affinity. `namespaces` None: those that `namespace_selector` selects."""

    selector: Selector | None
    namespaces: frozenset[str]
    namespace_selector: Selector | None
    topology_key: str

    def covers(self, namespace: str, labels: Mapping[str, str], namespace_labels: Mapping[str, str]) -> bool:
        """Whether a pod there with these labels is meant."""
        if self.selector is None or not self.selector.matches(labels):
            return False
        if namespace in self.namespaces:
            return True
        return self.namespace_selector is not None and self.namespace_selector.matches(namespace_labels)


@dataclass(frozen=True, slots=True)
class Spread:
    """One topology spread constraint."""

    key: str
    max_skew: int
    required: bool  # whenUnsatisfiable: DoNotSchedule
    selector: Selector | None
    min_domains: int
    honors_affinity: bool
    honors_taints: bool


@dataclass(frozen=True, slots=True)
class Wants:
    """All of a pod that placing it depends on."""

    namespace: str
    name: str
    uid: str
    labels: Mapping[str, str]
    priority: int
    preempts: bool
    requests: Mapping[str, int]
    score_cpu: int
    score_memory: int
    spec: PodSpec  # node selector, node affinity, tolerations
    preferred_nodes: tuple[PreferredSchedulingTerm, ...]
    ports: frozenset[Port]
    spreads: tuple[Spread, ...]
    affinity: tuple[PodTerm, ...]
    anti_affinity: tuple[PodTerm, ...]
    preferred_pods: tuple[tuple[int, PodTerm], ...]  # anti-affinity has negative weights
    claims: tuple[str, ...]
    images: tuple[str, ...]
    likeness: bytes  # pods of equal likeness fit the same nodes, as far as only the node counts

    @property
    def depends_on_pods(self) -> bool:
        """Whether other pods' places matter, beside the room they take."""
        return bool(self.spreads or self.affinity or self.anti_affinity or self.preferred_pods)


def wants_of(pod: Pod) -> Wants:
    """Read a pod."""
    spec, meta = pod.spec, pod.metadata
    affinity = spec.affinity
    node_affinity = affinity.node_affinity if affinity is not None else None
    preferred = node_affinity.preferred_during_scheduling_ignored_during_execution if node_affinity else ()
    requests = pod_amounts(spec)
    score_cpu, score_memory = _score_amounts(spec, requests)
    return Wants(
        namespace=meta.namespace,
        name=meta.name,
        uid=meta.uid,
        labels=meta.labels,
        priority=spec.priority or 0,
        preempts=spec.preemption_policy != "Never",
        requests=requests,
        score_cpu=score_cpu,
        score_memory=score_memory,
        spec=spec,
        preferred_nodes=preferred,
        ports=_ports(spec),
        spreads=tuple(_spread(c, meta.labels) for c in spec.topology_spread_constraints),
        affinity=_terms(pod, "pod_affinity"),
        anti_affinity=_terms(pod, "pod_anti_affinity"),
        preferred_pods=_preferred_pods(pod),
        claims=_claims(pod),
        images=tuple(c.image for c in spec.containers),
        likeness=msgspec.msgpack.encode(
            (
                (spec.node_selector, affinity, spec.tolerations, requests, score_cpu, score_memory),
                (sorted(_ports(spec)), [c.image for c in spec.containers]),
            )
        ),
    )


def _score_amounts(spec: PodSpec, requests: Amounts) -> tuple[int, int]:
    missing_cpu = missing_memory = 0
    for container in spec.containers:
        asked = container.resources.requests if container.resources is not None else {}
        missing_cpu += 0 if "cpu" in asked else UNREQUESTED_CPU_MILLI
        missing_memory += 0 if "memory" in asked else UNREQUESTED_MEMORY_BYTES
    return requests.get("cpu", 0) + missing_cpu, requests.get("memory", 0) + missing_memory


def _ports(spec: PodSpec) -> frozenset[Port]:
    return frozenset(
        (port.protocol or "TCP", "" if port.host_ip in ("", "0.0.0.0") else port.host_ip, port.host_port)  # noqa: S104
        for container in (*spec.containers, *(c for c in spec.init_containers if c.restart_policy == "Always"))
        for port in container.ports
        if port.host_port
    )


def _claims(pod: Pod) -> tuple[str, ...]:
    """Names of the claims a pod mounts; a generic ephemeral volume's is `<pod>-<volume>`."""
    found = []
    for volume in pod.spec.volumes:
        if volume.persistent_volume_claim is not None:
            found.append(volume.persistent_volume_claim.claim_name)
        elif volume.ephemeral is not None:
            found.append(f"{pod.metadata.name}-{volume.name}")
    return tuple(found)


def _spread(constraint: TopologySpreadConstraint, labels: Mapping[str, str]) -> Spread:
    selector = selector_of(constraint.label_selector)
    if selector is not None and constraint.match_label_keys:
        selector = _with_keys(selector, constraint.match_label_keys, labels)
    return Spread(
        key=constraint.topology_key,
        max_skew=constraint.max_skew,
        required=constraint.when_unsatisfiable == "DoNotSchedule",
        selector=selector,
        min_domains=constraint.min_domains or 1,
        honors_affinity=constraint.node_affinity_policy != "Ignore",
        honors_taints=constraint.node_taints_policy == "Honor",
    )


def _with_keys(selector: Selector, keys: tuple[str, ...], labels: Mapping[str, str]) -> Selector:
    more = tuple(Requirement(key, Op.IN, frozenset([labels[key]])) for key in keys if key in labels)
    return Selector(selector.requirements + more)


def _terms(pod: Pod, side: str) -> tuple[PodTerm, ...]:
    affinity = getattr(pod.spec.affinity, side, None)
    required = affinity.required_during_scheduling_ignored_during_execution if affinity is not None else ()
    return tuple(_term(t, pod) for t in required)


def _term(term: PodAffinityTerm, pod: Pod) -> PodTerm:
    selector = selector_of(term.label_selector)
    if selector is not None:
        selector = _with_keys(selector, term.match_label_keys, pod.metadata.labels)
        less = tuple(
            Requirement(key, Op.NOT_IN, frozenset([pod.metadata.labels[key]]))
            for key in term.mismatch_label_keys
            if key in pod.metadata.labels
        )
        selector = Selector(selector.requirements + less)
    own = (
        frozenset([pod.metadata.namespace]) if not term.namespaces and term.namespace_selector is None else frozenset()
    )
    chosen = selector_of(term.namespace_selector)
    if chosen is not None and not chosen.requirements:
        chosen = EVERYTHING
    return PodTerm(selector, frozenset(term.namespaces) or own, chosen, term.topology_key)


def _preferred_pods(pod: Pod) -> tuple[tuple[int, PodTerm], ...]:
    affinity = pod.spec.affinity
    near = affinity.pod_affinity if affinity is not None else None
    far = affinity.pod_anti_affinity if affinity is not None else None
    wanted = near.preferred_during_scheduling_ignored_during_execution if near is not None else ()
    shunned = far.preferred_during_scheduling_ignored_during_execution if far is not None else ()
    return (
        *((term.weight, _term(term.pod_affinity_term, pod)) for term in wanted),
        *((-term.weight, _term(term.pod_affinity_term, pod)) for term in shunned),
    )
