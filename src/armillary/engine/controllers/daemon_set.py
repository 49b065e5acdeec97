"""Daemon sets: one pod on every node that suits, updated node by node.

Upstream: pkg/controller/daemon.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from msgspec import structs

from armillary.base.clock import parse_time
from armillary.base.errors import ApiError
from armillary.engine.controllers import pods as of_pods
from armillary.engine.controllers.adoption import Claim, claim
from armillary.engine.controllers.daemon_nodes import GENERATION, REVISION, new_pod, should_run, target_of
from armillary.engine.controllers.history import ORPHANS, excess, observe_history, present
from armillary.engine.controllers.naming import generated
from armillary.engine.controllers.portions import portion
from armillary.kube.events import Record
from armillary.kube.kinds.apps import CONTROLLER_REVISION, DAEMON_SET, ControllerRevision, DaemonSet, DaemonSetStatus
from armillary.kube.kinds.core import NODE, POD, Node, Pod
from armillary.kube.kinds.meta import LabelSelector
from armillary.kube.object import Key, controller_of, is_ending, key_of, reference
from armillary.kube.reconcile import Action, Controller, Create, Decision, Delete, Reads, Update, Watch, owned
from armillary.kube.selectors import selector_of

BURST = 250  # pods created or deleted in one go, as upstream
FAILED_WAIT = timedelta(seconds=10)  # a node that keeps refusing its pod is not to be flooded


@dataclass(frozen=True, slots=True)
class Seen:
    """A daemon set with its pods and revisions, and all nodes."""

    owner: DaemonSet
    claim: Claim[Pod]
    revisions: Claim[ControllerRevision]
    holder: ControllerRevision | None
    nodes: tuple[Node, ...]
    now: datetime


@dataclass(frozen=True, slots=True)
class Steps:
    """Nodes to start a pod on and pods to end."""

    start: tuple[str, ...] = ()
    end: tuple[Pod, ...] = ()
    events: tuple[Record, ...] = ()
    again_after: timedelta | None = None


async def observe(key: Key, reads: Reads) -> Seen | None:
    owner = reads.get(DAEMON_SET, key[1], key[0])
    selector = selector_of(owner.spec.selector) if owner else None
    if owner is None or selector is None:
        return None
    own = reads.by(POD, "controller", owner.metadata.uid)
    held = claim(POD, (*own, *of_pods.selected(reads, key[0], selector)), DAEMON_SET, owner, selector)
    revisions, holder = observe_history(DAEMON_SET, owner, selector, reads)
    nodes = sorted(reads.list(NODE), key=lambda node: node.metadata.name)
    return Seen(owner, held, revisions, holder, tuple(nodes), reads.now())


def decide(seen: Seen) -> Decision:
    owner = seen.owner
    if is_ending(owner):
        return Decision("is being deleted")
    if owner.spec.selector == LabelSelector():
        words = "This daemon set is selecting all pods. A non-empty selector is required."
        return Decision("selects all pods", (Record(reference(DAEMON_SET, owner), "Warning", "SelectingAll", words),))
    if seen.revisions.actions or seen.claim.actions:
        return Decision("adopts and lets go by its selector", (*seen.revisions.actions, *seen.claim.actions))
    found = present(DAEMON_SET, owner, seen.revisions.held, seen.holder, REVISION)
    if found.action is not None:
        return Decision("notes its template as a revision", (found.action,))
    if found.revision is None:
        collisions = (owner.status.collision_count or 0) + 1
        status = structs.replace(owner.status, collision_count=collisions)
        return Decision(
            "its revision's name is taken", (Update(DAEMON_SET, structs.replace(owner, status=status), "status"),)
        )
    return _manage(seen, found.revision.metadata.labels.get(REVISION, ""))


def _manage(seen: Seen, digest: str) -> Decision:
    owner = seen.owner
    on_node = _by_node(seen.claim.held)
    steps = place(seen, on_node, digest)
    because = f"starts {len(steps.start)} and ends {len(steps.end)} pods"
    if not steps.start and not steps.end:
        rolled = roll(seen, on_node, digest)
        if rolled.start or rolled.end:
            because = f"updates: starts {len(rolled.start)} and ends {len(rolled.end)} pods"
            steps = replace(steps, start=rolled.start, end=rolled.end)
        else:
            because = "has its pods"
    actions: list[Action] = [*steps.events, *_creations(seen, steps.start, digest), *_deletions(seen, steps.end)]
    status = status_of(seen, on_node, digest)
    if status != owner.status:
        actions.append(Update(DAEMON_SET, structs.replace(owner, status=status), "status"))
    live = {digest, *(pod.metadata.labels.get(REVISION, "") for pod in seen.claim.held)}
    names = {r.metadata.name: r.metadata.labels.get(REVISION, "") for r in seen.revisions.held}
    actions += excess(seen.revisions.held, live, owner.spec.revision_history_limit, names)
    waits = (steps.again_after, of_pods.next_available(seen.claim.held, owner.spec.min_ready_seconds or 0, seen.now))
    return Decision(because, tuple(actions), min((w for w in waits if w is not None), default=None))


def _by_node(pods: Iterable[Pod]) -> dict[str, list[Pod]]:
    """Oldest first; those that are over and on their way out count no more."""
    found: defaultdict[str, list[Pod]] = defaultdict(list)
    for pod in sorted(pods, key=lambda p: (not p.spec.node_name, p.metadata.creation_timestamp, p.metadata.name)):
        node = target_of(pod)
        if node and not (of_pods.is_finished(pod) and is_ending(pod)):
            found[node].append(pod)
    return dict(found)


# Where pods belong


def place(seen: Seen, on_node: Mapping[str, Sequence[Pod]], digest: str) -> Steps:
    """A pod on each node that should have one, none where none should be, none too many."""
    start: list[str] = []
    end: list[Pod] = []
    events: list[Record] = []
    waits: list[timedelta] = []
    for node in seen.nodes:
        name = node.metadata.name
        pods = on_node.get(name, ())
        starts, stays = should_run(seen.owner, node)
        living = [pod for pod in pods if not is_ending(pod)]
        if not stays:
            end += living
        elif not pods:
            start += [name] * starts
        else:
            over = [pod for pod in living if of_pods.is_finished(pod)]
            for pod in over:
                wait = _wait_after_failure(seen, pod)
                if wait is None:
                    end.append(pod)
                    events.append(_told_of_end(seen.owner, pod, name))
                else:
                    waits.append(wait)
            running = [pod for pod in living if pod not in over]
            more, fewer = _one_of(seen, running, digest)
            start += [name] * (more and starts and not over)
            end += fewer
    known = {node.metadata.name for node in seen.nodes}
    lost = [p for name, pods in on_node.items() if name not in known for p in pods if not p.spec.node_name]
    end += [pod for pod in lost if not is_ending(pod)]
    return Steps(tuple(start[:BURST]), tuple(end[:BURST]), tuple(events), min(waits, default=None))


def _wait_after_failure(seen: Seen, pod: Pod) -> timedelta | None:
    """How long a failed pod is left lying, by when it was made: a node may refuse it at once, again and again."""
    if pod.status.phase != "Failed":
        return None
    since = seen.now - parse_time(pod.metadata.creation_timestamp)
    return FAILED_WAIT - since if timedelta() <= since < FAILED_WAIT else None


def _told_of_end(owner: DaemonSet, pod: Pod, node: str) -> Record:
    about, name = reference(DAEMON_SET, owner), f"{pod.metadata.namespace}/{pod.metadata.name}"
    if pod.status.phase == "Failed":
        words = f"Found failed daemon pod {name} on node {node}, will try to kill it"
        return Record(about, "Warning", "FailedDaemonPod", words)
    words = f"Found succeeded daemon pod {name} on node {node}, will try to delete it"
    return Record(about, "Normal", "SucceededDaemonPod", words)


def _one_of(seen: Seen, running: Sequence[Pod], digest: str) -> tuple[bool, list[Pod]]:
    """Of the pods that run on a node: whether one more is needed, and which are too many."""
    if not max_surge(seen.owner, 1):
        return False, list(running[1:])
    if len(running) <= 1:
        return not running, []
    new = [pod for pod in running if _is_updated(seen.owner, pod, digest)]
    old = [pod for pod in running if pod not in new]
    fewer = [*new[1:], *old[1:]]
    if new and old:
        minimum = seen.owner.spec.min_ready_seconds or 0
        if not of_pods.is_ready(old[0]) or of_pods.is_available(new[0], minimum, seen.now):
            fewer.append(old[0])
    return False, fewer


# Updates


def max_surge(owner: DaemonSet, desired: int) -> int:
    strategy = owner.spec.update_strategy
    rolling = strategy.rolling_update if strategy and strategy.type != "OnDelete" else None
    return portion(rolling.max_surge, desired, up=True) if rolling else 0


def max_unavailable(owner: DaemonSet, desired: int) -> int:
    strategy = owner.spec.update_strategy
    rolling = strategy.rolling_update if strategy else None
    allowed = portion(rolling.max_unavailable, desired, up=True) if rolling else 0
    return allowed or (0 if max_surge(owner, desired) else 1)


def _is_updated(owner: DaemonSet, pod: Pod, digest: str) -> bool:
    generation = owner.metadata.annotations.get("deprecated.daemonset.template.generation", "")
    labels = pod.metadata.labels
    return labels.get(REVISION) == digest or (bool(generation) and labels.get(GENERATION) == generation)


def roll(seen: Seen, on_node: Mapping[str, Sequence[Pod]], digest: str) -> Steps:
    """Old pods to end and new ones to start beside them, as far as the strategy permits."""
    strategy = seen.owner.spec.update_strategy
    if strategy is not None and strategy.type == "OnDelete":
        return Steps()
    wanted = [node.metadata.name for node in seen.nodes if should_run(seen.owner, node)[0]]
    surge = max_surge(seen.owner, len(wanted))
    pairs = {name: _pair(seen, on_node.get(name, ()), digest) for name in {*wanted, *on_node}}
    ordered = dict(sorted(pairs.items()))
    if surge == 0:
        return _replace(seen, ordered, max_unavailable(seen.owner, len(wanted)))
    return _surge(seen, ordered, surge, wanted)


def _pair(seen: Seen, pods: Iterable[Pod], digest: str) -> tuple[Pod | None, Pod | None] | None:
    """The new and the old pod of a node; None if there are several of a sort, which `place` sees to first."""
    living = [pod for pod in pods if not is_ending(pod)]
    new = [pod for pod in living if _is_updated(seen.owner, pod, digest)]
    old = [pod for pod in living if pod not in new]
    if len(new) > 1 or len(old) > 1:
        return None
    return (new[0] if new else None, old[0] if old else None)


Pairs = Mapping[str, tuple[Pod | None, Pod | None] | None]


def _available(seen: Seen, pod: Pod) -> bool:
    return of_pods.is_available(pod, seen.owner.spec.min_ready_seconds or 0, seen.now)


def _replace(seen: Seen, pairs: Pairs, allowed: int) -> Steps:
    """Old pods end first, new ones follow in their place."""
    missing, broken, candidates = 0, [], []
    for pair in pairs.values():
        match pair:
            case (new, None) if new is not None:
                missing += not _available(seen, new)
            case (None, old) if old is not None and _available(seen, old):
                candidates.append(old)
            case (None, old) if old is not None:
                broken.append(old)  # nothing is lost by replacing it
                missing += 1
            case _:
                missing += 1
    return Steps(end=(*broken, *candidates[: max(0, allowed - missing)]))


def _surge(seen: Seen, pairs: Pairs, allowed: int, wanted: Sequence[str]) -> Steps:
    """New pods start beside old ones, which end when the new are available."""
    start_now: list[str] = []
    candidates: list[str] = []
    end: list[Pod] = []
    unwanted: list[Pod] = []
    surging = available = 0
    for name, pair in pairs.items():
        if pair is None:
            surging += 1
            continue
        new, old = pair
        shown = old or new
        available += shown is not None and _available(seen, shown)
        if old is None:
            continue
        if new is not None:
            if _available(seen, new):
                end.append(old)
            else:
                surging += 1
        elif name not in wanted:
            (unwanted if _available(seen, old) else end).append(old)
        else:
            (candidates if _available(seen, old) else start_now).append(name)
    end += unwanted[: max(0, available - len(wanted))]
    return Steps((*start_now, *candidates[: max(0, allowed - surging)]), tuple(end))


# What is written


def _creations(seen: Seen, nodes: Iterable[str], digest: str) -> Iterable[Action]:
    owner, about = seen.owner, reference(DAEMON_SET, seen.owner)
    for node in nodes:
        start = of_pods.prefix(owner.metadata.name)
        name = generated(start, owner.metadata.uid, node, seen.now.isoformat())
        event = Record(about, "Normal", "SuccessfulCreate", f"Created pod: {name}")
        yield Create(POD, new_pod(owner, node, digest, name), event)


def _deletions(seen: Seen, pods: Iterable[Pod]) -> Iterable[Action]:
    about = reference(DAEMON_SET, seen.owner)
    for pod in pods:
        event = Record(about, "Normal", "SuccessfulDelete", f"Deleted pod: {pod.metadata.name}")
        yield Delete(POD, key_of(pod), pod.metadata.uid, event=event)


def status_of(seen: Seen, on_node: Mapping[str, Sequence[Pod]], digest: str) -> DaemonSetStatus:
    wanted = [n.metadata.name for n in seen.nodes if should_run(seen.owner, n)[0]]
    known = {n.metadata.name for n in seen.nodes}
    pods = [on_node[name][0] for name in wanted if name in on_node]
    available = sum(_available(seen, pod) for pod in pods)
    return structs.replace(
        seen.owner.status,
        observed_generation=seen.owner.metadata.generation,
        desired_number_scheduled=len(wanted),
        current_number_scheduled=len(pods),
        number_misscheduled=len((known & on_node.keys()) - set(wanted)),
        number_ready=sum(map(of_pods.is_ready, pods)),
        number_available=available or None,
        number_unavailable=(len(wanted) - available) or None,
        updated_number_scheduled=sum(_is_updated(seen.owner, pod, digest) for pod in pods) or None,
    )


def failed(seen: Seen, action: Action, exc: ApiError) -> tuple[Action, ...]:
    about = reference(DAEMON_SET, seen.owner)
    match action:
        case Create(kind) if kind is POD:
            return (Record(about, "Warning", "FailedCreate", f"Error creating: {exc}"),)
        case Delete(kind) if kind is POD:
            return (Record(about, "Warning", "FailedDelete", f"Error deleting: {exc}"),)
    return ()


# What wakes it


def _wanting(pod: Pod, reads: Reads) -> Iterable[Key]:
    if controller_of(pod) is not None or is_ending(pod):
        return
    for owner in reads.list(DAEMON_SET, pod.metadata.namespace):
        selector = selector_of(owner.spec.selector)
        if selector is not None and selector.matches(pod.metadata.labels):
            yield key_of(owner)


def _of_node(node: Node, reads: Reads) -> Iterable[Key]:
    return [key_of(owner) for owner in reads.list(DAEMON_SET)]


def matters(old: Node, new: Node) -> bool:
    """Whether a change of a node can change which daemons belong there: heartbeats do not."""
    return (
        old.metadata.labels != new.metadata.labels
        or old.spec.taints != new.spec.taints
        or old.spec.unschedulable != new.spec.unschedulable
    )


DAEMON_SETS = Controller(
    name="daemonset-controller",
    root=DAEMON_SET,
    observe=observe,
    decide=decide,
    watches=(
        owned(POD, DAEMON_SET),
        owned(CONTROLLER_REVISION, DAEMON_SET),
        Watch(POD, _wanting),
        Watch(NODE, _of_node, matters),
    ),
    indexes=(of_pods.BY_LABEL, ORPHANS),
    failed=failed,
)
