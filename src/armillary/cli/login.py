"""`armillary login`: sign in to a platform; the tokens are kept in a file that only you can read."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated

import typer

from armillary.base.errors import SetupError
from armillary.base.words import Words
from armillary.cli import signing
from armillary.cli.context import Cli
from armillary.cli.output import write, write_error
from armillary.cli.platforms import CA_VARIABLE, Platform
from armillary.cli.session import open_http
from armillary.cli.trust import trusting
from armillary.kube.transport.port import Transport

HELP = Words(
    "Sign in, by your browser unless you choose another way.\n\n"
    "Example: armillary login https://platform.example:8443 --device",
    "登录平台；默认通过浏览器登录。\n\n示例：armillary login https://platform.example:8443 --device",
)
ARG_URL = Words("Where the platform is; the one last used if left out.", "平台地址；省略时使用上次登录的平台。")
OPT_DEVICE = Words("Show a code to type in a browser elsewhere.", "显示代码，在其他设备的浏览器中输入以完成登录。")
OPT_USERNAME = Words("Sign in by password, as this user.", "使用该用户名和密码登录。")
OPT_STDIN = Words(
    "Read the password from standard input; a second line is the new one, where it has to be changed.",
    "从标准输入读取密码；若需修改密码，第二行为新密码。",
)
OPT_TOKEN = Words(
    "Use an access token made before, read from standard input.", "使用已有的访问令牌（从标准输入读取）。"
)
OPT_CA = Words("PEM file of the authority that signed the platform's certificate.", "签发平台证书的 CA 的 PEM 文件。")
OPT_FINGERPRINT = Words(
    "SHA-256 fingerprint of that authority, instead of its file; without either you are asked.",
    "该 CA 的 SHA-256 指纹，可代替 PEM 文件；两者均未提供时会询问。",
)
ASK_PASSWORD = Words("Password", "密码")
ASK_NEW = Words("New password (the one you have is for the first time only)", "新密码（初始密码仅供首次登录使用）")
ASK_AGAIN = Words("New password again", "再次输入新密码")
OPEN = Words("Sign in at this address:\n  {url}", "请在浏览器中打开以下地址登录：\n  {url}")
TYPE = Words("Open {page} and type the code {code}", "请打开 {page} 并输入代码 {code}")
DONE = Words("signed in to {origin} as {user}", "已以 {user} 身份登录 {origin}")
NO_URL = Words(
    "name the platform: armillary login https://HOST:PORT", "请指定平台地址：armillary login https://HOST:PORT"
)
BAD_URL = Words("{url} is not an https:// address", "{url} 不是 https:// 地址")
TWO_WAYS = Words("choose one of --device, --username and --token", "--device、--username 和 --token 只能选择其中一个")
DIFFERENT = Words("the two new passwords differ", "两次输入的新密码不一致")
CHANGE_FIRST = Words(
    "your password has to be changed first: sign in from a terminal, or by a browser",
    "需要先修改密码：请在终端中登录，或通过浏览器登录",
)


def build(cli: Cli) -> typer.Typer:
    app = typer.Typer(rich_markup_mode=None)

    @app.command(help=cli.say(HELP))
    def login(
        url: Annotated[str, typer.Argument(help=cli.say(ARG_URL))] = "",
        device: Annotated[bool, typer.Option("--device", help=cli.say(OPT_DEVICE))] = False,
        username: Annotated[str, typer.Option("-u", "--username", help=cli.say(OPT_USERNAME))] = "",
        password_stdin: Annotated[bool, typer.Option("--password-stdin", help=cli.say(OPT_STDIN))] = False,
        token: Annotated[bool, typer.Option("--token", help=cli.say(OPT_TOKEN))] = False,
        ca_file: Annotated[Path | None, typer.Option(help=cli.say(OPT_CA), exists=True, dir_okay=False)] = None,
        ca_fingerprint: Annotated[str, typer.Option(help=cli.say(OPT_FINGERPRINT))] = "",
    ) -> None:
        if sum((device, bool(username), token)) > 1 or (password_stdin and not username):
            raise SetupError(cli.say(TWO_WAYS))
        platform = asyncio.run(trusting(cli, _platform(cli, url, ca_file), ca_fingerprint))
        given = _line() if token or password_stdin else ""
        new = _line() if password_stdin else ""
        if username and not password_stdin:
            given = typer.prompt(cli.say(ASK_PASSWORD), hide_input=True, err=True)
        way = _Way(cli, platform.origin, device=device, username=username, is_token=token, given=given)
        asyncio.run(_sign_in(cli, platform, way, new, may_ask=not password_stdin))

    return app


def _line() -> str:
    return sys.stdin.readline().rstrip("\r\n")


def _platform(cli: Cli, url: str, ca_file: Path | None) -> Platform:
    """Where to, and whom to trust there: what was given now, else what is remembered."""
    kept = cli.file.load()
    origin = url.rstrip("/") or kept.current
    if not origin:
        raise SetupError(cli.say(NO_URL))
    if "://" not in origin:
        origin = f"https://{origin}"
    if not origin.startswith("https://"):
        raise SetupError(cli.say(BAD_URL, url=url))
    known = next((platform for platform in kept.platforms if platform.origin == origin), Platform(origin=origin))
    from_environment = cli.file.environment.get(CA_VARIABLE, "")
    file = ca_file or (Path(from_environment) if from_environment else None)
    ca = file.read_text() if file is not None else known.ca
    return Platform(origin=origin, ca=ca, workspace=known.workspace)


class _Way:
    """How somebody signs in."""

    def __init__(self, cli: Cli, origin: str, *, device: bool, username: str, is_token: bool, given: str) -> None:
        self.cli, self.origin = cli, origin
        self.device, self.username, self.is_token, self.given = device, username, is_token, given

    async def go(self, transport: Transport) -> tuple[signing.Tokens, bool]:
        """With whether the password has to be changed first."""
        if self.is_token:
            return signing.Tokens(self.given), False
        if self.username:
            return await signing.by_password(transport, self.username, self.given)
        if self.device:
            tell = self._tell_code
            return await signing.by_device(transport, tell), False
        return await signing.by_browser(transport, self.origin, self._tell_url), False

    def _tell_url(self, url: str) -> None:
        write_error(self.cli.say(OPEN, url=url))

    def _tell_code(self, page: str, code: str) -> None:
        write_error(self.cli.say(TYPE, page=page, code=code))


async def _sign_in(cli: Cli, platform: Platform, way: _Way, new: str, *, may_ask: bool) -> None:
    http = open_http(platform)
    try:
        tokens, must_change = await way.go(http)
        if must_change:
            new = _new_password(cli) if may_ask else new
            if not new:
                raise SetupError(cli.say(CHANGE_FIRST))
            await signing.call(http, "PUT", "/me/password", {"old": way.given, "new": new}, tokens.access)
        user = (await signing.call(http, "GET", "/me", token=tokens.access))["name"]
    finally:
        await http.close()
    cli.file.keep(
        Platform(
            origin=platform.origin,
            ca=platform.ca,
            user=user,
            access_token=tokens.access,
            refresh_token=tokens.refresh,
            workspace=platform.workspace,
        )
    )
    write(cli.say(DONE, origin=platform.origin, user=user))


def _new_password(cli: Cli) -> str:
    new: str = typer.prompt(cli.say(ASK_NEW), hide_input=True, err=True)
    if typer.prompt(cli.say(ASK_AGAIN), hide_input=True, err=True) != new:
        raise SetupError(cli.say(DIFFERENT))
    return new
