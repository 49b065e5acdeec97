"""Nodes that fall silent: told as unknown, tainted by their conditions, their pods told as not ready.

Upstream: pkg/controller/nodelifecycle.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from msgspec import structs, to_builtins

from armillary.base.clock import format_time, parse_time
from armillary.engine.controllers.conditions import condition, is_true
from armillary.engine.controllers.pods import ready_condition
from armillary.kube.client import PatchType
from armillary.kube.events import Record
from armillary.kube.kinds.coordination import LEASE, Lease
from armillary.kube.kinds.core import NODE, POD, Node, NodeCondition, ObjectReference, Pod, Taint
from armillary.kube.object import Key, is_ending, key_of, reference
from armillary.kube.reconcile import Action, Controller, Decision, Index, Patch, Reads, Update

GRACE = timedelta(seconds=50)  # upstream's nodeMonitorGracePeriod
STARTUP_GRACE = timedelta(seconds=60)  # and nodeStartupGracePeriod, for those that never told anything
LOOK_AGAIN = timedelta(seconds=5)  # nodeMonitorPeriod
LEASES = "kube-node-lease"
NOT_READY, UNREACHABLE = "node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"
_TOLD = ("Ready", "MemoryPressure", "DiskPressure", "PIDPressure")
_BY_CONDITION = {  # condition type -> status -> taint
    "Ready": {"False": NOT_READY, "Unknown": UNREACHABLE},
    "MemoryPressure": {"True": "node.kubernetes.io/memory-pressure"},
    "DiskPressure": {"True": "node.kubernetes.io/disk-pressure"},
    "NetworkUnavailable": {"True": "node.kubernetes.io/network-unavailable"},
    "PIDPressure": {"True": "node.kubernetes.io/pid-pressure"},
}
_UNSCHEDULABLE = "node.kubernetes.io/unschedulable"
_OURS = {_UNSCHEDULABLE, *(key for statuses in _BY_CONDITION.values() for key in statuses.values())}


@dataclass(frozen=True, slots=True)
class Seen:
    """A node and its signs of life. `since` is when looking began: silence before that proves nothing."""

    node: Node
    lease: Lease | None
    pods: tuple[Pod, ...]  # on it, when it is not ready
    others_ready: bool  # whether any other node is ready, when this one is not
    since: datetime
    now: datetime
    is_new: bool = False  # seen for the first time


def _by_node(pod: Pod) -> Iterable[str]:
    return (pod.spec.node_name,) if pod.spec.node_name else ()


ON_NODE = Index(POD, "node", _by_node)


def decide(seen: Seen) -> Decision:
    if is_ending(seen.node):
        return Decision("is being deleted")
    node, left = seen.node, _time_left(seen)
    if left <= timedelta():
        silent = structs.replace(node, status=structs.replace(node.status, conditions=_unknown(seen)))
        if silent.status != node.status:
            told = _told_of_silence(node)
            return Decision("has fallen silent", (Update(NODE, silent, "status"), *told))
    taints = wanted_taints(seen)
    name = node.metadata.name
    actions: list[Action] = []
    if seen.is_new:
        words = f"Node {name} event: Registered Node {name} in Controller"
        actions.append(_record(node, "RegisteredNode", words))
    if _plain(taints) != _plain(node.spec.taints):
        actions.append(Update(NODE, structs.replace(node, spec=structs.replace(node.spec, taints=taints))))
    actions += _pods_not_ready(seen)
    again = max(left, LOOK_AGAIN) if is_true(node.status.conditions, "Ready") else LOOK_AGAIN
    return Decision("is tainted as its conditions ask", tuple(actions), again)


def _plain(taints: Iterable[Taint]) -> set[tuple[str, str, str]]:
    return {(t.key, t.value, t.effect) for t in taints}


def _time_left(seen: Seen) -> timedelta:
    """Until its silence is too long."""
    ready = condition(seen.node.status.conditions, "Ready")
    signs = [seen.since, parse_time(seen.node.metadata.creation_timestamp)]
    if ready is not None and ready.last_heartbeat_time:
        signs.append(parse_time(ready.last_heartbeat_time))
    if seen.lease is not None and seen.lease.spec.renew_time:
        signs.append(parse_time(seen.lease.spec.renew_time))
    return max(signs) + (STARTUP_GRACE if ready is None else GRACE) - seen.now


def _unknown(seen: Seen) -> tuple[NodeCondition, ...]:
    at, node = format_time(seen.now), seen.node
    found = {c.type: c for c in node.status.conditions}
    for name in _TOLD:
        old = found.get(name)
        if old is None:
            found[name] = NodeCondition(
                type=name,
                status="Unknown",
                reason="NodeStatusNeverUpdated",
                message="Kubelet never posted node status.",
                last_heartbeat_time=node.metadata.creation_timestamp,
                last_transition_time=at,
            )
        elif old.status != "Unknown":
            found[name] = structs.replace(
                old,
                status="Unknown",
                reason="NodeStatusUnknown",
                message="Kubelet stopped posting node status.",
                last_transition_time=at,
            )
    return tuple(found.values())


def _told_of_silence(node: Node) -> tuple[Record, ...]:
    if not is_true(node.status.conditions, "Ready"):
        return ()
    return (_record(node, "NodeNotReady", f"Node {node.metadata.name} status is now: NodeNotReady"),)


def _record(node: Node, reason: str, words: str) -> Record:
    about = ObjectReference(api_version="v1", kind="Node", name=node.metadata.name, uid=node.metadata.uid)
    return Record(about, "Normal", reason, words)


def wanted_taints(seen: Seen) -> tuple[Taint, ...]:
    """Others' taints as they are, and ours as the conditions ask."""
    node, at = seen.node, format_time(seen.now)
    wanted = [
        Taint(key=key, effect="NoSchedule")
        for c in node.status.conditions
        if (key := _BY_CONDITION.get(c.type, {}).get(c.status))
    ]
    if node.spec.unschedulable:
        wanted.append(Taint(key=_UNSCHEDULABLE, effect="NoSchedule"))
    ready = condition(node.status.conditions, "Ready")
    if ready is not None and ready.status != "True" and seen.others_ready:
        # When no node is ready the fault is likely ours, and driving pods off would help nobody.
        wanted.append(Taint(key=_BY_CONDITION["Ready"][ready.status], effect="NoExecute", time_added=at))
    if ready is None:
        # Nothing is known yet: whatever admission put there stays.
        wanted += [t for t in node.spec.taints if t.key == NOT_READY and t not in wanted]
    kept = {(t.key, t.effect): t for t in node.spec.taints}
    others = [t for t in node.spec.taints if t.key not in _OURS]
    return (*others, *(kept.get((t.key, t.effect), t) for t in wanted))


def _pods_not_ready(seen: Seen) -> Iterable[Action]:
    """Nobody is left to say so of pods on a silent node."""
    ready = condition(seen.node.status.conditions, "Ready")
    if ready is None or ready.status != "Unknown":
        return
    for pod in seen.pods:
        was = ready_condition(pod)
        if was is None or was.status != "True":
            continue
        told = structs.replace(was, status="False", last_transition_time=format_time(seen.now))
        body = {"metadata": {"uid": pod.metadata.uid}, "status": {"conditions": [to_builtins(told)]}}
        event = Record(reference(POD, pod), "Warning", "NodeNotReady", "Node is not ready")
        yield Patch(POD, key_of(pod), body, PatchType.STRATEGIC, "status", event)


class _Watchman:
    """What observing needs to remember: since when it watches, and which nodes it knows."""

    def __init__(self) -> None:
        self._since: datetime | None = None
        self._known: set[str] = set()

    async def observe(self, key: Key, reads: Reads) -> Seen | None:
        self._since = self._since or reads.now()
        node = reads.get(NODE, key[1])
        if node is None:
            return None
        is_new = node.metadata.uid not in self._known
        self._known.add(node.metadata.uid)
        lease = reads.get(LEASE, key[1], LEASES)
        if is_true(node.status.conditions, "Ready"):
            return Seen(node, lease, (), True, self._since, reads.now(), is_new)
        pods = tuple(reads.by(POD, ON_NODE.name, key[1]))
        others = any(is_true(n.status.conditions, "Ready") for n in reads.list(NODE) if n.metadata.name != key[1])
        return Seen(node, lease, pods, others, self._since, reads.now(), is_new)


def node_lifecycle() -> Controller[Seen]:
    return Controller(
        name="node-controller",
        root=NODE,
        observe=_Watchman().observe,
        decide=decide,
        reads=(LEASE,),
        indexes=(ON_NODE,),
        workers=8,
    )
