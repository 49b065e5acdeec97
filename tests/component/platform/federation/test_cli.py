"""`armillary provider`, against a platform over HTTPS."""

import asyncio
import json
from pathlib import Path

import pytest
from tests.component.platform.federation.running import Federated
from tests.harness.oidc import CLIENT, CLIENT_SECRET, running_oidc
from tests.harness.slapd import GROUPS, PEOPLE, READER, READER_PASSWORD
from typer.testing import CliRunner

from armillary.base.words import Language
from armillary.cli import provider
from armillary.cli.context import Cli
from armillary.cli.platforms import PlatformFile
from armillary.platform.capabilities.federation.kinds import IDENTITY_PROVIDER


class Desk:
    """Pat's command line."""

    def __init__(self, federated: Federated, directory: Path, language: Language = Language.ENGLISH) -> None:
        assert federated.platform.pki is not None
        environment = {
            "ARMILLARY_URL": federated.platform.url,
            "ARMILLARY_TOKEN": "pat",
            "ARMILLARY_CA_FILE": str(federated.platform.pki.ca),
        }
        self._app = provider.build(Cli(language, PlatformFile(directory / "pat.json", environment)))

    async def __call__(self, *words: str, typed: str = "", code: int = 0) -> str:
        result = await asyncio.to_thread(CliRunner().invoke, self._app, list(words), input=typed)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == code, result.output
        return result.stdout


@pytest.fixture
async def pat(federated: Federated, tmp_path: Path) -> Desk:
    await federated.administrator("pat")
    return Desk(federated, tmp_path)


async def test_a_directory_from_its_creation_to_its_end(federated: Federated, pat: Desk, tmp_path: Path) -> None:
    ca = tmp_path / "ca.pem"
    ca.write_text(federated.slapd.ca)
    made = await pat(
        "create", "ldap", "corp", "--url", federated.slapd.ldap, "--base-dn", PEOPLE, "--bind-dn", READER,
        "--ca", str(ca), "--group-base-dn", GROUPS, "--group", f"cn=ops,{GROUPS}=operators", "--just-in-time",
        typed=f"{READER_PASSWORD}\n",
    )  # fmt: skip
    assert "corp is set up" in made
    await federated.says("corp", "Ready", "True", "Reachable")
    assert (await pat("list", "-o", "name")).split() == ["corp"]
    assert "Ready" in await pat("list")
    shown = json.loads(await pat("show", "corp", "-o", "json"))
    assert shown["spec"]["groups"] == [{"group": f"cn=ops,{GROUPS}", "asGroup": "operators"}]
    assert READER_PASSWORD not in str(shown)
    tried = await pat("test", "corp", "--login", "ann", "--password", typed="ann's\n")
    assert "the directory accepts the password" in tried
    assert "groups here: operators" in tried
    assert "failed" in await pat("test", "corp", "--login", "ann", "--password", typed="wrong\n", code=1)
    assert "switched off" in await pat("disable", "corp")
    assert "Disabled" in await pat("list")
    assert "switched on" in await pat("enable", "corp")
    assert "kept" in await pat("secret", "corp", typed="wrong\n")
    assert "does not let" in await pat("test", "corp", code=1)
    await pat("delete", "corp", typed="n\n", code=1)
    assert "deleted" in await pat("delete", "corp", "--yes")
    assert await federated.platform.admin.find(IDENTITY_PROVIDER, "corp") is None


async def test_an_openid_connect_provider(federated: Federated, pat: Desk, tmp_path: Path) -> None:
    ca = tmp_path / "ca.pem"
    async with running_oidc(tmp_path / "oidc") as server:
        ca.write_text(server.ca)
        made = await pat(
            "create", "oidc", "sso", "--issuer", server.issuer, "--client-id", CLIENT, "--ca", str(ca),
            "--scope", "email", "--scope", "groups", "--group", "ops=operators", typed=CLIENT_SECRET,
        )  # fmt: skip
        assert "sso is set up" in made
        await federated.says("sso", "Ready", "True", "Reachable")
        assert "the provider knows the client" in await pat("test", "sso")
        await pat("secret", "sso", typed="guessed")
        assert "invalid_client" in await pat("test", "sso", code=1)
    shown = json.loads(await pat("show", "sso", "-o", "json"))
    assert shown["spec"]["oidc"]["scopes"] == ["openid", "email", "groups"]


async def test_active_directory_has_its_own_filters(federated: Federated, pat: Desk) -> None:
    await pat(
        "create", "ldap", "ad", "--active-directory", "--url", "ldaps://127.0.0.1:1", "--base-dn", "dc=example",
        "--bind-dn", "reader@example.org", typed="secret",
    )  # fmt: skip
    found = (await federated.platform.admin.get(IDENTITY_PROVIDER, "ad")).spec.ldap
    assert found is not None
    assert "sAMAccountName={login}" in found.filter
    assert "1.2.840.113556.1.4.1941" in found.group_filter
    assert "1.2.840.113556.1.4.803" in found.disabled_filter
    await federated.says("ad", "Ready", "False", "Unreachable")


async def test_it_speaks_chinese(federated: Federated, pat: Desk, tmp_path: Path) -> None:
    chinese = Desk(federated, tmp_path, Language.CHINESE)
    assert "身份提供商" in await chinese("--help")
    assert "{login}" in await chinese("create", "ldap", "--help")
