"""Stateful sets: numbered pods with storage of their own, made, updated and ended in order.

Upstream: pkg/controller/statefulset.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from msgspec import structs

from armillary.base.errors import ApiError
from armillary.engine.controllers import pods as of_pods
from armillary.engine.controllers import stateful_pods as numbered
from armillary.engine.controllers.adoption import Claim, claim
from armillary.engine.controllers.history import ORPHANS, Present, excess, observe_history, present, template_of
from armillary.kube.events import Record
from armillary.kube.kinds.apps import (
    CONTROLLER_REVISION,
    STATEFUL_SET,
    ControllerRevision,
    StatefulSet,
    StatefulSetStatus,
)
from armillary.kube.kinds.core import PERSISTENT_VOLUME_CLAIM, POD, PersistentVolumeClaim, Pod
from armillary.kube.object import Key, controller_of, is_ending, key_of, reference
from armillary.kube.reconcile import (
    Action,
    Controller,
    Create,
    Decision,
    Delete,
    Patch,
    Reads,
    Update,
    Watch,
    owned,
)
from armillary.kube.selectors import selector_of

REVISION_HASH = "controller.kubernetes.io/hash"  # label of a revision


@dataclass(frozen=True, slots=True)
class Seen:
    """A stateful set with its pods, their claims, and its revisions."""

    owner: StatefulSet
    claim: Claim[Pod]
    revisions: Claim[ControllerRevision]
    holder: ControllerRevision | None
    claims: dict[str, PersistentVolumeClaim]  # by name: those that its pods need and that are there
    now: datetime


async def observe(key: Key, reads: Reads) -> Seen | None:
    owner = reads.get(STATEFUL_SET, key[1], key[0])
    selector = selector_of(owner.spec.selector) if owner else None
    if owner is None or selector is None:
        return None
    own = reads.by(POD, "controller", owner.metadata.uid)
    candidates = (*own, *of_pods.selected(reads, key[0], selector))
    held = claim(
        POD, candidates, STATEFUL_SET, owner, selector, accepts=lambda p: numbered.ordinal_of(owner, p) is not None
    )
    revisions, holder = observe_history(STATEFUL_SET, owner, selector, reads)
    numbers = {*numbered.ordinals(owner), *(n for p in held.held if (n := numbered.ordinal_of(owner, p)) is not None)}
    names = [numbered.claim_name(owner, t, n) for t in owner.spec.volume_claim_templates for n in numbers]
    claims = {name: found for name in names if (found := reads.get(PERSISTENT_VOLUME_CLAIM, name, key[0]))}
    return Seen(owner, held, revisions, holder, claims, reads.now())


def decide(seen: Seen) -> Decision:
    owner = seen.owner
    adoptions = (*seen.revisions.actions, *seen.claim.actions)
    if adoptions and not is_ending(owner):
        return Decision("adopts and lets go by its selector", adoptions)
    if is_ending(owner):
        return Decision("is being deleted")
    found = present(STATEFUL_SET, owner, seen.revisions.held, seen.holder, REVISION_HASH)
    if found.revision is None:
        return _revise(seen, found)
    update = found.revision
    named = {r.metadata.name: r for r in seen.revisions.held}
    current = named.get(owner.status.current_revision, update)
    plan = _Plan(seen, current, update)
    because, actions = plan.next()
    status = status_of(seen, current, update)
    if status != owner.status:
        actions = (*actions, Update(STATEFUL_SET, structs.replace(owner, status=status), "status"))
    live = {current.metadata.name, update.metadata.name, *map(numbered.revision_of, seen.claim.held)}
    limit = owner.spec.revision_history_limit
    actions = (*actions, *excess(seen.revisions.held, live, limit, {name: name for name in named}))
    again = of_pods.next_available(seen.claim.held, owner.spec.min_ready_seconds or 0, seen.now)
    return Decision(because, actions, again)


def _revise(seen: Seen, found: Present) -> Decision:
    if found.action is not None:
        return Decision("notes its template as a revision", (found.action,))
    collisions = (seen.owner.status.collision_count or 0) + 1
    status = structs.replace(seen.owner.status, collision_count=collisions)
    changed = structs.replace(seen.owner, status=status)
    return Decision("its revision's name is taken by another template", (Update(STATEFUL_SET, changed, "status"),))


def status_of(seen: Seen, current: ControllerRevision, update: ControllerRevision) -> StatefulSetStatus:
    owner, minimum = seen.owner, seen.owner.spec.min_ready_seconds or 0
    pods = [p for p in seen.claim.held if p.status.phase]
    living = [numbered.revision_of(p) for p in pods if not is_ending(p)]
    running = [p for p in pods if p.status.phase == "Running"]
    ready = sum(of_pods.is_ready(p) for p in running)
    updated = living.count(update.metadata.name)
    done = _is_rolling(owner) and updated == ready == len(pods) == numbered.wanted(owner)
    return structs.replace(
        owner.status,
        observed_generation=owner.metadata.generation,
        replicas=len(pods),
        ready_replicas=ready or None,
        available_replicas=sum(of_pods.is_available(p, minimum, seen.now) for p in running),
        current_replicas=(updated if done else living.count(current.metadata.name)) or None,
        updated_replicas=updated or None,
        current_revision=(update if done else current).metadata.name,
        update_revision=update.metadata.name,
        collision_count=owner.status.collision_count or 0,
    )


def _is_rolling(owner: StatefulSet) -> bool:
    strategy = owner.spec.update_strategy
    return strategy is None or strategy.type in ("", "RollingUpdate")


Step = tuple[str, tuple[Action, ...]]


class _Plan:
    """What to do next with the pods, given the revision most have and the one all should have."""

    def __init__(self, seen: Seen, current: ControllerRevision, update: ControllerRevision) -> None:
        self.seen, self.owner, self.current, self.update = seen, seen.owner, current, update
        self.in_order = seen.owner.spec.pod_management_policy != "Parallel"
        self.minimum = seen.owner.spec.min_ready_seconds or 0
        by_number = {numbered.ordinal_of(self.owner, pod): pod for pod in seen.claim.held}
        self.replicas = {n: by_number.get(n) for n in numbered.ordinals(self.owner)}
        extra = [(n, pod) for n, pod in by_number.items() if n is not None and n not in self.replicas]
        self.condemned = [pod for _, pod in sorted(extra, key=lambda pair: -pair[0])]
        strategy = self.owner.spec.update_strategy
        self.rolling = strategy.rolling_update if strategy else None

    def next(self) -> Step:
        for step in (self._keep_claims(), self._keep_replicas(), self._end_condemned(), self._roll()):
            if step is not None:
                return step
        return f"has all its {len(self.replicas)} pods", ()

    def _is_available(self, pod: Pod) -> bool:
        return not is_ending(pod) and of_pods.is_available(pod, self.minimum, self.seen.now)

    # Claims and identities

    def _keep_claims(self) -> Step | None:
        wrong = list(numbered.misowned(self.owner, self.seen.claim.held, self.seen.claims))
        if wrong:
            return "brings owners of claims in line", tuple(Update(PERSISTENT_VOLUME_CLAIM, claim) for claim in wrong)
        nameless = [p for p in self.seen.claim.held if not numbered.has_identity(p) and not is_ending(p)]
        if nameless:
            labels = {p.metadata.name: {numbered.POD_NAME: p.metadata.name} for p in nameless}
            return "names its pods", tuple(
                Patch(POD, key_of(p), {"metadata": {"labels": labels[p.metadata.name]}}) for p in nameless
            )
        return None

    # Pods that should be

    def _keep_replicas(self) -> Step | None:
        """Create what is missing; in order, none before all earlier ones are available."""
        actions: list[Action] = []
        for number, pod in self.replicas.items():
            step = self._keep(number, pod)
            if step is None:
                continue
            if self.in_order:
                return step
            actions += step[1]
        return ("makes up for missing pods", tuple(actions)) if actions else None

    def _keep(self, number: int, pod: Pod | None) -> Step | None:
        name = numbered.pod_name(self.owner, number)
        if pod is None:
            return self._create(number, name)
        if of_pods.is_finished(pod):
            return f"{name} has finished; replaces it", () if is_ending(pod) else (self._delete(pod),)
        missing = self._missing_claims(number, name) if pod.status.phase == "Pending" else ()
        if missing:
            return f"{name} lacks claims", missing
        if is_ending(pod):
            return f"waits for {name} to end", ()
        return None if self._is_available(pod) else (f"waits for {name} to become available", ())

    def _create(self, number: int, name: str) -> Step:
        known = [self.seen.claims.get(c.metadata.name) for c in numbered.claims_for(self.owner, number)]
        blocking = [c for c in known if c is not None and (is_ending(c) or numbered.is_stale(self.owner, c, name))]
        if blocking:
            return f"waits for claim {blocking[0].metadata.name} to end before {name} comes", ()
        revision = self._revision_for(number)
        template = template_of(revision) if revision is not self.update else self.owner.spec.template
        pod = numbered.new_pod(self.owner, template, revision.metadata.name, number)
        claims = self._missing_claims(number, name)
        return f"creates {name}", (*claims, Create(POD, pod, self._told("Create", f"Pod {name}", "successful")))

    def _revision_for(self, number: int) -> ControllerRevision:
        """Below the partition pods stay as they were."""
        if not _is_rolling(self.owner):
            return self.update
        first = numbered.first_ordinal(self.owner)
        kept = self.owner.status.current_replicas if self.rolling is None else self.rolling.partition
        return self.current if number < first + (kept or 0) else self.update

    def _missing_claims(self, number: int, name: str) -> tuple[Action, ...]:
        return tuple(
            Create(
                PERSISTENT_VOLUME_CLAIM,
                wanted,
                self._told("Create", f"Claim {wanted.metadata.name} Pod {name}", "success"),
            )
            for wanted in numbered.claims_for(self.owner, number)
            if wanted.metadata.name not in self.seen.claims
        )

    # Pods that should not be

    def _end_condemned(self) -> Step | None:
        if not self.in_order:
            going = [pod for pod in self.condemned if not is_ending(pod)]
            return (f"ends {len(going)} pods", tuple(map(self._delete, going))) if going else None
        unhealthy = [pod for pod in reversed(self.condemned) if not self._is_available(pod)]
        for pod in self.condemned:
            name = pod.metadata.name
            if is_ending(pod):
                return f"waits for {name} to end", ()
            if not self._is_available(pod) and pod is not unhealthy[0]:
                return f"waits for {unhealthy[0].metadata.name} before {name} ends", ()
            return f"ends {name}", (self._delete(pod),)
        return None

    # Pods of another template

    def _roll(self) -> Step | None:
        if not _is_rolling(self.owner):
            return None
        least = (self.rolling.partition or 0) if self.rolling else 0
        for place, pod in reversed(list(enumerate(self.replicas.values()))):
            if place < least or pod is None:
                break
            name = pod.metadata.name
            if numbered.revision_of(pod) != self.update.metadata.name and not is_ending(pod):
                return f"{name} is of an old template; ends it", (self._delete(pod),)
            if not self._is_available(pod):
                return f"waits for {name} to become available", ()
        return None

    # Words

    def _delete(self, pod: Pod) -> Delete:
        told = self._told("Delete", f"Pod {pod.metadata.name}", "successful")
        return Delete(POD, key_of(pod), pod.metadata.uid, event=told)

    def _told(self, verb: str, what: str, how: str) -> Record:
        words = f"{verb} {what} in StatefulSet {self.owner.metadata.name} {how}"
        return Record(reference(STATEFUL_SET, self.owner), "Normal", f"Successful{verb}", words)


def failed(seen: Seen, action: Action, exc: ApiError) -> tuple[Action, ...]:
    owner = seen.owner
    match action:
        case Create(kind, item) if kind is PERSISTENT_VOLUME_CLAIM:
            pod = f"{owner.metadata.name}-{item.metadata.name.rpartition('-')[2]}"
            verb, what = "Create", f"Claim {item.metadata.name} for Pod {pod}"
        case Create(kind, item) if kind is POD:
            verb, what = "Create", f"Pod {item.metadata.name}"
        case Delete(kind, (_, name)) if kind is POD:
            verb, what = "Delete", f"Pod {name}"
        case _:
            return ()
    words = f"{verb} {what} in StatefulSet {owner.metadata.name} failed error: {exc}"
    return (Record(reference(STATEFUL_SET, owner), "Warning", f"Failed{verb}", words),)


def _wanting(pod: Pod, reads: Reads) -> Iterable[Key]:
    """The sets that would adopt an orphan."""
    if controller_of(pod) is not None or is_ending(pod):
        return
    for owner in reads.list(STATEFUL_SET, pod.metadata.namespace):
        selector = selector_of(owner.spec.selector)
        if selector is not None and selector.matches(pod.metadata.labels):
            yield key_of(owner)


def _of_claim(item: PersistentVolumeClaim, reads: Reads) -> Iterable[Key]:
    """A claim's name ends in its set's name and a number."""
    stem = item.metadata.name.rpartition("-")[0]
    for owner in reads.list(STATEFUL_SET, item.metadata.namespace):
        if any(stem == f"{t.metadata.name}-{owner.metadata.name}" for t in owner.spec.volume_claim_templates):
            yield key_of(owner)


STATEFUL_SETS = Controller(
    name="statefulset-controller",
    root=STATEFUL_SET,
    observe=observe,
    decide=decide,
    watches=(
        owned(POD, STATEFUL_SET),
        owned(CONTROLLER_REVISION, STATEFUL_SET),
        Watch(POD, _wanting),
        Watch(PERSISTENT_VOLUME_CLAIM, _of_claim),
    ),
    indexes=(of_pods.BY_LABEL, ORPHANS),
    failed=failed,
)
