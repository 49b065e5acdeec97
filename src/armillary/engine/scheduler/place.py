"""Where a pod goes, or why it can't go anywhere. Pure but for what it remembers between calls.

As upstream, on large clusters only a share of the nodes is searched; the search goes on where the last ended.
"""

from collections import Counter, OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random

from armillary.engine.scheduler.filters import Neighbours, Reason, VolumeFilter, node_reasons
from armillary.engine.scheduler.nodes import ClusterState, NodeState
from armillary.engine.scheduler.scores import own_score, shared_scores
from armillary.engine.scheduler.wants import Wants

ENOUGH_NODES = 100  # never search for fewer candidates than this
LEAST_SHARE = 5  # percent
REMEMBERED_KINDS = 64  # kinds of pods whose figures are remembered


@dataclass(frozen=True, slots=True)
class Placed:
    """Go there. `candidates` is how many nodes would have done, of those looked at."""

    node: str
    candidates: int


@dataclass(frozen=True, slots=True)
class Waits:
    """No node will do; what speaks against each."""

    reasons: Mapping[str, tuple[Reason, ...]]
    before: str = ""  # a reason that holds for every node

    def message(self, nodes: int, after: str = "") -> str:
        """As upstream says it: `0/3 nodes are available: 1 Insufficient cpu, 2 node(s) had ....`"""
        counts = Counter(reason.text for against in self.reasons.values() for reason in against)
        words = self.before or ", ".join(sorted(f"{count} {text}" for text, count in counts.items()))
        said = f"0/{nodes} nodes are available:" + (f" {words}." if words else "")
        return f"{said} {after}" if after else said


@dataclass(slots=True)
class _Known:
    """Figures of one kind of pod on one node, as of the node's `changes`."""

    changes: int
    reasons: tuple[Reason, ...]
    score: float


def enough(nodes: int) -> int:
    """How many candidates to look for among so many nodes (upstream: numFeasibleNodesToFind)."""
    if nodes < ENOUGH_NODES:
        return nodes
    share = max(LEAST_SHARE, 50 - nodes // 125)
    return max(ENOUGH_NODES, nodes * share // 100)


class Placer:
    """Chooses nodes. `random` breaks ties."""

    def __init__(self, cluster: ClusterState, random: Random) -> None:
        self._cluster, self._random = cluster, random
        self._start = 0
        self._known: OrderedDict[bytes, dict[str, _Known]] = OrderedDict()

    def place(
        self,
        pod: Wants,
        volumes: VolumeFilter | None = None,
        reserved: Mapping[str, Sequence[Wants]] | None = None,
    ) -> Placed | Waits:
        """The best node of those found. `reserved`: pods that were promised room on a node and aren't there yet."""
        neighbours = Neighbours(pod, self._cluster)
        others = neighbours.reasons if neighbours.matter else None
        found, against = self._search(pod, others, volumes, reserved or {})
        if not found:
            return Waits(against)
        scores = [known.score for _, known in found]
        if len(found) > 1:
            shared = shared_scores(pod, [node for node, _ in found], self._cluster)
            scores = [a + b for a, b in zip(scores, shared, strict=True)]
        best = max(scores)
        ties = [node for (node, _), score in zip(found, scores, strict=True) if score >= best - 1e-9]
        return Placed(ties[0].name if len(ties) == 1 else self._random.choice(ties).name, len(found))

    def _search(
        self,
        pod: Wants,
        others: Callable[[NodeState], tuple[Reason, ...]] | None,
        volumes: VolumeFilter | None,
        reserved: Mapping[str, Sequence[Wants]],
    ) -> tuple[list[tuple[NodeState, _Known]], dict[str, tuple[Reason, ...]]]:
        order = self._cluster.order
        known, wanted = self._remembered(pod), enough(len(order))
        found: list[tuple[NodeState, _Known]] = []
        against: dict[str, tuple[Reason, ...]] = {}
        looked = 0
        for offset in range(len(order)):
            node = order[(self._start + offset) % len(order)]
            looked += 1
            figures = known.get(node.name)
            if figures is None or figures.changes != node.changes:
                reasons = node_reasons(pod, node)
                figures = _Known(node.changes, reasons, 0.0 if reasons else own_score(pod, node))
                known[node.name] = figures
            reasons = figures.reasons
            if not reasons and node.name in reserved:
                reasons = reasons_with(pod, node, reserved[node.name])
            if not reasons and volumes is not None:
                reasons = volumes(node)
            if not reasons and others is not None:
                reasons = others(node)
            if reasons:
                against[node.name] = reasons
                continue
            found.append((node, figures))
            if len(found) >= wanted:
                break
        self._start = (self._start + looked) % max(1, len(order))
        return found, against

    def _remembered(self, pod: Wants) -> dict[str, _Known]:
        known = self._known.setdefault(pod.likeness, {})
        self._known.move_to_end(pod.likeness)
        while len(self._known) > REMEMBERED_KINDS:
            self._known.popitem(last=False)
        return known


def reasons_with(pod: Wants, node: NodeState, more: Sequence[Wants]) -> tuple[Reason, ...]:
    """What would speak against a node if these stood on it as well."""
    extra = [other for other in more if other.uid != pod.uid and other.priority >= pod.priority]
    added = [other for other in extra if other.uid not in node.pods]
    for other in added:
        node.add(other)
    try:
        return node_reasons(pod, node)
    finally:
        for other in added:
            node.remove(other.uid)
