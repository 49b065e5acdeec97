"""`armillary verify`: whether an installation keeps what it promises."""

import asyncio
from dataclasses import asdict
from typing import Annotated

import typer

from armillary.base.words import Words
from armillary.cli.context import Cli
from armillary.cli.output import Format, structured, write, write_error
from armillary.cli.session import run
from armillary.cli.verify.isolation import verify

HELP = Words("Check that this installation keeps what it promises.", "检查当前安装是否符合其承诺。")
HELP_ISOLATION = Words(
    "Try everything as everybody: two workspaces and a person for each role are made, every kind, verb and endpoint is "
    "tried, and all is taken away again. For platform administrators.\n\nExample: armillary verify isolation",
    "以每种角色尝试所有操作：临时创建两个企业空间和各角色用户，逐一尝试所有资源、动作和接口，结束后全部清除。"
    "仅限平台管理员。\n\n示例：armillary verify isolation",
)
OPT_OUTPUT = Words("Output format.", "输出格式。")
TRYING = Words("trying {what}", "正在验证 {what}")
FINE = Words("{tried} requests, all answered as they should be", "共 {tried} 个请求，全部符合预期")
WRONG = Words(
    "{tried} requests, {wrong} answered otherwise than they should be:", "共 {tried} 个请求，{wrong} 个不符合预期："
)


def build(cli: Cli) -> typer.Typer:
    app = typer.Typer(help=cli.say(HELP), no_args_is_help=True, rich_markup_mode=None)

    @app.callback()
    def of() -> None:
        """More checks will come beside this one."""

    @app.command(help=cli.say(HELP_ISOLATION))
    def isolation(
        output: Annotated[Format, typer.Option("-o", "--output", help=cli.say(OPT_OUTPUT))] = Format.TABLE,
    ) -> None:
        def say(what: str) -> None:
            write_error(cli.say(TRYING, what=what))

        report = run(cli, lambda session: verify(session, say, asyncio.sleep))
        if output is not Format.TABLE:
            write(structured(asdict(report), output))
        elif not report.surprises:
            write(cli.say(FINE, tried=report.tried))
        else:
            write(cli.say(WRONG, tried=report.tried, wrong=len(report.surprises)))
            for surprise in report.surprises:
                write(f"  {surprise}")
        raise typer.Exit(1 if report.surprises else 0)

    return app
