"""How things are named on the command line, and that a bare kind and name list their versions."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from armillary.base.errors import SetupError
from armillary.base.words import Language
from armillary.cli import history
from armillary.cli.context import Cli
from armillary.cli.platforms import PlatformFile
from armillary.kube.kind import Kind

KINDS = [
    Kind("", "v1", "ConfigMap", "configmaps", True, dict),
    Kind("apps", "v1", "Deployment", "deployments", True, dict),
    Kind("a.example", "v1", "Thing", "things", True, dict),
    Kind("b.example", "v1", "Thing", "things", True, dict),
]


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("cm", "configmaps."),
        ("ConfigMap", "configmaps."),
        ("deployments", "deployments.apps"),
        ("deploy.apps", "deployments.apps"),
        ("thing", "things.a.example"),
        ("things.b.example", "things.b.example"),
        ("things.c.example", None),
        ("nothing", None),
    ],
)
def test_kinds_are_found_as_people_name_them(word: str, expected: str | None) -> None:
    found = history.chosen(KINDS, word)
    assert (f"{found.plural}.{found.group}" if found else None) == expected


@pytest.mark.parametrize("words", [["deployment", "web"], ["diff", "deployment", "web"], ["deleted", "-n", "shop"]])
def test_a_kind_and_a_name_are_enough(words: list[str], tmp_path: Path) -> None:
    app = history.build(Cli(Language.ENGLISH, PlatformFile(tmp_path / "platforms.json", {})))
    assert isinstance(CliRunner().invoke(app, words).exception, SetupError)  # nobody is signed in
