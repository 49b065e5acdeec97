"""`armillary list`: objects of any kind, searched, filtered and sorted by the platform."""

from typing import Annotated, Any
from urllib.parse import quote

import typer

from armillary.base.errors import BadRequest
from armillary.base.words import Words
from armillary.cli.context import Cli
from armillary.cli.output import Column, ListFormat, show, write_error
from armillary.cli.session import Session, run

HELP = Words(
    "List objects of any kind that you may see, over all your projects.\n\n"
    "Example: armillary list pods --workspace shop --filter 'status!=Running' --sort=-restarts",
    "列出您可见的任意资源，跨所有项目。\n\n"
    "示例：armillary list pods --workspace shop --filter 'status!=Running' --sort=-restarts",
)
ARG_KIND = Words(
    "Kind, as pods, deployments.apps or Deployment.", "资源类型，例如 pods、deployments.apps 或 Deployment。"
)
OPT_NAMESPACE = Words("Only this namespace.", "仅此命名空间。")
OPT_WORKSPACE = Words("Only this workspace's namespaces.", "仅此企业空间的命名空间。")
OPT_WORDS = Words("Words that must all be found.", "必须全部匹配的关键词。")
OPT_FILTER = Words("Conditions on columns: status=Running,restarts>3.", "列条件：status=Running,restarts>3。")
OPT_LABELS = Words("Label selector.", "标签选择器。")
OPT_SORT = Words("Columns to sort by; - for descending.", "排序列，前缀 - 表示降序。")
OPT_LIMIT = Words("At most so many.", "最多显示的数量。")
OPT_PAGE = Words("Which page.", "页码。")
OPT_CLUSTER = Words("The cluster.", "集群。")
OPT_OUTPUT = Words("Output format.", "输出格式。")
NONE = Words("nothing found", "未找到任何对象")
MORE = Words(
    "{shown} of {total} shown; --page {next} shows more",
    "共 {total} 项，已显示 {shown} 项；使用 --page {next} 查看更多",
)
NAMESPACE, NAME, CREATED = Words("NAMESPACE", "命名空间"), Words("NAME", "名称"), Words("CREATED", "创建时间")


def build(cli: Cli) -> typer.Typer:
    app = typer.Typer(rich_markup_mode=None)

    @app.command(help=cli.say(HELP))
    def list_(
        kind: Annotated[str, typer.Argument(help=cli.say(ARG_KIND))],
        namespace: Annotated[str, typer.Option("-n", "--namespace", help=cli.say(OPT_NAMESPACE))] = "",
        workspace: Annotated[str, typer.Option("-w", "--workspace", help=cli.say(OPT_WORKSPACE))] = "",
        words: Annotated[str, typer.Option("-q", help=cli.say(OPT_WORDS))] = "",
        filter_: Annotated[str, typer.Option("--filter", help=cli.say(OPT_FILTER))] = "",
        labels: Annotated[str, typer.Option("-l", "--selector", help=cli.say(OPT_LABELS))] = "",
        sort: Annotated[str, typer.Option(help=cli.say(OPT_SORT))] = "",
        limit: Annotated[int, typer.Option(min=1, max=500, help=cli.say(OPT_LIMIT))] = 100,
        page: Annotated[int, typer.Option(min=1, help=cli.say(OPT_PAGE))] = 1,
        cluster: Annotated[str, typer.Option(help=cli.say(OPT_CLUSTER))] = "host",
        output: Annotated[ListFormat, typer.Option("-o", "--output", help=cli.say(OPT_OUTPUT))] = ListFormat.TABLE,
    ) -> None:
        asked = {
            "namespace": namespace,
            "workspace": workspace,
            "q": words,
            "filter": filter_,
            "labelSelector": labels,
            "sort": sort,
            "limit": limit,
            "page": page,
            "full": "true" if output in (ListFormat.JSON, ListFormat.YAML) else "",
        }
        found = run(cli, lambda session: _list(session, cluster, kind, asked))
        _show(cli, found, output, page=page, limit=limit)

    return app


async def _list(session: Session, cluster: str, word: str, asked: dict[str, Any]) -> Any:
    base = f"/clusters/{quote(cluster, safe='')}"
    kind = kind_of(word, (await session.get(f"{base}/kinds"))["items"])
    group = kind["group"] or "core"
    return await session.get(f"{base}/resources/{group}/{kind['version']}/{kind['plural']}", **asked)


def kind_of(word: str, kinds: list[dict[str, Any]]) -> dict[str, Any]:
    """What a person means by `pods`, `Pod`, `deployments.apps`. Raises BadRequest."""
    plural, _, group = word.lower().partition(".")
    for kind in kinds:
        is_named = plural in (kind["plural"], kind["kind"].lower())
        if is_named and (not group or group == kind["group"]) and "list" in kind["verbs"]:
            return kind
    raise BadRequest(f"kind: the cluster serves no {word!r}")


def _show(cli: Cli, found: Any, output: ListFormat, *, page: int, limit: int) -> None:
    if output in (ListFormat.JSON, ListFormat.YAML):
        show([item["object"] for item in found["items"]], (), output, cli.language, empty=NONE)
        return
    columns = [Column(NAME, lambda item: item["name"])]
    if output is ListFormat.TABLE and any(item.get("namespace") for item in found["items"]):
        columns.append(Column(NAMESPACE, lambda item: item.get("namespace")))
    for number, column in enumerate(found["columns"]):
        title = column["title"].upper()
        # Titles are the API server's own words.
        columns.append(Column(Words(title, title), lambda item, number=number: item["cells"][number]))  # type: ignore[misc]
    columns.append(Column(CREATED, lambda item: item.get("created")))
    show(found["items"], columns, output, cli.language, empty=NONE)
    if page * limit < found["total"]:
        write_error(cli.say(MORE, shown=page * limit, total=found["total"], next=page + 1))
