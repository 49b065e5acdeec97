"""The routes of access: the same at each level, and the questions."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from armillary.platform.capabilities.access.asks import Asks, Can, can
from armillary.platform.capabilities.access.departments import (
    ChangedDepartment,
    Departments,
    DepartmentView,
    MembersChange,
    NewDepartment,
    change_department,
    change_department_members,
    create_department,
    delete_department,
    list_departments,
)
from armillary.platform.capabilities.access.kinds import Level
from armillary.platform.capabilities.access.members import (
    GivenRole,
    Member,
    Members,
    NewMembers,
    Outcomes,
    Paging,
    add_members,
    list_members,
    remove_member,
)
from armillary.platform.capabilities.access.members import change_role as change_member
from armillary.platform.capabilities.access.previews import NextRole, Preview, preview_member, preview_role
from armillary.platform.capabilities.access.questions import (
    Explained,
    Mine,
    What,
    WhatOfWhom,
    Where,
    WhoCan,
    explain,
    mine,
    who_can,
)
from armillary.platform.capabilities.access.roles import (
    ChangedRole,
    NewRole,
    RoleDetail,
    Roles,
    Templates,
    WhichLevel,
    change_role,
    create_role,
    delete_role,
    list_roles,
    list_templates,
    show_role,
)
from armillary.platform.frame.capability import Open, Route
from armillary.platform.frame.parts import Parts

Handler = Callable[..., Awaitable[Any]]  # of a call, the parts and a level
# All is done as the caller, or restricted to what they may see.
SCOPES: tuple[tuple[Level, str, str], ...] = (
    ("platform", "/platform", "the platform"),
    ("cluster", "/clusters/{cluster}", "a cluster"),
    ("workspace", "/workspaces/{workspace}", "a workspace"),
    ("project", "/workspaces/{workspace}/projects/{project}", "a project"),
    ("devopsproject", "/workspaces/{workspace}/devopsprojects/{devopsproject}", "a DevOps project"),
)


@dataclass(frozen=True, slots=True)
class _At:
    """Makes the routes of one level."""

    level: Level
    prefix: str
    place: str

    def route(self, method: str, path: str, handler: Handler, summary: str, **more: Any) -> Route[Parts]:
        bound = partial(handler, level=self.level)
        return Route(method, self.prefix + path, bound, Open.SIGNED_IN, summary.format(place=self.place), **more)

    def members(self) -> tuple[Route[Parts], ...]:
        one = "/members/{member}"
        change = "Give a member of {place} another role."
        invite = "Invite users and departments into {place}, each with a role."
        preview = "Who would gain or lose what, should a member of {place} get another role or be removed."
        route = self.route
        return (
            route("GET", "/members", list_members, "Members of {place}.", query=Paging, returns=Members),
            route("POST", "/members", add_members, invite, body=NewMembers, returns=Outcomes),
            route("PATCH", one, change_member, change, body=GivenRole, returns=Member),
            route("DELETE", one, remove_member, "Remove a member from {place}.", status=204),
            route("POST", f"{one}/preview", preview_member, preview, body=NextRole, returns=Preview),
        )

    def roles(self) -> tuple[Route[Parts], ...]:
        one = "/roles/{role}"
        make = "Make a role of {place} from permission templates."
        preview = "Who would gain or lose what, should a role of {place} be made of other templates."
        route = self.route
        return (
            route("GET", "/roles", list_roles, "Roles of {place}.", returns=Roles),
            route("POST", "/roles", create_role, make, body=NewRole, returns=RoleDetail, status=201),
            route("GET", one, show_role, "One role of {place} with its rules.", returns=RoleDetail),
            route("PUT", one, change_role, "Change a role of {place}.", body=ChangedRole, returns=RoleDetail),
            route("DELETE", one, delete_role, "Delete a role of {place} that nobody holds.", status=204),
            route("POST", f"{one}/preview", preview_role, preview, body=ChangedRole, returns=Preview),
        )


_DEPARTMENTS = "/workspaces/{workspace}/departments"
_DEPARTMENT = _DEPARTMENTS + "/{department}"

ROUTES: tuple[Route[Parts], ...] = (
    *(route for scope in SCOPES for route in (*_At(*scope).members(), *_At(*scope).roles())),
    Route(
        "GET",
        _DEPARTMENTS,
        list_departments,
        Open.SIGNED_IN,
        "Departments of a workspace.",
        returns=Departments,
    ),
    Route(
        "POST",
        _DEPARTMENTS,
        create_department,
        Open.SIGNED_IN,
        "Make a department.",
        body=NewDepartment,
        returns=DepartmentView,
        status=201,
    ),
    Route(
        "PUT",
        _DEPARTMENT,
        change_department,
        Open.SIGNED_IN,
        "Rename or move a department.",
        body=ChangedDepartment,
        returns=DepartmentView,
    ),
    Route("DELETE", _DEPARTMENT, delete_department, Open.SIGNED_IN, "Delete a department.", status=204),
    Route(
        "POST",
        _DEPARTMENT + "/members",
        change_department_members,
        Open.SIGNED_IN,
        "Add people to a department, and take them out.",
        body=MembersChange,
        returns=DepartmentView,
    ),
    Route(
        "GET",
        "/access/templates",
        list_templates,
        Open.SIGNED_IN,
        "Permission templates of a level.",
        query=WhichLevel,
        returns=Templates,
    ),
    Route(
        "GET",
        "/access/who-can",
        who_can,
        Open.SIGNED_IN,
        "Who can do something, and by which bindings.",
        query=What,
        returns=WhoCan,
    ),
    Route(
        "GET",
        "/access/explain",
        explain,
        Open.SIGNED_IN,
        "Why somebody can do something, or what would allow it.",
        query=WhatOfWhom,
        returns=Explained,
    ),
    Route(
        "POST",
        "/access/can",
        can,
        Open.SIGNED_IN,
        "Whether the caller may do each of several things, and which role would allow what they may not.",
        body=Asks,
        returns=Can,
    ),
    Route(
        "GET",
        "/access/mine",
        mine,
        Open.SIGNED_IN,
        "What the caller may do at a place, in permission templates.",
        query=Where,
        returns=Mine,
    ),
)
