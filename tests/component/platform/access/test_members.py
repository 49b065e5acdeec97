"""Members through the platform's routes, in the cluster's own name and by its own rules."""

from typing import Any
from urllib.parse import quote

import pytest
from msgspec import structs
from tests.component.platform.access.running import Access

from armillary.base.errors import Denied
from armillary.kube.kinds.meta import ObjectMeta
from armillary.kube.kinds.rbac import (
    CLUSTER_ROLE_BINDING,
    ROLE,
    ROLE_BINDING,
    PolicyRule,
    Role,
    RoleBinding,
    RoleRef,
    Subject,
)
from armillary.platform.capabilities.access.kinds import DEPARTMENT, LEVEL_LABEL, MEMBER_LABEL
from armillary.platform.capabilities.access.places import RBAC
from armillary.platform.frame.caller import kube_user

TEAM = "/platform/v1/workspaces/team"
WEB = f"{TEAM}/projects/web"


@pytest.fixture
async def web(access: Access) -> Access:
    """Workspace team with project web: ann administers both, ben is in the workspace, eve in another one."""
    home = await access.workspace("team")
    space = await access.project("team", "web")
    other = await access.workspace("else")
    await access.accounts("ann", "ben", "cat", "dan", "eve")
    await access.member(home, "ann", "admin", "workspace")
    await access.member(space, "ann", "admin")
    await access.member(home, "ben", "regular", "workspace")
    await access.member(other, "eve", "admin", "workspace")
    return access


def invite(*members: dict[str, str]) -> dict[str, Any]:
    return {"members": list(members)}


async def roles_in(access: Access, namespace: str) -> dict[str, str]:
    found = (await access.own.list(ROLE_BINDING, namespace, labels=LEVEL_LABEL)).items
    return {b.metadata.name: b.role_ref.name for b in found if b.role_ref is not None}


async def test_somebody_is_invited_listed_changed_and_removed(web: Access) -> None:
    ann = web.asking("ann")
    answer = await ann.post(f"{WEB}/members", invite({"user": "ben", "role": "viewer"}))
    assert (answer.status, [r["code"] for r in answer.json["results"]]) == (200, [201]), answer.json
    listed = (await ann.get(f"{WEB}/members?limit=1")).json
    assert [m["member"] for m in listed["items"]] == ["ann"]
    rest = (await ann.get(f"{WEB}/members?after={listed['next']}")).json["items"]
    assert [(m["user"], m["role"], m["addedBy"]) for m in rest] == [("ben", "viewer", "ann")]
    changed = await ann.patch(f"{WEB}/members/ben", {"role": "operator"})
    assert (changed.status, changed.json["role"]) == (200, "operator"), changed.json
    assert (await roles_in(web, "team-web"))["member:ben"] == "operator"
    assert (await ann.delete(f"{WEB}/members/ben")).status == 204
    assert "member:ben" not in await roles_in(web, "team-web")


async def test_each_entry_is_done_or_refused_by_itself(web: Access) -> None:
    wanted = invite(
        {"user": "ben", "role": "viewer"},
        {"user": "ann", "role": "viewer"},
        {"user": "nobody", "role": "viewer"},
        {"user": "cat", "role": "nothing"},
        {"user": "cat", "department": "ops", "role": "viewer"},
        {"department": "ops", "role": "viewer"},
    )
    answer = await web.asking("ann").post(f"{WEB}/members", wanted)
    assert [r["code"] for r in answer.json["results"]] == [201, 409, 404, 404, 400, 404], answer.json


async def test_the_workspace_comes_before_its_project(web: Access) -> None:
    """Its administrator brings somebody in along the way; a project's alone can't."""
    assert (await web.asking("ann").post(f"{WEB}/members", invite({"user": "cat", "role": "viewer"}))).status == 200
    assert (await roles_in(web, "workspace-team"))["member:cat"] == "regular"
    await web.member("team-web", "ben", "admin")
    answer = await web.asking("ben").post(f"{WEB}/members", invite({"user": "dan", "role": "viewer"}))
    (result,) = answer.json["results"]
    assert (result["code"], result["reason"]) == (403, "NotInWorkspace"), result
    assert "member:dan" not in await roles_in(web, "team-web")


async def test_nobody_gives_what_they_do_not_hold(web: Access) -> None:
    """Named for a class of faults: escalation by a role binding."""
    made = await web.asking("ann").post(f"{WEB}/roles", {"name": "inviter", "templates": ["members-manage"]})
    assert made.status == 201, made.json
    await web.member("team-web", "ben", "inviter")
    await web.member("workspace-team", "cat", "regular", "workspace")
    ben = web.asking("ben")
    answer = await ben.post(
        f"{WEB}/members", invite({"user": "cat", "role": "admin"}, {"user": "cat", "role": "inviter"})
    )
    refused, given = answer.json["results"]
    assert (refused["code"], given["code"]) == (403, 201)
    assert "it allows what you may not do yourself: create" in refused["message"], refused
    changed = await ben.patch(f"{WEB}/members/ben", {"role": "admin"})
    assert changed.status == 403, changed.json
    assert (await roles_in(web, "team-web"))["member:ben"] == "inviter", "a refused change leaves it as it was"


async def test_escalation_by_role_binding_is_refused_by_the_cluster_itself(web: Access) -> None:
    """Named for a class of faults: past the platform's routes, by whoever may write roles and bindings."""
    body = {"name": "inviter", "templates": ["members-manage", "roles-manage"]}
    assert (await web.asking("ann").post(f"{WEB}/roles", body)).status == 201
    await web.member("team-web", "ben", "inviter")
    ben = web.client("ben")
    ref = RoleRef(api_group=RBAC, kind="Role", name="admin")
    me = Subject(api_group=RBAC, kind="User", name=kube_user("ben"))
    stolen = RoleBinding(metadata=ObjectMeta(name="stolen", namespace="team-web"), role_ref=ref, subjects=(me,))
    with pytest.raises(Denied, match="not currently held"):
        await ben.create(ROLE_BINDING, stolen, "team-web")
    wide = PolicyRule(api_groups=("",), resources=("secrets",), verbs=("get",))
    role = await ben.get(ROLE, "inviter", "team-web")
    with pytest.raises(Denied, match="not currently held"):
        await ben.update(ROLE, structs.replace(role, rules=(*role.rules, wide)), "inviter", "team-web")
    for verb in ("escalate", "bind"):
        rule = PolicyRule(api_groups=(RBAC,), resources=("roles",), verbs=(verb,))
        with pytest.raises(Denied, match="not currently held"):
            await ben.create(
                ROLE, Role(metadata=ObjectMeta(name=verb, namespace="team-web"), rules=(rule,)), "team-web"
            )


@pytest.mark.parametrize("name", ["../secrets/x", "x/y", "x?dryRun=All", "..", "%2e%2e", "x\n", "X", "a b"])
async def test_names_lead_nowhere_else(web: Access, name: str) -> None:
    """Named for a class of faults: path traversal."""
    ann = web.asking("ann")
    for entry in (
        {"user": name, "role": "viewer"},
        {"user": "ben", "role": name},
        {"department": name, "role": "viewer"},
    ):
        assert (await ann.post(f"{WEB}/members", invite(entry))).status == 422
    assert (await ann.patch(f"{WEB}/members/ann", {"role": name})).status == 422
    assert (await ann.post(f"{WEB}/members/ann/preview", {"role": name})).status == 422
    for path in (f"/members/{quote(name, safe='')}", f"/roles/{quote(name, safe='')}"):
        assert (await ann.delete(f"{WEB}{path}")).status in (400, 404)


async def test_the_last_administrator_stays(web: Access) -> None:
    ann = web.asking("ann")
    for answer in (await ann.delete(f"{WEB}/members/ann"), await ann.patch(f"{WEB}/members/ann", {"role": "viewer"})):
        assert (answer.status, answer.json["reason"]) == (409, "LastAdministrator"), answer.json
    await web.member("team-web", "ben", "admin")
    assert (await ann.patch(f"{WEB}/members/ann", {"role": "viewer"})).status == 200
    assert (await web.asking("ben").delete(f"{WEB}/members/ben")).status == 409


async def test_two_administrators_can_not_remove_each_other(web: Access) -> None:
    """One after the other: the second finds itself the last. What is at once, tenancy's guard holds."""
    await web.member("team-web", "ben", "admin")
    assert (await web.asking("ann").delete(f"{WEB}/members/ben")).status == 204
    assert (await web.asking("ann").delete(f"{WEB}/members/ann")).status == 409


async def test_who_leaves_a_workspace_leaves_its_projects_and_departments(web: Access) -> None:
    ann = web.asking("ann")
    await web.member("team-web", "ben", "viewer")
    await web.member("workspace-else", "ben", "regular", "workspace")
    department = await ann.post(f"{TEAM}/departments", {"name": "ops", "members": ["ben", "cat"]})
    assert department.status == 201, department.json
    assert (await ann.delete(f"{TEAM}/members/ben")).status == 204
    assert "member:ben" not in await roles_in(web, "team-web")
    assert "member:ben" in await roles_in(web, "workspace-else")
    assert (await web.own.get(DEPARTMENT, "ops", "workspace-team")).spec.members == ("cat",)


async def test_a_removal_that_the_cluster_refuses_takes_nothing(web: Access) -> None:
    await web.member("team-web", "cat", "viewer")
    assert (await web.asking("ben").delete(f"{TEAM}/members/ann")).status == 403
    assert "member:ann" in await roles_in(web, "team-web")


async def test_platform_and_cluster_have_members(web: Access) -> None:
    await web.holder("ann", "platform-admin")
    ann = web.asking("ann")
    for prefix, role in (("/platform", "users-manager"), ("/clusters/host", "cluster-viewer")):
        path = f"/platform/v1{prefix}/members"
        answer = await ann.post(path, invite({"user": "ben", "role": role}))
        assert [r["code"] for r in answer.json["results"]] == [201], answer.json
        assert ("ben", role) in {(m["user"], m["role"]) for m in (await ann.get(path)).json["items"]}
        assert (await ann.delete(f"{path}/ben")).status == 204
    assert (await ann.delete("/platform/v1/platform/members/ann")).status == 409


async def test_members_of_the_platform_are_not_for_everybody(web: Access) -> None:
    for path in ("/platform/v1/platform/members", "/platform/v1/platform/roles"):
        assert (await web.asking("eve").get(path)).status == 403
    found = (await web.own.list(CLUSTER_ROLE_BINDING, labels=MEMBER_LABEL)).items
    assert not found


CALLS = [
    ("GET", "/members", None),
    ("POST", "/members", invite({"user": "cat", "role": "viewer"})),
    ("PATCH", "/members/ann", {"role": "viewer"}),
    ("DELETE", "/members/ann", None),
    ("POST", "/members/ann/preview", {}),
    ("GET", "/roles", None),
    ("POST", "/roles", {"name": "mine", "templates": ["members-view"]}),
    ("GET", "/roles/viewer", None),
    ("PUT", "/roles/viewer", {"templates": ["members-view"]}),
    ("DELETE", "/roles/viewer", None),
    ("POST", "/roles/viewer/preview", {"templates": ["members-view"]}),
]
READING = {"GET /members", "GET /roles", "GET /roles/viewer", "POST /members/ann/preview", "POST /roles/viewer/preview"}


@pytest.mark.parametrize("place", [TEAM, WEB, f"{TEAM}/devopsprojects/ci"])
async def test_every_call_refuses_whom_it_must(web: Access, place: str) -> None:
    """A foreign tenant finds nothing there; a viewer reads and writes nothing."""
    await web.project("team", "ci", "devopsproject")
    await web.member("team-ci", "ann", "admin", "devopsproject")
    await web.member("workspace-team", "dan", "viewer", "workspace")
    for space in ("team-web", "team-ci"):
        await web.member(space, "dan", "viewer", "project" if space == "team-web" else "devopsproject")
    before = {space: await roles_in(web, space) for space in ("workspace-team", "team-web", "team-ci")}
    for method, path, body in CALLS:
        foreign = await web.asking("eve")(method, place + path, body)
        missing = await web.asking("eve")(method, place.replace("team", "gone") + path, body)
        assert (foreign.status, missing.status) == (404, 404), f"{method} {path}"
        assert foreign.json["message"] == missing.json["message"].replace("gone", "team")
        viewer = await web.asking("dan")(method, place + path, body)
        expected = 200 if f"{method} {path}" in READING else 403
        assert viewer.status == expected, f"{method} {path}: {viewer.json}"
        assert (await web.platform.nobody()(method, place + path, body)).status == 401
    assert before == {space: await roles_in(web, space) for space in before}
