"""Why a node can't take a pod. Pure.

Each filter gives the reasons in upstream's words, none when the node will do. `Reason.final` says that no
preemption could help.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from armillary.engine.scheduler.nodes import ClusterState, NodeState
from armillary.engine.scheduler.wants import PodTerm, Port, Spread, Wants
from armillary.kube.kinds.core import Taint
from armillary.kube.placement import selects, untolerated

UNSCHEDULABLE = Taint(key="node.kubernetes.io/unschedulable", effect="NoSchedule")
HARD = ("NoSchedule", "NoExecute")


@dataclass(frozen=True, slots=True)
class Reason:
    """One word against one node."""

    text: str
    final: bool  # no pod's leaving would change it


CORDONED = Reason("node(s) were unschedulable", final=True)
TAINTED = Reason("node(s) had untolerated taint(s)", final=True)
NOT_SELECTED = Reason("node(s) didn't match Pod's node affinity/selector", final=True)
PORTS_TAKEN = Reason("node(s) didn't have free ports for the requested pod ports", final=False)
TOO_MANY = Reason("Too many pods", final=False)
NO_AFFINITY = Reason("node(s) didn't match pod affinity rules", final=True)
ANTI_AFFINITY = Reason("node(s) didn't match pod anti-affinity rules", final=False)
REPELLED = Reason("node(s) didn't satisfy existing pods anti-affinity rules", final=False)
SKEWED = Reason("node(s) didn't match pod topology spread constraints", final=False)
NO_TOPOLOGY = Reason("node(s) didn't match pod topology spread constraints (missing required label)", final=True)


def node_reasons(pod: Wants, node: NodeState) -> tuple[Reason, ...]:
    """What speaks against a node for itself, whatever stands elsewhere."""
    if node.unschedulable and untolerated((UNSCHEDULABLE,), pod.spec.tolerations, HARD) is not None:
        return (CORDONED,)
    if node.taints and untolerated(node.taints, pod.spec.tolerations, HARD) is not None:
        return (TAINTED,)
    if (pod.spec.node_selector or pod.spec.affinity is not None) and not selects(pod.spec, node.labels, node.name):
        return (NOT_SELECTED,)
    if pod.ports and any(_is_taken(port, node.ports) for port in pod.ports):
        return (PORTS_TAKEN,)
    return _room(pod, node)


def _is_taken(wanted: Port, used: Iterable[Port]) -> bool:
    protocol, address, port = wanted
    return any(p == protocol and n == port and (not address or not a or a == address) for p, a, n in used)


def _room(pod: Wants, node: NodeState) -> tuple[Reason, ...]:
    found = []
    if len(node.pods) + 1 > node.allocatable.get("pods", 0):
        found.append(TOO_MANY)
    for name, wanted in pod.requests.items():
        if wanted and wanted > node.free(name):
            # What the node has none of can't be freed by anybody.
            found.append(Reason(f"Insufficient {name}", final=wanted > node.allocatable.get(name, 0)))
    return tuple(found)


@dataclass(slots=True)
class _Count:
    """Pods per value of one topology label that one constraint counts."""

    spread: Spread
    per_value: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    least: int = 0


class Neighbours:
    """What other pods' places say about this pod's, worked out once for all nodes."""

    def __init__(self, pod: Wants, cluster: ClusterState) -> None:
        self._pod = pod
        self._cluster = cluster
        self._repelled = self._existing_anti_affinity()
        self._near = self._matching(pod.affinity)
        self._far = self._matching(pod.anti_affinity)
        self.counts = [self._count(spread) for spread in pod.spreads if spread.required]

    @property
    def matter(self) -> bool:
        return bool(self._repelled or self._pod.affinity or self._pod.anti_affinity or self.counts)

    def reasons(self, node: NodeState) -> tuple[Reason, ...]:
        """What speaks against a node because of pods on it or elsewhere."""
        for count in self.counts:
            against = self._skew(count, node)
            if against is not None:
                return (against,)
        if not self._has_company(node):
            return (NO_AFFINITY,)
        labels = node.labels
        for term, values in zip(self._pod.anti_affinity, self._far, strict=True):
            if labels.get(term.topology_key) in values:
                return (ANTI_AFFINITY,)
        if any(labels.get(key) == value for key, value in self._repelled):
            return (REPELLED,)
        return ()

    def _namespace(self, name: str) -> Mapping[str, str]:
        return self._cluster.namespaces.get(name, {})

    def _covers(self, term: PodTerm, pod: Wants) -> bool:
        return term.covers(pod.namespace, pod.labels, self._namespace(pod.namespace))

    def _existing_anti_affinity(self) -> set[tuple[str, str]]:
        found = set()
        for uid, other in self._cluster.repelling.items():
            node = self._cluster.node_of(uid)
            if node is None:
                continue
            for term in other.anti_affinity:
                if term.topology_key in node.labels and self._covers(term, self._pod):
                    found.add((term.topology_key, node.labels[term.topology_key]))
        return found

    def _matching(self, terms: tuple[PodTerm, ...]) -> list[set[str]]:
        """For each term, the topology values where a pod stands that it means."""
        values: list[set[str]] = [set() for _ in terms]
        if terms:
            for node, other in self._cluster.pods():
                for term, found in zip(terms, values, strict=True):
                    if term.topology_key in node.labels and self._covers(term, other):
                        found.add(node.labels[term.topology_key])
        return values

    def _has_company(self, node: NodeState) -> bool:
        terms = self._pod.affinity
        if not terms:
            return True
        if not all(term.topology_key in node.labels for term in terms):
            return False
        if all(node.labels[t.topology_key] in v for t, v in zip(terms, self._near, strict=True)):
            return True
        # The first pod of a group that wants to be near itself has to start somewhere.
        return not any(self._near) and all(self._covers(term, self._pod) for term in terms)

    def _count(self, spread: Spread) -> _Count:
        count = _Count(spread)
        pod = self._pod
        required = [s.key for s in pod.spreads if s.required]
        for node in self._cluster.order:
            if any(key not in node.labels for key in required) or not counts_in(spread, pod, node):
                continue
            matching = sum(spread_counts(spread, pod, other) for other in node.pods.values())
            count.per_value[node.labels[spread.key]] += matching
        count.least = min(count.per_value.values(), default=0)
        if len(count.per_value) < spread.min_domains:
            count.least = 0
        return count

    def _skew(self, count: _Count, node: NodeState) -> Reason | None:
        value = node.labels.get(count.spread.key)
        if value is None:
            return NO_TOPOLOGY
        selector = count.spread.selector
        itself = int(selector is not None and selector.matches(self._pod.labels))
        skew = count.per_value.get(value, 0) + itself - count.least
        return SKEWED if skew > count.spread.max_skew else None


def counts_in(spread: Spread, pod: Wants, node: NodeState) -> bool:
    """Whether a node belongs to the domains of a constraint (nodeAffinityPolicy, nodeTaintsPolicy)."""
    if spread.honors_affinity and not selects(pod.spec, node.labels, node.name):
        return False
    return not spread.honors_taints or untolerated(node.taints, pod.spec.tolerations, HARD) is None


def spread_counts(spread: Spread, pod: Wants, other: Wants) -> bool:
    """Whether a pod on a node counts for a constraint: same namespace, and selected."""
    return other.namespace == pod.namespace and spread.selector is not None and spread.selector.matches(other.labels)


VolumeFilter = Callable[[NodeState], tuple[Reason, ...]]
