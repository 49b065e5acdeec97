"""Which pods of lower priority would have to go so that a pod fits. Pure.

Choice of victims and of the node: upstream's "preemption" in its order of comparisons.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from armillary.engine.scheduler.filters import Neighbours, Reason, VolumeFilter, node_reasons
from armillary.engine.scheduler.nodes import ClusterState, NodeState
from armillary.engine.scheduler.place import Waits
from armillary.engine.scheduler.wants import Wants

NO_VICTIMS = "No preemption victims found for incoming pod"
NOT_HELPFUL = "Preemption is not helpful for scheduling"
CANDIDATES = 100  # nodes tried at the most


@dataclass(frozen=True, slots=True)
class Budget:
    """A PodDisruptionBudget: whether it covers a pod, and how many more disruptions it allows."""

    covers: Callable[[Wants], bool]
    allowed: int


@dataclass(frozen=True, slots=True)
class Preemption:
    """Remove `victims` from `node`; `violations` of them break a disruption budget."""

    node: str
    victims: tuple[Wants, ...]
    violations: int


def preempt(
    pod: Wants,
    waits: Waits,
    cluster: ClusterState,
    budgets: Sequence[Budget],
    started: Callable[[Wants], str],
    volumes: VolumeFilter | None = None,
) -> Preemption | str:
    """The gentlest preemption that helps, or upstream's sentence why there is none.

    `started` gives a pod's start time as text that sorts.
    """
    if not pod.preempts:
        return "not eligible due to preemptionPolicy=Never."
    outcomes: Counter[str] = Counter()
    found: list[Preemption] = []
    for node in cluster.order:
        against = waits.reasons.get(node.name, ())
        if waits.before or not against or any(reason.final for reason in against):
            outcomes[NOT_HELPFUL] += 1
            continue
        candidate = _on_node(pod, node, cluster, budgets, started, volumes)
        if candidate is None:
            outcomes[NO_VICTIMS] += 1
        else:
            found.append(candidate)
            if len(found) >= CANDIDATES:
                break
    if found:
        return min(found, key=lambda c: _cost(c, started))
    words = ", ".join(sorted(f"{count} {text}" for text, count in outcomes.items()))
    return f"preemption: 0/{len(cluster.order)} nodes are available: {words}."


def _cost(candidate: Preemption, started: Callable[[Wants], str]) -> tuple[object, ...]:
    """Lower is gentler: budgets broken, the highest victim, the sum of priorities, their number, the youngest start."""
    victims = candidate.victims
    highest = max(v.priority for v in victims)
    # Priorities may be negative: shifted so that each further victim makes the sum larger.
    total = sum(v.priority + (1 << 31) for v in victims)
    earliest = min(started(v) for v in victims if v.priority == highest)
    return candidate.violations, highest, total, len(victims), _reversed(earliest)


def _reversed(text: str) -> tuple[int, ...]:
    return tuple(-ord(c) for c in text)


def _on_node(
    pod: Wants,
    node: NodeState,
    cluster: ClusterState,
    budgets: Sequence[Budget],
    started: Callable[[Wants], str],
    volumes: VolumeFilter | None,
) -> Preemption | None:
    """Take all lower pods away; if the pod then fits, let back as many as possible, the most important first."""
    lower = [p for p in node.pods.values() if p.priority < pod.priority]
    if not lower:
        return None
    for victim in lower:
        cluster.remove_pod(victim.uid)
    victims: list[Wants] = []
    violations = 0
    try:
        if _against(pod, node, cluster, volumes):
            return None
        breaking, harmless = _by_budget(sorted(lower, key=lambda p: (-p.priority, started(p))), budgets)
        for candidate in (*breaking, *harmless):
            cluster.set_pod(candidate, node.name)
            if _against(pod, node, cluster, volumes):
                cluster.remove_pod(candidate.uid)
                victims.append(candidate)
                violations += candidate in breaking
    finally:
        for victim in lower:
            if victim.uid not in node.pods:
                cluster.set_pod(victim, node.name)
    return Preemption(node.name, tuple(victims), violations) if victims else None


def _against(pod: Wants, node: NodeState, cluster: ClusterState, volumes: VolumeFilter | None) -> tuple[Reason, ...]:
    reasons = node_reasons(pod, node)
    if not reasons and volumes is not None:
        reasons = volumes(node)
    return reasons or Neighbours(pod, cluster).reasons(node)


def _by_budget(pods: Sequence[Wants], budgets: Sequence[Budget]) -> tuple[list[Wants], list[Wants]]:
    """Those whose going would break a budget, and the others; each in the order given."""
    remaining = {i: budget.allowed for i, budget in enumerate(budgets)}
    breaking: list[Wants] = []
    harmless: list[Wants] = []
    for pod in pods:
        covering = [i for i, budget in enumerate(budgets) if budget.covers(pod)]
        for i in covering:
            remaining[i] -= 1
        (breaking if any(remaining[i] < 0 for i in covering) else harmless).append(pod)
    return breaking, harmless
