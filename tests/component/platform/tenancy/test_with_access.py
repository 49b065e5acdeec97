"""Tenancy and access together: the built-in roles of a workspace do in it what they say, and nothing else."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs
from tests.component.platform.tenancy.running import OTHERS, Tenancy, running_tenancy

from armillary.base.errors import ApiError, Denied, NotFound
from armillary.kube.kinds.core import CONFIG_MAP, NAMESPACE, ConfigMap
from armillary.kube.kinds.meta import ObjectMeta
from armillary.kube.kinds.rbac import CLUSTER_ROLE_BINDING, ROLE, ROLE_BINDING, Subject
from armillary.platform.capabilities.access.capability import access
from armillary.platform.capabilities.access.kinds import DEPARTMENT, DEPARTMENT_LABEL, LEVEL_LABEL, Department
from armillary.platform.capabilities.identity.kinds import KINDS as IDENTITY_KINDS
from armillary.platform.capabilities.tenancy.decide.holders import RBAC
from armillary.platform.capabilities.tenancy.decide.workspace import membership
from armillary.platform.capabilities.tenancy.kinds import PROJECT, WORKSPACE, Workspace, WorkspaceSpec

HOME, SPACE, API = "workspace-team-a", "team-a-web", "/platform/v1"


@pytest.fixture
async def together(tmp_path: Path) -> AsyncIterator[Tenancy]:
    kinds = replace(OTHERS, kinds=IDENTITY_KINDS)
    async with running_tenancy(tmp_path, kinds, access()) as running:
        yield running


async def test_people_of_a_workspace_do_what_their_roles_say(together: Tenancy) -> None:
    people = ("ann", "sam", "rex", "vera", "eve")
    await together.account(*people)
    await together.own.create(
        WORKSPACE, Workspace(metadata=ObjectMeta(name="team-a"), spec=WorkspaceSpec(manager="ann"))
    )
    await together.ready(WORKSPACE, "team-a")

    async def roles() -> bool:
        return len((await together.own.list(ROLE, HOME, labels="iam.armillary.io/built-in=true")).items) >= 4

    await together.until("the workspace has its roles", roles)
    ann = together.user("ann")
    for user, role in (("sam", "self-provisioner"), ("rex", "regular"), ("vera", "viewer")):
        await ann.create(ROLE_BINDING, membership("workspace", user, HOME, role), HOME)
    sam = together.platform.as_user("sam")

    async def sam_may() -> bool:
        return (await sam.post(f"{API}/workspaces/team-a/projects", {"name": "web"})).status in (201, 409)

    await together.until("sam makes a project", sam_may)
    await together.ready(PROJECT, "web", HOME)

    async def tried(work: Any) -> str:
        try:
            await work
        except ApiError as exc:
            return exc.reason
        return "yes"

    def settings(user: str) -> Any:
        item = ConfigMap(metadata=ObjectMeta(name=user, namespace=SPACE))
        return together.user(user).create(CONFIG_MAP, item, SPACE)

    async def settled() -> bool:
        reads = together.user("vera").list(CONFIG_MAP, SPACE)
        return await tried(reads) == "yes" and await tried(settings("ann")) in ("yes", "AlreadyExists")

    await together.until("rights have come down", settled)
    assert [await tried(settings(user)) for user in people[1:]] == ["yes", "Forbidden", "Forbidden", "Forbidden"]
    renamed = {"spec": {"displayName": "Web"}}
    changes = [await tried(together.user(u).patch(PROJECT, "web", HOME, renamed)) for u in people]
    assert changes == ["yes", "yes", "Forbidden", "Forbidden", "Forbidden"]

    def quota(user: str) -> Any:
        amount = str(people.index(user) + 5)
        return together.user(user).patch(PROJECT, "web", HOME, {"spec": {"quota": {"hard": {"pods": amount}}}})

    changes = [await tried(quota(u)) for u in people]
    assert changes == ["yes", "Forbidden", "Forbidden", "Forbidden", "Forbidden"]
    seen = [await tried(together.user(u).get(WORKSPACE, "team-a")) for u in people]
    assert seen == ["yes", "yes", "yes", "yes", "Forbidden"]
    edits = [await tried(together.user(u).patch(WORKSPACE, "team-a", "", renamed)) for u in people]
    assert edits == ["yes", "Forbidden", "Forbidden", "Forbidden", "Forbidden"]
    mark = {"metadata": {"labels": {"mine": "x"}}}
    marks = [await tried(together.user(u).patch(NAMESPACE, SPACE, "", mark)) for u in people]
    assert marks == ["Forbidden"] * 5
    await departments(together)
    assert [await tried(together.user(u).delete(PROJECT, "web", HOME)) for u in people[2:]] == ["Forbidden"] * 3
    assert await tried(together.user("sam").delete(PROJECT, "web", HOME)) == "yes"
    await together.gone(PROJECT, "web", HOME)
    await ann.delete(WORKSPACE, "team-a")
    await together.gone(WORKSPACE, "team-a")
    with pytest.raises(NotFound):
        await together.own.get(NAMESPACE, HOME)


async def departments(together: Tenancy) -> None:
    """ann may put people into a department that is viewer of the workspace; others may not."""
    ann, sam = together.user("ann"), together.user("sam")
    made = Department(metadata=ObjectMeta(name="ops", namespace=HOME))
    await ann.create(DEPARTMENT, made, HOME)
    binding = membership("workspace", "x", HOME, "viewer")
    labels = {LEVEL_LABEL: "workspace", DEPARTMENT_LABEL: "ops"}
    group = Subject(api_group=RBAC, kind="Group", name="armillary:team-a:ops")
    meta = ObjectMeta(name="department:ops", namespace=HOME, labels=labels)
    await ann.create(ROLE_BINDING, structs.replace(binding, metadata=meta, subjects=(group,)), HOME)

    async def carried_down() -> bool:
        found = together.platform.parts.reads.get(CLUSTER_ROLE_BINDING, "armillary:workspace:team-a:member")
        below = together.platform.parts.reads.get(ROLE_BINDING, "workspace:viewer", SPACE)
        return bool(found and group in found.subjects and below and group in below.subjects)

    await together.until("the department's rights have come down", carried_down)
    members = {"spec": {"members": ["eve"]}}
    with pytest.raises(Denied):
        await sam.patch(DEPARTMENT, "ops", HOME, members)
    await ann.patch(DEPARTMENT, "ops", HOME, members)
