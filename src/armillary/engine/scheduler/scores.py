"""How good a node is for a pod, of those that will do. Pure; the weights are upstream's defaults."""

from collections import defaultdict
from collections.abc import Sequence

from armillary.engine.scheduler.filters import counts_in, spread_counts
from armillary.engine.scheduler.nodes import ClusterState, NodeState
from armillary.engine.scheduler.wants import Wants
from armillary.kube.placement import term_matches, tolerates

FULL = 100
TAINT_WEIGHT, AFFINITY_WEIGHT, SPREAD_WEIGHT, PODS_WEIGHT = 3, 2, 2, 2
# ImageLocality: below the first an image is too small to matter, above the second it counts in full.
IMAGE_LEAST_BYTES, IMAGE_MOST_BYTES = 23 << 20, 1000 << 20


def own_score(pod: Wants, node: NodeState) -> float:
    """What depends on the node alone: room left, evenness of use, images it has."""
    cpu, memory = node.allocatable.get("cpu", 0), node.allocatable.get("memory", 0)
    used_cpu = min(1.0, (node.score_cpu + pod.score_cpu) / cpu) if cpu else 1.0
    used_memory = min(1.0, (node.score_memory + pod.score_memory) / memory) if memory else 1.0
    room = (2.0 - used_cpu - used_memory) / 2 * FULL
    evenness = (1.0 - abs(used_cpu - used_memory) / 2) * FULL
    return room + evenness + (_images(pod, node) if node.images else 0.0)


def _images(pod: Wants, node: NodeState) -> float:
    size = sum(node.images.get(image, 0) for image in pod.images)
    most = IMAGE_MOST_BYTES * len(pod.images)
    return max(0.0, min(1.0, (size - IMAGE_LEAST_BYTES) / (most - IMAGE_LEAST_BYTES))) * FULL


def shared_scores(pod: Wants, nodes: Sequence[NodeState], cluster: ClusterState) -> list[float]:
    """What is judged against the other candidates: taints shunned, affinity, spread, company. One figure a node."""
    total = [0.0] * len(nodes)
    if any(taint.effect == "PreferNoSchedule" for node in nodes for taint in node.taints):
        _add(total, TAINT_WEIGHT, [-float(_shunned(pod, node)) for node in nodes])
    if pod.preferred_nodes:
        _add(total, AFFINITY_WEIGHT, [_preferred(pod, node) for node in nodes])
    if any(not spread.required for spread in pod.spreads):
        _add(total, SPREAD_WEIGHT, _evened(pod, nodes, cluster))
    if pod.preferred_pods or cluster.attracting:
        _add(total, PODS_WEIGHT, _company(pod, nodes, cluster))
    return total


def _add(total: list[float], weight: int, raw: Sequence[float]) -> None:
    """Add raw figures stretched to 0..100, so that each kind of score has its weight and no more."""
    low, high = min(raw), max(raw)
    if high > low:
        for i, value in enumerate(raw):
            total[i] += weight * FULL * (value - low) / (high - low)


def _shunned(pod: Wants, node: NodeState) -> int:
    return sum(
        taint.effect == "PreferNoSchedule" and not any(tolerates(t, taint) for t in pod.spec.tolerations)
        for taint in node.taints
    )


def _preferred(pod: Wants, node: NodeState) -> float:
    return sum(t.weight for t in pod.preferred_nodes if term_matches(t.preference, node.labels, node.name))


def _evened(pod: Wants, nodes: Sequence[NodeState], cluster: ClusterState) -> list[float]:
    """Fewer pods of the same kind in a node's domain are better; a node without the label is worst."""
    found = [0.0] * len(nodes)
    for spread in (s for s in pod.spreads if not s.required):
        counts: dict[str, int] = defaultdict(int)
        for node in cluster.order:
            if spread.key in node.labels and counts_in(spread, pod, node):
                counts[node.labels[spread.key]] += sum(spread_counts(spread, pod, p) for p in node.pods.values())
        worst = max(counts.values(), default=0) + 1
        for i, node in enumerate(nodes):
            found[i] -= counts.get(node.labels.get(spread.key, ""), worst)
    return found


def _company(pod: Wants, nodes: Sequence[NodeState], cluster: ClusterState) -> list[float]:
    """Weights of preferred terms, this pod's about others and others' about it, by topology value."""
    weights: dict[tuple[str, str], int] = defaultdict(int)
    if pod.preferred_pods:
        for node, other in cluster.pods():
            for weight, term in pod.preferred_pods:
                value = node.labels.get(term.topology_key)
                if value and term.covers(other.namespace, other.labels, cluster.namespaces.get(other.namespace, {})):
                    weights[term.topology_key, value] += weight
    own = cluster.namespaces.get(pod.namespace, {})
    for uid, other in cluster.attracting.items():
        home = cluster.node_of(uid)
        if home is None:
            continue
        for weight, term in (*other.preferred_pods, *((1, t) for t in other.affinity)):
            value = home.labels.get(term.topology_key)
            if value and term.covers(pod.namespace, pod.labels, own):
                weights[term.topology_key, value] += weight
    keys = {key for key, _ in weights}
    return [float(sum(weights.get((key, node.labels.get(key, "")), 0) for key in keys)) for node in nodes]
