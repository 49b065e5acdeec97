"""`armillary credential`: a token for kubectl, which calls it by the kubeconfig that the platform gives."""

from typing import Any

import typer

from armillary.base.words import Words
from armillary.cli.context import Cli
from armillary.cli.output import Format, structured, write
from armillary.cli.session import Session, run

HELP = Words(
    "Print a token for clusters, as kubectl's credential plugins do.\n\nExample: armillary credential",
    "按 kubectl 凭据插件的格式输出集群访问令牌。\n\n示例：armillary credential",
)


def build(cli: Cli) -> typer.Typer:
    app = typer.Typer(rich_markup_mode=None)

    @app.command(help=cli.say(HELP))
    def credential() -> None:
        given = run(cli, _credential)
        status = {"token": given["token"], "expirationTimestamp": given["expires"]}
        found = {"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": status}
        write(structured(found, Format.JSON))

    return app


async def _credential(session: Session) -> Any:
    return await session.call("POST", "/me/credential")
