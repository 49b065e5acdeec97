"""Custom resources of our own, on a real API server."""

from pathlib import Path

import pytest
from tests.harness.server import running_server

from armillary.base.errors import Invalid
from armillary.kube.install import install
from armillary.kube.kinds.meta import ObjectMeta
from armillary.platform.capabilities.access import kinds as access
from armillary.platform.capabilities.federation import kinds as federation
from armillary.platform.capabilities.identity import kinds as identity
from armillary.platform.capabilities.tenancy import kinds as tenancy

ALL = (*tenancy.KINDS, *identity.KINDS, *federation.KINDS, *access.KINDS)


async def test_every_kind_of_ours_is_served_and_installing_again_changes_nothing(tmp_path: Path) -> None:
    async with running_server(tmp_path) as server:
        client = server.admin()
        await install(client, ALL)
        before = await client.call("GET", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions")
        await install(client, ALL)
        after = await client.call("GET", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions")
        assert before.body == after.body


async def test_an_object_comes_back_as_it_was_written(tmp_path: Path) -> None:
    async with running_server(tmp_path) as server:
        client = server.admin()
        await install(client, tenancy.KINDS)
        spec = tenancy.WorkspaceSpec(manager="ann", quota=tenancy.Quota(hard={"requests.cpu": "4"}))
        await client.create(tenancy.WORKSPACE, tenancy.Workspace(metadata=ObjectMeta(name="team-a"), spec=spec))
        found = await client.get(tenancy.WORKSPACE, "team-a")
        assert found.spec == spec


@pytest.mark.parametrize("name", ["a" * 31, "Team"])
async def test_a_name_that_would_not_do_is_refused(tmp_path: Path, name: str) -> None:
    async with running_server(tmp_path) as server:
        client = server.admin()
        await install(client, tenancy.KINDS)
        with pytest.raises(Invalid, match=r"metadata\.name"):
            await client.create(tenancy.WORKSPACE, tenancy.Workspace(metadata=ObjectMeta(name=name)))
