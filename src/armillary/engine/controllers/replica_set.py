"""ReplicaSets and ReplicationControllers: as many pods as asked for, adopted, created or deleted.

The two differ in their kind and their selector alone. Upstream: pkg/controller/replicaset.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

from msgspec import structs

from armillary.base.clock import format_time
from armillary.base.errors import ApiError
from armillary.engine.controllers import pods as of_pods
from armillary.engine.controllers.adoption import Claim, claim
from armillary.engine.controllers.conditions import condition, is_true, with_condition, without_condition
from armillary.engine.controllers.naming import generated
from armillary.kube.events import Record
from armillary.kube.kind import Kind
from armillary.kube.kinds.apps import REPLICA_SET, ReplicaSet, ReplicaSetCondition
from armillary.kube.kinds.core import (
    POD,
    REPLICATION_CONTROLLER,
    Pod,
    ReplicationController,
    ReplicationControllerCondition,
)
from armillary.kube.object import Key, controller_of, is_ending, key_of, owned_by, reference
from armillary.kube.reconcile import Action, Controller, Create, Decision, Delete, Reads, Update, Watch, owned
from armillary.kube.selectors import Selector, selector_of, selector_of_map

BURST = 500  # pods created or deleted in one go, as upstream's BurstReplicas
FAILURE = "ReplicaFailure"

Owner = Any  # ReplicaSet | ReplicationController: of one shape, but for their selector


@dataclass(frozen=True, slots=True)
class Variant:
    """What tells the two kinds apart."""

    kind: Kind[Any]
    component: str
    selector: Callable[[Owner], Selector | None]
    condition: Callable[..., Any]
    counts_terminating: bool


@dataclass(frozen=True, slots=True)
class Seen:
    """One owner and its pods. `related` are those of its siblings, for choosing whom to delete."""

    variant: Variant
    owner: Owner
    claim: Claim[Pod]
    related: tuple[Pod, ...]
    now: datetime

    @property
    def wanted(self) -> int:
        return 1 if self.owner.spec.replicas is None else int(self.owner.spec.replicas)


def _replica_set_selector(owner: ReplicaSet) -> Selector | None:
    return selector_of(owner.spec.selector)


def _replication_controller_selector(owner: ReplicationController) -> Selector | None:
    return selector_of_map(owner.spec.selector) if owner.spec.selector else None


OF_SETS = Variant(REPLICA_SET, "replicaset-controller", _replica_set_selector, ReplicaSetCondition, True)
OF_CONTROLLERS = Variant(
    REPLICATION_CONTROLLER,
    "replication-controller",
    _replication_controller_selector,
    ReplicationControllerCondition,
    False,
)


async def observe(variant: Variant, key: Key, reads: Reads) -> Seen | None:
    owner = reads.get(variant.kind, key[1], key[0])
    if owner is None:
        return None
    selector = variant.selector(owner)
    if selector is None:
        return None
    own = reads.by(POD, "controller", owner.metadata.uid)
    candidates = [p for p in (*own, *of_pods.selected(reads, key[0], selector)) if not of_pods.is_finished(p)]
    held = claim(POD, candidates, variant.kind, owner, selector)
    seen = Seen(variant, owner, held, (), reads.now())
    if sum(of_pods.is_active(p) for p in held.held) > seen.wanted:
        seen = replace(seen, related=tuple(_related(reads, variant, owner)))
    return seen


def _related(reads: Reads, variant: Variant, owner: Owner) -> list[Pod]:
    """Pods of all sets under the same deployment: of two on one node, one can go first."""
    manager = controller_of(owner)
    siblings: Sequence[Owner] = reads.by(variant.kind, "controller", manager.uid) if manager else [owner]
    return [pod for sibling in siblings for pod in reads.by(POD, "controller", sibling.metadata.uid)]


def decide(seen: Seen) -> Decision:
    if is_ending(seen.owner):
        return _settle(seen, "is being deleted; leaves its pods to the garbage collector")
    if seen.claim.actions:
        return Decision("adopts and lets go of pods by its selector", seen.claim.actions)
    active = [pod for pod in seen.claim.held if of_pods.is_active(pod)]
    missing = seen.wanted - len(active)
    if missing > 0:
        # After a failure one is tried alone: a quota must not be run against by all the others too.
        at_once = 1 if is_true(seen.owner.status.conditions, FAILURE) else min(missing, BURST)
        return Decision(f"has {len(active)} of {seen.wanted} pods; creates {at_once}", tuple(_creations(seen, at_once)))
    if missing < 0:
        doomed = of_pods.deletion_order(active, seen.related, seen.now)[: min(-missing, BURST)]
        return Decision(f"has {len(active)} pods for {seen.wanted}; deletes {len(doomed)}", _deletions(seen, doomed))
    return _settle(seen, f"has all its {seen.wanted} pods")


def _settle(seen: Seen, because: str) -> Decision:
    status = status_of(seen)
    wait = of_pods.next_available(seen.claim.held, seen.owner.spec.min_ready_seconds or 0, seen.now)
    if status == seen.owner.status:
        return Decision(because, again_after=wait)
    return Decision(f"{because}; says so", (_with_status(seen, status),), wait)


def _with_status(seen: Seen, status: Any) -> Update:
    return Update(seen.variant.kind, structs.replace(seen.owner, status=status), "status")


def status_of(seen: Seen) -> Any:
    """The owner's status, as its pods stand."""
    owner = seen.owner
    active = [pod for pod in seen.claim.held if of_pods.is_active(pod)]
    labels = owner.spec.template.metadata.labels.items()
    minimum = owner.spec.min_ready_seconds or 0
    conditions = owner.status.conditions
    counts = {
        "replicas": len(active),
        "fully_labeled_replicas": sum(labels <= pod.metadata.labels.items() for pod in active),
        "ready_replicas": sum(of_pods.is_ready(pod) for pod in active),
        "available_replicas": sum(of_pods.is_available(pod, minimum, seen.now) for pod in active),
    }
    # Zero is left out, as upstream's omitempty does; but for `replicas`, which is always told.
    told: dict[str, int | None] = {name: n if n or name == "replicas" else None for name, n in counts.items()}
    if seen.variant.counts_terminating:
        told["terminating_replicas"] = sum(is_ending(pod) for pod in seen.claim.held)
    if len(active) == seen.wanted:
        conditions = without_condition(conditions, FAILURE)
    return structs.replace(owner.status, conditions=conditions, observed_generation=owner.metadata.generation, **told)


def _creations(seen: Seen, number: int) -> Iterable[Action]:
    owner, variant = seen.owner, seen.variant
    prefix = of_pods.prefix(owner.metadata.name)
    for ordinal in range(number):
        name = generated(prefix, owner.metadata.uid, seen.now.isoformat(), ordinal)
        pod = of_pods.from_template(
            owner.spec.template,
            owner.metadata.namespace,
            name,
            owned_by(variant.kind, owner),
            generate_name=prefix,
        )
        yield Create(
            POD, pod, Record(reference(variant.kind, owner), "Normal", "SuccessfulCreate", f"Created pod: {name}")
        )


def _deletions(seen: Seen, doomed: Iterable[Pod]) -> tuple[Action, ...]:
    about = reference(seen.variant.kind, seen.owner)
    return tuple(
        Delete(
            POD,
            key_of(pod),
            pod.metadata.uid,
            event=Record(about, "Normal", "SuccessfulDelete", f"Deleted pod: {pod.metadata.name}"),
        )
        for pod in doomed
    )


def failed(seen: Seen, action: Action, exc: ApiError) -> tuple[Action, ...]:
    """A creation or deletion was refused: an event, and a condition that stays until it works."""
    match action:
        case Create():
            reason, words = "FailedCreate", f"Error creating: {exc}"
        case Delete():
            reason, words = "FailedDelete", f"Error deleting: {exc}"
        case _:
            return ()
    event = Record(reference(seen.variant.kind, seen.owner), "Warning", reason, words)
    status = status_of(seen)
    if condition(status.conditions, FAILURE) is None:
        new = seen.variant.condition(
            type=FAILURE, status="True", reason=reason, message=str(exc), last_transition_time=format_time(seen.now)
        )
        status = structs.replace(status, conditions=with_condition(status.conditions, new))
    return (event,) if status == seen.owner.status else (event, _with_status(seen, status))


def _wanting(variant: Variant, pod: Pod, reads: Reads) -> Iterable[Key]:
    """The owners in an orphan's namespace that would adopt it."""
    if controller_of(pod) is not None or is_ending(pod):
        return
    for owner in reads.list(variant.kind, pod.metadata.namespace):
        selector = variant.selector(owner)
        if selector is not None and selector.matches(pod.metadata.labels):
            yield key_of(owner)


def _controller(variant: Variant) -> Controller[Seen]:
    return Controller(
        name=variant.component,
        root=variant.kind,
        observe=partial(observe, variant),
        decide=decide,
        watches=(owned(POD, variant.kind), Watch(POD, partial(_wanting, variant))),
        indexes=(of_pods.BY_LABEL,),
        failed=failed,
    )


REPLICA_SETS = _controller(OF_SETS)
REPLICATION_CONTROLLERS = _controller(OF_CONTROLLERS)
