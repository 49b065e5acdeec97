"""Workspaces and projects on a real API server, with people who come by impersonation."""

from typing import Any

import pytest
from tests.component.platform.tenancy.running import Tenancy

from armillary.base.errors import Denied
from armillary.kube.kinds.core import NAMESPACE
from armillary.kube.kinds.rbac import ROLE_BINDING
from armillary.platform.capabilities.tenancy.kinds import (
    CLUSTER,
    GROUP,
    PROJECT,
    WORKSPACE,
    Quota,
)

HOME = "workspace-team-a"


async def put_up(tenancy: Tenancy) -> Any:
    """A workspace of ann's, and a project of ben's in it."""
    await tenancy.account("ann", "ben", "eve")
    await tenancy.workspace("team-a", "ann")
    return await tenancy.project("web", "team-a", "ben", quota=Quota(hard={"pods": "5"}))


async def test_a_workspace_and_a_project_are_put_up_and_taken_down(tenancy: Tenancy) -> None:
    project = await put_up(tenancy)
    assert project.status.namespace == "team-a-web"
    found = await tenancy.own.get(NAMESPACE, "team-a-web")
    assert found.metadata.labels[f"{GROUP}/project"] == "web"
    await tenancy.root.delete(PROJECT, "web", HOME)
    await tenancy.gone(PROJECT, "web", HOME)
    await tenancy.gone(NAMESPACE, "team-a-web")
    await tenancy.root.delete(WORKSPACE, "team-a")
    await tenancy.gone(WORKSPACE, "team-a")
    await tenancy.gone(NAMESPACE, HOME)


async def test_members_see_their_workspace_and_project_and_strangers_do_not(tenancy: Tenancy) -> None:
    await put_up(tenancy)
    ann, ben, eve = map(tenancy.user, ("ann", "ben", "eve"))

    async def may_edit() -> Any:
        admins = await tenancy.own.find(ROLE_BINDING, "workspace:admin", "team-a-web")
        edits = await tenancy.own.find(ROLE_BINDING, "project:web:update", HOME)
        return admins and edits and len(edits.subjects) == 2

    await tenancy.until("ann is admin of the project, and both may change it", may_edit)
    assert (await ann.get(WORKSPACE, "team-a")).metadata.name == "team-a"
    await ann.patch(WORKSPACE, "team-a", "", {"spec": {"displayName": "Team A"}})
    assert (await ben.get(PROJECT, "web", HOME)).metadata.name == "web"
    await ben.patch(PROJECT, "web", HOME, {"spec": {"displayName": "Web"}})
    for user in (ben, eve):
        with pytest.raises(Denied):
            await user.get(WORKSPACE, "team-a")
    with pytest.raises(Denied):
        await eve.get(PROJECT, "web", HOME)


async def test_the_system_workspace_and_the_host_are_there(tenancy: Tenancy) -> None:
    await tenancy.ready(WORKSPACE, "system")

    async def labelled() -> Any:
        return (await tenancy.own.get(NAMESPACE, "kube-system")).metadata.labels.get(f"{GROUP}/workspace") == "system"

    await tenancy.until("kube-system is the system's", labelled)
    assert await tenancy.own.get(CLUSTER, "host")
