"""`armillary audit`: who did what, when and from where."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Any
from urllib.parse import quote

import typer

from armillary.base.words import Words
from armillary.cli.context import Cli
from armillary.cli.output import Column, ListFormat, show
from armillary.cli.session import Session, run

LOOK_SECONDS = 2.0

HELP = Words(
    "Show who did what, newest first: your own deeds, and others' where you may.\n\n"
    "Example: armillary audit --workspace shop --since 2h --outcome denied",
    "查看操作记录，最新的在前：您自己的操作，以及您有权查看的他人操作。\n\n"
    "示例：armillary audit --workspace shop --since 2h --outcome denied",
)
OPT_USER = Words("By this user.", "操作者。")
OPT_ACTION = Words(
    "A verb (create, patch, delete, exec, ...) or login, logout, ...",
    "操作：create、patch、delete、exec、login、logout 等。",
)
OPT_OUTCOME = Words("success, denied or failed.", "结果：success、denied 或 failed。")
OPT_CLUSTER = Words("In this cluster.", "所在集群。")
OPT_WORKSPACE = Words("In this workspace.", "所在企业空间。")
OPT_NAMESPACE = Words("In this namespace.", "所在命名空间。")
OPT_RESOURCE = Words("Of this resource, in the plural: deployments.", "资源类型（复数形式）：deployments。")
OPT_NAME = Words("Of the object of this name.", "对象名称。")
OPT_SINCE = Words("Not before this time: 2h, 7d or RFC 3339.", "起始时间：2h、7d 或 RFC 3339 格式。")
OPT_UNTIL = Words("Before this time: 30m or RFC 3339.", "截止时间：30m 或 RFC 3339 格式。")
OPT_TEXT = Words("With this text somewhere in it.", "包含该文本。")
OPT_LIMIT = Words("At most so many.", "最多显示的条数。")
OPT_FOLLOW = Words("Go on showing what happens.", "持续显示新的操作。")
OPT_OUTPUT = Words("Output format.", "输出格式。")
NONE = Words("nothing that you may see", "没有您可查看的操作记录")

COLUMNS = (
    Column(Words("ID", "编号"), lambda e: e["id"]),
    Column(Words("TIME", "时间"), lambda e: e["time"][:19] + "Z"),
    Column(Words("USER", "用户"), lambda e: e["user"]),
    Column(Words("ACTION", "操作"), lambda e: e["action"]),
    Column(Words("OBJECT", "对象"), lambda e: _object(e)),
    Column(Words("NAMESPACE", "命名空间"), lambda e: e["namespace"]),
    Column(Words("OUTCOME", "结果"), lambda e: e["outcome"]),
    Column(Words("FROM", "来源"), lambda e: e["address"]),
    Column(Words("CHANGED", "变更字段"), lambda e: [change["path"] for change in e["changes"]]),
)


def _object(event: Any) -> str:
    parts = [part for part in (event["resource"], event["name"], event["subresource"]) if part]
    return "/".join(parts)


def build(cli: Cli) -> typer.Typer:
    app = typer.Typer(rich_markup_mode=None)

    @app.command(help=cli.say(HELP))
    def audit(
        user: Annotated[str, typer.Option(help=cli.say(OPT_USER))] = "",
        action: Annotated[str, typer.Option(help=cli.say(OPT_ACTION))] = "",
        outcome: Annotated[str, typer.Option(help=cli.say(OPT_OUTCOME))] = "",
        cluster: Annotated[str, typer.Option(help=cli.say(OPT_CLUSTER))] = "",
        workspace: Annotated[str, typer.Option("-w", "--workspace", help=cli.say(OPT_WORKSPACE))] = "",
        namespace: Annotated[str, typer.Option("-n", "--namespace", help=cli.say(OPT_NAMESPACE))] = "",
        resource: Annotated[str, typer.Option(help=cli.say(OPT_RESOURCE))] = "",
        name: Annotated[str, typer.Option(help=cli.say(OPT_NAME))] = "",
        since: Annotated[str, typer.Option(help=cli.say(OPT_SINCE))] = "",
        until: Annotated[str, typer.Option(help=cli.say(OPT_UNTIL))] = "",
        text: Annotated[str, typer.Option(help=cli.say(OPT_TEXT))] = "",
        limit: Annotated[int, typer.Option(min=1, max=1000, help=cli.say(OPT_LIMIT))] = 50,
        follow: Annotated[bool, typer.Option("-f", "--follow", help=cli.say(OPT_FOLLOW))] = False,
        output: Annotated[ListFormat, typer.Option("-o", "--output", help=cli.say(OPT_OUTPUT))] = ListFormat.TABLE,
    ) -> None:
        query: dict[str, object] = {
            "user": user, "action": action, "outcome": outcome, "cluster": cluster, "namespace": namespace,
            "resource": resource, "name": name, "since": since, "until": until, "text": text, "limit": limit,
        }  # fmt: skip
        path = f"/workspaces/{quote(workspace, safe='')}/audit" if workspace else "/audit"

        async def work(session: Session) -> None:
            if not follow:
                show((await session.get(path, **query))["items"], COLUMNS, output, cli.language, empty=NONE)
                return
            async for events in _following(session, path, query):
                show(events, COLUMNS, output, cli.language, empty=NONE)

        run(cli, work)

    return app


async def _following(session: Session, path: str, query: dict[str, object]) -> AsyncIterator[list[Any]]:
    """What there is, oldest first, then what comes."""
    newest = 0
    while True:
        found = (await session.get(path, **query))["items"]
        new = [event for event in reversed(found) if int(event["id"]) > newest]
        if new:
            newest = int(new[-1]["id"])
            yield new
        await asyncio.sleep(LOOK_SECONDS)
