"""`armillary role`: the roles of a place, made of permission templates; what a change would mean for whom."""

from typing import Annotated, Any

import typer

from armillary.base.words import Words
from armillary.cli.context import Cli
from armillary.cli.output import Column, Format, ListFormat, show, show_one, structured, write
from armillary.cli.places import Place, placed, segment
from armillary.cli.session import run
from armillary.platform.capabilities.access.kinds import LEVELS

HELP = Words("Roles: what members may do.", "角色：成员拥有的权限。")
HELP_LIST = Words(
    "List the roles of a place.\n\nExample: armillary role list -w team-a",
    "列出角色。\n\n示例：armillary role list -w team-a",
)
HELP_SHOW = Words(
    "Show one role with its rules.\n\nExample: armillary role show operator -w team-a -p shop -o yaml",
    "查看角色及其规则。\n\n示例：armillary role show operator -w team-a -p shop -o yaml",
)
HELP_CREATE = Words(
    "Make a role from permission templates; what they need comes along.\n\n"
    "Example: armillary role create deployer -t workloads-create -t workloads-edit -w team-a -p shop",
    "用权限模板创建角色，模板依赖的权限会自动加入。\n\n"
    "示例：armillary role create deployer -t workloads-create -t workloads-edit -w team-a -p shop",
)
HELP_UPDATE = Words(
    "Make a role of other templates; its members hold these from then on.\n\n"
    "Example: armillary role update deployer -t workloads-edit -w team-a -p shop",
    "更换角色的权限模板，其成员的权限随之改变。\n\n"
    "示例：armillary role update deployer -t workloads-edit -w team-a -p shop",
)
HELP_DELETE = Words(
    "Delete a role that nobody holds.\n\nExample: armillary role delete deployer -w team-a -p shop --yes",
    "删除没有成员的角色。\n\n示例：armillary role delete deployer -w team-a -p shop --yes",
)
HELP_TEMPLATES = Words(
    "List the permission templates of a level: {levels}.\n\nExample: armillary role templates project",
    "列出一个级别的权限模板：{levels}。\n\n示例：armillary role templates project",
)
HELP_PREVIEW = Words(
    "Say who would gain or lose what, should a role be made of these templates.\n\n"
    "Example: armillary role preview deployer -t workloads-view -w team-a -p shop",
    "预览更换模板后，谁将获得或失去哪些权限。\n\n"
    "示例：armillary role preview deployer -t workloads-view -w team-a -p shop",
)
ARG_NAME = Words("The role's name.", "角色名称。")
ARG_LEVEL = Words("The level.", "级别。")
OPT_TEMPLATE = Words("A permission template; may be given again.", "权限模板，可重复指定。")
OPT_DISPLAY_NAME = Words("How people call it.", "显示名称。")
OPT_DESCRIPTION = Words("What it is for.", "描述。")
OPT_OUTPUT = Words("Output format.", "输出格式。")
OPT_YES = Words("Do not ask.", "不再询问。")
NONE = Words("there are no roles here", "这里没有角色")
NOBODY = Words("nobody gains or loses anything", "没有人的权限会改变")
MADE = Words("role {name} is made", "角色 {name} 已创建")
CHANGED = Words("role {name} is changed", "角色 {name} 已修改")
DELETED = Words("role {name} is deleted", "角色 {name} 已删除")
SURE = Words("Delete role {name}?", "确定要删除角色 {name} 吗？")

COLUMNS = (
    Column(Words("NAME", "名称"), lambda item: item["name"]),
    Column(Words("BUILT IN", "内置"), lambda item: item["builtIn"]),
    Column(Words("MEMBERS", "成员"), lambda item: item["members"]),
    Column(Words("DESCRIPTION", "描述"), lambda item: item["description"]),
)
DETAILS = (*COLUMNS, Column(Words("TEMPLATES", "模板"), lambda item: item["templates"]))
TEMPLATES = (
    Column(Words("NAME", "名称"), lambda item: item["name"]),
    Column(Words("MODULE", "模块"), lambda item: item["module"]),
    Column(Words("NEEDS", "依赖"), lambda item: item["needs"]),
    Column(Words("DESCRIPTION", "描述"), lambda item: item["description"]),
)
EFFECTS = (
    Column(Words("USER", "用户"), lambda item: item["user"]),
    Column(Words("GAINS", "获得"), lambda item: item["gains"] or [told(rule) for rule in item["gainsRules"]]),
    Column(Words("LOSES", "失去"), lambda item: item["loses"] or [told(rule) for rule in item["losesRules"]]),
)


def told(rule: dict[str, Any]) -> str:
    """A rule in a few words."""
    what = [*rule.get("resources", ()), *rule.get("nonResourceUrls", ())]
    return f"{'/'.join(rule['verbs'])} {'/'.join(what)}"


def build(cli: Cli) -> typer.Typer:
    app = typer.Typer(help=cli.say(HELP), no_args_is_help=True, rich_markup_mode=None)
    _add_reading(app, cli)
    _add_writing(app, cli)
    _add_delete(app, cli)
    _add_preview(app, cli)
    return app


def _add_reading(app: typer.Typer, cli: Cli) -> None:
    @app.command("list", help=cli.say(HELP_LIST))
    @placed(cli)
    def list_(
        place: Place,
        output: Annotated[ListFormat, typer.Option("-o", "--output", help=cli.say(OPT_OUTPUT))] = ListFormat.TABLE,
    ) -> None:
        found = run(cli, lambda session: session.get(f"{place}/roles"))
        show(found["items"], COLUMNS, output, cli.language, empty=NONE)

    @app.command("show", help=cli.say(HELP_SHOW))
    @placed(cli)
    def show_(
        place: Place,
        name: Annotated[str, typer.Argument(help=cli.say(ARG_NAME))],
        output: Annotated[ListFormat, typer.Option("-o", "--output", help=cli.say(OPT_OUTPUT))] = ListFormat.TABLE,
    ) -> None:
        found = run(cli, lambda session: session.get(f"{place}/roles/{segment(name)}"))
        show_one(found, DETAILS, output, cli.language)

    @app.command(help=cli.say(HELP_TEMPLATES, levels=", ".join(LEVELS)))
    def templates(
        level: Annotated[str, typer.Argument(help=cli.say(ARG_LEVEL))] = "project",
        output: Annotated[ListFormat, typer.Option("-o", "--output", help=cli.say(OPT_OUTPUT))] = ListFormat.TABLE,
    ) -> None:
        found = run(cli, lambda session: session.get("/access/templates", level=level))
        show(found["items"], TEMPLATES, output, cli.language, empty=NONE)


def _add_writing(app: typer.Typer, cli: Cli) -> None:
    @app.command(help=cli.say(HELP_CREATE))
    @placed(cli)
    def create(
        place: Place,
        name: Annotated[str, typer.Argument(help=cli.say(ARG_NAME))],
        template: Annotated[list[str], typer.Option("-t", "--template", help=cli.say(OPT_TEMPLATE))],
        display_name: Annotated[str, typer.Option(help=cli.say(OPT_DISPLAY_NAME))] = "",
        description: Annotated[str, typer.Option(help=cli.say(OPT_DESCRIPTION))] = "",
    ) -> None:
        body = {"name": name, "templates": template, "displayName": display_name, "description": description}
        run(cli, lambda session: session.call("POST", f"{place}/roles", body))
        write(cli.say(MADE, name=name))

    @app.command(help=cli.say(HELP_UPDATE))
    @placed(cli)
    def update(
        place: Place,
        name: Annotated[str, typer.Argument(help=cli.say(ARG_NAME))],
        template: Annotated[list[str], typer.Option("-t", "--template", help=cli.say(OPT_TEMPLATE))],
        display_name: Annotated[str, typer.Option(help=cli.say(OPT_DISPLAY_NAME))] = "",
        description: Annotated[str, typer.Option(help=cli.say(OPT_DESCRIPTION))] = "",
    ) -> None:
        body = {"templates": template, "displayName": display_name, "description": description}
        run(cli, lambda session: session.call("PUT", f"{place}/roles/{segment(name)}", body))
        write(cli.say(CHANGED, name=name))


def _add_delete(app: typer.Typer, cli: Cli) -> None:
    @app.command(help=cli.say(HELP_DELETE))
    @placed(cli)
    def delete(
        place: Place,
        name: Annotated[str, typer.Argument(help=cli.say(ARG_NAME))],
        yes: Annotated[bool, typer.Option("--yes", "-y", help=cli.say(OPT_YES))] = False,
    ) -> None:
        if not yes:
            typer.confirm(cli.say(SURE, name=name), abort=True)
        run(cli, lambda session: session.call("DELETE", f"{place}/roles/{segment(name)}"))
        write(cli.say(DELETED, name=name))


def _add_preview(app: typer.Typer, cli: Cli) -> None:
    @app.command(help=cli.say(HELP_PREVIEW))
    @placed(cli)
    def preview(
        place: Place,
        name: Annotated[str, typer.Argument(help=cli.say(ARG_NAME))],
        template: Annotated[list[str], typer.Option("-t", "--template", help=cli.say(OPT_TEMPLATE))],
        output: Annotated[Format, typer.Option("-o", "--output", help=cli.say(OPT_OUTPUT))] = Format.TABLE,
    ) -> None:
        path, body = f"{place}/roles/{segment(name)}/preview", {"templates": template}
        found = run(cli, lambda session: session.call("POST", path, body))
        if output is Format.TABLE:
            show(found["users"], EFFECTS, ListFormat.TABLE, cli.language, empty=NOBODY)
        else:
            write(structured(found, output))
