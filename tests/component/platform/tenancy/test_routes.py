"""The platform's own API on tenancy: everybody sees what is theirs, and a stranger sees nothing at all."""

from typing import Any

import pytest
from tests.component.platform.tenancy.running import Tenancy

from armillary.kube.kinds.core import RESOURCE_QUOTA
from armillary.kube.kinds.rbac import ROLE_BINDING, PolicyRule
from armillary.platform.capabilities.tenancy.decide.workspace import membership
from armillary.platform.capabilities.tenancy.kinds import GROUP, PROJECT, WORKSPACE, Quota

API = "/platform/v1"
HOME = "workspace-team-a"


async def put_up(tenancy: Tenancy) -> None:
    """team-a: ann its admin, ben the project's admin, vera a viewer of all, rex without rights on projects.

    team-b: eve its admin. pat is platform admin.
    """
    await tenancy.account("ann", "ben", "eve", "vera", "rex")
    await tenancy.platform_admin("pat")
    await tenancy.workspace("team-a", "ann", quota=Quota(hard={"pods": "10"}))
    await tenancy.workspace("team-b", "eve")
    viewer = PolicyRule(
        api_groups=(GROUP,), resources=("projects", "devopsprojects"), verbs=("get", "list", "watch", "view-all")
    )
    await tenancy.role(HOME, "viewer", "workspace", viewer)
    await tenancy.role(HOME, "regular", "workspace")
    for user, role in (("vera", "viewer"), ("rex", "regular")):
        await tenancy.own.create(ROLE_BINDING, membership("workspace", user, HOME, role), HOME)
    await tenancy.project("web", "team-a", "ben", quota=Quota(hard={"pods": "5"}))

    async def settled() -> Any:
        reads = tenancy.platform.parts.reads
        seen = reads.get(ROLE_BINDING, "workspace:viewer", "team-a-web")
        grant = reads.get(ROLE_BINDING, "project:web:member", HOME)
        found = reads.get(PROJECT, "web", HOME)
        quota = await tenancy.own.find(RESOURCE_QUOTA, "armillary-project", "team-a-web")
        counted = reads.get(WORKSPACE, "team-a")
        return (
            seen
            and grant
            and grant.subjects
            and found
            and found.status.namespace
            and quota
            and quota.status.used
            and counted
            and counted.status.quota.used
        )

    await tenancy.until("the platform has seen it", settled)


async def names(tenancy: Tenancy, user: str, path: str) -> Any:
    answer = await tenancy.platform.as_user(user).get(API + path)
    return [item["name"] for item in answer.json["items"]] if answer.status == 200 else answer.status


@pytest.mark.parametrize(
    ("path", "seen"),
    [
        (
            "/workspaces",
            {
                "pat": ["system", "team-a", "team-b"],
                "ann": ["team-a"],
                "vera": ["team-a"],
                "rex": ["team-a"],
                "ben": [],
                "eve": ["team-b"],
            },
        ),
        (
            "/workspaces/team-a/projects",
            {"pat": ["web"], "ann": ["web"], "vera": ["web"], "rex": [], "ben": ["web"], "eve": 404},
        ),
        (
            "/workspaces/team-a/devopsprojects",
            {"pat": [], "ann": [], "vera": [], "rex": [], "ben": 404, "eve": 404},
        ),
        (
            "/projects",
            {"pat": [], "ann": ["web"], "vera": ["web"], "rex": [], "ben": ["web"], "eve": []},
        ),
        ("/clusters", {"pat": ["host"], "ann": [], "vera": [], "rex": [], "ben": [], "eve": []}),
    ],
)
async def test_everybody_sees_what_is_theirs(tenancy: Tenancy, path: str, seen: dict[str, Any]) -> None:
    await put_up(tenancy)
    assert {user: await names(tenancy, user, path) for user in seen} == seen
    assert (await tenancy.platform.nobody().get(API + path)).status == 401


async def test_what_one_may_not_see_answers_as_what_is_not_there(tenancy: Tenancy) -> None:
    await put_up(tenancy)
    eve = tenancy.platform.as_user("eve")
    for there, absent in (
        ("/workspaces/team-a", "/workspaces/team-x"),
        ("/workspaces/team-a/projects", "/workspaces/team-x/projects"),
        ("/workspaces/team-a/devopsprojects", "/workspaces/team-x/devopsprojects"),
        ("/workspaces/team-a/quota", "/workspaces/team-x/quota"),
        ("/workspaces/team-a/projects/web/quota", "/workspaces/team-x/projects/web/quota"),
        ("/workspaces/team-b/projects/web/quota", "/workspaces/team-b/projects/web/quota"),
    ):
        answers = [await eve.get(API + path) for path in (there, absent)]
        assert [answer.status for answer in answers] == [404, 404], there
        bodies = [answer.body.replace(b"team-x", b"team-a") for answer in answers]
        assert bodies[0] == bodies[1]
    made = {"name": "mine"}
    for path in ("projects", "devopsprojects"):
        answers = [await eve.post(f"{API}/workspaces/{name}/{path}", made) for name in ("team-a", "team-x")]
        assert [answer.status for answer in answers] == [404, 404]
        assert answers[0].body.replace(b"team-a", b"team-x") == answers[1].body


async def test_projects_tell_ones_role(tenancy: Tenancy) -> None:
    await put_up(tenancy)
    for user, role in (("ann", "admin"), ("ben", "admin"), ("vera", "viewer")):
        (found,) = (await tenancy.platform.as_user(user).get(f"{API}/projects")).json["items"]
        assert (found["role"], found["namespace"], found["workspace"]) == (role, "team-a-web", "team-a")


async def test_quotas_tell_what_is_left_and_who_can_raise_them(tenancy: Tenancy) -> None:
    await put_up(tenancy)
    ann = tenancy.platform.as_user("ann")
    found = (await ann.get(f"{API}/workspaces/team-a/quota")).json
    assert found["items"] == [{"name": "pods", "hard": "10", "used": "0", "left": "10"}]
    assert found["raisedBy"] == "pat or a platform administrator"
    ben = tenancy.platform.as_user("ben")
    found = (await ben.get(f"{API}/workspaces/team-a/projects/web/quota")).json
    assert found["items"] == [{"name": "pods", "hard": "5", "used": "0", "left": "5"}]
    assert found["raisedBy"] == "ann or an administrator of the workspace"


async def test_what_is_created_is_the_callers_own(tenancy: Tenancy) -> None:
    await put_up(tenancy)
    ann, pat, rex = map(tenancy.platform.as_user, ("ann", "pat", "rex"))
    answer = await ann.post(f"{API}/workspaces/team-a/projects", {"name": "api", "displayName": "API"})
    assert (answer.status, answer.json["creator"]) == (201, "ann")
    await tenancy.ready(PROJECT, "api", HOME)
    answer = await ann.post(f"{API}/workspaces/team-a/devopsprojects", {"name": "ci"})
    assert (answer.status, answer.json["kind"]) == (201, "devopsproject")
    answer = await pat.post(f"{API}/workspaces", {"name": "team-c"})
    assert (answer.status, answer.json["manager"]) == (201, "pat")
    assert (await ann.post(f"{API}/workspaces", {"name": "mine"})).status == 403
    assert (await rex.post(f"{API}/workspaces/team-a/projects", {"name": "mine"})).status == 403
    bad = await ann.post(f"{API}/workspaces/team-a/projects", {"name": "x", "quota": {"hard": {"cpus": "1"}}})
    assert (bad.status, bad.json["details"]["causes"][0]["field"]) == (422, "spec.quota.hard[cpus]")
