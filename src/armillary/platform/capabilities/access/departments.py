"""Departments of a workspace: a tree of groups of people. Written as the caller."""

from collections.abc import Mapping
from typing import Annotated

from msgspec import Struct, structs

from armillary.base.errors import Cause, Conflict, Invalid
from armillary.kube.custom import LABEL, doc
from armillary.kube.kinds.meta import ObjectMeta
from armillary.kube.kinds.rbac import ROLE_BINDING
from armillary.platform.capabilities.access.entrance import absent, enter
from armillary.platform.capabilities.access.kinds import DEPARTMENT, DEPARTMENT_LABEL, Department, DepartmentSpec
from armillary.platform.capabilities.access.observed import every
from armillary.platform.capabilities.access.places import Place
from armillary.platform.capabilities.identity.kinds import USER
from armillary.platform.frame.caller import department_group, kube_group
from armillary.platform.frame.capability import Call
from armillary.platform.frame.parts import Parts

Title = Annotated[str, doc("How people call it.", max_length=256)]
Parent = Annotated[str, doc("The department it is a part of; none at the top.", max_length=63)]
People = Annotated[tuple[str, ...], doc("Users' names.", max_length=1000)]


class DepartmentView(Struct, frozen=True, kw_only=True, rename="camel"):
    name: str
    display_name: str
    parent: str
    members: tuple[str, ...]
    group: Annotated[str, doc("Its name in RBAC subjects.")]


class Departments(Struct, frozen=True, kw_only=True, rename="camel"):
    """A tree, by `parent`."""

    items: tuple[DepartmentView, ...]


class ChangedDepartment(Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    display_name: Title = ""
    parent: Parent = ""


class NewDepartment(ChangedDepartment, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    name: Annotated[str, doc("A DNS label.", pattern=LABEL + "(?!\\n)", min_length=1, max_length=63)]
    members: People = ()


class MembersChange(Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    add: People = ()
    remove: People = ()


async def list_departments(call: Call, parts: Parts) -> Departments:
    place = await enter(call, parts, "workspace")
    found = await every(parts.clusters.client_as(call.user), DEPARTMENT, place.namespace)
    return Departments(items=tuple(_view(place, one) for one in sorted(found, key=lambda d: d.metadata.name)))


def _view(place: Place, department: Department) -> DepartmentView:
    name, spec = department.metadata.name, department.spec
    group = kube_group(department_group(place.workspace, name))
    return DepartmentView(
        name=name, display_name=spec.display_name, parent=spec.parent, members=spec.members, group=group
    )


async def create_department(call: Call, parts: Parts) -> DepartmentView:
    place = await enter(call, parts, "workspace")
    body: NewDepartment = call.body
    _check(_parents(parts, place), body.name, body.parent)
    members = _accounts(parts, body.members)
    spec = DepartmentSpec(display_name=body.display_name, parent=body.parent, members=members)
    made = Department(metadata=ObjectMeta(name=body.name, namespace=place.namespace), spec=spec)
    return _view(place, await parts.clusters.client_as(call.user).create(DEPARTMENT, made, place.namespace))


async def change_department(call: Call, parts: Parts) -> DepartmentView:
    place = await enter(call, parts, "workspace")
    name, body = call.path["department"], call.body
    client = parts.clusters.client_as(call.user)
    found = await client.get(DEPARTMENT, name, place.namespace)
    _check(_parents(parts, place), name, body.parent)
    spec = structs.replace(found.spec, display_name=body.display_name, parent=body.parent)
    return _view(place, await client.update(DEPARTMENT, structs.replace(found, spec=spec), name, place.namespace))


async def change_department_members(call: Call, parts: Parts) -> DepartmentView:
    place = await enter(call, parts, "workspace")
    body: MembersChange = call.body
    client = parts.clusters.client_as(call.user)
    found = await client.get(DEPARTMENT, call.path["department"], place.namespace)
    new = _accounts(parts, tuple(user for user in body.add if user not in found.spec.members))
    members = tuple(user for user in (*found.spec.members, *new) if user not in body.remove)
    changed = structs.replace(found, spec=structs.replace(found.spec, members=members))
    return _view(place, await client.update(DEPARTMENT, changed, found.metadata.name, place.namespace))


async def delete_department(call: Call, parts: Parts) -> None:
    """Not while it is somebody's parent or a member of something: its name could be taken by another one."""
    place = await enter(call, parts, "workspace")
    name = call.path["department"]
    client = parts.clusters.client_as(call.user)
    found = await client.get(DEPARTMENT, name, place.namespace)
    await client.call("DELETE", DEPARTMENT.path(place.namespace, name), query={"dryRun": "All"})
    children = [child for child, parent in _parents(parts, place).items() if parent == name]
    if children:
        raise Conflict(f"department {name!r} has parts of its own: {', '.join(children)}", reason="DepartmentInUse")
    group = kube_group(department_group(place.workspace, name))
    bindings = await every(parts.client, ROLE_BINDING, labels=f"{DEPARTMENT_LABEL}={name}")
    held = [b.metadata.namespace for b in bindings if any(s.name == group for s in b.subjects)]
    if held:
        raise Conflict(f"department {name!r} is still a member in {', '.join(sorted(held))}", reason="DepartmentInUse")
    await client.delete(DEPARTMENT, name, place.namespace, uid=found.metadata.uid)


def _parents(parts: Parts, place: Place) -> dict[str, str]:
    return {d.metadata.name: d.spec.parent for d in parts.reads.list(DEPARTMENT, place.namespace)}


def _check(parents: Mapping[str, str], name: str, parent: str) -> None:
    """Raises Invalid for a parent that is not there or below the department itself."""
    if parent and parent not in parents:
        raise _invalid("parent", f"there is no department {parent!r}")
    above, seen = parent, set[str]()
    while above and above not in seen:
        if above == name:
            raise _invalid("parent", "a department can't be a part of itself")
        seen.add(above)
        above = parents.get(above, "")


def _invalid(field: str, message: str) -> Invalid:
    return Invalid(f"{field}: {message}", causes=[Cause("FieldValueInvalid", field, message)])


def _accounts(parts: Parts, names: tuple[str, ...]) -> tuple[str, ...]:
    for name in names:
        if parts.reads.get(USER, name) is None:
            raise absent(USER, name)
    return tuple(dict.fromkeys(names))
