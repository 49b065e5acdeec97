"""Roles that people compose: made, previewed, changed, deleted."""

from typing import Any

import pytest
from tests.component.platform.access.running import Access

from armillary.kube.kinds.rbac import ROLE
from armillary.platform.capabilities.access.decide.rules import compose
from armillary.platform.capabilities.access.kinds import DEPARTMENT
from armillary.platform.capabilities.access.templates.project import PROJECT

TEAM = "/platform/v1/workspaces/team"
WEB = f"{TEAM}/projects/web"


@pytest.fixture
async def web(access: Access) -> Access:
    home = await access.workspace("team")
    space = await access.project("team", "web")
    await access.accounts("ann", "ben", "cat")
    await access.member(home, "ann", "admin", "workspace")
    await access.member(space, "ann", "admin")
    return access


async def test_a_role_is_made_of_templates_and_what_they_need(web: Access) -> None:
    ann = web.asking("ann")
    made = await ann.post(f"{WEB}/roles", {"name": "deployer", "templates": ["workloads-create"], "displayName": "D"})
    assert (made.status, made.json["templates"]) == (201, ["workloads-view", "workloads-create"]), made.json
    role = await web.own.get(ROLE, "deployer", "team-web")
    assert role.rules == compose(PROJECT, ("workloads-create",))
    listed = (await ann.get(f"{WEB}/roles")).json["items"]
    assert [(r["name"], r["builtIn"], r["members"]) for r in listed] == [
        ("admin", True, 1),
        ("operator", True, 0),
        ("viewer", True, 0),
        ("deployer", False, 0),
    ]


async def test_templates_of_other_levels_are_refused_by_name(web: Access) -> None:
    body = {"name": "x", "templates": ["workloads-view", "nodes-view"]}
    answer = await web.asking("ann").post(f"{WEB}/roles", body)
    assert (answer.status, answer.json["details"]["causes"][0]["field"]) == (422, "templates[1]")


async def test_nobody_makes_a_role_with_more_than_they_hold(web: Access) -> None:
    ann = web.asking("ann")
    assert (await ann.post(f"{WEB}/roles", {"name": "keeper", "templates": ["roles-manage"]})).status == 201
    await web.member("team-web", "ben", "keeper")
    ben = web.asking("ben")
    made = await ben.post(f"{WEB}/roles", {"name": "more", "templates": ["secrets-view"]})
    assert made.status == 403, made.json
    assert "get secrets" in made.json["message"]
    changed = await ben.put(f"{WEB}/roles/keeper", {"templates": ["roles-manage", "secrets-view"]})
    assert changed.status == 403, changed.json
    assert (await ben.post(f"{WEB}/roles", {"name": "less", "templates": ["roles-view"]})).status == 201


async def test_a_role_in_use_stays(web: Access) -> None:
    ann = web.asking("ann")
    await ann.post(f"{WEB}/roles", {"name": "logs", "templates": ["workloads-view"]})
    await web.member("team-web", "ben", "logs")
    refused = await ann.delete(f"{WEB}/roles/logs")
    assert (refused.status, refused.json["reason"]) == (409, "RoleInUse"), refused.json
    assert "ben" in refused.json["message"]
    await ann.patch(f"{WEB}/members/ben", {"role": "viewer"})
    assert (await ann.delete(f"{WEB}/roles/logs")).status == 204
    assert (await ann.get(f"{WEB}/roles/logs")).status == 404


@pytest.mark.parametrize("role", ["admin", "viewer"])
async def test_built_in_roles_are_not_anybodys_to_change(web: Access, role: str) -> None:
    ann = web.asking("ann")
    assert (await ann.put(f"{WEB}/roles/{role}", {"templates": ["roles-view"]})).status == 403
    assert (await ann.delete(f"{WEB}/roles/{role}")).status == 403
    assert (await ann.post(f"{WEB}/roles", {"name": role, "templates": ["roles-view"]})).status == 409


async def test_a_preview_counts_people_through_departments_and_other_bindings(web: Access) -> None:
    ann = web.asking("ann")
    await ann.post(f"{WEB}/roles", {"name": "logs", "templates": ["workloads-view"]})
    made = await ann.post(f"{TEAM}/departments", {"name": "ops", "members": ["ben", "ann"]})
    await web.read(DEPARTMENT, await web.own.get(DEPARTMENT, "ops", "workspace-team"))
    assert made.status == 201
    added = await ann.post(f"{WEB}/members", {"members": [{"department": "ops", "role": "logs"}]})
    assert [r["code"] for r in added.json["results"]] == [201], added.json
    await web.member("team-web", "cat", "logs")
    found = await ann.post(f"{WEB}/roles/logs/preview", {"templates": ["configmaps-view"]})
    users = {u["user"]: (u["gains"], u["loses"]) for u in found.json["users"]}
    # ann is admin of the project by another binding: she neither gains nor loses.
    assert users == {who: (["configmaps-view"], ["workloads-view"]) for who in ("ben", "cat")}, found.json
    assert {"verbs": ["get", "list", "watch"], "apiGroups": [""], "resources": ["configmaps"]} in found.json["adds"]
    removed: Any = (await ann.post(f"{WEB}/members/cat/preview", {})).json
    assert [(u["user"], u["loses"]) for u in removed["users"]] == [("cat", ["workloads-view"])]


async def test_previews_change_nothing(web: Access) -> None:
    ann = web.asking("ann")
    await web.member("team-web", "ben", "viewer")
    before = (await web.own.list(ROLE, "team-web")).items
    answer = await ann.post(f"{WEB}/members/ben/preview", {"role": "operator"})
    (effect,) = answer.json["users"]
    assert "pods-terminal" in effect["gains"]
    assert effect["loses"] == []
    assert (await web.own.list(ROLE, "team-web")).items == before


async def test_departments_are_a_tree(web: Access) -> None:
    ann = web.asking("ann")
    for name, parent in (("all", ""), ("dev", "all"), ("web", "dev")):
        made = await ann.post(f"{TEAM}/departments", {"name": name, "parent": parent})
        assert made.status == 201, made.json
        await web.read(DEPARTMENT, await web.own.get(DEPARTMENT, name, "workspace-team"))
    circle = await ann.put(f"{TEAM}/departments/all", {"parent": "web"})
    assert (circle.status, circle.json["details"]["causes"][0]["field"]) == (422, "parent")
    changed = await ann.post(f"{TEAM}/departments/web/members", {"add": ["ben", "cat"]})
    assert changed.json["members"] == ["ben", "cat"], changed.json
    changed = await ann.post(f"{TEAM}/departments/web/members", {"remove": ["ben"]})
    assert changed.json["members"] == ["cat"]
    assert (await ann.post(f"{TEAM}/departments/web/members", {"add": ["nobody"]})).status == 404
    assert (await ann.delete(f"{TEAM}/departments/dev")).status == 409, "it has a part"
    await ann.post(f"{WEB}/members", {"members": [{"department": "web", "role": "viewer"}]})
    assert (await ann.delete(f"{TEAM}/departments/web")).status == 409, "it is a member"
    await ann.delete(f"{WEB}/members/department:web")
    assert (await ann.delete(f"{TEAM}/departments/web")).status == 204
    listed = (await ann.get(f"{TEAM}/departments")).json["items"]
    assert [(d["name"], d["parent"]) for d in listed] == [("all", ""), ("dev", "all")]


async def test_departments_are_for_who_may(web: Access) -> None:
    await web.member("workspace-team", "ben", "regular", "workspace")
    assert (await web.asking("ben").get(f"{TEAM}/departments")).status == 200
    assert (await web.asking("ben").post(f"{TEAM}/departments", {"name": "x"})).status == 403
    for method, path in (("GET", ""), ("POST", ""), ("DELETE", "/x"), ("PUT", "/x"), ("POST", "/x/members")):
        body = None if method in ("GET", "DELETE") else {"name": "x"} if (method, path) == ("POST", "") else {}
        assert (await web.asking("cat")(method, f"{TEAM}/departments{path}", body)).status == 404


async def test_templates_are_told_in_the_callers_language(web: Access) -> None:
    for language, title in (("en", "View secrets"), ("zh", "查看保密字典")):
        asking = web.platform.as_user("ann", language=language)
        found = (await asking.get("/platform/v1/access/templates?level=project")).json["items"]
        assert title in {template["title"] for template in found}
