"""Many questions at once: whether the caller may do each of several things at one place, and what would allow it."""

from typing import Annotated

from msgspec import Struct

from armillary.base.tasks import gather_limited
from armillary.kube.custom import doc
from armillary.platform.capabilities.access.decide.remedy import ways
from armillary.platform.capabilities.access.decide.rules import Permission
from armillary.platform.capabilities.access.kinds import Level
from armillary.platform.capabilities.access.places import Place
from armillary.platform.capabilities.access.questions import AT_ONCE, places_around, sees_cluster, sees_roles
from armillary.platform.frame.capability import Call
from armillary.platform.frame.parts import HOST, Asked, Parts, Verdict

MOST_ASKS = 100


class Ask(Struct, frozen=True, kw_only=True):
    verb: Annotated[str, doc("get, list, create, ...", min_length=1, max_length=63)]
    resource: Annotated[str, doc("As in paths; may have a subresource: pods/exec.", min_length=1, max_length=253)]
    group: Annotated[str, doc("The API group; none for the core.", max_length=253)] = ""
    name: Annotated[str, doc("Of one object.", max_length=253)] = ""


class Asks(Struct, frozen=True, kw_only=True):
    """What a page wants to know before it shows its buttons."""

    asks: Annotated[tuple[Ask, ...], doc("At most 100.", max_length=MOST_ASKS)]
    cluster: Annotated[str, doc("Which cluster.", max_length=63)] = HOST
    namespace: Annotated[str, doc("Where; the whole cluster if empty.", max_length=63)] = ""


class WayView(Struct, frozen=True, kw_only=True):
    level: Level
    place: str
    role: Annotated[str, doc("The smallest built-in role that allows it; none if empty.")]
    templates: tuple[str, ...]


class MayOrNot(Struct, frozen=True, kw_only=True):
    allowed: bool
    reason: Annotated[str, doc("In the cluster's own words.")] = ""
    roles: Annotated[tuple[WayView, ...], doc("If not: what would allow it, to who may see roles there.")] = ()


class Can(Struct, frozen=True, kw_only=True):
    items: Annotated[tuple[MayOrNot, ...], doc("In the order of the questions.")]


async def can(call: Call, parts: Parts) -> Can:
    body: Asks = call.body
    await sees_cluster(call, parts, body.cluster)
    verdicts: dict[Ask, Verdict] = {}

    async def learn(ask: Ask) -> None:
        asked = Asked(ask.verb, ask.group, ask.resource, body.namespace, ask.name)
        verdicts[ask] = await parts.rights.may(call.user, asked, cluster=body.cluster)

    await gather_limited(AT_ONCE, [learn(ask) for ask in dict.fromkeys(body.asks)])
    places: tuple[Place, ...] = ()
    if any(not v.allowed for v in verdicts.values()) and await sees_roles(call, parts, body.namespace, body.cluster):
        places = places_around(parts, body.namespace, body.cluster)
    told = {ask: _told(ask, verdict, places, body.namespace) for ask, verdict in verdicts.items()}
    return Can(items=tuple(told[ask] for ask in body.asks))


def _told(ask: Ask, verdict: Verdict, places: tuple[Place, ...], namespace: str) -> MayOrNot:
    if verdict.allowed:
        return MayOrNot(allowed=True)
    found = ways(places, Permission(ask.group, ask.resource, ask.verb, ask.name), namespace)
    roles = (WayView(level=w.place.level, place=str(w.place), role=w.role, templates=w.templates) for w in found)
    return MayOrNot(allowed=False, reason=verdict.reason, roles=tuple(roles))
