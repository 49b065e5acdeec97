"""`armillary token`: personal access tokens, for programs that act as you."""

from typing import Annotated, Any
from urllib.parse import quote

import typer

from armillary.base.words import Words
from armillary.cli.context import Cli
from armillary.cli.output import Column, ListFormat, show, show_one, write
from armillary.cli.session import run

HELP = Words("Access tokens, for programs that act as you.", "访问令牌：供程序以您的身份使用。")
HELP_LIST = Words(
    "List your access tokens, or a user's.\n\nExample: armillary token list --user ann",
    "列出您（或某个用户）的访问令牌。\n\n示例：armillary token list --user ann",
)
HELP_CREATE = Words(
    "Make an access token; it is shown this once.\n\nExample: armillary token create ci --scope read --days 90",
    "创建访问令牌；令牌内容仅显示一次。\n\n示例：armillary token create ci --scope read --days 90",
)
HELP_REVOKE = Words(
    "Revoke an access token: it stops working at once.\n\nExample: armillary token revoke token-1f2e --yes",
    "吊销访问令牌，立即生效。\n\n示例：armillary token revoke token-1f2e --yes",
)
ARG_FOR = Words("What it is for.", "用途。")
ARG_NAME = Words("The token's name.", "令牌名称。")
OPT_SCOPE = Words(
    "all, read, platform or kubernetes. May be repeated.", "all、read、platform 或 kubernetes。可重复指定。"
)
OPT_DAYS = Words("How many days it is valid.", "有效天数。")
OPT_USER = Words("Another user's; for administrators.", "其他用户的令牌（管理员使用）。")
OPT_OUTPUT = Words("Output format.", "输出格式。")
OPT_YES = Words("Do not ask.", "不再询问确认。")
SURE = Words("Revoke token {name}?", "确定要吊销令牌 {name} 吗？")
REVOKED = Words("token {name} is revoked", "令牌 {name} 已吊销")
NONE = Words("there are no access tokens", "没有访问令牌")

COLUMNS = (
    Column(Words("NAME", "名称"), lambda item: item["name"]),
    Column(Words("FOR", "用途"), lambda item: item["displayName"]),
    Column(Words("SCOPES", "权限范围"), lambda item: item["scopes"]),
    Column(Words("EXPIRES", "到期时间"), lambda item: item.get("expires")),
    Column(Words("LAST USED", "最近使用"), lambda item: item.get("seen")),
)
MADE = (
    Column(Words("TOKEN", "令牌"), lambda item: item["token"]),
    Column(Words("NAME", "名称"), lambda item: item["name"]),
    Column(Words("EXPIRES", "到期时间"), lambda item: item.get("expires")),
)


def _path(user: str) -> str:
    return f"/users/{quote(user, safe='')}/tokens" if user else "/me/tokens"


def build(cli: Cli) -> typer.Typer:
    app = typer.Typer(help=cli.say(HELP), no_args_is_help=True, rich_markup_mode=None)

    @app.command("list", help=cli.say(HELP_LIST))
    def list_(
        user: Annotated[str, typer.Option(help=cli.say(OPT_USER))] = "",
        output: Annotated[ListFormat, typer.Option("-o", "--output", help=cli.say(OPT_OUTPUT))] = ListFormat.TABLE,
    ) -> None:
        found = run(cli, lambda session: session.get(_path(user)))
        show(found["items"], COLUMNS, output, cli.language, empty=NONE)

    @app.command(help=cli.say(HELP_CREATE))
    def create(
        purpose: Annotated[str, typer.Argument(help=cli.say(ARG_FOR))],
        scope: Annotated[list[str] | None, typer.Option(help=cli.say(OPT_SCOPE))] = None,
        days: Annotated[int, typer.Option(help=cli.say(OPT_DAYS), min=1)] = 30,
        output: Annotated[ListFormat, typer.Option("-o", "--output", help=cli.say(OPT_OUTPUT))] = ListFormat.TABLE,
    ) -> None:
        body: dict[str, Any] = {"displayName": purpose, "scopes": scope or ["all"], "days": days}
        made = run(cli, lambda session: session.call("POST", "/me/tokens", body))
        show_one(made, MADE, output, cli.language)

    @app.command(help=cli.say(HELP_REVOKE))
    def revoke(
        name: Annotated[str, typer.Argument(help=cli.say(ARG_NAME))],
        user: Annotated[str, typer.Option(help=cli.say(OPT_USER))] = "",
        yes: Annotated[bool, typer.Option("--yes", help=cli.say(OPT_YES))] = False,
    ) -> None:
        if not yes:
            typer.confirm(cli.say(SURE, name=name), abort=True)
        path = f"{_path(user)}/{quote(name, safe='')}"
        run(cli, lambda session: session.call("DELETE", path))
        write(cli.say(REVOKED, name=name))

    return app
