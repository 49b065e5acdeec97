"""What needs the caller's attention, in all places that they see."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from msgspec import Meta, Struct

from armillary.base.errors import ApiError
from armillary.base.words import Language, spoken
from armillary.kube.kind import Ref
from armillary.kube.kinds.core import NAMESPACE
from armillary.platform.capabilities.resources.around import sort_of
from armillary.platform.capabilities.resources.asking import Deps, where
from armillary.platform.capabilities.resources.decide.attention import UNBOUND, Trouble, is_at_rest, troubles
from armillary.platform.capabilities.resources.decide.happened import in_order
from armillary.platform.capabilities.resources.decide.thing import Thing, Things
from armillary.platform.capabilities.resources.decide.uses import CLAIM, used_by
from armillary.platform.capabilities.resources.library import Name
from armillary.platform.capabilities.resources.objects.detail import ObjectRef
from armillary.platform.capabilities.tenancy.kinds import PROJECT_LABEL, WORKSPACE_LABEL
from armillary.platform.capabilities.why.ports import cause_of
from armillary.platform.frame.caller import Caller
from armillary.platform.frame.capability import Call
from armillary.platform.frame.parts import HOST

MOST = 50
OTHERS_SECONDS = 3.0  # for other clusters than the host: one that is slow holds up nobody's first page
LOOKED_AT: tuple[Name, ...] = (
    ("apps", "v1", "deployments"),
    ("apps", "v1", "statefulsets"),
    ("apps", "v1", "daemonsets"),
    ("apps", "v1", "replicasets"),
    ("batch", "v1", "cronjobs"),
    ("batch", "v1", "jobs"),
    ("", "v1", "pods"),
    ("", "v1", "persistentvolumeclaims"),
    ("", "v1", "resourcequotas"),
    ("", "v1", "nodes"),
    ("", "v1", "events"),
)
_PODS_LOOKED_INTO = 3  # of one workload: its likes say the same


class Needing(Struct, frozen=True, kw_only=True):
    """One thing that does not work."""

    cluster: str
    ref: ObjectRef
    status: Annotated[str, Meta(description="In a word: failing, or full of a quota.")]
    since: Annotated[str, Meta(description="When it began; none if nobody knows.")]
    reason: Annotated[str, Meta(description="One line, in the caller's language.")]
    code: Annotated[str, Meta(description="Of the reason, where `armillary why` knows it: `image-missing`.")] = ""
    workspace: str = ""
    project: str = ""


class Attention(Struct, frozen=True, kw_only=True):
    items: Annotated[tuple[Needing, ...], Meta(description=f"The newest first, at most {MOST}.")]
    total: int


async def attention(call: Call, deps: Deps) -> Attention:
    caller, now = call.user, deps.clock.now()
    language = spoken(caller.language)
    found: list[tuple[str, Trouble, _Seen]] = []
    clusters = deps.clusters.names()
    for cluster, seen in zip(clusters, await asyncio.gather(*(_look(deps, caller, c) for c in clusters)), strict=True):
        found += [(cluster, trouble, seen) for trouble in troubles(seen.things, seen.warned, now)]
    found.sort(key=lambda item: item[1].since, reverse=True)
    return Attention(
        items=tuple(_told(deps, cluster, trouble, seen, language) for cluster, trouble, seen in found[:MOST]),
        total=len(found),
    )


class _Seen:
    """What the caller sees of a cluster; `events` by the uid of what they are about."""

    def __init__(self, things: Mapping[str, Sequence[Thing]]) -> None:
        self.things: Things = {kind: found for kind, found in things.items() if kind != "Event"}
        self.events: dict[str, list[Thing]] = {}
        for event in things.get("Event", ()):
            for uid in event.row.owners:
                self.events.setdefault(uid, []).append(event)
        self.made: dict[str, list[Thing]] = {}  # by their owner
        for kind in ("ReplicaSet", "Job"):
            for thing in self.things.get(kind, ()):
                for uid in thing.row.owners:
                    self.made.setdefault(uid, []).append(thing)
        self.warned = frozenset(
            uid for uid, events in self.events.items() if any(e.cell("type") == "Warning" for e in events)
        )


async def _look(deps: Deps, caller: Caller, cluster: str) -> _Seen:
    """Nothing of another cluster that does not answer soon."""
    try:
        async with asyncio.timeout(None if cluster == HOST else OTHERS_SECONDS):
            found = await asyncio.gather(*(_of(deps, caller, cluster, name) for name in LOOKED_AT))
    except TimeoutError:
        found = []
    return _Seen({things[0].kind: things for things in found if things})


async def _of(deps: Deps, caller: Caller, cluster: str, name: Name) -> list[Thing]:
    """Nothing where the cluster is away, does not serve it, or does not let them."""
    try:
        served = await deps.library.served(cluster, name)
        allowed = await where(deps, caller, cluster, served, "")
        if allowed is not None and not allowed:
            return []
        rows = (await deps.library.shelf(cluster, name)).rows
    except ApiError:
        return []
    sort, index = sort_of(served), rows.index
    seen = (row for row in rows if allowed is None or row.namespace in allowed)
    return [Thing(sort, row, index) for row in seen if not is_at_rest(sort.kind, row, index)]


def _told(deps: Deps, cluster: str, trouble: Trouble, seen: _Seen, language: Language) -> Needing:
    subject = trouble.subject
    code, reason = _reason(trouble, seen, language)
    space = deps.reads.get(NAMESPACE, subject.namespace) if cluster == HOST and subject.namespace else None
    labels = space.metadata.labels if space is not None else {}
    return Needing(
        cluster=cluster,
        ref=ObjectRef(
            kind=subject.sort.kind,
            name=subject.name,
            group=subject.sort.group,
            version=subject.sort.version,
            plural=subject.sort.plural,
            namespace=subject.namespace,
            uid=subject.uid,
        ),
        status="failing" if subject.kind != "ResourceQuota" else "full",
        since=trouble.since,
        reason=reason,
        code=code,
        workspace=labels.get(WORKSPACE_LABEL, ""),
        project=labels.get(PROJECT_LABEL, ""),
    )


def _reason(trouble: Trouble, seen: _Seen, language: Language) -> tuple[str, str]:
    """What `why` says of it; else what the trouble itself says."""
    subject = trouble.subject
    if subject.kind not in ("ResourceQuota", "Node"):
        ref = Ref(subject.kind, subject.namespace, subject.name)
        cause = cause_of(ref, _facts(trouble, seen), language)
        if cause is not None:
            return cause.code, cause.says
    if subject.kind == CLAIM and (said := _last_words(subject, seen)):
        return "", UNBOUND.say(language, said=said)
    return "", trouble.says.say(language, **trouble.values)


def _facts(trouble: Trouble, seen: _Seen) -> dict[str, list[Mapping[str, Any]]]:
    subject, pods = trouble.subject, trouble.pods[:_PODS_LOOKED_INTO]
    around = [subject, *seen.made.get(subject.uid, ()), *pods] if subject.kind != "Pod" else [subject]
    facts: dict[str, list[Mapping[str, Any]]] = {}
    for thing in around:
        facts.setdefault(thing.kind, []).append(thing.object)
    named = {name for pod in around if pod.kind == "Pod" for kind, name in used_by(pod) if kind == CLAIM}
    claims = (c for c in seen.things.get(CLAIM, ()) if c.namespace == subject.namespace and c.name in named)
    facts.setdefault(CLAIM, [claim.object for claim in claims])
    events = [event.object for thing in around for event in seen.events.get(thing.uid, ())]
    facts["Event"] = in_order(events)[::-1]
    return facts


def _last_words(subject: Thing, seen: _Seen) -> str:
    """Of the newest event about it."""
    events = in_order(event.object for event in seen.events.get(subject.uid, ()))
    return str(events[0].get("message") or "") if events else ""
