"""`armillary search`: whatever one may see that has these words."""

from typing import Annotated, Any

import typer

from armillary.base.words import Words
from armillary.cli.context import Cli
from armillary.cli.output import Column, ListFormat, show
from armillary.cli.session import run

HELP = Words(
    "Search everything you may see, by name, labels and columns.\n\nExample: armillary search web",
    "在您可见的所有资源中搜索名称、标签和列。\n\n示例：armillary search web",
)
ARG_WORDS = Words("Words that must all be found.", "必须全部匹配的关键词。")
OPT_CLUSTER = Words("The cluster.", "集群。")
OPT_OUTPUT = Words("Output format.", "输出格式。")
NONE = Words("nothing found", "未找到任何对象")
COLUMNS = (
    Column(Words("NAME", "名称"), lambda item: item["name"]),
    Column(Words("KIND", "类型"), lambda item: item["kind"]),
    Column(Words("NAMESPACE", "命名空间"), lambda item: item.get("namespace")),
    Column(Words("CREATED", "创建时间"), lambda item: item.get("created")),
)


def build(cli: Cli) -> typer.Typer:
    app = typer.Typer(rich_markup_mode=None)

    @app.command(help=cli.say(HELP))
    def search(
        words: Annotated[list[str], typer.Argument(help=cli.say(ARG_WORDS))],
        cluster: Annotated[str, typer.Option(help=cli.say(OPT_CLUSTER))] = "host",
        output: Annotated[ListFormat, typer.Option("-o", "--output", help=cli.say(OPT_OUTPUT))] = ListFormat.TABLE,
    ) -> None:
        found = run(cli, lambda session: session.get("/search", q=" ".join(words), cluster=cluster))
        items: list[dict[str, Any]] = [item | {"kind": one["kind"]} for one in found["items"] for item in one["items"]]
        show(items, COLUMNS, output, cli.language, empty=NONE)

    return app
