"""Which place a command is about: the options that roles and members have in common."""

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Annotated, Any
from urllib.parse import quote

import typer

from armillary.base.words import Words
from armillary.cli.context import Cli
from armillary.cli.tenancy import chosen_workspace
from armillary.platform.capabilities.access.kinds import Level

OPT_PLATFORM = Words("Of the platform itself.", "平台级别。")
OPT_CLUSTER = Words("Of that cluster.", "该集群。")
OPT_WORKSPACE = Words("Of that workspace.", "该企业空间。")
OPT_PROJECT = Words("Of that project in the workspace.", "该企业空间中的项目。")
OPT_DEVOPS = Words("Of that DevOps project in the workspace.", "该企业空间中的 DevOps 工程。")
WHICH = Words(
    "say where: --platform, --cluster NAME, --workspace NAME, and with it --project NAME or --devops NAME",
    "请指明位置：--platform、--cluster 名称、--workspace 名称，以及 --project 名称或 --devops 名称",
)


class Place(str):
    """The path below /platform/v1; `level` is what it is."""

    level: Level

    def __new__(cls, path: str, level: Level) -> "Place":
        made = super().__new__(cls, path)
        made.level = level
        return made


def place_of(cli: Cli, platform: bool, cluster: str, workspace: str, project: str, devops: str) -> Place:
    """Raises BadParameter unless the options name one place."""
    inner = [name for name in (project, devops) if name]
    if inner and not (platform or cluster):
        workspace = chosen_workspace(cli, workspace)
    outer = [name for name in (platform, cluster, workspace) if name]
    if len(outer) != 1 or len(inner) > 1 or (inner and not workspace):
        raise typer.BadParameter(cli.say(WHICH))
    if platform:
        return Place("/platform", "platform")
    if cluster:
        return Place(f"/clusters/{segment(cluster)}", "cluster")
    path = f"/workspaces/{segment(workspace)}"
    if project:
        return Place(f"{path}/projects/{segment(project)}", "project")
    if devops:
        return Place(f"{path}/devopsprojects/{segment(devops)}", "devopsproject")
    return Place(path, "workspace")


def segment(name: str) -> str:
    """A name as a part of a path."""
    return quote(name, safe=":")


def placed(cli: Cli) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Gives a command the options of a place; it is told the place as its first argument."""
    options = {
        "platform": (bool, False, typer.Option("--platform", help=cli.say(OPT_PLATFORM))),
        "cluster": (str, "", typer.Option("--cluster", help=cli.say(OPT_CLUSTER))),
        "workspace": (str, "", typer.Option("-w", "--workspace", help=cli.say(OPT_WORKSPACE))),
        "project": (str, "", typer.Option("-p", "--project", help=cli.say(OPT_PROJECT))),
        "devops": (str, "", typer.Option("--devops", help=cli.say(OPT_DEVOPS))),
    }

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        @wraps(command)
        def called(**given: Any) -> None:
            where = {name: given.pop(name) for name in options}
            command(place_of(cli, **where), **given)

        own = list(inspect.signature(command).parameters.values())[1:]
        more = [
            inspect.Parameter(
                name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=Annotated[type_, option]
            )
            for name, (type_, default, option) in options.items()
        ]
        del called.__wrapped__
        called.__signature__ = inspect.Signature([*own, *more])  # type: ignore[attr-defined]  # what typer reads
        called.__annotations__ = {p.name: p.annotation for p in (*own, *more)}
        return called

    return decorate
