"""Pods that nobody will end: on nodes that are gone, never bound and deleted, or finished and too many.

Looked at all together, every so often. Upstream: pkg/controller/podgc.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from armillary.base.clock import format_time
from armillary.engine.controllers.pods import is_finished
from armillary.engine.controllers.taint_eviction import DISRUPTED, disrupted
from armillary.kube.client import Client
from armillary.kube.kinds.core import NAMESPACE, NODE, POD, Pod, PodCondition
from armillary.kube.object import Key, is_ending, key_of
from armillary.kube.reconcile import Action, Controller, Decision, Delete, Reads

ANCHOR = "kube-system"  # the one object that all looks hang on
PERIOD = timedelta(seconds=20)
QUARANTINE = timedelta(seconds=40)  # a node must have been gone for so long
THRESHOLD = 12_500  # finished pods that may lie about


@dataclass(frozen=True, slots=True)
class Seen:
    """All pods that may be swept up, and the nodes that are known to be gone."""

    pods: tuple[Pod, ...]
    gone: frozenset[str]
    threshold: int
    now: datetime


def decide(seen: Seen) -> Decision:
    orphaned = [pod for pod in seen.pods if pod.spec.node_name in seen.gone]
    unbound = [pod for pod in seen.pods if is_ending(pod) and not pod.spec.node_name]
    finished = [pod for pod in seen.pods if is_finished(pod) and not is_ending(pod) and pod not in orphaned]
    finished.sort(key=lambda pod: (pod.metadata.creation_timestamp, pod.metadata.name))
    excess = finished[: max(0, len(finished) - seen.threshold)] if seen.threshold > 0 else []
    told: list[Action] = [_told(pod, seen.now) for pod in orphaned if not is_finished(pod)]
    doomed: Iterable[Action] = [
        Delete(POD, key_of(pod), pod.metadata.uid, grace_seconds=0) for pod in (*orphaned, *unbound, *excess)
    ]
    actions = (*told, *doomed)
    return Decision(f"sweeps up {len(actions)} pods" if actions else "has nothing to sweep up", actions, PERIOD)


def _told(pod: Pod, now: datetime) -> Action:
    why = PodCondition(
        type=DISRUPTED,
        status="True",
        reason="DeletionByPodGC",
        message="PodGC: node no longer exists",
        last_transition_time=format_time(now),
    )
    return disrupted(pod, why, phase="Failed")


class _Sweeper:
    """What observing needs to remember: since when a node has been missing."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._missing: dict[str, datetime] = {}

    async def observe(self, threshold: int, _: Key, reads: Reads) -> Seen:
        pods, now = reads.list(POD), reads.now()
        named = {pod.spec.node_name for pod in pods if pod.spec.node_name}
        missing = {name for name in named if reads.get(NODE, name) is None}
        self._missing = {name: self._missing.get(name, now) for name in missing}
        late = [name for name, since in self._missing.items() if now - since >= QUARANTINE]
        gone = frozenset([name for name in late if await self._client.find(NODE, name) is None])
        concerned = [p for p in pods if p.spec.node_name in gone or is_finished(p) or is_ending(p)]
        return Seen(tuple(concerned), gone, threshold, now)


def pod_garbage_collector(client: Client, threshold: int = THRESHOLD) -> Controller[Seen]:
    return Controller(
        name="pod-garbage-collector",
        root=NAMESPACE,
        observe=partial(_Sweeper(client).observe, threshold),
        decide=decide,
        reads=(POD, NODE),
        workers=1,
        concerns=lambda namespace: namespace.metadata.name == ANCHOR,
    )
