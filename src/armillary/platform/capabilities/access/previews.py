"""What a change would mean for whom, before it is made. Who may see the members of a place may ask."""

from typing import Annotated, Any

from msgspec import Struct

from armillary.kube.custom import doc
from armillary.platform.capabilities.access.decide.preview import Change, changes
from armillary.platform.capabilities.access.decide.rules import Permission, as_rules, permissions_of
from armillary.platform.capabilities.access.entrance import enter
from armillary.platform.capabilities.access.kinds import Level
from armillary.platform.capabilities.access.members import find_membership, has_role, memberships
from armillary.platform.capabilities.access.observed import observe_people, observe_rbac
from armillary.platform.capabilities.access.places import NAME_OR_NONE, Place
from armillary.platform.capabilities.access.roles import Rule, find_role, rules_of, shown
from armillary.platform.capabilities.access.templates.all import CATALOGUES
from armillary.platform.frame.capability import Call
from armillary.platform.frame.parts import Parts


class Effect(Struct, frozen=True, kw_only=True, rename="camel"):
    """For one user; what they hold by other means is not counted."""

    user: str
    gains: Annotated[tuple[str, ...], doc("Permission templates.")]
    loses: Annotated[tuple[str, ...], doc("Permission templates.")]
    gains_rules: tuple[Rule, ...]
    loses_rules: tuple[Rule, ...]


class Preview(Struct, frozen=True, kw_only=True, rename="camel"):
    role: str
    adds: Annotated[tuple[Rule, ...], doc("What the role would allow that it does not.")]
    takes: Annotated[tuple[Rule, ...], doc("What it would not allow any more.")]
    users: tuple[Effect, ...]


class NextRole(Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    role: Annotated[
        str, doc("The role after the change; none if the member is removed.", pattern=NAME_OR_NONE, max_length=63)
    ] = ""


async def preview_role(call: Call, parts: Parts, level: Level) -> Preview:
    place = await enter(call, parts, level)
    client = parts.clusters.client_as(call.user, place.cluster)
    name, body = call.path["role"], call.body
    role = await find_role(client, place, name)
    held = [b for b in await memberships(client, place) if b.role_ref.name == role.metadata.name]
    after = permissions_of(rules_of(level, body.templates))
    return await _preview(parts, place, name, held, permissions_of(role.rules), after)


async def preview_member(call: Call, parts: Parts, level: Level) -> Preview:
    place = await enter(call, parts, level)
    client = parts.clusters.client_as(call.user, place.cluster)
    binding = await find_membership(client, place, call.path["member"])
    now = binding.role_ref.name.removeprefix(place.prefix)
    before = (await has_role(parts, place, now)).rules
    after = (await has_role(parts, place, call.body.role)).rules if call.body.role else ()
    name = call.body.role or now
    return await _preview(parts, place, name, [binding], permissions_of(before), permissions_of(after))


async def _preview(
    parts: Parts,
    place: Place,
    name: str,
    bindings: list[Any],
    before: frozenset[Permission],
    after: frozenset[Permission],
) -> Preview:
    rbac = await observe_rbac(parts, place.cluster)
    found = changes(rbac, observe_people(parts), place, CATALOGUES[place.level], bindings, before, after)
    return Preview(
        role=name,
        adds=_rules(after - before),
        takes=_rules(before - after),
        users=tuple(map(_effect, found)),
    )


def _effect(change: Change) -> Effect:
    return Effect(
        user=change.user,
        gains=change.gains_templates,
        loses=change.loses_templates,
        gains_rules=_rules(change.gains),
        loses_rules=_rules(change.loses),
    )


def _rules(permissions: frozenset[Permission]) -> tuple[Rule, ...]:
    return tuple(map(shown, as_rules(permissions)))
