"""`armillary quota`: what is left of workspaces' and projects' quotas, and how they are set."""

from typing import Annotated, Any
from urllib.parse import quote

import typer

from armillary.base.words import Words
from armillary.cli import tenancy as t
from armillary.cli.context import Cli
from armillary.cli.output import Column, ListFormat, show, write, write_error
from armillary.cli.project import home_of
from armillary.cli.session import Session, run
from armillary.cli.workspace import path_of
from armillary.platform.capabilities.tenancy.kinds import PROJECT, WORKSPACE

HELP = Words("Quotas of workspaces and projects.", "企业空间和项目的配额。")
HELP_SHOW = Words(
    "Show a quota: how much is used and left, and who can raise it.\n\n"
    "Example: armillary quota show -w team-a --project web",
    "查看配额：已用、剩余，以及可以提高配额的人。\n\n示例：armillary quota show -w team-a --project web",
)
HELP_SET = Words(
    "Set a quota; what is not named stays, NAME- takes one away.\n\n"
    "Example: armillary quota set -w team-a requests.cpu=16 pods-",
    "设置配额；未指定的项保持不变，名称后加 - 表示取消该项。\n\n"
    "示例：armillary quota set -w team-a requests.cpu=16 pods-",
)
ARG_AMOUNTS = Words(
    "NAME=AMOUNT as requests.cpu=4, limits.memory=8Gi, count/deployments.apps=10; NAME- takes one away.",
    "名称=数量，例如 requests.cpu=4、limits.memory=8Gi、count/deployments.apps=10；名称后加 - 表示取消该项。",
)
OPT_PROJECT = Words(
    "A project of the workspace; the workspace itself if left out.", "企业空间中的项目；省略时为企业空间本身。"
)
NONE = Words("there is no quota: nothing is limited", "没有设置配额：不受限制")
CHANGED = Words("the quota of {name} is changed", "{name} 的配额已修改")
WHO = Words("{people} can raise it", "可以提高配额的人：{people}")

COLUMNS = (
    Column(Words("RESOURCE", "资源"), lambda item: item["name"]),
    Column(Words("USED", "已用"), lambda item: item["used"]),
    Column(Words("LEFT", "剩余"), lambda item: item["left"]),
    Column(Words("QUOTA", "配额"), lambda item: item["hard"]),
)


def build(cli: Cli) -> typer.Typer:
    app = typer.Typer(help=cli.say(HELP), no_args_is_help=True, rich_markup_mode=None)

    @app.command("show", help=cli.say(HELP_SHOW))
    def show_(
        workspace: Annotated[str, typer.Option("-w", "--workspace", help=cli.say(t.OPT_WORKSPACE))] = "",
        project: Annotated[str, typer.Option("-p", "--project", help=cli.say(OPT_PROJECT))] = "",
        output: Annotated[ListFormat, typer.Option("-o", "--output", help=cli.say(t.OPT_OUTPUT))] = ListFormat.TABLE,
    ) -> None:
        path = path_of(t.chosen_workspace(cli, workspace))
        path += f"/projects/{quote(project, safe='')}/quota" if project else "/quota"
        found = run(cli, lambda session: session.get(path))
        show(found["items"], COLUMNS, output, cli.language, empty=NONE)
        if output is ListFormat.TABLE and found["items"]:
            write("\n" + cli.say(WHO, people=found["raisedBy"]))

    @app.command("set", help=cli.say(HELP_SET))
    def set_(
        amounts: Annotated[list[str], typer.Argument(help=cli.say(ARG_AMOUNTS))],
        workspace: Annotated[str, typer.Option("-w", "--workspace", help=cli.say(t.OPT_WORKSPACE))] = "",
        project: Annotated[str, typer.Option("-p", "--project", help=cli.say(OPT_PROJECT))] = "",
    ) -> None:
        above, hard = t.chosen_workspace(cli, workspace), t.amounts(cli, amounts)
        if not hard:
            write_error(cli.say(t.NOTHING))
            raise typer.Exit(2)
        run(cli, lambda session: _set(session, above, project, hard))
        write(cli.say(CHANGED, name=project or above))

    return app


async def _set(session: Session, workspace: str, project: str, hard: dict[str, str | None]) -> None:
    patch: dict[str, Any] = {"spec": {"quota": {"hard": hard}}}
    if project:
        await session.cluster().patch(PROJECT, project, await home_of(session, workspace, project), patch)
    else:
        await session.cluster().patch(WORKSPACE, workspace, "", patch)
