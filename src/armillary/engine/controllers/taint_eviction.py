"""Pods on nodes with a `NoExecute` taint: asked to leave, at once or when what they tolerate has run out.

Upstream: pkg/controller/tainteviction.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from msgspec import structs, to_builtins

from armillary.base.clock import format_time, parse_time
from armillary.engine.controllers.conditions import condition
from armillary.engine.controllers.node_lifecycle import ON_NODE
from armillary.kube.client import PatchType
from armillary.kube.events import Record
from armillary.kube.kinds.core import NODE, POD, Node, Pod, PodCondition, Taint
from armillary.kube.object import Key, is_ending, key_of, reference
from armillary.kube.placement import tolerates
from armillary.kube.reconcile import Action, Controller, Decision, Delete, Patch, Reads, Watch

DISRUPTED = "DisruptionTarget"


@dataclass(frozen=True, slots=True)
class Seen:
    """A node with `NoExecute` taints, since when it has each, and the pods on it."""

    node: Node
    since: Mapping[Taint, datetime]
    pods: tuple[Pod, ...]
    now: datetime


def leaves_at(pod: Pod, since: Mapping[Taint, datetime]) -> datetime | None:
    """When a pod must leave; None if it may stay."""
    moments: list[datetime] = []
    for taint, start in since.items():
        fitting = [t for t in pod.spec.tolerations if tolerates(t, taint)]
        if not fitting:
            moments.append(start)
            continue
        limits = [t.toleration_seconds for t in fitting if t.toleration_seconds is not None]
        if limits:
            moments.append(start + timedelta(seconds=max(0, min(limits))))
    return min(moments, default=None)


def decide(seen: Seen) -> Decision:
    actions: list[Action] = []
    waits: list[timedelta] = []
    for pod in seen.pods:
        at = leaves_at(pod, seen.since)
        if at is None or is_ending(pod):
            continue
        if at > seen.now:
            waits.append(at - seen.now)
        else:
            actions += _evict(pod, seen.now)
    # Every pod is told why before any is deleted: like actions are done side by side.
    actions.sort(key=lambda action: isinstance(action, Delete))
    because = f"drives off {len(actions) // 2} pods" if actions else f"{len(waits)} pods may stay for a while"
    return Decision(because, tuple(actions), min(waits, default=None))


def _evict(pod: Pod, now: datetime) -> Iterable[Action]:
    if condition(pod.status.conditions, DISRUPTED) is None:
        why = PodCondition(
            type=DISRUPTED,
            status="True",
            reason="DeletionByTaintManager",
            message="Taint manager: deleting due to NoExecute taint",
            last_transition_time=format_time(now),
        )
        yield disrupted(pod, why)
    words = f"Marking for deletion Pod {pod.metadata.namespace}/{pod.metadata.name}"
    event = Record(reference(POD, pod), "Normal", "TaintManagerEviction", words)
    yield Delete(POD, key_of(pod), pod.metadata.uid, event=event)


def disrupted(pod: Pod, why: PodCondition, **status: str) -> Patch:
    """A pod's status with that condition among the others, and whatever else is to be said."""
    body = {"metadata": {"uid": pod.metadata.uid}, "status": {"conditions": [to_builtins(why)], **status}}
    return Patch(POD, key_of(pod), body, PatchType.STRATEGIC, "status")


class _Watchman:
    """What observing needs to remember: since when a node has taints that do not say so themselves."""

    def __init__(self) -> None:
        self._since: dict[tuple[str, Taint], datetime] = {}

    async def observe(self, key: Key, reads: Reads) -> Seen | None:
        node = reads.get(NODE, key[1])
        taints = [t for t in node.spec.taints if t.effect == "NoExecute"] if node else []
        known = {entry for entry in self._since if entry[0] == key[1]}
        for entry in known - {(key[1], _timeless(t)) for t in taints}:
            del self._since[entry]
        if node is None or not taints:
            return None
        since = {t: self._start(key[1], t, reads.now()) for t in taints}
        return Seen(node, since, tuple(reads.by(POD, ON_NODE.name, key[1])), reads.now())

    def _start(self, node: str, taint: Taint, now: datetime) -> datetime:
        if taint.time_added:
            return parse_time(taint.time_added)
        return self._since.setdefault((node, _timeless(taint)), now)


def _timeless(taint: Taint) -> Taint:
    return structs.replace(taint, time_added="")


def _of_pod(pod: Pod, reads: Reads) -> Iterable[Key]:
    node = reads.get(NODE, pod.spec.node_name) if pod.spec.node_name else None
    if node is not None and any(t.effect == "NoExecute" for t in node.spec.taints):
        yield "", pod.spec.node_name


def taint_evictions() -> Controller[Seen]:
    return Controller(
        name="taint-eviction-controller",
        root=NODE,
        observe=_Watchman().observe,
        decide=decide,
        watches=(Watch(POD, _of_pod),),
        indexes=(ON_NODE,),
    )
