"""Options of workspaces and projects: amounts, allow lists, and what was not said."""

from pathlib import Path

import pytest
import typer

from armillary.base.errors import SetupError
from armillary.base.words import Language
from armillary.cli.context import Cli
from armillary.cli.platforms import Platform, PlatformFile
from armillary.cli.tenancy import allowed, amounts, chosen_workspace, given, given_amounts, network, state


def cli(directory: Path) -> Cli:
    return Cli(Language.ENGLISH, PlatformFile(directory / "config.json", {}))


@pytest.mark.parametrize(
    ("texts", "found"),
    [
        (None, {}),
        (["requests.cpu=4,pods=20"], {"requests.cpu": "4", "pods": "20"}),
        (["pods=1", "pods=2"], {"pods": "2"}),
        (["count/jobs.batch-"], {"count/jobs.batch": None}),
    ],
)
def test_amounts(tmp_path: Path, texts: list[str] | None, found: dict[str, str | None]) -> None:
    assert amounts(cli(tmp_path), texts) == found


@pytest.mark.parametrize("text", ["pods", "pods=", "=4", "-", "pods=1,,"])
def test_what_is_no_amount_is_told(tmp_path: Path, text: str) -> None:
    with pytest.raises(typer.BadParameter, match="NAME=AMOUNT"):
        amounts(cli(tmp_path), [text])


def test_nothing_is_taken_away_from_what_is_new(tmp_path: Path) -> None:
    assert given_amounts(cli(tmp_path), ["pods=1,services-"]) == {"pods": "1"}


def test_who_may_come_in() -> None:
    texts = ["workspace:team-b", "namespace:x", "10.0.0.0/8", "fd00::/8"]
    assert allowed(texts) == [{"workspace": "team-b"}, {"namespace": "x"}, {"cidr": "10.0.0.0/8"}, {"cidr": "fd00::/8"}]
    assert network(None, None) == {}
    assert network(False, [""]) == {"isolated": False, "allow": []}


def test_only_what_was_said_is_sent() -> None:
    assert given(displayName="", description=None, quota=None, network={}) == {"displayName": ""}


def test_a_workspace_is_named_or_known(tmp_path: Path) -> None:
    mine = cli(tmp_path)
    assert chosen_workspace(mine, "team-a") == "team-a"
    with pytest.raises(SetupError, match="--workspace"):
        chosen_workspace(mine, "")
    mine.file.keep(Platform(origin="https://p:1", workspace="team-b"))
    assert chosen_workspace(mine, "") == "team-b"


@pytest.mark.parametrize(
    ("item", "word"),
    [
        ({"ending": True, "state": {"ready": True}}, "Ending"),
        ({"ending": False, "state": {"ready": True}}, "Ready"),
        ({"state": {"ready": False}}, "Pending"),
    ],
)
def test_a_state_is_one_word(item: dict[str, object], word: str) -> None:
    assert state(item) == word
