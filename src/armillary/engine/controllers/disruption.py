"""Pod disruption budgets: how many pods may be evicted now. Upstream: pkg/controller/disruption."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from msgspec import structs

from armillary.base.clock import format_time, parse_time
from armillary.engine.controllers.conditions import with_condition
from armillary.engine.controllers.pods import BY_LABEL, is_ready, selected
from armillary.engine.controllers.portions import portion
from armillary.kube.events import Record
from armillary.kube.kind import Kind
from armillary.kube.kinds.apps import DEPLOYMENT, REPLICA_SET, STATEFUL_SET
from armillary.kube.kinds.core import POD, REPLICATION_CONTROLLER, Pod
from armillary.kube.kinds.meta import Condition
from armillary.kube.kinds.policy import POD_DISRUPTION_BUDGET, PodDisruptionBudget, PodDisruptionBudgetStatus
from armillary.kube.object import Key, controller_of, is_ending, key_of, reference
from armillary.kube.reconcile import Action, Controller, Decision, Reads, Update, Watch
from armillary.kube.selectors import selector_of

ALLOWED = "DisruptionAllowed"
PATIENCE = timedelta(minutes=2)  # for an evicted pod's deletion to be seen
_SIZED: tuple[Kind[Any], ...] = (REPLICATION_CONTROLLER, REPLICA_SET, STATEFUL_SET, DEPLOYMENT)
_BY_NAME = {kind.name: kind for kind in _SIZED}


@dataclass(frozen=True, slots=True)
class Seen:
    """A budget, its pods, and the sizes of what manages them: by uid; None for what has none we know of."""

    budget: PodDisruptionBudget
    pods: tuple[Pod, ...]
    scales: Mapping[str, int | None]
    now: datetime


async def observe(key: Key, reads: Reads) -> Seen | None:
    budget = reads.get(POD_DISRUPTION_BUDGET, key[1], key[0])
    if budget is None:
        return None
    selector = selector_of(budget.spec.selector)
    pods = tuple(selected(reads, key[0], selector)) if selector is not None else ()
    return Seen(budget, pods, dict(_scales(pods, reads)), reads.now())


def _scales(pods: Iterable[Pod], reads: Reads) -> Iterable[tuple[str, int | None]]:
    """By the uid of each pod's manager."""
    for owner, namespace in {(o, p.metadata.namespace) for p in pods if (o := controller_of(p))}:
        kind = _BY_NAME.get(owner.kind)
        found = reads.get(kind, owner.name, namespace) if kind else None
        above = controller_of(found) if found is not None else None
        if above is not None and above.kind == DEPLOYMENT.name:
            found = reads.get(DEPLOYMENT, above.name, namespace) or found
        size = None if found is None else 1 if found.spec.replicas is None else int(found.spec.replicas)
        yield owner.uid, size


def decide(seen: Seen) -> Decision:
    budget, about = seen.budget, reference(POD_DISRUPTION_BUDGET, seen.budget)
    if is_ending(budget):
        return Decision("is being deleted")
    events: list[Action] = []
    if not seen.pods:
        events.append(Record(about, "Normal", "NoPods", "No matching pods found"))
    strange = next((p for p in seen.pods if (o := controller_of(p)) and seen.scales.get(o.uid) is None), None)
    if strange is not None and _needs_scale(budget):
        why = f'found no controllers for pod "{strange.metadata.name}"'
        words = f"Failed to calculate the number of expected pods: {why}"
        events.append(Record(about, "Warning", "CalculateExpectedPodCountFailed", words))
        return _conclude(seen, _failed(seen, why), events, None)
    if _needs_scale(budget) and any(controller_of(p) is None for p in seen.pods):
        events.append(_unmanaged(seen))
    expected, desired = expectation(seen)
    disrupted, again = _disrupted(seen)
    healthy = sum(is_ready(p) for p in seen.pods if not is_ending(p) and p.metadata.name not in disrupted)
    allowed = max(0, healthy - desired) if expected > 0 else 0
    status = PodDisruptionBudgetStatus(
        current_healthy=healthy,
        desired_healthy=desired,
        expected_pods=expected,
        disruptions_allowed=allowed,
        disrupted_pods=disrupted,
        observed_generation=budget.metadata.generation,
        conditions=_conditions(seen, allowed),
    )
    return _conclude(seen, status, events, again)


def _conclude(
    seen: Seen, status: PodDisruptionBudgetStatus, events: Sequence[Action], again: timedelta | None
) -> Decision:
    because = f"allows {status.disruptions_allowed} disruptions"
    if status == seen.budget.status:
        return Decision(because, again_after=again)
    update = Update(POD_DISRUPTION_BUDGET, structs.replace(seen.budget, status=status), "status")
    return Decision(f"{because}; says so", (*events, update), again)


def _needs_scale(budget: PodDisruptionBudget) -> bool:
    return budget.spec.max_unavailable is not None or isinstance(budget.spec.min_available, str)


def expectation(seen: Seen) -> tuple[int, int]:
    """How many pods there should be, and how many of them healthy."""
    spec = seen.budget.spec
    if not _needs_scale(seen.budget):
        wanted = spec.min_available
        return len(seen.pods), wanted if isinstance(wanted, int) else 0
    expected = sum(size or 0 for size in seen.scales.values())
    if spec.max_unavailable is not None:
        return expected, max(0, expected - portion(spec.max_unavailable, expected, up=True))
    return expected, portion(spec.min_available, expected, up=True)


def _disrupted(seen: Seen) -> tuple[dict[str, str], timedelta | None]:
    """Evicted pods whose deletion was not seen yet, and when to stop waiting for it."""
    kept: dict[str, str] = {}
    waits: list[timedelta] = []
    for pod in seen.pods:
        at = seen.budget.status.disrupted_pods.get(pod.metadata.name)
        if at is None or is_ending(pod):
            continue
        left = parse_time(at) + PATIENCE - seen.now
        if left > timedelta():
            kept[pod.metadata.name] = at
            waits.append(left)
    return kept, min(waits, default=None)


def _conditions(seen: Seen, allowed: int) -> tuple[Condition, ...]:
    status, reason = ("True", "SufficientPods") if allowed else ("False", "InsufficientPods")
    return _with(seen, status, reason, "")


def _failed(seen: Seen, why: str) -> PodDisruptionBudgetStatus:
    conditions = _with(seen, "False", "SyncFailed", why)
    return structs.replace(seen.budget.status, disruptions_allowed=0, conditions=conditions)


def _with(seen: Seen, status: str, reason: str, message: str) -> tuple[Condition, ...]:
    budget = seen.budget
    new = Condition(
        type=ALLOWED,
        status=status,
        reason=reason,
        message=message,
        observed_generation=budget.metadata.generation,
        last_transition_time=format_time(seen.now),
    )
    changed = with_condition(budget.status.conditions, new)
    # The generation is told anew even where nothing else changed.
    return tuple(
        structs.replace(c, observed_generation=budget.metadata.generation) if c.type == ALLOWED else c for c in changed
    )


def _unmanaged(seen: Seen) -> Record:
    words = (
        f"Pods selected by this PodDisruptionBudget (selector: {seen.budget.spec.selector}) were found to be "
        "unmanaged. As a result, the status of the PDB cannot be calculated correctly, which may result in undefined "
        'behavior. To account for these pods please set ".spec.minAvailable" field of the PDB to an integer value.'
    )
    return Record(reference(POD_DISRUPTION_BUDGET, seen.budget), "Warning", "UnmanagedPods", words)


def _of_pod(pod: Pod, reads: Reads) -> Iterable[Key]:
    for budget in reads.list(POD_DISRUPTION_BUDGET, pod.metadata.namespace):
        selector = selector_of(budget.spec.selector)
        if selector is not None and selector.matches(pod.metadata.labels):
            yield key_of(budget)


def _matters(old: Pod, new: Pod) -> bool:
    return (
        old.metadata.labels != new.metadata.labels
        or is_ready(old) != is_ready(new)
        or is_ending(old) != is_ending(new)
        or old.metadata.owner_references != new.metadata.owner_references
    )


def _resized(item: Any, reads: Reads) -> Iterable[Key]:
    """Whoever counts in parts of a size looks again when a size changes."""
    budgets = reads.list(POD_DISRUPTION_BUDGET, item.metadata.namespace)
    return [key_of(budget) for budget in budgets if _needs_scale(budget)]


def _size_differs(old: Any, new: Any) -> bool:
    return bool(old.spec.replicas != new.spec.replicas)


DISRUPTION_BUDGETS = Controller(
    name="controllermanager",
    root=POD_DISRUPTION_BUDGET,
    observe=observe,
    decide=decide,
    watches=(Watch(POD, _of_pod, _matters), *(Watch(kind, _resized, _size_differs) for kind in _SIZED)),
    indexes=(BY_LABEL,),
)
