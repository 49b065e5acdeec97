"""`armillary session`: where one is signed in, and how to end that."""

from typing import Annotated
from urllib.parse import quote

import typer

from armillary.base.errors import SetupError
from armillary.base.words import Words
from armillary.cli.context import Cli
from armillary.cli.output import Column, ListFormat, show, write
from armillary.cli.session import run

HELP = Words("Sessions: where you are signed in.", "会话：您在哪些地方登录了平台。")
HELP_LIST = Words(
    "List your sessions, or a user's.\n\nExample: armillary session list",
    "列出您（或某个用户）的会话。\n\n示例：armillary session list",
)
HELP_REVOKE = Words(
    "End a session at once, with its open terminals and watches.\n\n"
    "Example: armillary session revoke session-1f2e; armillary session revoke --others",
    "立即结束会话，包括其中打开的终端和监听。\n\n"
    "示例：armillary session revoke session-1f2e；armillary session revoke --others",
)
ARG_NAME = Words("The session's name.", "会话名称。")
OPT_OTHERS = Words(
    "All but this one; with --user all of that user's.",
    "结束除当前会话以外的全部会话；与 --user 同用时结束该用户的全部会话。",
)
OPT_USER = Words("Another user's; for administrators.", "其他用户的会话（管理员使用）。")
OPT_OUTPUT = Words("Output format.", "输出格式。")
OPT_YES = Words("Do not ask.", "不再询问确认。")
SURE = Words("End these sessions?", "确定要结束这些会话吗？")
ENDED = Words("ended", "已结束")
WHICH = Words("name a session, or give --others", "请指定会话名称，或使用 --others")
NONE = Words("there are no sessions", "没有会话")

COLUMNS = (
    Column(Words("NAME", "名称"), lambda item: item["name"]),
    Column(Words("CLIENT", "客户端"), lambda item: item["client"]),
    Column(Words("ADDRESS", "地址"), lambda item: item["address"]),
    Column(Words("CREATED", "创建时间"), lambda item: item["created"]),
    Column(Words("LAST SEEN", "最近使用"), lambda item: item["seen"]),
    Column(Words("THIS ONE", "当前会话"), lambda item: item["current"]),
    Column(Words("AGENT", "用户代理"), lambda item: item["agent"]),
)


def _path(user: str) -> str:
    return f"/users/{quote(user, safe='')}/sessions" if user else "/me/sessions"


def build(cli: Cli) -> typer.Typer:
    app = typer.Typer(help=cli.say(HELP), no_args_is_help=True, rich_markup_mode=None)

    @app.command("list", help=cli.say(HELP_LIST))
    def list_(
        user: Annotated[str, typer.Option(help=cli.say(OPT_USER))] = "",
        output: Annotated[ListFormat, typer.Option("-o", "--output", help=cli.say(OPT_OUTPUT))] = ListFormat.TABLE,
    ) -> None:
        found = run(cli, lambda session: session.get(_path(user)))
        show(found["items"], COLUMNS, output, cli.language, empty=NONE)

    @app.command(help=cli.say(HELP_REVOKE))
    def revoke(
        name: Annotated[str, typer.Argument(help=cli.say(ARG_NAME))] = "",
        others: Annotated[bool, typer.Option("--others", help=cli.say(OPT_OTHERS))] = False,
        user: Annotated[str, typer.Option(help=cli.say(OPT_USER))] = "",
        yes: Annotated[bool, typer.Option("--yes", help=cli.say(OPT_YES))] = False,
    ) -> None:
        if bool(name) == others:
            raise SetupError(cli.say(WHICH))
        if not yes:
            typer.confirm(cli.say(SURE), abort=True)
        path = _path(user) if others else f"{_path(user)}/{quote(name, safe='')}"
        run(cli, lambda session: session.call("DELETE", path))
        write(cli.say(ENDED))

    return app
