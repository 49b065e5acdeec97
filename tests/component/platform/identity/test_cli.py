"""The commands, against a platform over HTTPS."""

import asyncio
import json
import subprocess
import webbrowser
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec
import pytest
import typer
from tests.component.platform.identity.conftest import PASSWORD, World, opened
from tests.harness.platform import listening_platform
from typer.testing import CliRunner

from armillary.base.errors import ApiError, SetupError
from armillary.base.words import Language
from armillary.cli import consent, credential, login, logout, sessions, token, user, whoami
from armillary.cli.context import Cli
from armillary.cli.platforms import PlatformFile
from armillary.cli.session import open_session
from armillary.cli.trust import fingerprint_of
from armillary.platform.capabilities.identity.kinds import OAUTH_CLIENT, SESSION

NOUNS: dict[str, Any] = {"token": token, "consent": consent, "session": sessions, "user": user}
COMMANDS = (login, logout, whoami, credential)


class Desk:
    """Somebody's command line, with a file of its own."""

    def __init__(self, file: Path) -> None:
        self.file = file
        cli = Cli(Language.ENGLISH, PlatformFile(file, {}))
        self._app = typer.Typer()
        for noun, module in NOUNS.items():
            self._app.add_typer(module.build(cli), name=noun)
        for command in COMMANDS:
            self._app.registered_commands += command.build(cli).registered_commands

    async def __call__(self, line: str, input: str = "") -> str:
        """Its output. Raises what the command raised, and AssertionError for another bad end."""
        result = await asyncio.to_thread(CliRunner().invoke, self._app, line.split(), input)
        if isinstance(result.exception, ApiError | SetupError):
            raise result.exception
        assert result.exit_code == 0, (result.output, result.exception)
        return result.stdout

    async def json(self, line: str) -> Any:
        return json.loads(await self(f"{line} -o json"))


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with opened(tmp_path, listening_platform) as found:
        yield found


async def test_whom_to_trust_is_asked_and_kept(world: World, tmp_path: Path) -> None:
    """Here: told by a fingerprint, since nobody sits at a terminal."""
    await world.user("ann")
    assert world.running.pki is not None
    fingerprint = fingerprint_of(world.running.pki.ca.read_text())
    desk, line = Desk(tmp_path / "config.json"), f"login {world.running.url} --username ann --password-stdin"
    with pytest.raises(SetupError, match=f"--ca-fingerprint once you have compared it: {fingerprint}"):
        await desk(line, f"{PASSWORD}\n")
    with pytest.raises(SetupError, match="not what was given with --ca-fingerprint"):
        await desk(f"{line} --ca-fingerprint {'00:' * 31}00", f"{PASSWORD}\n")
    assert not desk.file.exists()
    assert world.deps.sessions.of("ann") == []  # the password has not been sent
    await desk(f"{line} --ca-fingerprint {fingerprint.replace(':', '').lower()}", f"{PASSWORD}\n")
    await desk(line, f"{PASSWORD}\n")
    assert (await desk.json("whoami"))["name"] == "ann"


def test_a_fingerprint_is_as_openssl_shows_it(world: World) -> None:
    assert world.running.pki is not None
    shown = subprocess.run(
        ["openssl", "x509", "-in", world.running.pki.ca, "-noout", "-fingerprint", "-sha256"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.partition("=")[2]
    assert fingerprint_of(world.running.pki.ca.read_text()) == shown.strip()


def at(world: World) -> str:
    assert world.running.pki is not None
    return f"{world.running.url} --ca-file {world.running.pki.ca}"


async def test_by_password(world: World, tmp_path: Path) -> None:
    await world.user("ann")
    desk = Desk(tmp_path / "config.json")
    with pytest.raises(ApiError, match="wrong name or password"):
        await desk(f"login {at(world)} --username ann --password-stdin", "wrong\n")
    said = await desk(f"login {at(world)} --username ann --password-stdin", f"{PASSWORD}\n")
    assert said == f"signed in to {world.running.url} as ann\n"
    assert desk.file.stat().st_mode & 0o777 == 0o600
    assert (await desk.json("whoami"))["name"] == "ann"
    status = json.loads(await desk("credential"))["status"]
    assert set(status) == {"token", "expirationTimestamp"}
    assert (await desk("logout")).startswith("signed out")
    assert world.deps.sessions.of("ann") == []
    with pytest.raises(SetupError, match="not signed in"):
        await desk("whoami")


async def test_two_commands_at_once_refresh_once(world: World, tmp_path: Path) -> None:
    """A refresh token that is shown twice ends its session; so the second command takes what the first was given."""
    await world.user("ann")
    desk = Desk(tmp_path / "config.json")
    await desk(f"login {at(world)} --username ann --password-stdin", f"{PASSWORD}\n")
    file = PlatformFile(desk.file, {})
    known = file.current()
    assert known is not None
    file.keep(msgspec.structs.replace(known, access_token="has-run-out"))

    async def command() -> str:
        async with open_session(Cli(Language.ENGLISH, file)) as session:
            return str((await session.get("/me"))["name"])

    assert await asyncio.gather(*(command() for _ in range(4))) == ["ann"] * 4
    assert await command() == "ann", "the session lives on"


async def test_a_first_password_is_changed_on_the_way(world: World, tmp_path: Path) -> None:
    await world.user("ann", must_change=True)
    desk, new = Desk(tmp_path / "config.json"), "another fine phrase"
    with pytest.raises(SetupError, match="changed first"):
        await desk(f"login {at(world)} --username ann --password-stdin", f"{PASSWORD}\n")
    await desk(f"login {at(world)} --username ann", f"{PASSWORD}\n{new}\n{new}\n")
    assert (await desk.json("whoami"))["mustChangePassword"] is False


async def test_by_browser(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    await world.user("ann")
    browser, desk = await world.browser("ann"), Desk(tmp_path / "config.json")
    loop = asyncio.get_running_loop()
    pages: list[str] = []

    async def open_page(url: str) -> None:
        """As a browser that is signed in: it is sent back with a code."""
        answer = await browser.get(url.removeprefix(world.running.url))
        back = urlsplit(answer.header("location"))
        for query in ("code=stolen&state=other", back.query):
            reader, writer = await asyncio.open_connection("127.0.0.1", back.port)
            writer.write(f"GET {back.path}?{query} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            pages.append((await reader.read()).decode())
            writer.close()

    def opens(url: str) -> bool:
        asyncio.run_coroutine_threadsafe(open_page(url), loop)
        return True

    monkeypatch.setattr(webbrowser, "open", opens)
    assert (await desk(f"login {at(world)}")).endswith("as ann\n")
    assert [page.split()[1] for page in pages] == ["404", "200"]


async def test_by_a_device_code(world: World, tmp_path: Path) -> None:
    await world.user("ann")
    browser, desk = await world.browser("ann"), Desk(tmp_path / "config.json")

    async def let_in() -> None:
        while True:
            waiting = [s for s in world.deps.reads.list(SESSION) if s.spec.pending is not None]
            if waiting:
                code = waiting[0].spec.pending.user_code
                await world.form(browser, "/oauth/device", user_code=code, answer="allow")
                return
            await asyncio.sleep(0.02)

    said, _ = await asyncio.gather(desk(f"login {at(world)} --device"), let_in())
    assert said.endswith("as ann\n")


async def test_by_an_access_token(world: World, tmp_path: Path) -> None:
    await world.user("ann")
    first, second = Desk(tmp_path / "a.json"), Desk(tmp_path / "b.json")
    await first(f"login {at(world)} --username ann --password-stdin", f"{PASSWORD}\n")
    made = await first.json("token create ci --scope read --days 3")
    await second(f"login {at(world)} --token", made["token"] + "\n")
    assert (await second.json("whoami"))["scopes"] == ["read"]
    assert [t["displayName"] for t in await first.json("token list")] == ["ci"]
    await first(f"token revoke {made['name']} --yes")
    with pytest.raises(SetupError, match="has ended"):
        await second("whoami")


async def test_what_was_allowed_an_application_is_taken_back(world: World, tmp_path: Path) -> None:
    ann, desk = await world.user("ann"), Desk(tmp_path / "config.json")
    await world.application("wiki", display_name="The wiki")
    wiki = world.deps.reads.get(OAUTH_CLIENT, "wiki")
    assert wiki is not None
    await desk(f"login {at(world)} --username ann --password-stdin", f"{PASSWORD}\n")
    assert await desk.json("consent list") == []
    await world.deps.consents.give(ann, wiki, ("openid", "email"))
    (kept,) = await desk.json("consent list")
    assert (kept["client"], kept["displayName"], kept["scopes"]) == ("wiki", "The wiki", ["openid", "email"])
    assert await desk("consent revoke wiki --yes") == "wiki is not allowed anything any more\n"
    assert await desk.json("consent list") == []
    with pytest.raises(ApiError, match="has been allowed nothing"):
        await desk("consent revoke wiki --yes")


async def test_sessions_and_users(world: World, tmp_path: Path) -> None:
    await world.admin_token()
    root, ann = Desk(tmp_path / "root.json"), Desk(tmp_path / "ann.json")
    await root(f"login {at(world)} --username root --password-stdin", f"{PASSWORD}\n")
    made = await root.json("user create ann --email ann@example.org")
    new = "another fine phrase"
    await ann(f"login {at(world)} --username ann", f"{made['password']}\n{new}\n{new}\n")
    assert (await root("user list --search ann@ -o name")).split() == ["ann"]
    (mine,) = await ann.json("session list")
    assert mine["current"] is True
    await root(f"session revoke {mine['name']} --user ann --yes")
    with pytest.raises(SetupError, match="has ended"):
        await ann("whoami")
    await root("user update ann --display-name Ann")
    await root("user disable ann --yes")
    assert (await root.json("user show ann"))["disabled"] is True
    await root("user enable ann")
    assert len((await root.json("user reset-password ann --yes"))["password"]) > 15
    await root("user delete ann --yes")
    with pytest.raises(ApiError) as caught:
        await root("user show ann")
    assert caught.value.code == 404
