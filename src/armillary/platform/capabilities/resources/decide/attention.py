"""What in a cluster needs somebody's attention: it does not work, and has not for a while. Pure.

Pods are told with what made them: ten pods of one Deployment are one trouble.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from armillary.base.clock import age
from armillary.base.quantity import parse_quantity
from armillary.base.words import Words
from armillary.platform.capabilities.resources.decide.graph import owned_pods
from armillary.platform.capabilities.resources.decide.rows import Row
from armillary.platform.capabilities.resources.decide.state import state_of
from armillary.platform.capabilities.resources.decide.thing import Thing, Things
from armillary.platform.capabilities.resources.decide.uses import CLAIM, WORKLOADS, used_by

PATIENCE = timedelta(seconds=60)  # for what starts, or is bound
REMEMBERED = timedelta(hours=24)  # how long a job that failed is news
FULL = 0.9  # of a quota
_ENDED = ("Completed", "Succeeded")

NOT_READY = Words("it is not ready: {said}", "它未就绪：{said}")
NOT_AVAILABLE = Words("{said} of its replicas are ready", "其副本仅 {said} 就绪")
JOB_FAILED = Words("it failed: {said}", "它已失败：{said}")
UNBOUND = Words("it waits for a volume: {said}", "它正在等待存储卷：{said}")
NO_VOLUME = Words("it waits for a volume", "它正在等待存储卷")
NEARLY_FULL = Words("{resource}: {used} of {hard} are used", "{resource}：已使用 {used}，上限 {hard}")
NODE_DOWN = Words("the node is not ready: {said}", "节点未就绪：{said}")


@dataclass(frozen=True, slots=True)
class Trouble:
    """`says` stands where `why` knows nothing better; `since` is "" where nobody knows."""

    subject: Thing
    since: str
    says: Words
    values: Mapping[str, str] = field(default_factory=dict)
    pods: tuple[Thing, ...] = ()


def troubles(things: Things, warned: frozenset[str], now: datetime) -> list[Trouble]:
    """The newest first, then those of which nobody knows. `warned`: uids of what the cluster's events warn of."""
    waiting = [(pod, since) for pod in things.get("Pod", ()) if (since := _waits_since(pod, now))]
    found = [*_of_pods(things, waiting)]
    told = {trouble.subject.uid for trouble in found}
    others = (thing for kind in _JUDGES for thing in things.get(kind, ()) if thing.uid not in told)
    found += [trouble for thing in others if (trouble := _JUDGES[thing.kind](thing, now)) is not None]
    found += _claims(things, [pod for pod, _ in waiting], warned, now)
    return sorted(found, key=lambda trouble: trouble.since, reverse=True)


def is_at_rest(kind: str, row: Row, index: Mapping[str, int]) -> bool:
    """Whether a row's cells alone say that all is well: of tens of thousands only the others are looked into."""

    def cell(column: str) -> str:
        return str(row.cells[index[column]]) if column in index else ""

    match kind:
        case "Pod":
            have, _, want = cell("ready").partition("/")
            return cell("status") in _ENDED or (cell("status") == "Running" and have == want)
        case "Deployment":
            have, _, want = cell("ready").partition("/")
            return have == want == cell("up-to-date")
        case "StatefulSet":
            have, _, want = cell("ready").partition("/")
            return have == want
        case "DaemonSet":
            return cell("desired") == cell("ready")
        case "Job":
            return cell("status") in ("Complete", "Suspended")  # one that runs is what its pods are told with
    return False


def _lasts(since: str, now: datetime) -> bool:
    return bool(since) and age(since, now) > PATIENCE


def _condition(thing: Thing, type_: str) -> Mapping[str, Any]:
    return next((c for c in thing.status.get("conditions") or () if c.get("type") == type_), {})


def _waits_since(pod: Thing, now: datetime) -> str:
    """Since when a pod has not been what it should; "" if it is, or has not had its time. Looks at cells first."""
    state, _ = state_of(pod)
    if state in ("healthy", "off"):
        return ""
    ready = _condition(pod, "Ready")
    since = str(pod.object["metadata"].get("deletionTimestamp") or ready.get("lastTransitionTime") or pod.row.created)
    return since if state == "failing" or _lasts(since, now) else ""


def _of_pods(things: Things, waiting: Iterable[tuple[Thing, str]]) -> Iterator[Trouble]:
    """By what is at the top of their owners, if it is there to see."""
    owners = owned_pods(things)
    known = {thing.uid: thing for kind in WORKLOADS for thing in things.get(kind, ())}
    groups: dict[str, list[tuple[Thing, str]]] = {}
    for pod, since in waiting:
        groups.setdefault(owners.get(pod.uid, pod.uid), []).append((pod, since))
    for uid, pods in groups.items():
        said = state_of(pods[0][0])[1]
        since = min(since for _, since in pods)
        yield Trouble(known[uid], since, NOT_READY, {"said": said}, tuple(pod for pod, _ in pods))


def _deployment(thing: Thing, now: datetime) -> Trouble | None:
    if thing.spec.get("replicas") == 0:
        return None
    for type_, bad in (("Available", "False"), ("Progressing", "False"), ("ReplicaFailure", "True")):
        condition = _condition(thing, type_)
        since = str(condition.get("lastTransitionTime") or "")
        if condition.get("status") == bad and _lasts(since, now):
            return Trouble(thing, since, NOT_AVAILABLE, {"said": state_of(thing)[1]})
    return None


def _lacking(thing: Thing, now: datetime) -> Trouble | None:
    """Pods that could not even be made: those that are not ready were told as pods."""
    status = thing.status
    wanted = thing.spec.get("replicas", 1) if thing.kind == "StatefulSet" else status.get("desiredNumberScheduled") or 0
    made = status.get("replicas" if thing.kind == "StatefulSet" else "currentNumberScheduled") or 0
    if made >= wanted or not _lasts(thing.row.created, now):
        return None
    return Trouble(thing, thing.row.created, NOT_AVAILABLE, {"said": state_of(thing)[1]})


def _job(thing: Thing, now: datetime) -> Trouble | None:
    failed = _condition(thing, "Failed")
    since = str(failed.get("lastTransitionTime") or "")
    if failed.get("status") != "True" or not since or age(since, now) > REMEMBERED:
        return None
    return Trouble(thing, since, JOB_FAILED, {"said": str(failed.get("message") or failed.get("reason") or "")})


def _claims(things: Things, waiting: Iterable[Thing], warned: frozenset[str], now: datetime) -> Iterator[Trouble]:
    """Those that a pod waits for, or that events warn of: a claim that nobody mounts may well be unbound."""
    wanted = {(pod.namespace, name) for pod in waiting for kind, name in used_by(pod) if kind == CLAIM}
    for claim in things.get(CLAIM, ()):
        is_bound = claim.cell("status") not in ("Pending", "Lost")
        is_wanted = (claim.namespace, claim.name) in wanted or claim.uid in warned
        if not is_bound and is_wanted and _lasts(claim.row.created, now):
            yield Trouble(claim, claim.row.created, NO_VOLUME)


def _node(node: Thing, now: datetime) -> Trouble | None:
    if node.cell("status").partition(",")[0] == "Ready":
        return None
    ready = _condition(node, "Ready")
    since = str(ready.get("lastTransitionTime") or node.row.created)
    said = str(ready.get("message") or ready.get("reason") or node.cell("status"))
    return Trouble(node, since, NODE_DOWN, {"said": said}) if _lasts(since, now) else None


def _quota(quota: Thing, now: datetime) -> Trouble | None:
    """What is used most of all. Nobody knows since when."""
    used = quota.status.get("used") or {}
    worst, most = "", FULL
    for resource, limit in (quota.status.get("hard") or {}).items():
        hard = parse_quantity(limit)
        share = float(parse_quantity(used.get(resource, 0)) / hard) if hard else 0.0
        if share > most:
            worst, most = resource, share
    if not worst:
        return None
    values = {"resource": worst, "used": str(used[worst]), "hard": str(quota.status["hard"][worst])}
    return Trouble(quota, "", NEARLY_FULL, values)


_JUDGES: Mapping[str, Callable[[Thing, datetime], Trouble | None]] = {
    "Deployment": _deployment,
    "StatefulSet": _lacking,
    "DaemonSet": _lacking,
    "Job": _job,
    "Node": _node,
    "ResourceQuota": _quota,
}
