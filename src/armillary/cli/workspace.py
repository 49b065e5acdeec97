"""`armillary workspace`: list, show, create, update and delete workspaces."""

from typing import Annotated, Any
from urllib.parse import quote

import typer

from armillary.base.words import Words
from armillary.cli import tenancy as t
from armillary.cli.context import Cli
from armillary.cli.output import Column, ListFormat, show, show_one, write, write_error
from armillary.cli.session import Session, run
from armillary.platform.capabilities.tenancy.kinds import CASCADE_ANNOTATION, WORKSPACE

HELP = Words("Workspaces: teams and their share of the platform.", "企业空间：团队及其在平台中的资源份额。")
HELP_LIST = Words(
    "List the workspaces you may see.\n\nExample: armillary workspace list -o json",
    "列出您可以查看的企业空间。\n\n示例：armillary workspace list -o json",
)
HELP_SHOW = Words(
    "Show one workspace.\n\nExample: armillary workspace show team-a",
    "查看一个企业空间。\n\n示例：armillary workspace show team-a",
)
HELP_CREATE = Words(
    "Create a workspace; you manage it unless you name another manager.\n\n"
    "Example: armillary workspace create team-a --manager ann --quota requests.cpu=16,pods=100",
    "创建企业空间；未指定管理员时由您管理。\n\n"
    "示例：armillary workspace create team-a --manager ann --quota requests.cpu=16,pods=100",
)
HELP_UPDATE = Words(
    "Change a workspace; what is not named stays.\n\nExample: armillary workspace update team-a --isolated",
    "修改企业空间；未指定的内容保持不变。\n\n示例：armillary workspace update team-a --isolated",
)
HELP_DELETE = Words(
    "Delete a workspace.\n\nExample: armillary workspace delete team-a --cascade --yes",
    "删除企业空间。\n\n示例：armillary workspace delete team-a --cascade --yes",
)
ARG_NAME = Words("The workspace's name.", "企业空间名称。")
OPT_MANAGER = Words("The user who administers it from the start.", "管理员（用户名）。")
OPT_CASCADE = Words("With its projects and all that runs in them.", "连同其中的项目以及所有工作负载一并删除。")
NONE = Words("you are in no workspace yet", "您还没有加入任何企业空间")
MADE = Words("workspace {name} is ready", "企业空间 {name} 已就绪")
CHANGED = Words("workspace {name} is changed", "企业空间 {name} 已修改")
DELETED = Words("workspace {name} is being deleted", "正在删除企业空间 {name}")
SURE = Words("Delete workspace {name} and all that is in it?", "确定要删除企业空间 {name} 及其中的全部内容吗？")

COLUMNS = (
    t.NAME,
    t.DISPLAY_NAME,
    Column(Words("MANAGER", "管理员"), lambda item: item["manager"]),
    Column(Words("PROJECTS", "项目"), lambda item: item["projects"]),
    Column(Words("DEVOPS PROJECTS", "DevOps 工程"), lambda item: item["devopsProjects"]),
    t.ROLE,
    t.STATE,
)
DETAILS = (
    *COLUMNS,
    t.NAMESPACE,
    Column(Words("QUOTA", "配额"), lambda item: item["hard"]),
    Column(Words("USED", "已用"), lambda item: item["used"]),
    Column(t.TITLE_ISOLATED, lambda item: item["network"].get("isolated", False)),
    t.CREATED,
    t.MESSAGE,
)


def path_of(name: str) -> str:
    return f"/workspaces/{quote(name, safe='')}"


def build(cli: Cli) -> typer.Typer:
    app = typer.Typer(help=cli.say(HELP), no_args_is_help=True, rich_markup_mode=None)
    _add_reading(app, cli)
    _add_create(app, cli)
    _add_update(app, cli)
    _add_delete(app, cli)
    return app


def _add_reading(app: typer.Typer, cli: Cli) -> None:
    @app.command("list", help=cli.say(HELP_LIST))
    def list_(
        output: Annotated[ListFormat, typer.Option("-o", "--output", help=cli.say(t.OPT_OUTPUT))] = ListFormat.TABLE,
    ) -> None:
        found = run(cli, lambda session: session.get("/workspaces"))
        show(found["items"], COLUMNS, output, cli.language, empty=NONE)

    @app.command("show", help=cli.say(HELP_SHOW))
    def show_(
        name: Annotated[str, typer.Argument(help=cli.say(ARG_NAME))],
        output: Annotated[ListFormat, typer.Option("-o", "--output", help=cli.say(t.OPT_OUTPUT))] = ListFormat.TABLE,
    ) -> None:
        found = run(cli, lambda session: session.get(path_of(name)))
        show_one(found, DETAILS, output, cli.language)


def _add_create(app: typer.Typer, cli: Cli) -> None:
    @app.command(help=cli.say(HELP_CREATE))
    def create(
        name: Annotated[str, typer.Argument(help=cli.say(ARG_NAME))],
        display_name: Annotated[str, typer.Option(help=cli.say(t.OPT_DISPLAY_NAME))] = "",
        description: Annotated[str, typer.Option(help=cli.say(t.OPT_DESCRIPTION))] = "",
        manager: Annotated[str, typer.Option(help=cli.say(OPT_MANAGER))] = "",
        quota: Annotated[t.Texts, typer.Option(help=cli.say(t.OPT_QUOTA))] = None,
        isolated: Annotated[bool | None, typer.Option(help=cli.say(t.OPT_ISOLATED))] = None,
        allow: Annotated[t.Texts, typer.Option(help=cli.say(t.OPT_ALLOW))] = None,
        wait: Annotated[bool, typer.Option(help=cli.say(t.OPT_WAIT))] = True,
    ) -> None:
        body: dict[str, Any] = {
            "name": name,
            "displayName": display_name,
            "description": description,
            "manager": manager,
            "quota": {"hard": t.given_amounts(cli, quota)},
            "network": t.network(isolated, allow),
        }

        async def work(session: Session) -> Any:
            await session.call("POST", "/workspaces", body)
            return await t.wait_ready(session, path_of(name)) if wait else None

        made = run(cli, work)
        write(cli.say(MADE if made is not None else t.NOT_YET, name=name))


def _add_update(app: typer.Typer, cli: Cli) -> None:
    @app.command(help=cli.say(HELP_UPDATE))
    def update(
        name: Annotated[str, typer.Argument(help=cli.say(ARG_NAME))],
        display_name: Annotated[str | None, typer.Option(help=cli.say(t.OPT_DISPLAY_NAME))] = None,
        description: Annotated[str | None, typer.Option(help=cli.say(t.OPT_DESCRIPTION))] = None,
        manager: Annotated[str | None, typer.Option(help=cli.say(OPT_MANAGER))] = None,
        quota: Annotated[t.Texts, typer.Option(help=cli.say(t.OPT_QUOTA))] = None,
        isolated: Annotated[bool | None, typer.Option(help=cli.say(t.OPT_ISOLATED))] = None,
        allow: Annotated[t.Texts, typer.Option(help=cli.say(t.OPT_ALLOW))] = None,
    ) -> None:
        hard = t.amounts(cli, quota)
        spec = t.given(
            displayName=display_name,
            description=description,
            manager=manager,
            quota={"hard": hard} if hard else None,
            network=t.network(isolated, allow),
        )
        if not spec:
            write_error(cli.say(t.NOTHING))
            raise typer.Exit(2)
        run(cli, lambda session: session.cluster().patch(WORKSPACE, name, "", {"spec": spec}))
        write(cli.say(CHANGED, name=name))


def _add_delete(app: typer.Typer, cli: Cli) -> None:
    @app.command(help=cli.say(HELP_DELETE))
    def delete(
        name: Annotated[str, typer.Argument(help=cli.say(ARG_NAME))],
        cascade: Annotated[bool, typer.Option("--cascade", help=cli.say(OPT_CASCADE))] = False,
        yes: Annotated[bool, typer.Option("--yes", "-y", help=cli.say(t.OPT_YES))] = False,
    ) -> None:
        if not yes:
            typer.confirm(cli.say(SURE, name=name), abort=True)

        async def work(session: Session) -> None:
            if cascade:
                mark = {"metadata": {"annotations": {CASCADE_ANNOTATION: "true"}}}
                await session.cluster().patch(WORKSPACE, name, "", mark)
            await session.cluster().delete(WORKSPACE, name)

        run(cli, work)
        write(cli.say(DELETED, name=name))
