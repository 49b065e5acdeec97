"""`armillary project`: list, show, create, update and delete projects and DevOps projects."""

from typing import Annotated, Any

import typer

from armillary.base.words import Words
from armillary.cli import tenancy as t
from armillary.cli.context import Cli
from armillary.cli.output import Column, ListFormat, show, show_one, write, write_error
from armillary.cli.session import Session, run
from armillary.cli.workspace import path_of
from armillary.kube.kind import Kind
from armillary.platform.capabilities.tenancy.kinds import DEVOPS_PROJECT, PROJECT

HELP = Words("Projects: namespaces that belong to a workspace.", "项目：属于企业空间的命名空间。")
HELP_LIST = Words(
    "List your projects, or those of a workspace.\n\nExample: armillary project list --workspace team-a",
    "列出您的项目，或某个企业空间中的项目。\n\n示例：armillary project list --workspace team-a",
)
HELP_SHOW = Words(
    "Show one project.\n\nExample: armillary project show web --workspace team-a",
    "查看一个项目。\n\n示例：armillary project show web --workspace team-a",
)
HELP_CREATE = Words(
    "Create a project; you become its admin.\n\n"
    "Example: armillary project create web -w team-a --quota requests.cpu=4 --limits cpu=500m,memory=512Mi --isolated",
    "创建项目；您将成为项目管理员。\n\n"
    "示例：armillary project create web -w team-a --quota requests.cpu=4 --limits cpu=500m,memory=512Mi --isolated",
)
HELP_UPDATE = Words(
    "Change a project; what is not named stays.\n\n"
    "Example: armillary project update web -w team-a --allow workspace:team-b",
    "修改项目；未指定的内容保持不变。\n\n示例：armillary project update web -w team-a --allow workspace:team-b",
)
HELP_DELETE = Words(
    "Delete a project and all that runs in it.\n\nExample: armillary project delete web -w team-a --yes",
    "删除项目及其中运行的全部内容。\n\n示例：armillary project delete web -w team-a --yes",
)
ARG_NAME = Words("The project's name.", "项目名称。")
OPT_DEVOPS = Words("A DevOps project.", "DevOps 工程。")
NONE = Words("there are no projects that you are in", "没有您参与的项目")
MADE = Words("project {name} is ready in namespace {namespace}", "项目 {name} 已就绪，命名空间为 {namespace}")
CHANGED = Words("project {name} is changed", "项目 {name} 已修改")
DELETED = Words("project {name} is being deleted", "正在删除项目 {name}")
SURE = Words("Delete project {name} and all that runs in it?", "确定要删除项目 {name} 及其中运行的全部内容吗？")

COLUMNS = (
    t.NAME,
    Column(Words("WORKSPACE", "企业空间"), lambda item: item["workspace"]),
    t.NAMESPACE,
    Column(Words("KIND", "类型"), lambda item: item["kind"]),
    t.ROLE,
    t.STATE,
)
DETAILS = (
    *COLUMNS,
    t.DISPLAY_NAME,
    Column(Words("CREATOR", "创建者"), lambda item: item["creator"]),
    Column(t.TITLE_ISOLATED, lambda item: item["isolated"]),
    t.CREATED,
    t.MESSAGE,
)


def _list_path(workspace: str, devops: bool) -> str:
    return f"{path_of(workspace)}/{_kind(devops).plural}"


def _kind(devops: bool) -> Kind[Any]:
    return DEVOPS_PROJECT if devops else PROJECT


async def home_of(session: Session, workspace: str, project: str, *, devops: bool = False) -> str:
    """The namespace that a project's own object is in."""
    found = await t.one(session, _list_path(workspace, devops), _kind(devops).plural, project)
    home: str = found["home"]
    return home


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
        workspace: Annotated[str, typer.Option("-w", "--workspace", help=cli.say(t.OPT_WORKSPACE))] = "",
        devops: Annotated[bool, typer.Option("--devops", help=cli.say(OPT_DEVOPS))] = False,
        output: Annotated[ListFormat, typer.Option("-o", "--output", help=cli.say(t.OPT_OUTPUT))] = ListFormat.TABLE,
    ) -> None:
        path = _list_path(workspace, devops) if workspace else "/projects"
        items = run(cli, lambda session: session.get(path))["items"]
        wanted = [item for item in items if not devops or item["kind"] == "devopsproject"]
        show(wanted, COLUMNS, output, cli.language, empty=NONE)

    @app.command("show", help=cli.say(HELP_SHOW))
    def show_(
        name: Annotated[str, typer.Argument(help=cli.say(ARG_NAME))],
        workspace: Annotated[str, typer.Option("-w", "--workspace", help=cli.say(t.OPT_WORKSPACE))] = "",
        devops: Annotated[bool, typer.Option("--devops", help=cli.say(OPT_DEVOPS))] = False,
        output: Annotated[ListFormat, typer.Option("-o", "--output", help=cli.say(t.OPT_OUTPUT))] = ListFormat.TABLE,
    ) -> None:
        path = _list_path(t.chosen_workspace(cli, workspace), devops)
        found = run(cli, lambda session: t.one(session, path, _kind(devops).plural, name))
        show_one(found, DETAILS, output, cli.language)


def _add_create(app: typer.Typer, cli: Cli) -> None:
    @app.command(help=cli.say(HELP_CREATE))
    def create(
        name: Annotated[str, typer.Argument(help=cli.say(ARG_NAME))],
        workspace: Annotated[str, typer.Option("-w", "--workspace", help=cli.say(t.OPT_WORKSPACE))] = "",
        display_name: Annotated[str, typer.Option(help=cli.say(t.OPT_DISPLAY_NAME))] = "",
        description: Annotated[str, typer.Option(help=cli.say(t.OPT_DESCRIPTION))] = "",
        quota: Annotated[t.Texts, typer.Option(help=cli.say(t.OPT_QUOTA))] = None,
        limits: Annotated[t.Texts, typer.Option(help=cli.say(t.OPT_LIMITS))] = None,
        isolated: Annotated[bool | None, typer.Option(help=cli.say(t.OPT_ISOLATED))] = None,
        allow: Annotated[t.Texts, typer.Option(help=cli.say(t.OPT_ALLOW))] = None,
        devops: Annotated[bool, typer.Option("--devops", help=cli.say(OPT_DEVOPS))] = False,
        wait: Annotated[bool, typer.Option(help=cli.say(t.OPT_WAIT))] = True,
    ) -> None:
        path = _list_path(t.chosen_workspace(cli, workspace), devops)
        hard, default = t.given_amounts(cli, quota), t.given_amounts(cli, limits)
        body = {"name": name, "displayName": display_name, "description": description} | t.given(
            quota={"hard": hard} if hard else None,
            limits={"default": default} if default else None,
            network=t.network(isolated, allow),
        )

        async def work(session: Session) -> Any:
            await session.call("POST", path, body)
            return await t.wait_ready(session, path, name) if wait else None

        made = run(cli, work)
        write(cli.say(MADE, **made) if made is not None else cli.say(t.NOT_YET, name=name))


def _add_update(app: typer.Typer, cli: Cli) -> None:
    @app.command(help=cli.say(HELP_UPDATE))
    def update(
        name: Annotated[str, typer.Argument(help=cli.say(ARG_NAME))],
        workspace: Annotated[str, typer.Option("-w", "--workspace", help=cli.say(t.OPT_WORKSPACE))] = "",
        display_name: Annotated[str | None, typer.Option(help=cli.say(t.OPT_DISPLAY_NAME))] = None,
        description: Annotated[str | None, typer.Option(help=cli.say(t.OPT_DESCRIPTION))] = None,
        quota: Annotated[t.Texts, typer.Option(help=cli.say(t.OPT_QUOTA))] = None,
        limits: Annotated[t.Texts, typer.Option(help=cli.say(t.OPT_LIMITS))] = None,
        isolated: Annotated[bool | None, typer.Option(help=cli.say(t.OPT_ISOLATED))] = None,
        allow: Annotated[t.Texts, typer.Option(help=cli.say(t.OPT_ALLOW))] = None,
        devops: Annotated[bool, typer.Option("--devops", help=cli.say(OPT_DEVOPS))] = False,
    ) -> None:
        hard, default = t.amounts(cli, quota), t.amounts(cli, limits)
        spec = t.given(
            displayName=display_name,
            description=description,
            quota={"hard": hard} if hard else None,
            limits={"default": default} if default else None,
            network=t.network(isolated, allow),
        )
        if not spec:
            write_error(cli.say(t.NOTHING))
            raise typer.Exit(2)
        above = t.chosen_workspace(cli, workspace)

        async def work(session: Session) -> None:
            home = await home_of(session, above, name, devops=devops)
            await session.cluster().patch(_kind(devops), name, home, {"spec": spec})

        run(cli, work)
        write(cli.say(CHANGED, name=name))


def _add_delete(app: typer.Typer, cli: Cli) -> None:
    @app.command(help=cli.say(HELP_DELETE))
    def delete(
        name: Annotated[str, typer.Argument(help=cli.say(ARG_NAME))],
        workspace: Annotated[str, typer.Option("-w", "--workspace", help=cli.say(t.OPT_WORKSPACE))] = "",
        devops: Annotated[bool, typer.Option("--devops", help=cli.say(OPT_DEVOPS))] = False,
        yes: Annotated[bool, typer.Option("--yes", "-y", help=cli.say(t.OPT_YES))] = False,
    ) -> None:
        above = t.chosen_workspace(cli, workspace)
        if not yes:
            typer.confirm(cli.say(SURE, name=name), abort=True)

        async def work(session: Session) -> None:
            home = await home_of(session, above, name, devops=devops)
            await session.cluster().delete(_kind(devops), name, home)

        run(cli, work)
        write(cli.say(DELETED, name=name))
