"""Commands about roles, members and access: their options, and what they ask the platform."""

from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from armillary.base.words import Language
from armillary.cli.access import asked
from armillary.cli.context import Cli
from armillary.cli.nouns import NOUNS, group_of
from armillary.cli.places import place_of
from armillary.cli.platforms import PlatformFile

COMMANDS = [
    *(("role", name) for name in ("list", "show", "create", "update", "delete", "templates", "preview")),
    *(("member", name) for name in ("list", "add", "set", "remove")),
    *(("department", name) for name in ("list", "create", "update", "add", "remove", "delete")),
    *(("access", name) for name in ("who-can", "explain")),
]


def cli_in(directory: Path, language: Language = Language.ENGLISH) -> Cli:
    return Cli(language, PlatformFile(directory / "platforms.json", {}))


@pytest.mark.parametrize(("noun", "verb"), COMMANDS)
@pytest.mark.parametrize("language", list(Language))
def test_every_command_shows_an_example(tmp_path: Path, noun: str, verb: str, language: Language) -> None:
    app = typer.Typer(cls=group_of(cli_in(tmp_path, language), NOUNS))
    app.callback()(lambda: None)
    found = CliRunner().invoke(app, [noun, verb, "--help"])
    assert found.exit_code == 0, found.output
    assert f"armillary {noun} {verb}" in found.output


@pytest.mark.parametrize(
    ("platform", "cluster", "workspace", "project", "devops", "path"),
    [
        (True, "", "", "", "", "/platform"),
        (False, "host", "", "", "", "/clusters/host"),
        (False, "", "team", "", "", "/workspaces/team"),
        (False, "", "team", "web", "", "/workspaces/team/projects/web"),
        (False, "", "team", "", "ci", "/workspaces/team/devopsprojects/ci"),
        (False, "", "a/../b", "", "", "/workspaces/a%2F..%2Fb"),
        (True, "host", "", "", "", None),
        (False, "", "", "", "", None),
        (True, "", "", "web", "", None),
        (False, "", "team", "web", "ci", None),
    ],
)
def test_options_name_one_place(
    tmp_path: Path, platform: bool, cluster: str, workspace: str, project: str, devops: str, path: str | None
) -> None:
    if path is not None:
        assert place_of(cli_in(tmp_path), platform, cluster, workspace, project, devops) == path
        return
    with pytest.raises(typer.BadParameter):
        place_of(cli_in(tmp_path), platform, cluster, workspace, project, devops)


@pytest.mark.parametrize(
    ("text", "resource", "group"),
    [
        ("pods", "pods", ""),
        ("pods/exec", "pods/exec", ""),
        ("deployments.apps", "deployments", "apps"),
        ("deployments.apps/scale", "deployments/scale", "apps"),
        ("roles.rbac.authorization.k8s.io", "roles", "rbac.authorization.k8s.io"),
    ],
)
def test_resources_are_named_as_kubectl_does(text: str, resource: str, group: str) -> None:
    found = asked("get", text, "", "", "host")
    assert (found["resource"], found["group"]) == (resource, group)


def test_paths_are_no_resources() -> None:
    assert asked("get", "/metrics", "", "", "host")["url"] == "/metrics"
