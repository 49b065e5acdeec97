"""`armillary whoami`: who one is at the platform, and by what."""

from typing import Annotated, Any

import typer

from armillary.base.words import Words
from armillary.cli.context import Cli
from armillary.cli.output import Column, ListFormat, show_one
from armillary.cli.session import Session, run

HELP = Words(
    "Say who you are signed in as.\n\nExample: armillary whoami -o json",
    "显示当前登录的用户。\n\n示例：armillary whoami -o json",
)
OPT_OUTPUT = Words("Output format.", "输出格式。")
COLUMNS = (
    Column(Words("NAME", "名称"), lambda me: me["name"]),
    Column(Words("DISPLAY NAME", "显示名称"), lambda me: me["displayName"]),
    Column(Words("EMAIL", "邮箱"), lambda me: me["email"]),
    Column(Words("GROUPS", "用户组"), lambda me: me["groups"]),
    Column(Words("SCOPES", "权限范围"), lambda me: me["scopes"]),
    Column(Words("PLATFORM", "平台"), lambda me: me["platform"]),
)


def build(cli: Cli) -> typer.Typer:
    app = typer.Typer(rich_markup_mode=None)

    @app.command(help=cli.say(HELP))
    def whoami(
        output: Annotated[ListFormat, typer.Option("-o", "--output", help=cli.say(OPT_OUTPUT))] = ListFormat.TABLE,
    ) -> None:
        show_one(run(cli, _me), COLUMNS, output, cli.language)

    return app


async def _me(session: Session) -> dict[str, Any]:
    return {**await session.get("/me"), "platform": session.platform.origin}
