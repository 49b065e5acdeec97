"""`armillary logout`: end the session, here and at the platform."""

import typer

from armillary.base.errors import SetupError, Unavailable
from armillary.base.words import Words
from armillary.cli.context import Cli
from armillary.cli.output import write, write_error
from armillary.cli.session import Session, run

HELP = Words(
    "Sign out: the session ends at once, and its tokens are forgotten.\n\nExample: armillary logout",
    "退出登录：会话立即结束，本机保存的令牌会被删除。\n\n示例：armillary logout",
)
DONE = Words("signed out of {origin}", "已退出 {origin}")
UNREACHED = Words(
    "the platform can't be reached: the session goes on there until it expires",
    "无法连接平台：服务器上的会话将保留至过期",
)


def build(cli: Cli) -> typer.Typer:
    app = typer.Typer(rich_markup_mode=None)

    @app.command(help=cli.say(HELP))
    def logout() -> None:
        platform = cli.file.current()
        if platform is None:
            return
        try:
            run(cli, _end)
        except Unavailable:
            write_error(cli.say(UNREACHED))
        except SetupError:
            pass  # it has ended already
        finally:
            cli.file.forget(platform.origin)
        write(cli.say(DONE, origin=platform.origin))

    return app


async def _end(session: Session) -> None:
    await session.call("POST", "/logout")
