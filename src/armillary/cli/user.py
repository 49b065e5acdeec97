"""`armillary user`: accounts, for administrators."""

from typing import Annotated, Any
from urllib.parse import quote

import typer

from armillary.base.errors import SetupError
from armillary.base.words import Words
from armillary.cli.context import Cli
from armillary.cli.output import Column, ListFormat, show, show_one, write
from armillary.cli.session import run

HELP = Words("Users: people who may sign in.", "用户：可以登录平台的人员。")
HELP_LIST = Words(
    "List users.\n\nExample: armillary user list --search ann", "列出用户。\n\n示例：armillary user list --search ann"
)
HELP_SHOW = Words("Show a user.\n\nExample: armillary user show ann", "查看用户。\n\n示例：armillary user show ann")
HELP_CREATE = Words(
    "Create a user; the password shown is for the first sign-in.\n\n"
    "Example: armillary user create ann --email ann@example.org",
    "创建用户；显示的密码仅供首次登录使用。\n\n示例：armillary user create ann --email ann@example.org",
)
HELP_UPDATE = Words(
    "Change a user; what is not named stays.\n\nExample: armillary user update ann --display-name Ann",
    "修改用户；未指定的内容保持不变。\n\n示例：armillary user update ann --display-name Ann",
)
HELP_DISABLE = Words(
    "Disable a user: their sessions and tokens end at once.\n\nExample: armillary user disable ann --yes",
    "禁用用户：其会话和令牌立即失效。\n\n示例：armillary user disable ann --yes",
)
HELP_ENABLE = Words(
    "Let a disabled user sign in again.\n\nExample: armillary user enable ann",
    "重新启用用户。\n\n示例：armillary user enable ann",
)
HELP_DELETE = Words(
    "Delete a user.\n\nExample: armillary user delete ann --yes", "删除用户。\n\n示例：armillary user delete ann --yes"
)
HELP_RESET = Words(
    "Give a user a new password for their next sign-in; their sessions end.\n\n"
    "Example: armillary user reset-password ann --yes",
    "重置用户密码；其会话立即结束，下次登录需修改密码。\n\n示例：armillary user reset-password ann --yes",
)
ARG_NAME = Words("The user's name.", "用户名。")
OPT_SEARCH = Words("A part of the name or e-mail address.", "用户名或邮箱中包含的文字。")
OPT_DISPLAY_NAME = Words("How the person is called.", "显示名称。")
OPT_EMAIL = Words("E-mail address, unique among users.", "邮箱地址（不可重复）。")
OPT_PHONE = Words("Phone number.", "电话号码。")
OPT_DESCRIPTION = Words("Free text.", "描述。")
OPT_LANGUAGE = Words("en or zh.", "语言：en 或 zh。")
OPT_OUTPUT = Words("Output format.", "输出格式。")
OPT_YES = Words("Do not ask.", "不再询问确认。")
SURE_DISABLE = Words("Disable {name}?", "确定要禁用 {name} 吗？")
SURE_DELETE = Words("Delete {name}, with all memberships?", "确定要删除 {name} 及其全部成员关系吗？")
SURE_RESET = Words("Reset the password of {name}?", "确定要重置 {name} 的密码吗？")
CHANGED = Words("user {name} is changed", "用户 {name} 已修改")
DELETED = Words("user {name} is deleted", "用户 {name} 已删除")
NOTHING = Words("nothing to change: give at least one option", "没有要修改的内容：请至少指定一个选项")
NONE = Words("there are no such users", "没有符合条件的用户")

TITLE_NAME = Words("NAME", "名称")
COLUMNS = (
    Column(TITLE_NAME, lambda item: item["name"]),
    Column(Words("DISPLAY NAME", "显示名称"), lambda item: item["displayName"]),
    Column(Words("EMAIL", "邮箱"), lambda item: item["email"]),
    Column(Words("DISABLED", "已禁用"), lambda item: item["disabled"]),
    Column(Words("LAST LOGIN", "最近登录"), lambda item: item["lastLogin"]),
)
DETAILS = (
    *COLUMNS,
    Column(Words("PHONE", "电话"), lambda item: item["phone"]),
    Column(Words("DESCRIPTION", "描述"), lambda item: item["description"]),
    Column(Words("LANGUAGE", "语言"), lambda item: item["language"]),
    Column(Words("PROVIDERS", "身份提供方"), lambda item: item["providers"]),
    Column(Words("LOCKED UNTIL", "锁定至"), lambda item: item["lockedUntil"]),
    Column(Words("CREATED", "创建时间"), lambda item: item["created"]),
)
FIRST = (
    Column(TITLE_NAME, lambda item: item["name"]),
    Column(Words("PASSWORD", "密码"), lambda item: item["password"]),
)


def _path(name: str) -> str:
    return f"/users/{quote(name, safe='')}"


def build(cli: Cli) -> typer.Typer:
    app = typer.Typer(help=cli.say(HELP), no_args_is_help=True, rich_markup_mode=None)
    _add_reading(app, cli)
    _add_writing(app, cli)
    _add_switches(app, cli)
    _add_endings(app, cli)
    return app


def _add_reading(app: typer.Typer, cli: Cli) -> None:
    @app.command("list", help=cli.say(HELP_LIST))
    def list_(
        search: Annotated[str, typer.Option(help=cli.say(OPT_SEARCH))] = "",
        output: Annotated[ListFormat, typer.Option("-o", "--output", help=cli.say(OPT_OUTPUT))] = ListFormat.TABLE,
    ) -> None:
        found = run(cli, lambda session: session.get("/users", search=search))
        show(found["items"], COLUMNS, output, cli.language, empty=NONE)

    @app.command("show", help=cli.say(HELP_SHOW))
    def show_(
        name: Annotated[str, typer.Argument(help=cli.say(ARG_NAME))],
        output: Annotated[ListFormat, typer.Option("-o", "--output", help=cli.say(OPT_OUTPUT))] = ListFormat.TABLE,
    ) -> None:
        show_one(run(cli, lambda session: session.get(_path(name))), DETAILS, output, cli.language)


def _add_writing(app: typer.Typer, cli: Cli) -> None:
    @app.command(help=cli.say(HELP_CREATE))
    def create(
        name: Annotated[str, typer.Argument(help=cli.say(ARG_NAME))],
        display_name: Annotated[str, typer.Option(help=cli.say(OPT_DISPLAY_NAME))] = "",
        email: Annotated[str, typer.Option(help=cli.say(OPT_EMAIL))] = "",
        phone: Annotated[str, typer.Option(help=cli.say(OPT_PHONE))] = "",
        description: Annotated[str, typer.Option(help=cli.say(OPT_DESCRIPTION))] = "",
        language: Annotated[str, typer.Option(help=cli.say(OPT_LANGUAGE))] = "",
        output: Annotated[ListFormat, typer.Option("-o", "--output", help=cli.say(OPT_OUTPUT))] = ListFormat.TABLE,
    ) -> None:
        body = {"name": name, "displayName": display_name, "email": email, "phone": phone}
        body |= {"description": description, "language": language}
        show_one(run(cli, lambda session: session.call("POST", "/users", body)), FIRST, output, cli.language)

    @app.command(help=cli.say(HELP_UPDATE))
    def update(
        name: Annotated[str, typer.Argument(help=cli.say(ARG_NAME))],
        display_name: Annotated[str | None, typer.Option(help=cli.say(OPT_DISPLAY_NAME))] = None,
        email: Annotated[str | None, typer.Option(help=cli.say(OPT_EMAIL))] = None,
        phone: Annotated[str | None, typer.Option(help=cli.say(OPT_PHONE))] = None,
        description: Annotated[str | None, typer.Option(help=cli.say(OPT_DESCRIPTION))] = None,
        language: Annotated[str | None, typer.Option(help=cli.say(OPT_LANGUAGE))] = None,
    ) -> None:
        given = {"displayName": display_name, "email": email, "phone": phone}
        given |= {"description": description, "language": language}
        body = {key: value for key, value in given.items() if value is not None}
        if not body:
            raise SetupError(cli.say(NOTHING))
        _change(cli, name, body)


def _add_switches(app: typer.Typer, cli: Cli) -> None:
    @app.command(help=cli.say(HELP_DISABLE))
    def disable(
        name: Annotated[str, typer.Argument(help=cli.say(ARG_NAME))],
        yes: Annotated[bool, typer.Option("--yes", help=cli.say(OPT_YES))] = False,
    ) -> None:
        if not yes:
            typer.confirm(cli.say(SURE_DISABLE, name=name), abort=True)
        _change(cli, name, {"disabled": True})

    @app.command(help=cli.say(HELP_ENABLE))
    def enable(name: Annotated[str, typer.Argument(help=cli.say(ARG_NAME))]) -> None:
        _change(cli, name, {"disabled": False})


def _change(cli: Cli, name: str, body: dict[str, Any]) -> None:
    run(cli, lambda session: session.call("PATCH", _path(name), body))
    write(cli.say(CHANGED, name=name))


def _add_endings(app: typer.Typer, cli: Cli) -> None:
    @app.command(help=cli.say(HELP_DELETE))
    def delete(
        name: Annotated[str, typer.Argument(help=cli.say(ARG_NAME))],
        yes: Annotated[bool, typer.Option("--yes", help=cli.say(OPT_YES))] = False,
    ) -> None:
        if not yes:
            typer.confirm(cli.say(SURE_DELETE, name=name), abort=True)
        run(cli, lambda session: session.call("DELETE", _path(name)))
        write(cli.say(DELETED, name=name))

    @app.command("reset-password", help=cli.say(HELP_RESET))
    def reset_password(
        name: Annotated[str, typer.Argument(help=cli.say(ARG_NAME))],
        yes: Annotated[bool, typer.Option("--yes", help=cli.say(OPT_YES))] = False,
        output: Annotated[ListFormat, typer.Option("-o", "--output", help=cli.say(OPT_OUTPUT))] = ListFormat.TABLE,
    ) -> None:
        if not yes:
            typer.confirm(cli.say(SURE_RESET, name=name), abort=True)
        made = run(cli, lambda session: session.call("PUT", f"{_path(name)}/password", {}))
        show_one(made, FIRST, output, cli.language)
