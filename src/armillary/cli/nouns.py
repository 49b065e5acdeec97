"""The nouns of the command line. Each module's `build(cli)` gives its commands; it is imported when it is asked for."""

from collections.abc import Mapping
from importlib import import_module

import typer
from typer.core import TyperGroup
from typer.main import get_command

from armillary.cli.context import Cli

NOUNS: Mapping[str, str] = {
    "access": "armillary.cli.access",
    "audit": "armillary.cli.audit",
    "cluster": "armillary.cli.cluster",
    "consent": "armillary.cli.consent",
    "credential": "armillary.cli.credential",
    "department": "armillary.cli.department",
    "history": "armillary.cli.history",
    "list": "armillary.cli.list",
    "login": "armillary.cli.login",
    "logout": "armillary.cli.logout",
    "member": "armillary.cli.member",
    "project": "armillary.cli.project",
    "provider": "armillary.cli.provider",
    "quota": "armillary.cli.quota",
    "role": "armillary.cli.role",
    "search": "armillary.cli.search",
    "session": "armillary.cli.sessions",
    "shell": "armillary.cli.shell.command",
    "token": "armillary.cli.token",
    "user": "armillary.cli.user",
    "verify": "armillary.cli.verify.command",
    "whoami": "armillary.cli.whoami",
    "why": "armillary.cli.why",
    "workspace": "armillary.cli.workspace",
}


def group_of(cli: Cli, nouns: Mapping[str, str] = NOUNS) -> type[TyperGroup]:
    """A group with these nouns beside its own commands; a noun costs nothing until it is used."""

    class Nouns(TyperGroup):
        def list_commands(self, ctx: typer.Context) -> list[str]:  # type: ignore[override]  # typer's own context
            return [*super().list_commands(ctx), *nouns]

        def get_command(self, ctx: typer.Context, cmd_name: str):  # type: ignore[no-untyped-def, override]
            if cmd_name not in nouns:
                return super().get_command(ctx, cmd_name)
            built: typer.Typer = import_module(nouns[cmd_name]).build(cli)
            command = get_command(built)
            command.name = cmd_name
            return command

    return Nouns
