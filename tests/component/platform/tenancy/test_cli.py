"""The commands, against a platform over HTTPS: a story of a platform admin and the people of a workspace."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
import typer
from tests.component.platform.tenancy.running import EVERYTHING, Tenancy
from typer.testing import CliRunner

from armillary.base.errors import ApiError
from armillary.base.words import Language
from armillary.cli import cluster, project, quota, workspace
from armillary.cli.context import Cli
from armillary.cli.platforms import PlatformFile
from armillary.kube.kinds.core import NAMESPACE, SECRET
from armillary.kube.kinds.rbac import ROLE_BINDING
from armillary.platform.capabilities.tenancy.kinds import CLUSTER, PROJECT, WORKSPACE

HOME = "workspace-team-a"
MODULES: dict[str, Any] = {"workspace": workspace, "project": project, "quota": quota, "cluster": cluster}


class Desk:
    """Somebody's command line."""

    def __init__(self, tenancy: Tenancy, directory: Path, user: str, language: Language = Language.ENGLISH) -> None:
        environment = {
            "ARMILLARY_URL": tenancy.origin,
            "ARMILLARY_TOKEN": user,
            "ARMILLARY_CA_FILE": str(tenancy.ca),
        }
        cli = Cli(language, PlatformFile(directory / f"{user}.json", environment))
        self._app = typer.Typer()
        for noun, module in MODULES.items():
            self._app.add_typer(module.build(cli), name=noun)

    async def __call__(self, line: str) -> str:
        """Its output. Raises what the command raised, and AssertionError for another bad end."""
        result = await asyncio.to_thread(CliRunner().invoke, self._app, line.split())
        if isinstance(result.exception, ApiError):
            raise result.exception
        assert result.exit_code == 0, result.output
        return result.stdout

    async def json(self, line: str) -> Any:
        return json.loads(await self(f"{line} -o json"))


async def has_roles(tenancy: Tenancy) -> None:
    """What `access` does in the workspace."""
    await tenancy.role(HOME, "admin", "workspace", EVERYTHING)


async def test_a_workspace_from_its_creation_to_its_end(tenancy: Tenancy, tmp_path: Path) -> None:
    await tenancy.platform_admin("pat")
    await tenancy.account("ann")
    pat, ann = Desk(tenancy, tmp_path, "pat"), Desk(tenancy, tmp_path, "ann")
    assert await pat("workspace create team-a --manager ann --quota requests.cpu=4,pods=10") == (
        "workspace team-a is ready\n"
    )
    await has_roles(tenancy)
    made = await ann("project create web -w team-a --quota pods=5 --limits cpu=500m --isolated --allow 10.0.0.0/8")
    assert made == "project web is ready in namespace team-a-web\n"

    async def inherited() -> Any:
        return tenancy.platform.parts.reads.get(ROLE_BINDING, "workspace:admin", "team-a-web")

    await tenancy.until("ann's rights have come down", inherited)
    (found,) = await ann.json("project list")
    assert (found["name"], found["role"], found["isolated"]) == ("web", "admin", True)
    assert "team-a-web" in await ann("project list --workspace team-a")
    assert (await ann("workspace list -o name")).split() == ["team-a"]
    await ann("project update web -w team-a --allow workspace:team-b --display-name Web")
    spec = (await tenancy.own.get(PROJECT, "web", HOME)).spec
    assert (spec.display_name, spec.network.isolated, len(spec.network.allow)) == ("Web", True, 1)
    assert "Web" in await ann("project show web -w team-a")
    await ann("quota set -w team-a -p web pods=6 requests.cpu=2")
    await ann("quota set -w team-a -p web requests.cpu-")
    assert (await tenancy.own.get(PROJECT, "web", HOME)).spec.quota.hard == {"pods": "6"}
    with pytest.raises(ApiError, match="only those who manage all workspaces"):
        await ann("quota set -w team-a pods=100")
    await pat("quota set -w team-a pods=100")
    with pytest.raises(ApiError, match="still has projects: web"):
        await ann("workspace delete team-a --yes")
    await ann("workspace delete team-a --yes --cascade")
    await tenancy.gone(WORKSPACE, "team-a")
    await tenancy.gone(NAMESPACE, "team-a-web")


async def test_quotas_are_told_in_ones_language(tenancy: Tenancy, tmp_path: Path) -> None:
    await tenancy.platform_admin("pat")
    pat = Desk(tenancy, tmp_path, "pat", Language.CHINESE)
    await pat("workspace create team-a --quota pods=10")

    async def counted() -> Any:
        found = tenancy.platform.parts.reads.get(WORKSPACE, "team-a")
        return found is not None and found.status.quota.used

    await tenancy.until("it is counted", counted)
    lines = (await pat("quota show -w team-a")).splitlines()
    assert lines[0].split() == ["资源", "已用", "剩余", "配额"]
    assert lines[1].split() == ["pods", "0", "10", "10"]
    assert "pat" in lines[-1]


async def test_a_stranger_finds_nothing(tenancy: Tenancy, tmp_path: Path) -> None:
    await tenancy.account("ann", "eve")
    await tenancy.workspace("team-a", "ann")
    await tenancy.project("web", "team-a", "ann")
    eve = Desk(tenancy, tmp_path, "eve")
    assert await eve.json("workspace list") == []
    assert await eve.json("project list") == []
    for line in (
        "workspace show team-a",
        "project list -w team-a",
        "project show web -w team-a",
        "project delete web -w team-a --yes",
        "project update web -w team-a --isolated",
        "workspace delete team-a --yes",
        "workspace update team-a --isolated",
        "quota show -w team-a",
        "quota set -w team-a pods=1",
        "cluster remove host --yes",
    ):
        with pytest.raises(ApiError) as caught:
            await eve(line)
        assert caught.value.code in (403, 404), line
    assert await tenancy.own.find(PROJECT, "web", HOME) is not None


async def test_clusters_come_and_go(tenancy: Tenancy, tmp_path: Path) -> None:
    await tenancy.platform_admin("pat")
    pat = Desk(tenancy, tmp_path, "pat")
    file = tmp_path / "east.yaml"
    file.write_text("kind: Config\n")
    await pat(f"cluster add east --kubeconfig {file}")
    with pytest.raises(ApiError, match="already exists"):
        await pat(f"cluster add east --kubeconfig {file}")

    async def seen() -> Any:
        return tenancy.platform.parts.reads.get(CLUSTER, "east")

    await tenancy.until("it is seen", seen)
    assert [item["name"] for item in await pat.json("cluster list")] == ["east", "host"]
    assert "kind: Config" not in await pat("cluster show east -o json")
    await pat("cluster remove east --yes")
    assert await tenancy.own.find(SECRET, "cluster-east", "armillary-system") is None
    with pytest.raises(ApiError, match="lives on it"):
        await pat("cluster remove host --yes")
