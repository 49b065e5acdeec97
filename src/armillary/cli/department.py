"""`armillary department`: groups of people inside a workspace, as a tree."""

from typing import Annotated, Any

import typer

from armillary.base.words import Words
from armillary.cli.context import Cli
from armillary.cli.output import Column, ListFormat, show, write
from armillary.cli.places import segment
from armillary.cli.session import Session, run
from armillary.cli.tenancy import OPT_WORKSPACE

HELP = Words("Departments: groups of people inside a workspace.", "部门：企业空间内的用户组。")
HELP_LIST = Words(
    "List the departments of a workspace.\n\nExample: armillary department list -w team-a",
    "列出企业空间的部门。\n\n示例：armillary department list -w team-a",
)
HELP_CREATE = Words(
    "Make a department, maybe as a part of another one.\n\n"
    "Example: armillary department create backend --parent dev -w team-a",
    "创建部门，可指定上级部门。\n\n示例：armillary department create backend --parent dev -w team-a",
)
HELP_UPDATE = Words(
    "Rename or move a department; what is not named stays.\n\n"
    "Example: armillary department update backend --parent all -w team-a",
    "重命名或移动部门，未指定的内容保持不变。\n\n示例：armillary department update backend --parent all -w team-a",
)
HELP_ADD = Words(
    "Add people to a department.\n\nExample: armillary department add backend ann ben -w team-a",
    "将用户加入部门。\n\n示例：armillary department add backend ann ben -w team-a",
)
HELP_REMOVE = Words(
    "Take people out of a department.\n\nExample: armillary department remove backend ann -w team-a",
    "将用户移出部门。\n\n示例：armillary department remove backend ann -w team-a",
)
HELP_DELETE = Words(
    "Delete a department that is a member of nothing.\n\nExample: armillary department delete backend -w team-a --yes",
    "删除不属于任何成员列表的部门。\n\n示例：armillary department delete backend -w team-a --yes",
)
ARG_NAME = Words("The department's name.", "部门名称。")
ARG_USERS = Words("Users' names.", "用户名。")
OPT_PARENT = Words("The department it is a part of.", "上级部门。")
OPT_DISPLAY_NAME = Words("How people call it.", "显示名称。")
OPT_OUTPUT = Words("Output format.", "输出格式。")
OPT_YES = Words("Do not ask.", "不再询问。")
NONE = Words("there are no departments yet", "还没有部门")
MADE = Words("department {name} is made", "部门 {name} 已创建")
CHANGED = Words("department {name}: {members}", "部门 {name}：{members}")
MOVED = Words("department {name} is changed", "部门 {name} 已修改")
DELETED = Words("department {name} is deleted", "部门 {name} 已删除")
SURE = Words("Delete department {name}?", "确定要删除部门 {name} 吗？")

COLUMNS = (
    Column(Words("NAME", "名称"), lambda item: item["name"]),
    Column(Words("DISPLAY NAME", "显示名称"), lambda item: item["displayName"]),
    Column(Words("PARENT", "上级部门"), lambda item: item["parent"]),
    Column(Words("MEMBERS", "成员"), lambda item: item["members"]),
)


def path_of(cli: Cli, workspace: str, name: str = "") -> str:
    path = f"/workspaces/{segment(workspace)}/departments"
    return f"{path}/{segment(name)}" if name else path


def build(cli: Cli) -> typer.Typer:
    app = typer.Typer(help=cli.say(HELP), no_args_is_help=True, rich_markup_mode=None)
    _add_list(app, cli)
    _add_making(app, cli)
    _add_people(app, cli)
    _add_delete(app, cli)
    return app


def _add_list(app: typer.Typer, cli: Cli) -> None:
    @app.command("list", help=cli.say(HELP_LIST))
    def list_(
        workspace: Annotated[str, typer.Option("-w", "--workspace", help=cli.say(OPT_WORKSPACE))] = "",
        output: Annotated[ListFormat, typer.Option("-o", "--output", help=cli.say(OPT_OUTPUT))] = ListFormat.TABLE,
    ) -> None:
        found = run(cli, lambda session: session.get(path_of(cli, workspace)))
        show(found["items"], COLUMNS, output, cli.language, empty=NONE)


def _add_making(app: typer.Typer, cli: Cli) -> None:
    @app.command(help=cli.say(HELP_CREATE))
    def create(
        name: Annotated[str, typer.Argument(help=cli.say(ARG_NAME))],
        workspace: Annotated[str, typer.Option("-w", "--workspace", help=cli.say(OPT_WORKSPACE))] = "",
        parent: Annotated[str, typer.Option(help=cli.say(OPT_PARENT))] = "",
        display_name: Annotated[str, typer.Option(help=cli.say(OPT_DISPLAY_NAME))] = "",
    ) -> None:
        body = {"name": name, "parent": parent, "displayName": display_name}
        run(cli, lambda session: session.call("POST", path_of(cli, workspace), body))
        write(cli.say(MADE, name=name))

    @app.command(help=cli.say(HELP_UPDATE))
    def update(
        name: Annotated[str, typer.Argument(help=cli.say(ARG_NAME))],
        workspace: Annotated[str, typer.Option("-w", "--workspace", help=cli.say(OPT_WORKSPACE))] = "",
        parent: Annotated[str | None, typer.Option(help=cli.say(OPT_PARENT))] = None,
        display_name: Annotated[str | None, typer.Option(help=cli.say(OPT_DISPLAY_NAME))] = None,
    ) -> None:
        async def work(session: Session) -> None:
            items = (await session.get(path_of(cli, workspace)))["items"]
            now: Any = next((item for item in items if item["name"] == name), {"parent": "", "displayName": ""})
            body = {
                "parent": now["parent"] if parent is None else parent,
                "displayName": now["displayName"] if display_name is None else display_name,
            }
            await session.call("PUT", path_of(cli, workspace, name), body)

        run(cli, work)
        write(cli.say(MOVED, name=name))


def _add_people(app: typer.Typer, cli: Cli) -> None:
    def change(workspace: str, name: str, how: str, users: list[str]) -> None:
        path = f"{path_of(cli, workspace, name)}/members"
        done = run(cli, lambda session: session.call("POST", path, {how: users}))
        write(cli.say(CHANGED, name=name, members=", ".join(done["members"]) or "-"))

    @app.command(help=cli.say(HELP_ADD))
    def add(
        name: Annotated[str, typer.Argument(help=cli.say(ARG_NAME))],
        users: Annotated[list[str], typer.Argument(help=cli.say(ARG_USERS))],
        workspace: Annotated[str, typer.Option("-w", "--workspace", help=cli.say(OPT_WORKSPACE))] = "",
    ) -> None:
        change(workspace, name, "add", users)

    @app.command(help=cli.say(HELP_REMOVE))
    def remove(
        name: Annotated[str, typer.Argument(help=cli.say(ARG_NAME))],
        users: Annotated[list[str], typer.Argument(help=cli.say(ARG_USERS))],
        workspace: Annotated[str, typer.Option("-w", "--workspace", help=cli.say(OPT_WORKSPACE))] = "",
    ) -> None:
        change(workspace, name, "remove", users)


def _add_delete(app: typer.Typer, cli: Cli) -> None:
    @app.command(help=cli.say(HELP_DELETE))
    def delete(
        name: Annotated[str, typer.Argument(help=cli.say(ARG_NAME))],
        workspace: Annotated[str, typer.Option("-w", "--workspace", help=cli.say(OPT_WORKSPACE))] = "",
        yes: Annotated[bool, typer.Option("--yes", "-y", help=cli.say(OPT_YES))] = False,
    ) -> None:
        if not yes:
            typer.confirm(cli.say(SURE, name=name), abort=True)
        run(cli, lambda session: session.call("DELETE", path_of(cli, workspace, name)))
        write(cli.say(DELETED, name=name))
