"""Members of a place: listed, invited, given another role, removed. All of it as the caller."""

from typing import Annotated, Any

from msgspec import Struct

from armillary.base.errors import AlreadyExists, ApiError, BadRequest, Conflict, Denied, NotFound
from armillary.kube.client import Client, encode
from armillary.kube.custom import doc
from armillary.platform.capabilities.access.decide.memberships import (
    binding_name,
    last_admin,
    member_of,
    membership,
    parse_member,
    role_of,
    trial,
)
from armillary.platform.capabilities.access.entrance import absent, enter
from armillary.platform.capabilities.access.kinds import (
    ADDED_BY_ANNOTATION,
    DEPARTMENT,
    LEVEL_LABEL,
    Level,
)
from armillary.platform.capabilities.access.leaving import leave_projects
from armillary.platform.capabilities.access.observed import every, explained
from armillary.platform.capabilities.access.places import NAME, NAME_OR_NONE, RBAC, Place
from armillary.platform.capabilities.access.ports import groups_of
from armillary.platform.capabilities.identity.kinds import USER
from armillary.platform.frame.caller import Caller, department_group
from armillary.platform.frame.capability import Call
from armillary.platform.frame.parts import Asked, Parts

RoleName = Annotated[str, doc("Of this place.", pattern=NAME, min_length=1, max_length=63)]


class Paging(Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    limit: Annotated[int, doc("The most to answer with.", ge=1, le=1000)] = 100
    after: Annotated[str, doc("`next` of the page before.", max_length=128)] = ""


class Member(Struct, frozen=True, kw_only=True, rename="camel"):
    member: Annotated[str, doc("A user's name, or `department:NAME`.")]
    user: str
    department: str
    display_name: str
    role: str
    since: Annotated[str, doc("RFC 3339.")]
    added_by: Annotated[str, doc("Who wrote it, by their own account.")]


class Members(Struct, frozen=True, kw_only=True, rename="camel"):
    items: tuple[Member, ...]
    next: Annotated[str, doc("For the page after this one; none if empty.")]
    total: int


class NewMember(Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """Exactly one of user and department."""

    role: RoleName
    user: Annotated[str, doc("A user's name.", pattern=NAME_OR_NONE, max_length=63)] = ""
    department: Annotated[str, doc("A department of the workspace.", pattern=NAME_OR_NONE, max_length=63)] = ""


class NewMembers(Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    members: Annotated[tuple[NewMember, ...], doc("Each is added or refused by itself.", min_length=1, max_length=200)]


class Outcome(Struct, frozen=True, kw_only=True, rename="camel"):
    member: str
    role: str
    code: Annotated[int, doc("201 if it was done, else as HTTP has it.")]
    reason: str = ""
    message: str = ""


class Outcomes(Struct, frozen=True, kw_only=True, rename="camel"):
    results: tuple[Outcome, ...]


class GivenRole(Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    role: RoleName


# Reading


async def memberships(client: Client, place: Place) -> list[Any]:
    """All memberships of a place, as that client may see them."""
    found = await every(client, place.binding_kind, place.namespace, f"{LEVEL_LABEL}={place.level}")
    return sorted((b for b in found if member_of(b) and b.role_ref is not None), key=member_of)


async def list_members(call: Call, parts: Parts, level: Level) -> Members:
    place = await enter(call, parts, level)
    found = await memberships(parts.clusters.client_as(call.user, place.cluster), place)
    query: Paging = call.query
    rest = [b for b in found if member_of(b) > query.after]
    page, more = rest[: query.limit], len(rest) > query.limit
    return Members(
        items=tuple(view(parts, place, binding) for binding in page),
        next=member_of(page[-1]) if more else "",
        total=len(found),
    )


def view(parts: Parts, place: Place, binding: Any) -> Member:
    user, department = parse_member(member_of(binding))
    known: Any = parts.reads.get(USER, user) if user else parts.reads.get(DEPARTMENT, department, place.home)
    return Member(
        member=member_of(binding),
        user=user,
        department=department,
        display_name=known.spec.display_name if known is not None else "",
        role=role_of(place, binding),
        since=binding.metadata.creation_timestamp,
        added_by=binding.metadata.annotations.get(ADDED_BY_ANNOTATION, ""),
    )


async def find_membership(client: Client, place: Place, member: str) -> Any:
    """As that client may see it. Raises NotFound for who is no member."""
    found = await client.find(place.binding_kind, binding_name(place, member), place.namespace)
    if found is None or found.role_ref is None or member_of(found) != member:
        raise NotFound(f"{member} is not a member of {place}", group=RBAC, kind=place.binding_kind.plural, name=member)
    return found


# Inviting


async def add_members(call: Call, parts: Parts, level: Level) -> Outcomes:
    place = await enter(call, parts, level)
    await parts.rights.demand(call.user, _writes("create", place), cluster=place.cluster)
    return Outcomes(results=tuple([await _outcome(call, parts, place, asked) for asked in call.body.members]))


def _writes(verb: str, place: Place) -> Asked:
    return Asked(verb, RBAC, place.binding_kind.plural, place.namespace)


async def _outcome(call: Call, parts: Parts, place: Place, asked: NewMember) -> Outcome:
    member = asked.user or f"department:{asked.department}"
    try:
        if bool(asked.user) == bool(asked.department):
            raise BadRequest("name a user or a department, and not both")
        await add(parts, call.user, place, member, asked.role)
    except ApiError as exc:
        return Outcome(member=member, role=asked.role, code=exc.code, reason=exc.reason, message=exc.message)
    return Outcome(member=member, role=asked.role, code=201)


async def add(parts: Parts, caller: Caller, place: Place, member: str, role: str) -> None:
    user, department = parse_member(member)
    await _known(parts, place, user, department)
    await has_role(parts, place, role)
    if user and place.level in ("project", "devopsproject"):
        await _into_workspace(parts, caller, place, user)
    client = parts.clusters.client_as(caller, place.cluster)
    try:
        await client.create(place.binding_kind, membership(place, member, role, caller.user), place.namespace)
    except AlreadyExists as exc:
        raise AlreadyExists(f"{member} is a member of {place} already; change the role instead") from exc
    except Denied as exc:
        raise await explained(parts, caller, place, role, exc) from exc


async def _known(parts: Parts, place: Place, user: str, department: str) -> None:
    if user and parts.reads.get(USER, user) is None and await parts.client.find(USER, user) is None:
        raise absent(USER, user)
    if department:
        found = parts.reads.get(DEPARTMENT, department, place.home) if place.home else None
        if found is None and (not place.home or await parts.client.find(DEPARTMENT, department, place.home) is None):
            raise absent(DEPARTMENT, department)


async def has_role(parts: Parts, place: Place, role: str) -> Any:
    """The role, as the platform sees it. Raises NotFound."""
    client = parts.clusters.client(place.cluster)
    found = await client.find(place.role_kind, place.prefix + role, place.namespace)
    if found is None or found.metadata.labels.get(LEVEL_LABEL) != place.level:
        raise NotFound(f"{place} has no role {role!r}", group=RBAC, kind=place.role_kind.plural, name=role)
    return found


async def _into_workspace(parts: Parts, caller: Caller, place: Place, user: str) -> None:
    """Membership of the workspace goes before that of its projects: given along where the caller may."""
    above = Place("workspace", namespace=place.home, workspace=place.workspace, home=place.home)
    found = await memberships(parts.client, above)
    departments = parts.reads.list(DEPARTMENT, place.home)
    inside = set(groups_of(user, departments))
    for binding in found:
        own, department = parse_member(member_of(binding))
        if own == user or (department and department_group(place.workspace, department) in inside):
            return
    try:
        made = membership(above, user, "regular", caller.user)
        await parts.clusters.client_as(caller).create(above.binding_kind, made, above.namespace)
    except AlreadyExists:
        return
    except Denied as exc:
        raise Denied(
            f"{user} is not a member of workspace {place.workspace}; "
            "ask one of its administrators to invite them first",
            reason="NotInWorkspace",
        ) from exc


# Changing and leaving


async def change_role(call: Call, parts: Parts, level: Level) -> Member:
    """A binding's role can't be changed: the old one goes before the new one is made.

    Whoever dies in between leaves the member with less, never with more; and the last administrator can't be changed,
    so the place keeps one. That the new one may be made is tried before anything is deleted.
    """
    place = await enter(call, parts, level)
    member, role = call.path["member"], call.body.role
    client = parts.clusters.client_as(call.user, place.cluster)
    old = await find_membership(client, place, member)
    if role_of(place, old) == role:
        return view(parts, place, old)
    await has_role(parts, place, role)
    new = membership(place, member, role, call.user.user)
    try:
        await dry_run(client, "POST", place, body=encode(place.binding_kind, trial(new)))
    except Denied as exc:
        raise await explained(parts, call.user, place, role, exc) from exc
    await _may_go(parts, client, place, old)
    await client.delete(place.binding_kind, old.metadata.name, place.namespace, uid=old.metadata.uid)
    try:
        made = await _replaced(parts, client, place, new)
    except AlreadyExists as exc:
        raise Conflict(f"somebody else made {member} a member again meanwhile; look again") from exc
    return view(parts, place, made)


async def _replaced(parts: Parts, client: Client, place: Place, new: Any) -> Any:
    """As the caller; as the platform if what went was the caller's own right to do so: it has been tried before."""
    try:
        return await client.create(place.binding_kind, new, place.namespace)
    except Denied:
        return await parts.clusters.client(place.cluster).create(place.binding_kind, new, place.namespace)


async def remove_member(call: Call, parts: Parts, level: Level) -> None:
    """From a workspace: from its projects and departments too, which go first, so that a second try completes it."""
    place = await enter(call, parts, level)
    member = call.path["member"]
    client = parts.clusters.client_as(call.user, place.cluster)
    old = await find_membership(client, place, member)
    await _may_go(parts, client, place, old)
    user, _ = parse_member(member)
    if level == "workspace" and user:
        await leave_projects(parts, place, user)
    await client.delete(place.binding_kind, old.metadata.name, place.namespace, uid=old.metadata.uid)


async def _may_go(parts: Parts, client: Client, place: Place, leaving: Any) -> None:
    """Whether the cluster would let the caller delete it, and somebody is left who administers the place."""
    users = frozenset(u.metadata.name for u in parts.reads.list(USER) if not u.spec.disabled)
    there = parts.reads.list(DEPARTMENT, place.home) if place.home else ()
    departments = frozenset(d.metadata.name for d in there if d.spec.members)
    found = await memberships(parts.clusters.client(place.cluster), place)
    refusal = last_admin(place, leaving, found, users, departments)
    try:
        await dry_run(client, "DELETE", place, name=leaving.metadata.name)
    except Conflict as exc:
        raise refusal or exc from exc  # tenancy's guard says the same in fewer words
    if refusal is not None:
        raise refusal


async def dry_run(client: Client, method: str, place: Place, *, name: str = "", body: bytes | None = None) -> None:
    """Raises what doing it would."""
    path = place.binding_kind.path(place.namespace, name)
    await client.call(method, path, query={"dryRun": "All"}, body=body)
