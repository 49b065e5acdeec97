"""`armillary cluster`: the clusters that the platform manages."""

import base64
from pathlib import Path
from typing import Annotated

import typer

from armillary.base.errors import AlreadyExists, NotFound
from armillary.base.words import Words
from armillary.cli import tenancy as t
from armillary.cli.context import Cli
from armillary.cli.output import Column, ListFormat, show, show_one, write
from armillary.cli.session import Session, run
from armillary.kube.kinds.core import SECRET, Secret
from armillary.kube.kinds.meta import ObjectMeta
from armillary.platform.capabilities.tenancy.kinds import CLUSTER, PLATFORM_NAMESPACE, Cluster, ClusterSpec

HELP = Words("Clusters that the platform manages.", "平台管理的集群。")
HELP_LIST = Words(
    "List the clusters you may see.\n\nExample: armillary cluster list",
    "列出您可以查看的集群。\n\n示例：armillary cluster list",
)
HELP_SHOW = Words(
    "Show one cluster.\n\nExample: armillary cluster show host", "查看一个集群。\n\n示例：armillary cluster show host"
)
HELP_ADD = Words(
    "Have the platform manage one more cluster.\n\nExample: armillary cluster add east --kubeconfig east.yaml",
    "将一个集群纳入平台管理。\n\n示例：armillary cluster add east --kubeconfig east.yaml",
)
HELP_REMOVE = Words(
    "Let go of a cluster; nothing in it is changed.\n\nExample: armillary cluster remove east --yes",
    "将集群移出平台管理；集群中的内容不会改变。\n\n示例：armillary cluster remove east --yes",
)
ARG_NAME = Words("The cluster's name.", "集群名称。")
OPT_KUBECONFIG = Words(
    "A kubeconfig file whose user administers that cluster.", "具有该集群管理权限的 kubeconfig 文件。"
)
NONE = Words("there are no clusters that you may see", "没有您可以查看的集群")
ADDED = Words("cluster {name} is added", "集群 {name} 已添加")
REMOVED = Words("cluster {name} is removed", "集群 {name} 已移除")
SURE = Words("Remove cluster {name} from the platform?", "确定要将集群 {name} 移出平台吗？")
KEY = "kubeconfig"

COLUMNS = (
    t.NAME,
    t.DISPLAY_NAME,
    Column(Words("VERSION", "版本"), lambda item: item["version"]),
    Column(Words("NODES", "节点"), lambda item: item["nodes"]),
    t.STATE,
)
DETAILS = (
    *COLUMNS,
    Column(Words("DESCRIPTION", "描述"), lambda item: item["description"]),
    t.CREATED,
    t.MESSAGE,
)


def build(cli: Cli) -> typer.Typer:
    app = typer.Typer(help=cli.say(HELP), no_args_is_help=True, rich_markup_mode=None)
    _add_reading(app, cli)
    _add_writing(app, cli)
    return app


def _add_reading(app: typer.Typer, cli: Cli) -> None:
    @app.command("list", help=cli.say(HELP_LIST))
    def list_(
        output: Annotated[ListFormat, typer.Option("-o", "--output", help=cli.say(t.OPT_OUTPUT))] = ListFormat.TABLE,
    ) -> None:
        found = run(cli, lambda session: session.get("/clusters"))
        show(found["items"], COLUMNS, output, cli.language, empty=NONE)

    @app.command("show", help=cli.say(HELP_SHOW))
    def show_(
        name: Annotated[str, typer.Argument(help=cli.say(ARG_NAME))],
        output: Annotated[ListFormat, typer.Option("-o", "--output", help=cli.say(t.OPT_OUTPUT))] = ListFormat.TABLE,
    ) -> None:
        found = run(cli, lambda session: t.one(session, "/clusters", "clusters", name))
        show_one(found, DETAILS, output, cli.language)


def _add_writing(app: typer.Typer, cli: Cli) -> None:
    @app.command(help=cli.say(HELP_ADD))
    def add(
        name: Annotated[str, typer.Argument(help=cli.say(ARG_NAME))],
        kubeconfig: Annotated[Path, typer.Option(exists=True, dir_okay=False, help=cli.say(OPT_KUBECONFIG))],
        display_name: Annotated[str, typer.Option(help=cli.say(t.OPT_DISPLAY_NAME))] = "",
        description: Annotated[str, typer.Option(help=cli.say(t.OPT_DESCRIPTION))] = "",
    ) -> None:
        spec = ClusterSpec(display_name=display_name, description=description, kubeconfig_secret=_secret_name(name))
        content = kubeconfig.read_bytes()
        run(cli, lambda session: _add(session, name, spec, content))
        write(cli.say(ADDED, name=name))

    @app.command(help=cli.say(HELP_REMOVE))
    def remove(
        name: Annotated[str, typer.Argument(help=cli.say(ARG_NAME))],
        yes: Annotated[bool, typer.Option("--yes", "-y", help=cli.say(t.OPT_YES))] = False,
    ) -> None:
        if not yes:
            typer.confirm(cli.say(SURE, name=name), abort=True)
        run(cli, lambda session: _remove(session, name))
        write(cli.say(REMOVED, name=name))


def _secret_name(cluster: str) -> str:
    return f"cluster-{cluster}"


async def _add(session: Session, name: str, spec: ClusterSpec, kubeconfig: bytes) -> None:
    """The Secret first: a cluster without one can't be reached."""
    client, data = session.cluster(), {KEY: base64.b64encode(kubeconfig).decode()}
    if await client.find(CLUSTER, name) is not None:
        raise AlreadyExists(f'clusters.tenancy.armillary.io "{name}" already exists')
    secret = Secret(metadata=ObjectMeta(name=spec.kubeconfig_secret, namespace=PLATFORM_NAMESPACE), data=data)
    try:
        await client.create(SECRET, secret, PLATFORM_NAMESPACE)
    except AlreadyExists:  # of an attempt that ended half-way
        await client.patch(SECRET, spec.kubeconfig_secret, PLATFORM_NAMESPACE, {"data": data})
    await client.create(CLUSTER, Cluster(metadata=ObjectMeta(name=name), spec=spec))


async def _remove(session: Session, name: str) -> None:
    client = session.cluster()
    found = await client.get(CLUSTER, name)
    await client.delete(CLUSTER, name)
    if found.spec.kubeconfig_secret == _secret_name(name):
        try:
            await client.delete(SECRET, found.spec.kubeconfig_secret, PLATFORM_NAMESPACE)
        except NotFound:
            return
