"""`armillary shell`: kubectl in a pod of the platform's, with one's own rights."""

import asyncio
import ssl
from collections.abc import Mapping
from contextlib import suppress
from typing import Annotated, Any
from urllib.parse import quote, urlencode

import typer

from armillary.base.errors import ApiError, Unavailable
from armillary.base.words import Words
from armillary.cli.context import Cli
from armillary.cli.output import Column, ListFormat, show_one, write, write_error
from armillary.cli.session import Session, run
from armillary.cli.shell.terminal import is_terminal, joined

HELP = Words("kubectl in a pod of the platform's, with your own rights.", "平台内的 kubectl 终端，以您本人的权限运行。")
HELP_OPEN = Words(
    "Open a terminal with kubectl and Helm, or run what is piped in.\n\n"
    "Example: echo 'kubectl get pods' | armillary shell open --namespace shop-web",
    "打开带有 kubectl 与 Helm 的终端，或执行由管道传入的命令。\n\n"
    "示例：echo 'kubectl get pods' | armillary shell open --namespace shop-web",
)
HELP_SHOW = Words(
    "Say whether it runs.\n\nExample: armillary shell show -o json",
    "显示终端的状态。\n\n示例：armillary shell show -o json",
)
HELP_END = Words(
    "End it, with its files and whatever runs in it.\n\nExample: armillary shell end",
    "结束终端，其中的文件与正在运行的命令一并清除。\n\n示例：armillary shell end",
)
OPT_CLUSTER = Words("The cluster that its first context leads to.", "初始上下文所指向的集群。")
OPT_NAMESPACE = Words("The namespace that it begins in.", "初始命名空间。")
OPT_TIMEOUT = Words("Seconds to wait for it to start.", "等待启动的秒数。")
OPT_OUTPUT = Words("Output format.", "输出格式。")
STARTING = Words("starting kubectl ...", "正在启动 kubectl ……")
LATE = Words("it has not started within {seconds} s; {why}", "{seconds} 秒内未能启动；{why}")
NO_CLUSTER = Words("cluster {name}: there is none of that name that you may use", "集群 {name}：不存在，或您无权使用")
ENDED = Words("the shell has ended", "终端已结束")

COLUMNS = (
    Column(Words("STATE", "状态"), lambda shell: shell["state"]),
    Column(Words("NAMESPACE", "命名空间"), lambda shell: shell.get("namespace", "")),
    Column(Words("POD", "容器组"), lambda shell: shell.get("pod", "")),
    Column(Words("MESSAGE", "说明"), lambda shell: shell.get("message", "")),
)
AGAIN_SECONDS, KEEP_SECONDS = 0.5, 60.0


def build(cli: Cli) -> typer.Typer:
    app = typer.Typer(help=cli.say(HELP), no_args_is_help=True, rich_markup_mode=None)

    @app.command("open", help=cli.say(HELP_OPEN))
    def open_(
        cluster: Annotated[str, typer.Option("--cluster", help=cli.say(OPT_CLUSTER))] = "host",
        namespace: Annotated[str, typer.Option("--namespace", "-n", help=cli.say(OPT_NAMESPACE))] = "",
        timeout: Annotated[float, typer.Option("--timeout", help=cli.say(OPT_TIMEOUT))] = 60.0,
    ) -> None:
        raise typer.Exit(run(cli, lambda session: _open(cli, session, cluster, namespace, timeout)))

    @app.command("show", help=cli.say(HELP_SHOW))
    def show(
        output: Annotated[ListFormat, typer.Option("-o", "--output", help=cli.say(OPT_OUTPUT))] = ListFormat.TABLE,
    ) -> None:
        show_one(run(cli, lambda session: session.get("/me/shell")), COLUMNS, output, cli.language)

    @app.command("end", help=cli.say(HELP_END))
    def end() -> None:
        run(cli, lambda session: session.call("DELETE", "/me/shell"))
        write(cli.say(ENDED))

    return app


async def _open(cli: Cli, session: Session, cluster: str, namespace: str, timeout: float) -> int:
    shell = await _ready(cli, session, timeout)
    context = shell.get("contexts", {}).get(cluster)
    if context is None:
        raise typer.BadParameter(cli.say(NO_CLUSTER, name=cluster), param_hint="--cluster")
    token = (await session.call("POST", "/me/credential"))["token"]
    url = f"{session.platform.origin.replace('https://', 'wss://', 1)}{_path(shell, (context, namespace))}"
    tls = ssl.create_default_context(cadata=session.platform.ca or None)
    async with asyncio.TaskGroup() as group:
        keeping = group.create_task(_keep(session), name="keep")
        try:
            return await joined(url, token, tls)
        finally:
            keeping.cancel()


async def _ready(cli: Cli, session: Session, timeout: float) -> Mapping[str, Any]:
    """Raises Unavailable if it does not start, in the platform's words where it has some."""
    shell: Mapping[str, Any] = {}
    said = False
    with suppress(TimeoutError):
        async with asyncio.timeout(timeout):
            while (shell := await session.call("PUT", "/me/shell"))["state"] == "Starting":
                if not said:
                    write_error(cli.say(STARTING))
                said = True
                await asyncio.sleep(AGAIN_SECONDS)
    if shell.get("state") == "Ready":
        return shell
    why = shell.get("message", "")
    raise Unavailable(why if shell.get("state") == "Off" else cli.say(LATE, seconds=f"{timeout:g}", why=why))


async def _keep(session: Session) -> None:
    """It ends when nobody asks for a quarter of an hour."""
    while True:
        await asyncio.sleep(KEEP_SECONDS)
        with suppress(ApiError):
            await session.call("PUT", "/me/shell")


def _path(shell: Mapping[str, Any], more: tuple[str, ...]) -> str:
    place = (quote(shell[key], safe="") for key in ("cluster", "namespace", "pod"))
    path = "/clusters/{}/api/v1/namespaces/{}/pods/{}/exec".format(*place)
    streams = {"tty": "true"} if is_terminal() else {"stderr": "true"}
    query = [("container", shell["container"]), ("stdin", "true"), ("stdout", "true"), *streams.items()]
    return f"{path}?{urlencode([*query, *(('command', word) for word in (*shell['command'], *more))])}"
