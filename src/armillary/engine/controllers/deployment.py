"""Deployments: replica sets made, grown and shrunk so that the pods come to be of the present template.

Upstream: pkg/controller/deployment.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from msgspec import structs

from armillary.base.errors import ApiError
from armillary.engine.controllers import deployment_status as says
from armillary.engine.controllers.adoption import Claim, claim
from armillary.engine.controllers.conditions import condition, with_condition
from armillary.engine.controllers.deployment_sets import (
    DESIRED,
    REVISION,
    Sets,
    annotations_for,
    excess_history,
    name_and_hash,
    new_replica_set,
    new_size,
    next_revision,
    scaled_sizes,
    size,
    sizing,
    smaller_old_sets,
    without_hash,
)
from armillary.engine.controllers.pods import is_finished
from armillary.kube.events import Record
from armillary.kube.kinds.apps import DEPLOYMENT, REPLICA_SET, Deployment, DeploymentStatus, ReplicaSet
from armillary.kube.kinds.core import POD, Pod
from armillary.kube.kinds.meta import LabelSelector
from armillary.kube.object import Key, controller_of, is_ending, key_of, reference
from armillary.kube.reconcile import (
    Action,
    Controller,
    Create,
    Decision,
    Delete,
    Index,
    Patch,
    Reads,
    Update,
    Watch,
    owned,
)
from armillary.kube.selectors import selector_of

CREATE_ERROR = "ReplicaSetCreateError"


@dataclass(frozen=True, slots=True)
class Seen:
    """One deployment and its replica sets."""

    sets: Sets
    claim: Claim[ReplicaSet]
    holder: ReplicaSet | None  # of the name that the new replica set will have
    has_old_pods: bool  # running pods of sets other than the new one
    now: datetime

    @property
    def deployment(self) -> Deployment:
        return self.sets.deployment


def _by_namespace(item: ReplicaSet) -> Iterable[str]:
    return () if controller_of(item) else (item.metadata.namespace,)


ORPHANS = Index(REPLICA_SET, "orphan", _by_namespace)


async def observe(key: Key, reads: Reads) -> Seen | None:
    deployment = reads.get(DEPLOYMENT, key[1], key[0])
    if deployment is None:
        return None
    selector = selector_of(deployment.spec.selector)
    if selector is None:
        return None
    own = reads.by(REPLICA_SET, "controller", deployment.metadata.uid)
    orphans = reads.by(REPLICA_SET, ORPHANS.name, key[0])
    held = claim(REPLICA_SET, (*own, *orphans), DEPLOYMENT, deployment, selector)
    sets = Sets(deployment, held.held)
    holder = None if sets.new else reads.get(REPLICA_SET, name_and_hash(deployment)[0], key[0])
    old_pods = not sets.is_rolling and any(_runs_pods(reads, old) for old in sets.old)
    return Seen(sets, held, holder, old_pods, reads.now())


def _runs_pods(reads: Reads, replica_set: ReplicaSet) -> bool:
    return any(not is_finished(pod) for pod in reads.by(POD, "controller", replica_set.metadata.uid))


def decide(seen: Seen) -> Decision:
    deployment, sets = seen.deployment, seen.sets
    if deployment.spec.selector == LabelSelector():
        return _selects_all(seen)
    if is_ending(deployment):
        return _tell(seen, says.basic_status(sets, seen.now), "is being deleted")
    if seen.claim.actions:
        return Decision("adopts and lets go of replica sets by its selector", seen.claim.actions)
    changed = says.paused_or_resumed(deployment, seen.now)
    if changed is not None:
        return Decision("was paused or resumed", (_with_status(seen, changed),))
    named = _name_new_set(seen)
    if named is not None:
        return named
    if deployment.spec.paused or _was_scaled(sets):
        scaled = _scale(seen)
        if scaled is not None:
            return scaled
    return _roll(seen) if sets.is_rolling else _recreate(seen)


def _selects_all(seen: Seen) -> Decision:
    deployment = seen.deployment
    words = "This deployment is selecting all pods. A non-empty selector is required."
    told: tuple[Action, ...] = (Record(reference(DEPLOYMENT, deployment), "Warning", "SelectingAll", words),)
    if (deployment.status.observed_generation or 0) < (deployment.metadata.generation or 0):
        status = structs.replace(deployment.status, observed_generation=deployment.metadata.generation)
        return Decision("selects all pods, which is refused", (*told, _with_status(seen, status)))
    return Decision("selects all pods, which is refused")


def _tell(seen: Seen, status: DeploymentStatus, because: str) -> Decision:
    again = says.next_judgement(seen.sets, status, seen.now)
    if status == seen.deployment.status:
        return Decision(because, again_after=again)
    return Decision(f"{because}; says so", (_with_status(seen, status),), again)


def _with_status(seen: Seen, status: DeploymentStatus) -> Update:
    return Update(DEPLOYMENT, structs.replace(seen.deployment, status=status), "status")


def _with_revision(seen: Seen, revision: str) -> Patch:
    return Patch(DEPLOYMENT, key_of(seen.deployment), {"metadata": {"annotations": {REVISION: revision}}})


# The new replica set: its annotations, and its making


def _name_new_set(seen: Seen) -> Decision | None:
    """The new set's annotations follow the deployment's, and the deployment's revision the new set's."""
    deployment, new = seen.deployment, seen.sets.new
    if new is None:
        return None
    wanted = annotations_for(deployment, new.metadata.annotations, next_revision(seen.sets))
    minimum = deployment.spec.min_ready_seconds or 0
    if wanted != new.metadata.annotations or minimum != (new.spec.min_ready_seconds or 0):
        changed = structs.replace(
            new,
            metadata=structs.replace(new.metadata, annotations=wanted),
            spec=structs.replace(new.spec, min_ready_seconds=minimum or None),
        )
        return Decision(f"{new.metadata.name} is brought up to its annotations", (Update(REPLICA_SET, changed),))
    actions: list[Action] = []
    if says.has_deadline(deployment) and condition(deployment.status.conditions, says.PROGRESSING) is None:
        words = f'Found new replica set "{new.metadata.name}"'
        actions.append(_progress(seen, "True", "FoundNewReplicaSet", words))
    revision = new.metadata.annotations.get(REVISION, "")
    if revision and deployment.metadata.annotations.get(REVISION) != revision:
        actions.append(_with_revision(seen, revision))
    return Decision(f"is at revision {revision}", tuple(actions)) if actions else None


def _progress(seen: Seen, status: str, reason: str, words: str) -> Update:
    deployment = seen.deployment
    new = says.progress_condition(seen.now, status, reason, words)
    conditions = with_condition(deployment.status.conditions, new)
    return _with_status(seen, structs.replace(deployment.status, conditions=conditions))


def _make(seen: Seen) -> Decision:
    """Create the new set; if its name is taken by another template, count a collision and so get another name."""
    deployment = seen.deployment
    made = new_replica_set(seen.sets)
    name, replicas = made.metadata.name, size(made)
    if seen.holder is not None:
        if is_ending(seen.holder) or _is_own(seen):
            return Decision(f"waits for {name} to be its own or to end")
        collisions = (deployment.status.collision_count or 0) + 1
        status = structs.replace(deployment.status, collision_count=collisions)
        return Decision(f"{name} is taken by another template", (_with_status(seen, status),))
    words = f"Scaled up replica set {name} from 0 to {replicas}"
    event = Record(reference(DEPLOYMENT, deployment), "Normal", "ScalingReplicaSet", words) if replicas else None
    actions: list[Action] = [Create(REPLICA_SET, made, event)]
    if says.has_deadline(deployment):
        actions.append(_progress(seen, "True", "NewReplicaSetCreated", f'Created new replica set "{name}"'))
    actions.append(_with_revision(seen, made.metadata.annotations[REVISION]))
    return Decision(f"lacks a replica set of its template; creates {name}", tuple(actions))


def _is_own(seen: Seen) -> bool:
    holder = seen.holder
    if holder is None:
        return False
    manager = controller_of(holder)
    same = without_hash(holder.spec.template) == without_hash(seen.deployment.spec.template)
    return manager is not None and manager.uid == seen.deployment.metadata.uid and same


# Sizes


def _resize(seen: Seen, sizes: Mapping[str, int], *, annotate: bool = False) -> tuple[Action, ...]:
    """Give these sets their sizes; with `annotate`, note the deployment's size on those that keep theirs too."""
    actions: list[Action] = []
    about, notes = reference(DEPLOYMENT, seen.deployment), sizing(seen.sets)
    for replica_set in (s for s in seen.sets.all if s.metadata.name in sizes):
        name, old = replica_set.metadata.name, size(replica_set)
        wanted, annotations = sizes[name], {**replica_set.metadata.annotations, **notes}
        if wanted == old and not (annotate and annotations != replica_set.metadata.annotations):
            continue
        changed = structs.replace(
            replica_set,
            metadata=structs.replace(replica_set.metadata, annotations=annotations),
            spec=structs.replace(replica_set.spec, replicas=wanted),
        )
        way = "up" if wanted > old else "down"
        words = f"Scaled {way} replica set {name} from {old} to {wanted}"
        event = Record(about, "Normal", "ScalingReplicaSet", words) if wanted != old else None
        actions.append(Update(REPLICA_SET, changed, event=event))
    return tuple(actions)


def _was_scaled(sets: Sets) -> bool:
    notes = (s.metadata.annotations.get(DESIRED, "") for s in sets.active)
    return any(note.isdigit() and int(note) != sets.wanted for note in notes)


def _scale(seen: Seen) -> Decision | None:
    resized = _resize(seen, scaled_sizes(seen.sets), annotate=True)
    if resized:
        return Decision(f"is scaled to {seen.sets.wanted}", resized)
    if not seen.deployment.spec.paused:
        return None
    cleaned = _clean(seen)
    if cleaned:
        return Decision("forgets old revisions", cleaned)
    return _tell(seen, says.basic_status(seen.sets, seen.now), "is paused")


def _roll(seen: Seen) -> Decision:
    sets, new = seen.sets, seen.sets.new
    if new is None:
        return _make(seen)
    if size(new) != sets.wanted:
        wanted = sets.wanted if size(new) > sets.wanted else new_size(sets, size(new))
        resized = _resize(seen, {new.metadata.name: wanted})
        if resized:
            return Decision(f"{new.metadata.name} goes to {wanted} of {sets.wanted}", resized)
    resized = _resize(seen, smaller_old_sets(sets))
    if resized:
        return Decision("shrinks old replica sets", resized)
    return _finish(seen)


def _recreate(seen: Seen) -> Decision:
    sets, new = seen.sets, seen.sets.new
    resized = _resize(seen, {s.metadata.name: 0 for s in sets.old if size(s)})
    if resized:
        return Decision("stops all old pods first", resized)
    if seen.has_old_pods or not says.empty_old_sets(sets):
        return _tell(seen, says.rollout_status(sets, seen.now), "waits for old pods to end")
    if new is None:
        return _make(seen)
    resized = _resize(seen, {new.metadata.name: sets.wanted})
    if resized:
        return Decision(f"{new.metadata.name} goes to {sets.wanted}", resized)
    return _finish(seen)


def _finish(seen: Seen) -> Decision:
    status = says.rollout_status(seen.sets, seen.now)
    done = says.is_complete(seen.sets, status)
    if done and status == seen.deployment.status:
        cleaned = _clean(seen)
        if cleaned:
            return Decision("forgets old revisions", cleaned)
    return _tell(seen, status, "has all pods of its template" if done else "waits for pods to become available")


def _clean(seen: Seen) -> tuple[Action, ...]:
    return tuple(Delete(REPLICA_SET, key_of(s), s.metadata.uid) for s in excess_history(seen.sets))


def failed(seen: Seen, action: Action, exc: ApiError) -> tuple[Action, ...]:
    """The new replica set was refused: an event, and no progress."""
    if not isinstance(action, Create):
        return ()
    words = f'Failed to create new replica set "{action.item.metadata.name}": {exc}'
    event = Record(reference(DEPLOYMENT, seen.deployment), "Warning", CREATE_ERROR, words)
    current = condition(seen.deployment.status.conditions, says.PROGRESSING)
    if not says.has_deadline(seen.deployment) or (current is not None and current.reason == CREATE_ERROR):
        return (event,)
    return (event, _progress(seen, "False", CREATE_ERROR, words))


# What wakes it


def _wanting(item: ReplicaSet, reads: Reads) -> Iterable[Key]:
    """The deployments that would adopt an orphan, or that wait for its name."""
    if controller_of(item) is not None:
        return
    for deployment in reads.list(DEPLOYMENT, item.metadata.namespace):
        selector = selector_of(deployment.spec.selector)
        if selector is not None and selector.matches(item.metadata.labels):
            yield key_of(deployment)


def _of_pod(pod: Pod, reads: Reads) -> Iterable[Key]:
    """A deployment that recreates waits for its old pods to be gone."""
    owner = controller_of(pod)
    replica_set = reads.get(REPLICA_SET, owner.name, pod.metadata.namespace) if owner else None
    manager = controller_of(replica_set) if replica_set else None
    deployment = reads.get(DEPLOYMENT, manager.name, pod.metadata.namespace) if manager else None
    if deployment is not None and deployment.spec.strategy and deployment.spec.strategy.type == "Recreate":
        yield key_of(deployment)


DEPLOYMENTS = Controller(
    name="deployment-controller",
    root=DEPLOYMENT,
    observe=observe,
    decide=decide,
    watches=(owned(REPLICA_SET, DEPLOYMENT), Watch(REPLICA_SET, _wanting), Watch(POD, _of_pod)),
    indexes=(ORPHANS,),
    failed=failed,
)
