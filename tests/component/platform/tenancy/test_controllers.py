"""Workspaces and projects on a real API server, with people who come by impersonation."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from tests.component.platform.tenancy.running import Tenancy, tenancy_on
from tests.harness.server import Server

from armillary.base.errors import Denied
from armillary.kube.kinds.core import NAMESPACE
from armillary.kube.kinds.meta import ObjectMeta
from armillary.kube.kinds.rbac import ROLE, ROLE_BINDING, PolicyRule, Role
from armillary.platform.capabilities.tenancy.kinds import (
    CLUSTER,
    GROUP,
    PROJECT,
    WORKSPACE,
    Project,
    ProjectSpec,
    Quota,
    Workspace,
    WorkspaceSpec,
)

HOME = "workspace-team-a"


@pytest.fixture
async def tenancy(server: Server) -> AsyncIterator[Tenancy]:
    async with tenancy_on(server) as running:
        yield running


async def put_up(tenancy: Tenancy) -> Any:
    """A workspace of ann's, and a project of ben's in it."""
    spec = WorkspaceSpec(manager="ann")
    await tenancy.client.create(WORKSPACE, Workspace(metadata=ObjectMeta(name="team-a"), spec=spec))
    await tenancy.ready(WORKSPACE, "team-a")
    rule = PolicyRule(api_groups=("*",), resources=("*",), verbs=("*",))
    await tenancy.client.create(ROLE, Role(metadata=ObjectMeta(name="admin", namespace=HOME), rules=(rule,)), HOME)
    made = Project(
        metadata=ObjectMeta(name="web", namespace=HOME),
        spec=ProjectSpec(creator="ben", quota=Quota(hard={"pods": "5"})),
    )
    await tenancy.client.create(PROJECT, made, HOME)
    return await tenancy.ready(PROJECT, "web", HOME)


async def test_a_workspace_and_a_project_are_put_up_and_taken_down(tenancy: Tenancy) -> None:
    project = await put_up(tenancy)
    assert project.status.namespace == "team-a-web"
    found = await tenancy.client.get(NAMESPACE, "team-a-web")
    assert found.metadata.labels[f"{GROUP}/project"] == "web"
    await tenancy.client.delete(PROJECT, "web", HOME)
    await tenancy.cluster.gone(PROJECT, "web", HOME)
    await tenancy.cluster.gone(NAMESPACE, "team-a-web")
    await tenancy.client.delete(WORKSPACE, "team-a")
    await tenancy.cluster.gone(WORKSPACE, "team-a")
    await tenancy.cluster.gone(NAMESPACE, HOME)


async def test_members_see_their_workspace_and_project_and_strangers_do_not(tenancy: Tenancy) -> None:
    await put_up(tenancy)
    ann, ben, eve = map(tenancy.as_user, ("ann", "ben", "eve"))

    async def ann_is_admin() -> Any:
        return await tenancy.client.find(ROLE_BINDING, "workspace:admin", "team-a-web")

    await tenancy.until("ann is admin of the project", ann_is_admin)
    assert (await ann.get(WORKSPACE, "team-a")).metadata.name == "team-a"
    await ann.patch(WORKSPACE, "team-a", "", {"spec": {"displayName": "Team A"}})
    assert (await ben.get(PROJECT, "web", HOME)).metadata.name == "web"
    for user in (ben, eve):
        with pytest.raises(Denied):
            await user.get(WORKSPACE, "team-a")
    with pytest.raises(Denied):
        await ben.patch(PROJECT, "web", HOME, {"spec": {"displayName": "Mine"}})
    with pytest.raises(Denied):
        await eve.get(PROJECT, "web", HOME)


async def test_the_system_workspace_and_the_host_are_there(tenancy: Tenancy) -> None:
    await tenancy.ready(WORKSPACE, "system")
    labels = (await tenancy.client.get(NAMESPACE, "kube-system")).metadata.labels
    assert labels[f"{GROUP}/workspace"] == "system"
    assert await tenancy.client.get(CLUSTER, "host")
