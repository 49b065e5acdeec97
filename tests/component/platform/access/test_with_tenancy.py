"""Access and tenancy together, its guard asked over HTTPS: what a workspace and its projects bring their people."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import typer
from tests.component.platform.tenancy.running import Tenancy, running_tenancy
from tests.harness.platform import Answer
from typer.testing import CliRunner

from armillary.base.errors import Conflict, Denied
from armillary.base.words import Language, Words
from armillary.cli import access as access_noun
from armillary.cli import department, member, role
from armillary.cli.context import Cli
from armillary.cli.platforms import PlatformFile
from armillary.kube.kinds.core import CONFIG_MAP, ConfigMap
from armillary.kube.kinds.meta import ObjectMeta
from armillary.kube.kinds.rbac import (
    CLUSTER_ROLE,
    CLUSTER_ROLE_BINDING,
    ROLE_BINDING,
    ClusterRoleBinding,
    RoleRef,
    Subject,
)
from armillary.platform.capabilities.access.capability import access
from armillary.platform.capabilities.access.kinds import LEVEL_LABEL, MEMBER_LABEL
from armillary.platform.capabilities.access.places import RBAC
from armillary.platform.capabilities.identity.kinds import KINDS as IDENTITY_KINDS
from armillary.platform.capabilities.tenancy.kinds import PROJECT, WORKSPACE
from armillary.platform.frame.caller import kube_user
from armillary.platform.frame.capability import Capability
from armillary.platform.frame.parts import Parts

V1 = "/platform/v1"
TEAM = f"{V1}/workspaces/team"
WEB = f"{TEAM}/projects/web"
ACCOUNTS: Capability[Parts] = Capability(
    "accounts", Words("Accounts", "用户"), connect=lambda parts: parts, kinds=IDENTITY_KINDS
)


@pytest.fixture
async def team(tmp_path: Path) -> AsyncIterator[Tenancy]:
    """Ann made workspace team, ben works in it and made project web."""
    async with running_tenancy(tmp_path, ACCOUNTS, access()) as running:
        await running.account("ann", "ben", "cat", "dan", "eve")
        name = "armillary:platform:platform-self-provisioner"
        await running.until("the platform's roles", lambda: running.own.find(CLUSTER_ROLE, name))
        await provision(running, "ann", name)
        await done(running, "ann", "POST", f"{V1}/workspaces", {"name": "team"}, 201)
        await running.ready(WORKSPACE, "team")
        await invited(running, "ann", TEAM, user="ben", role="self-provisioner")
        await done(running, "ben", "POST", f"{TEAM}/projects", {"name": "web"}, 201)
        await running.ready(PROJECT, "web", "workspace-team")
        yield running


async def provision(running: Tenancy, user: str, cluster_role: str) -> None:
    name = f"armillary:platform:member:{user}"
    meta = ObjectMeta(name=name, labels={LEVEL_LABEL: "platform", MEMBER_LABEL: user})
    subject = Subject(api_group=RBAC, kind="User", name=kube_user(user))
    ref = RoleRef(api_group=RBAC, kind="ClusterRole", name=cluster_role)
    await running.own.create(CLUSTER_ROLE_BINDING, ClusterRoleBinding(metadata=meta, role_ref=ref, subjects=(subject,)))


async def done(running: Tenancy, user: str, method: str, path: str, body: Any = None, status: int = 200) -> Answer:
    """Once what it stands on has been written by the controllers."""
    last: list[Answer] = []

    async def holds() -> bool:
        last[:] = [await running.platform.as_user(user)(method, path, body)]
        return last[0].status == status

    try:
        await running.until(f"{method} {path}", holds)
    except AssertionError as exc:
        raise AssertionError(f"{exc}: {last[0].status} {last[0].body!r}") from None
    return last[0]


async def invited(running: Tenancy, by: str, path: str, **entry: str) -> None:
    last: list[Any] = []

    async def holds() -> bool:
        answer = await running.platform.as_user(by).post(f"{path}/members", {"members": [entry]})
        last[:] = [answer.json]
        return answer.status == 200 and answer.json["results"][0]["code"] == 201

    try:
        await running.until(f"{entry} in {path}", holds)
    except AssertionError as exc:
        raise AssertionError(f"{exc}: {last}") from None


async def test_a_workspace_admin_manages_the_members_of_every_project(team: Tenancy) -> None:
    await invited(team, "ann", WEB, user="dan", role="viewer")
    members = (await done(team, "dan", "GET", f"{WEB}/members")).json["items"]
    assert {m["member"]: m["role"] for m in members} == {"ben": "admin", "dan": "viewer"}
    in_workspace = (await done(team, "ann", "GET", f"{TEAM}/members")).json["items"]
    assert {m["member"]: m["role"] for m in in_workspace} == {
        "ann": "admin",
        "ben": "self-provisioner",
        "dan": "regular",
    }


async def test_an_administrator_can_step_down_once_there_is_another(team: Tenancy) -> None:
    """With that goes their own right to write the new membership: it is there all the same."""
    refused = await team.platform.as_user("ben").patch(f"{WEB}/members/ben", {"role": "viewer"})
    assert (refused.status, refused.json["reason"]) == (409, "LastAdministrator"), refused.json
    await invited(team, "ann", WEB, user="dan", role="admin")
    await done(team, "ben", "PATCH", f"{WEB}/members/ben", {"role": "viewer"})
    assert (await team.own.get(ROLE_BINDING, "member:ben", "team-web")).role_ref.name == "viewer"  # type: ignore[union-attr]


async def test_the_guard_says_the_same_to_kubectl(team: Tenancy) -> None:
    """Named for two classes of faults: the last administrator, and labels that prove."""
    ben = team.user("ben")
    with pytest.raises(Conflict, match="last admin"):
        await ben.delete(ROLE_BINDING, "member:ben", "team-web")
    with pytest.raises(Denied, match="built"):
        await ben.call("DELETE", "/apis/rbac.authorization.k8s.io/v1/namespaces/team-web/roles/viewer")


async def test_departments_carry_their_roles_to_their_people(team: Tenancy) -> None:
    await done(team, "ann", "POST", f"{TEAM}/departments", {"name": "ops"}, 201)
    await invited(team, "ann", WEB, department="ops", role="operator")
    await done(team, "ann", "POST", f"{TEAM}/departments/ops/members", {"add": ["cat"]})
    cat = team.user("cat", "armillary:team:ops")
    await cat.create(CONFIG_MAP, ConfigMap(metadata=ObjectMeta(name="made")), "team-web")
    found = (await done(team, "ben", "GET", f"{V1}/access/who-can?verb=delete&resource=pods&namespace=team-web")).json
    assert {u["user"]: u["confirmed"] for u in found["users"]} == {"ann": True, "ben": True, "cat": True}


async def test_nobody_gets_through_a_department_what_its_writer_could_not_give(team: Tenancy) -> None:
    """Named for a class of faults: escalation by group membership."""
    body = {"name": "clerk", "templates": ["departments-manage"]}
    await done(team, "ann", "POST", f"{TEAM}/roles", body, 201)
    await done(team, "ann", "POST", f"{TEAM}/departments", {"name": "chiefs"}, 201)
    await invited(team, "ann", TEAM, department="chiefs", role="admin")
    await invited(team, "ann", TEAM, user="eve", role="clerk")
    eve = team.platform.as_user("eve")
    await done(team, "eve", "GET", f"{TEAM}/departments")
    refused = await eve.post(f"{TEAM}/departments/chiefs/members", {"add": ["eve"]})
    assert refused.status == 403, refused.json
    below = await eve.post(f"{TEAM}/departments", {"name": "mine", "parent": "chiefs", "members": ["eve"]})
    assert below.status == 403, below.json


async def test_who_leaves_the_workspace_is_out_of_its_projects(team: Tenancy) -> None:
    await invited(team, "ann", WEB, user="dan", role="admin")
    assert (await team.platform.as_user("ann").delete(f"{TEAM}/members/ben")).status == 204
    assert await team.own.find(ROLE_BINDING, "member:ben", "team-web") is None
    await done(team, "ben", "GET", f"{WEB}/members", status=404)
    await done(team, "ben", "GET", f"{TEAM}/members", status=404)


async def test_a_role_in_use_stays_for_kubectl_too(team: Tenancy) -> None:
    await done(team, "ben", "POST", f"{WEB}/roles", {"name": "logs", "templates": ["workloads-view"]}, 201)
    await invited(team, "ann", WEB, user="dan", role="logs")
    refused = await team.platform.as_user("ben").delete(f"{WEB}/roles/logs")
    assert (refused.status, refused.json["reason"]) == (409, "RoleInUse"), refused.json
    with pytest.raises(Conflict, match="held by member:dan"):
        await team.user("ben").call("DELETE", "/apis/rbac.authorization.k8s.io/v1/namespaces/team-web/roles/logs")


class Desk:
    """Somebody's command line."""

    def __init__(self, tenancy: Tenancy, directory: Path, user: str) -> None:
        environment = {
            "ARMILLARY_URL": tenancy.origin,
            "ARMILLARY_TOKEN": user,
            "ARMILLARY_CA_FILE": str(tenancy.ca),
        }
        cli = Cli(Language.ENGLISH, PlatformFile(directory / f"{user}.json", environment))
        self._app = typer.Typer()
        for name, noun in {"role": role, "member": member, "department": department, "access": access_noun}.items():
            self._app.add_typer(noun.build(cli), name=name)

    async def __call__(self, line: str, code: int = 0) -> str:
        result = await asyncio.to_thread(CliRunner().invoke, self._app, line.split())
        assert result.exit_code == code, (result.output, result.exception)
        return result.stdout


async def test_a_story_by_commands(team: Tenancy, tmp_path: Path) -> None:
    await done(team, "ann", "GET", f"{WEB}/members")
    ann = Desk(team, tmp_path, "ann")
    assert "workloads-create" in await ann("role templates project -o name")
    assert await ann("role create deployer -t workloads-create -w team -p web") == "role deployer is made\n"
    assert await ann("member add dan eve --role deployer -w team -p web") == (
        "dan is deployer now\neve is deployer now\n"
    )
    assert await ann("member add nobody --role deployer -w team -p web", 1) == ""
    preview = await ann("role preview deployer -t workloads-view -w team -p web")
    assert ["dan", "-", "workloads-create"] in [line.split() for line in preview.splitlines()]
    assert await ann("member set eve --role viewer -w team -p web") == "eve is viewer now\n"
    assert (await ann("member list -w team -p web -o name")).split() == ["ben", "dan", "eve"]
    assert await ann("department create ops -w team") == "department ops is made\n"
    assert await ann("department add ops cat -w team") == "department ops: cat\n"
    assert await ann("member add department:ops --role operator -w team -p web") == "department:ops is operator now\n"
    assert (await ann("access who-can delete pods -n team-web -o name")).split() == ["ann", "ben", "cat"]
    told = await ann("access explain eve delete pods -n team-web", 1)
    assert told.startswith(
        "eve can't\n  project team/web: role operator or a role with workloads-delete would allow it"
    )
    assert await ann("member remove dan -w team -p web --yes") == "dan is removed\n"
    assert await ann("role delete deployer -w team -p web --yes") == "role deployer is deleted\n"
