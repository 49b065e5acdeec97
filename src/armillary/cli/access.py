"""`armillary access`: who can do what, and why somebody can or can't."""

from typing import Annotated, Any

import typer

from armillary.base.words import Words
from armillary.cli.context import Cli
from armillary.cli.output import Column, Format, ListFormat, show, structured, write
from armillary.cli.session import run

HELP = Words("Access: who can do what, and why.", "权限查询：谁可以做什么，以及原因。")
HELP_WHO_CAN = Words(
    "List who can do something, and by which bindings.\n\n"
    "Example: armillary access who-can delete deployments.apps -n team-a-shop",
    "列出谁可以执行某操作，以及由哪些绑定授予。\n\n"
    "示例：armillary access who-can delete deployments.apps -n team-a-shop",
)
HELP_EXPLAIN = Words(
    "Say why somebody can do something, or what would allow it.\n\n"
    "Example: armillary access explain ann create pods/exec -n team-a-shop",
    "说明某人为何可以执行某操作，或怎样才能获得该权限。\n\n"
    "示例：armillary access explain ann create pods/exec -n team-a-shop",
)
ARG_USER = Words("Whom it is about.", "用户名。")
ARG_VERB = Words("get, list, create, update, delete, ...", "操作：get、list、create、update、delete 等")
ARG_RESOURCE = Words(
    "As pods, pods/exec, deployments.apps, or a path such as /metrics.",
    "资源，例如 pods、pods/exec、deployments.apps，或 /metrics 等路径。",
)
OPT_NAMESPACE = Words("Where; the whole cluster if not given.", "命名空间；不指定则为整个集群。")
OPT_NAME = Words("One object's name.", "对象名称。")
OPT_CLUSTER = Words("Which cluster.", "集群。")
OPT_OUTPUT = Words("Output format.", "输出格式。")
NONE = Words("nobody with an account can", "没有任何用户可以执行")
YES = Words("{user} can: {reason}", "{user} 可以执行：{reason}")
NO = Words("{user} can't", "{user} 不能执行")
BY = Words("  by {binding}: {role} says {rule}", "  来自 {binding}：{role} 允许 {rule}")
REMEDY = Words(
    "  {place}: role {role} or a role with {templates} would allow it; ask {people}",
    "  {place}：角色 {role} 或包含 {templates} 的角色可授予该权限；请联系 {people}",
)

USERS = (
    Column(Words("USER", "用户"), lambda item: item["user"]),
    Column(Words("BY", "来自"), lambda item: item["bindings"]),
    Column(Words("CONFIRMED", "已确认"), lambda item: item["confirmed"]),
)


def asked(verb: str, resource: str, namespace: str, name: str, cluster: str) -> dict[str, str]:
    """As the API wants it; `deployments.apps/scale` and `deployments/scale.apps` are the same."""
    found = {"verb": verb, "namespace": namespace, "name": name, "cluster": cluster}
    if resource.startswith("/"):
        return {**found, "url": resource}
    path, _, group = resource.partition(".")
    group, _, subresource = group.partition("/")
    return {**found, "resource": f"{path}/{subresource}" if subresource else path, "group": group}


def build(cli: Cli) -> typer.Typer:
    app = typer.Typer(help=cli.say(HELP), no_args_is_help=True, rich_markup_mode=None)
    _add_who_can(app, cli)
    _add_explain(app, cli)
    return app


def _add_who_can(app: typer.Typer, cli: Cli) -> None:
    @app.command("who-can", help=cli.say(HELP_WHO_CAN))
    def who_can(
        verb: Annotated[str, typer.Argument(help=cli.say(ARG_VERB))],
        resource: Annotated[str, typer.Argument(help=cli.say(ARG_RESOURCE))],
        namespace: Annotated[str, typer.Option("-n", "--namespace", help=cli.say(OPT_NAMESPACE))] = "",
        name: Annotated[str, typer.Option(help=cli.say(OPT_NAME))] = "",
        cluster: Annotated[str, typer.Option(help=cli.say(OPT_CLUSTER))] = "host",
        output: Annotated[ListFormat, typer.Option("-o", "--output", help=cli.say(OPT_OUTPUT))] = ListFormat.TABLE,
    ) -> None:
        query = asked(verb, resource, namespace, name, cluster)
        found = run(cli, lambda session: session.get("/access/who-can", **query))
        if output in (ListFormat.JSON, ListFormat.YAML):
            write(structured(found, Format(output.value)))
        else:
            show(found["users"], USERS, output, cli.language, empty=NONE)


def _add_explain(app: typer.Typer, cli: Cli) -> None:
    @app.command(help=cli.say(HELP_EXPLAIN))
    def explain(
        user: Annotated[str, typer.Argument(help=cli.say(ARG_USER))],
        verb: Annotated[str, typer.Argument(help=cli.say(ARG_VERB))],
        resource: Annotated[str, typer.Argument(help=cli.say(ARG_RESOURCE))],
        namespace: Annotated[str, typer.Option("-n", "--namespace", help=cli.say(OPT_NAMESPACE))] = "",
        name: Annotated[str, typer.Option(help=cli.say(OPT_NAME))] = "",
        cluster: Annotated[str, typer.Option(help=cli.say(OPT_CLUSTER))] = "host",
        output: Annotated[Format, typer.Option("-o", "--output", help=cli.say(OPT_OUTPUT))] = Format.TABLE,
    ) -> None:
        query = {**asked(verb, resource, namespace, name, cluster), "user": user}
        found = run(cli, lambda session: session.get("/access/explain", **query))
        if output is Format.TABLE:
            _tell(cli, found)
        else:
            write(structured(found, output))
        raise typer.Exit(0 if found["allowed"] else 1)


def _tell(cli: Cli, found: dict[str, Any]) -> None:
    said = YES if found["allowed"] else NO
    write(cli.say(said, user=found["user"], reason=found["reason"] or "-"))
    for grant in found["grants"]:
        where = f"{grant['namespace']}/" if grant["namespace"] else ""
        rule = f"{'/'.join(grant['rule']['verbs'])} {'/'.join(grant['rule'].get('resources', ()))}"
        write(cli.say(BY, binding=where + grant["binding"], role=grant["role"], rule=rule))
    for remedy in found["remedies"]:
        templates, people = ", ".join(remedy["templates"]), ", ".join(remedy["grantedBy"]) or "-"
        write(cli.say(REMEDY, place=remedy["place"], role=remedy["role"] or "-", templates=templates, people=people))
