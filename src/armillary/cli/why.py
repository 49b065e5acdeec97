"""`armillary why`: why a thing does not work, and what would mend it."""

from typing import Annotated
from urllib.parse import quote

import typer

from armillary.base.words import Words
from armillary.cli.context import Cli
from armillary.cli.output import Format, structured, write
from armillary.cli.session import run

HELP = Words(
    "Say why something does not work, with evidence, and what would mend it.\n\n"
    "Example: armillary why deployment web -n shop",
    "说明对象为何未能正常工作，给出证据和修复方法。\n\n示例：armillary why deployment web -n shop",
)
ARG_KIND = Words(
    "What it is: deployment, pod, service, ingress, pvc, ...", "类型：deployment、pod、service、ingress、pvc 等"
)
ARG_NAME = Words("Its name.", "名称。")
OPT_NAMESPACE = Words("Its namespace.", "命名空间。")
OPT_CLUSTER = Words("Its cluster.", "集群。")
OPT_OUTPUT = Words("Output format.", "输出格式。")
SEEN = Words("Seen:", "证据：")
TRY = Words("Try:  {command}", "可尝试：{command}")


def build(cli: Cli) -> typer.Typer:
    app = typer.Typer(rich_markup_mode=None)

    @app.command(help=cli.say(HELP))
    def why(
        kind: Annotated[str, typer.Argument(help=cli.say(ARG_KIND))],
        name: Annotated[str, typer.Argument(help=cli.say(ARG_NAME))],
        namespace: Annotated[str, typer.Option("-n", "--namespace", help=cli.say(OPT_NAMESPACE))] = "default",
        cluster: Annotated[str, typer.Option(help=cli.say(OPT_CLUSTER))] = "host",
        output: Annotated[Format, typer.Option("-o", "--output", help=cli.say(OPT_OUTPUT))] = Format.TABLE,
    ) -> None:
        path = f"/clusters/{quote(cluster, safe='')}/why/{quote(kind, safe='')}/{quote(name, safe='')}"
        found = run(cli, lambda session: session.get(path, namespace=namespace, language=cli.language.value))
        if output is not Format.TABLE:
            write(structured(found, output))
        else:
            _tell(cli, found)
        raise typer.Exit(0 if found["healthy"] else 1)

    return app


def _tell(cli: Cli, found: dict[str, object]) -> None:
    write(str(found["summary"]))
    faults: list[dict[str, object]] = found["faults"]  # type: ignore[assignment]  # as the API's document has it
    for fault in faults:
        for number, line in enumerate(fault["evidence"]):  # type: ignore[arg-type, var-annotated]
            write(("\n" + cli.say(SEEN) + "\n" if number == 0 else "") + f"  {fault['about']}: {line}")
        if fault["command"]:
            write("\n" + cli.say(TRY, command=fault["command"]))
