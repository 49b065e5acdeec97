"""Who can, why, and what may I: answered from RBAC objects, confirmed by the cluster."""

import pytest
from tests.component.platform.access.running import Access

from armillary.platform.capabilities.access.kinds import DEPARTMENT

TEAM = "/platform/v1/workspaces/team"
WEB = f"{TEAM}/projects/web"
WHO, EXPLAIN, MINE, CAN = (f"/platform/v1/access/{name}" for name in ("who-can", "explain", "mine", "can"))
DELETE_PODS = "verb=delete&resource=pods&namespace=team-web"


@pytest.fixture
async def web(access: Access) -> Access:
    home = await access.workspace("team")
    space = await access.project("team", "web")
    await access.accounts("ann", "ben", "cat", "eve")
    await access.member(home, "ann", "admin", "workspace")
    await access.member(space, "ann", "admin")
    await access.member(space, "ben", "viewer")
    return access


async def test_who_can_names_users_and_bindings(web: Access) -> None:
    ann = web.asking("ann")
    await ann.post(f"{TEAM}/departments", {"name": "all"})
    await web.read(DEPARTMENT, await web.own.get(DEPARTMENT, "all", "workspace-team"))
    await ann.post(f"{TEAM}/departments", {"name": "ops", "parent": "all", "members": ["cat"]})
    await web.read(DEPARTMENT, await web.own.get(DEPARTMENT, "ops", "workspace-team"))
    added = await ann.post(f"{WEB}/members", {"members": [{"department": "all", "role": "operator"}]})
    assert [r["code"] for r in added.json["results"]] == [201], added.json
    await web.holder("eve", "platform-admin")
    found = (await ann.get(f"{WHO}?{DELETE_PODS}")).json
    assert {u["user"]: (u["bindings"], u["confirmed"]) for u in found["users"]} == {
        "ann": (["team-web/member:ann"], True),
        "cat": (["team-web/department:all"], True),
        "eve": (["armillary:platform:member:eve"], True),
    }
    assert "Group armillary:team:all" in {s for grant in found["grants"] for s in grant["subjects"]}


async def test_who_can_is_for_those_who_see_the_bindings(web: Access) -> None:
    assert (await web.asking("ben").get(f"{WHO}?{DELETE_PODS}")).status == 200, "a viewer sees members"
    for path in (f"{WHO}?{DELETE_PODS}", f"{WHO}?verb=list&resource=nodes", f"{EXPLAIN}?user=ann&{DELETE_PODS}"):
        assert (await web.asking("eve").get(path)).status == 403
    assert (await web.asking("ann").get(f"{WHO}?verb=list&resource=nodes")).status == 403
    assert (await web.asking("ann").get(f"{WHO}?{DELETE_PODS}&cluster=other")).status == 404
    assert (await web.asking("ann").get(f"{WHO}?verb=get")).status == 400


async def test_explain_says_which_binding_grants_it(web: Access) -> None:
    found = (await web.asking("ann").get(f"{EXPLAIN}?user=ann&{DELETE_PODS}")).json
    assert found["allowed"]
    assert [(g["binding"], g["role"]) for g in found["grants"]] == [("member:ann", "Role admin")]
    assert "delete" in found["grants"][0]["rule"]["verbs"]


async def test_explain_says_what_is_missing_and_whom_to_ask(web: Access) -> None:
    found = (await web.asking("ben").get(f"{EXPLAIN}?{DELETE_PODS}")).json
    assert (found["user"], found["allowed"], found["grants"]) == ("ben", False, [])
    near = found["remedies"][0]
    assert (near["place"], near["templates"], near["role"]) == ("project team/web", ["workloads-delete"], "operator")
    assert near["grantedBy"] == ["ann"]
    above = next(r for r in found["remedies"] if r["level"] == "workspace")
    assert "projects-operate" in above["templates"]


async def test_what_is_not_known_is_told_of_oneself_alone(web: Access) -> None:
    found = (await web.asking("eve").get(f"{EXPLAIN}?{DELETE_PODS}")).json
    assert (found["allowed"], found["remedies"], found["grants"]) == (False, [], [])


@pytest.mark.parametrize(
    ("user", "where", "has", "lacks"),
    [
        ("ann", "workspace=team&project=web", "members-manage", ""),
        ("ben", "workspace=team&project=web", "workloads-view", "secrets-view"),
        ("ann", "workspace=team", "departments-manage", ""),
        ("ann", "", "self", "workspaces-create"),
    ],
)
async def test_mine_names_the_templates_that_are_held(web: Access, user: str, where: str, has: str, lacks: str) -> None:
    answer = await web.asking(user).get(f"{MINE}?{where}")
    assert answer.status == 200, answer.json
    assert has in answer.json["templates"]
    assert lacks not in answer.json["templates"]
    assert (await web.asking("eve").get(f"{MINE}?workspace=team&project=web")).status == 404


async def test_mine_is_about_one_place(web: Access) -> None:
    for where in ("project=web", "workspace=team&cluster=host", "workspace=team&project=a&devopsproject=b"):
        assert (await web.asking("ann").get(f"{MINE}?{where}")).status == 400


async def test_many_questions_at_once(web: Access) -> None:
    asks = [
        {"verb": "list", "group": "", "resource": "pods"},
        {"verb": "delete", "group": "", "resource": "pods"},
        {"verb": "list", "group": "", "resource": "pods"},
        {"verb": "create", "group": "", "resource": "pods/exec", "name": "web-1"},
    ]
    body = {"cluster": "host", "namespace": "team-web", "asks": asks}
    assert [one["allowed"] for one in (await web.asking("ann").post(CAN, body)).json["items"]] == [True] * 4
    found = (await web.asking("ben").post(CAN, body)).json["items"]
    assert [one["allowed"] for one in found] == [True, False, True, False]
    near = found[1]["roles"][0]
    assert (near["level"], near["place"], near["role"], near["templates"]) == (
        "project", "project team/web", "operator", ["workloads-delete"],
    )  # fmt: skip


async def test_many_questions_tell_nothing_of_places_one_does_not_know(web: Access) -> None:
    ask = {"verb": "delete", "group": "", "resource": "pods"}
    for namespace in ("team-web", "nowhere", ""):
        found = (await web.asking("eve").post(CAN, {"namespace": namespace, "asks": [ask]})).json["items"]
        assert (found[0]["allowed"], found[0]["roles"]) == (False, [])
    assert (await web.asking("eve").post(CAN, {"cluster": "other", "asks": [ask]})).status == 404
    assert (await web.asking("eve").post(CAN, {"asks": [ask] * 101})).status == 422
