"""`armillary history`: what things were, how they changed, and making them so again."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import quote

import typer
from typer.core import TyperGroup

from armillary.base.errors import SetupError
from armillary.base.words import Words
from armillary.cli.context import Cli
from armillary.cli.output import Column, Format, ListFormat, show, structured, write
from armillary.cli.session import Session, run
from armillary.kube.discovery import discover
from armillary.kube.kind import Kind

HELP = Words(
    "Show what an object was, compare versions, and restore one or what was deleted.\n\n"
    "Example: armillary history deployment web -n shop",
    "查看对象的历史版本、比较差异，并恢复某个版本或已删除的对象。\n\n示例：armillary history deployment web -n shop",
)
HELP_LIST = Words(
    "List the versions of an object.\n\nExample: armillary history deployment web -n shop",
    "列出对象的历史版本。\n\n示例：armillary history deployment web -n shop",
)
HELP_DIFF = Words(
    "Show how two versions differ: the newest and the one before, unless told.\n\n"
    "Example: armillary history diff deployment web -n shop --from 1 --to 3",
    "比较两个版本，默认比较最新版本与前一版本。\n\n示例：armillary history diff deployment web -n shop --from 1 --to 3",
)
HELP_SHOW = Words(
    "Show an object as it was.\n\nExample: armillary history show deployment web -n shop --version 2",
    "查看对象的某个版本。\n\n示例：armillary history show deployment web -n shop --version 2",
)
HELP_RESTORE = Words(
    "Make an object as it was, or make it again with what went with it. Shows what would be done and asks.\n\n"
    "Example: armillary history restore deployment web -n shop --version 2",
    "将对象恢复到某个版本，或恢复已删除的对象及其附属对象。执行前会显示预览并请求确认。\n\n"
    "示例：armillary history restore deployment web -n shop --version 2",
)
HELP_DELETED = Words(
    "List what was deleted in a namespace and can be restored.\n\nExample: armillary history deleted -n shop",
    "列出命名空间中可恢复的已删除对象（回收站）。\n\n示例：armillary history deleted -n shop",
)
ARG_KIND = Words(
    "What it is: deployment, configmaps, certificates.cert-manager.io, ...",
    "类型：deployment、configmaps、certificates.cert-manager.io 等。",
)
ARG_NAME = Words("Its name.", "名称。")
OPT_NAMESPACE = Words("Its namespace.", "命名空间。")
OPT_CLUSTER = Words("Its cluster.", "集群。")
OPT_FROM = Words("The older version.", "旧版本号。")
OPT_TO = Words("The newer version.", "新版本号。")
OPT_VERSION = Words("The version; the newest if not given.", "版本号，默认为最新版本。")
OPT_ALONE = Words("Without what went with it.", "不恢复附属对象。")
OPT_YES = Words("Do not ask.", "不请求确认。")
OPT_DRY_RUN = Words("Only show what would be done.", "仅显示预览。")
OPT_OUTPUT = Words("Output format.", "输出格式。")
NO_VERSIONS = Words("no versions are kept", "没有保留的版本")
NONE_DELETED = Words("nothing that you may see was deleted there", "没有您可查看的已删除对象")
NO_KIND = Words('cluster {cluster} serves no "{kind}" that you may see', "集群 {cluster} 中没有您可查看的类型“{kind}”")
SURE = Words("Do this?", "确认执行？")

VERSIONS = (
    Column(Words("VERSION", "版本"), lambda v: v["number"]),
    Column(Words("TIME", "时间"), lambda v: v["time"][:19] + "Z"),
    Column(Words("CHANGE", "变更"), lambda v: v["change"] + (" (late)" if v["late"] else "")),
    Column(Words("BY", "操作者"), lambda v: v["by"] or v["manager"]),
    Column(Words("FIELDS", "变更字段"), lambda v: v["fields"]),
    Column(Words("DELETED", "删除时间"), lambda v: v["deleted"][:19]),
)
DISCARDED = (
    Column(Words("OBJECT", "对象"), lambda d: f"{d['root']['resource']}/{d['root']['name']}"),
    Column(Words("DELETED", "删除时间"), lambda d: d["root"]["deleted"][:19] + "Z"),
    Column(Words("WITH", "附属对象"), lambda d: [f"{i['resource']}/{i['name']}" for i in d["dependants"]]),
)
STEPS = (
    Column(Words("OBJECT", "对象"), lambda s: f"{s['resource']}/{s['name']}"),
    Column(Words("ACTION", "操作"), lambda s: s["action"]),
    Column(Words("FIELDS", "变更字段"), lambda s: [field["path"] for field in s["fields"]]),
    Column(Words("NOTE", "说明"), lambda s: "; ".join([m for m in (s["message"], *s["warnings"]) if m])),
)
SHORT = {
    "po": "pods", "svc": "services", "deploy": "deployments", "sts": "statefulsets", "ds": "daemonsets",
    "rs": "replicasets", "cm": "configmaps", "pvc": "persistentvolumeclaims", "pv": "persistentvolumes",
    "ns": "namespaces", "ing": "ingresses", "sa": "serviceaccounts", "cj": "cronjobs", "no": "nodes",
    "hpa": "horizontalpodautoscalers", "netpol": "networkpolicies", "ws": "workspaces",
}  # fmt: skip


class ListFirst(TyperGroup):
    """`history KIND NAME` is `history list KIND NAME`."""

    def resolve_command(self, ctx: typer.Context, args: list[str]):  # type: ignore[no-untyped-def, override]
        first = args[0]
        return super().resolve_command(ctx, args if first in self.commands else ["list", *args])


@dataclass(frozen=True, slots=True)
class Thing:
    """An object as the command line names it."""

    kind: str
    name: str
    namespace: str
    cluster: str

    async def path(self, cli: Cli, session: Session) -> str:
        """Raises SetupError for a kind that there is not."""
        found = await discover(session.cluster(self.cluster))
        kind = chosen([served.kind for served in found.resources], self.kind)
        if kind is None:
            raise SetupError(cli.say(NO_KIND, cluster=self.cluster, kind=self.kind))
        place = self.namespace if kind.namespaced else "-"
        parts = (kind.group or "-", kind.version, kind.plural, place, self.name)
        return f"/clusters/{quote(self.cluster, safe='')}/history/" + "/".join(quote(part, safe="") for part in parts)


def chosen(kinds: Sequence[Kind[Any]], word: str) -> Kind[Any] | None:
    """By plural, kind or short name, with a group or without."""
    plain, _, group = word.lower().partition(".")
    plain = SHORT.get(plain, plain)
    named = [kind for kind in kinds if plain in (kind.plural, kind.name.lower())]
    return next((kind for kind in named if not group or kind.group == group), None)


def build(cli: Cli) -> typer.Typer:
    app = typer.Typer(cls=ListFirst, help=cli.say(HELP), no_args_is_help=True, rich_markup_mode=None)
    _add_reading(cli, app)
    _add_comparing(cli, app)
    _add_restoring(cli, app)
    return app


def _add_reading(cli: Cli, app: typer.Typer) -> None:
    kind_type = Annotated[str, typer.Argument(help=cli.say(ARG_KIND))]
    name_type = Annotated[str, typer.Argument(help=cli.say(ARG_NAME))]
    namespace_type = Annotated[str, typer.Option("-n", "--namespace", help=cli.say(OPT_NAMESPACE))]
    cluster_type = Annotated[str, typer.Option(help=cli.say(OPT_CLUSTER))]
    version_type = Annotated[int, typer.Option(min=0, help=cli.say(OPT_VERSION))]
    list_type = Annotated[ListFormat, typer.Option("-o", "--output", help=cli.say(OPT_OUTPUT))]
    one_type = Annotated[Format, typer.Option("-o", "--output", help=cli.say(OPT_OUTPUT))]

    @app.command("list", help=cli.say(HELP_LIST))
    def list_(
        kind: kind_type,
        name: name_type,
        namespace: namespace_type = "default",
        cluster: cluster_type = "host",
        output: list_type = ListFormat.TABLE,
    ) -> None:
        found = run(cli, lambda session: _get(cli, session, Thing(kind, name, namespace, cluster)))
        show(found["items"], VERSIONS, output, cli.language, empty=NO_VERSIONS)

    @app.command("show", help=cli.say(HELP_SHOW))
    def show_version(
        kind: kind_type,
        name: name_type,
        version: version_type = 0,
        namespace: namespace_type = "default",
        cluster: cluster_type = "host",
        output: one_type = Format.YAML,
    ) -> None:
        found = run(cli, lambda session: _version(cli, session, Thing(kind, name, namespace, cluster), version))
        write(structured(found["object"], Format.YAML if output is Format.TABLE else output))


def _add_comparing(cli: Cli, app: typer.Typer) -> None:
    kind_type = Annotated[str, typer.Argument(help=cli.say(ARG_KIND))]
    name_type = Annotated[str, typer.Argument(help=cli.say(ARG_NAME))]
    namespace_type = Annotated[str, typer.Option("-n", "--namespace", help=cli.say(OPT_NAMESPACE))]
    cluster_type = Annotated[str, typer.Option(help=cli.say(OPT_CLUSTER))]
    one_type = Annotated[Format, typer.Option("-o", "--output", help=cli.say(OPT_OUTPUT))]

    @app.command("diff", help=cli.say(HELP_DIFF))
    def diff(
        kind: kind_type,
        name: name_type,
        from_: Annotated[int, typer.Option("--from", min=0, help=cli.say(OPT_FROM))] = 0,
        to: Annotated[int, typer.Option(min=0, help=cli.say(OPT_TO))] = 0,
        namespace: namespace_type = "default",
        cluster: cluster_type = "host",
        output: one_type = Format.TABLE,
    ) -> None:
        query = {"from": from_, "to": to}
        found = run(cli, lambda session: _get(cli, session, Thing(kind, name, namespace, cluster), "/diff", query))
        write(found["text"].rstrip() if output is Format.TABLE else structured(found, output))


def _add_restoring(cli: Cli, app: typer.Typer) -> None:
    kind_type = Annotated[str, typer.Argument(help=cli.say(ARG_KIND))]
    name_type = Annotated[str, typer.Argument(help=cli.say(ARG_NAME))]
    namespace_type = Annotated[str, typer.Option("-n", "--namespace", help=cli.say(OPT_NAMESPACE))]
    cluster_type = Annotated[str, typer.Option(help=cli.say(OPT_CLUSTER))]
    version_type = Annotated[int, typer.Option(min=0, help=cli.say(OPT_VERSION))]
    list_type = Annotated[ListFormat, typer.Option("-o", "--output", help=cli.say(OPT_OUTPUT))]

    @app.command("restore", help=cli.say(HELP_RESTORE))
    def restore(
        kind: kind_type,
        name: name_type,
        version: version_type = 0,
        alone: Annotated[bool, typer.Option("--alone", help=cli.say(OPT_ALONE))] = False,
        dry_run: Annotated[bool, typer.Option("--dry-run", help=cli.say(OPT_DRY_RUN))] = False,
        yes: Annotated[bool, typer.Option("-y", "--yes", help=cli.say(OPT_YES))] = False,
        namespace: namespace_type = "default",
        cluster: cluster_type = "host",
        output: list_type = ListFormat.TABLE,
    ) -> None:
        thing = Thing(kind, name, namespace, cluster)
        body: dict[str, Any] = {"number": version, "dependants": not alone}
        if dry_run or not yes:
            preview = run(cli, lambda session: _restore(cli, session, thing, {**body, "dryRun": True}))
            show(preview["items"], STEPS, output, cli.language, empty=NO_VERSIONS)
            if dry_run:
                return
            typer.confirm(cli.say(SURE), abort=True)
            body["resourceVersion"] = preview["items"][0]["resourceVersion"]
        done = run(cli, lambda session: _restore(cli, session, thing, body))
        show(done["items"], STEPS, output, cli.language, empty=NO_VERSIONS)

    @app.command("deleted", help=cli.say(HELP_DELETED))
    def deleted(
        namespace: namespace_type = "default", cluster: cluster_type = "host", output: list_type = ListFormat.TABLE
    ) -> None:
        path = f"/clusters/{quote(cluster, safe='')}/recyclebin"
        found = run(cli, lambda session: session.get(path, namespace=namespace))
        show(found["items"], DISCARDED, output, cli.language, empty=NONE_DELETED)


async def _get(
    cli: Cli, session: Session, thing: Thing, below: str = "", query: dict[str, Any] | None = None
) -> dict[str, Any]:
    found: dict[str, Any] = await session.call("GET", await thing.path(cli, session) + below, query=query)
    return found


async def _version(cli: Cli, session: Session, thing: Thing, number: int) -> dict[str, Any]:
    path = await thing.path(cli, session)
    wanted = number or (await session.get(path))["items"][0]["number"]
    found: dict[str, Any] = await session.get(f"{path}/versions/{wanted}")
    return found


async def _restore(cli: Cli, session: Session, thing: Thing, body: dict[str, Any]) -> dict[str, Any]:
    done: dict[str, Any] = await session.call("POST", await thing.path(cli, session) + "/restore", body)
    return done
