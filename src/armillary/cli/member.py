"""`armillary member`: who is a member of a place, with which role."""

from typing import Annotated, Any

import typer

from armillary.base.words import Words
from armillary.cli.context import Cli
from armillary.cli.output import Column, ListFormat, show, write, write_error
from armillary.cli.places import Place, placed, segment
from armillary.cli.session import Session, run

HELP = Words("Members: who may work where, with which role.", "成员：谁可以在哪里以何种角色工作。")
HELP_LIST = Words(
    "List the members of a place.\n\nExample: armillary member list -w team-a -p shop",
    "列出成员。\n\n示例：armillary member list -w team-a -p shop",
)
HELP_ADD = Words(
    "Invite users, or departments as department:NAME.\n\n"
    "Example: armillary member add ann ben department:ops --role viewer -w team-a",
    "邀请用户或部门（写作 department:名称）。\n\n"
    "示例：armillary member add ann ben department:ops --role viewer -w team-a",
)
HELP_SET = Words(
    "Give a member another role.\n\nExample: armillary member set ann --role admin -w team-a",
    "更改成员的角色。\n\n示例：armillary member set ann --role admin -w team-a",
)
HELP_REMOVE = Words(
    "Remove a member; from a workspace, from its projects and departments too.\n\n"
    "Example: armillary member remove ann -w team-a --yes",
    "移除成员；从企业空间移除时，也会从其项目和部门中移除。\n\n示例：armillary member remove ann -w team-a --yes",
)
ARG_MEMBERS = Words("Users, or department:NAME.", "用户名，或 department:名称。")
ARG_MEMBER = Words("A user, or department:NAME.", "用户名，或 department:名称。")
OPT_ROLE = Words("The role.", "角色。")
OPT_OUTPUT = Words("Output format.", "输出格式。")
OPT_YES = Words("Do not ask.", "不再询问。")
NONE = Words("nobody is a member here", "这里还没有成员")
ADDED = Words("{member} is {role} now", "{member} 现在的角色为 {role}")
REMOVED = Words("{member} is removed", "已移除 {member}")
SURE = Words("Remove {member}?", "确定要移除 {member} 吗？")

COLUMNS = (
    Column(Words("MEMBER", "成员"), lambda item: item["member"]),
    Column(Words("NAME", "名称"), lambda item: item["displayName"]),
    Column(Words("ROLE", "角色"), lambda item: item["role"]),
    Column(Words("SINCE", "加入时间"), lambda item: item["since"]),
    Column(Words("ADDED BY", "邀请人"), lambda item: item["addedBy"]),
)


def build(cli: Cli) -> typer.Typer:
    app = typer.Typer(help=cli.say(HELP), no_args_is_help=True, rich_markup_mode=None)
    _add_list(app, cli)
    _add_writing(app, cli)
    return app


def _add_list(app: typer.Typer, cli: Cli) -> None:
    @app.command("list", help=cli.say(HELP_LIST))
    @placed(cli)
    def list_(
        place: Place,
        output: Annotated[ListFormat, typer.Option("-o", "--output", help=cli.say(OPT_OUTPUT))] = ListFormat.TABLE,
    ) -> None:
        show(run(cli, lambda session: all_members(session, place)), COLUMNS, output, cli.language, empty=NONE)


async def all_members(session: Session, place: Place) -> list[Any]:
    """Page by page."""
    found: list[Any] = []
    after = ""
    while True:
        page = await session.get(f"{place}/members", limit=500, after=after)
        found += page["items"]
        after = page["next"]
        if not after:
            return found


def _add_writing(app: typer.Typer, cli: Cli) -> None:
    @app.command(help=cli.say(HELP_ADD))
    @placed(cli)
    def add(
        place: Place,
        members: Annotated[list[str], typer.Argument(help=cli.say(ARG_MEMBERS))],
        role: Annotated[str, typer.Option("--role", help=cli.say(OPT_ROLE))],
    ) -> None:
        body = {"members": [entry(member, role) for member in members]}
        results = run(cli, lambda session: session.call("POST", f"{place}/members", body))["results"]
        for result in results:
            if result["code"] == 201:
                write(cli.say(ADDED, member=result["member"], role=result["role"]))
            else:
                write_error(f"{result['member']}: {result['message']}")
        raise typer.Exit(0 if all(result["code"] == 201 for result in results) else 1)

    @app.command("set", help=cli.say(HELP_SET))
    @placed(cli)
    def set_(
        place: Place,
        member: Annotated[str, typer.Argument(help=cli.say(ARG_MEMBER))],
        role: Annotated[str, typer.Option("--role", help=cli.say(OPT_ROLE))],
    ) -> None:
        path = f"{place}/members/{segment(member)}"
        done = run(cli, lambda session: session.call("PATCH", path, {"role": role}))
        write(cli.say(ADDED, member=done["member"], role=done["role"]))

    @app.command(help=cli.say(HELP_REMOVE))
    @placed(cli)
    def remove(
        place: Place,
        member: Annotated[str, typer.Argument(help=cli.say(ARG_MEMBER))],
        yes: Annotated[bool, typer.Option("--yes", "-y", help=cli.say(OPT_YES))] = False,
    ) -> None:
        if not yes:
            typer.confirm(cli.say(SURE, member=member), abort=True)
        run(cli, lambda session: session.call("DELETE", f"{place}/members/{segment(member)}"))
        write(cli.say(REMOVED, member=member))


def entry(member: str, role: str) -> dict[str, str]:
    """As the API wants it."""
    if member.startswith("department:"):
        return {"department": member.removeprefix("department:"), "role": role}
    return {"user": member, "role": role}
