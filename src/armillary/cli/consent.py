"""`armillary consent`: what other applications may know, and how to take that back."""

from typing import Annotated
from urllib.parse import quote

import typer

from armillary.base.words import Words
from armillary.cli.context import Cli
from armillary.cli.output import Column, ListFormat, show, write
from armillary.cli.session import run

HELP = Words("Applications that you sign in to by the platform.", "授权应用：您允许使用平台账户登录的应用。")
HELP_LIST = Words(
    "List what you have allowed applications to know.\n\nExample: armillary consent list",
    "列出您授予各应用的权限。\n\n示例：armillary consent list",
)
HELP_REVOKE = Words(
    "Take back what an application was allowed: what it opened as you ends at once, and it has to ask again.\n\n"
    "Example: armillary consent revoke wiki --yes",
    "撤销对应用的授权：该应用以您的身份建立的会话立即结束，再次登录时需重新授权。\n\n"
    "示例：armillary consent revoke wiki --yes",
)
ARG_CLIENT = Words("The application.", "应用名称。")
OPT_OUTPUT = Words("Output format.", "输出格式。")
OPT_YES = Words("Do not ask.", "不再询问确认。")
SURE = Words("Take back what {name} was allowed?", "确定要撤销对 {name} 的授权吗？")
REVOKED = Words("{name} is not allowed anything any more", "已撤销对 {name} 的授权")
NONE = Words("you have allowed no application anything", "您尚未授权任何应用")

COLUMNS = (
    Column(Words("APPLICATION", "应用"), lambda item: item["client"]),
    Column(Words("NAME", "名称"), lambda item: item["displayName"]),
    Column(Words("SCOPES", "权限范围"), lambda item: item["scopes"]),
    Column(Words("ALLOWED", "授权时间"), lambda item: item["given"]),
)


def build(cli: Cli) -> typer.Typer:
    app = typer.Typer(help=cli.say(HELP), no_args_is_help=True, rich_markup_mode=None)

    @app.command("list", help=cli.say(HELP_LIST))
    def list_(
        output: Annotated[ListFormat, typer.Option("-o", "--output", help=cli.say(OPT_OUTPUT))] = ListFormat.TABLE,
    ) -> None:
        found = run(cli, lambda session: session.get("/me/consents"))
        show(found["items"], COLUMNS, output, cli.language, empty=NONE)

    @app.command(help=cli.say(HELP_REVOKE))
    def revoke(
        application: Annotated[str, typer.Argument(help=cli.say(ARG_CLIENT))],
        yes: Annotated[bool, typer.Option("--yes", help=cli.say(OPT_YES))] = False,
    ) -> None:
        if not yes:
            typer.confirm(cli.say(SURE, name=application), abort=True)
        path = f"/me/consents/{quote(application, safe='')}"
        run(cli, lambda session: session.call("DELETE", path))
        write(cli.say(REVOKED, name=application))

    return app
