"""The `armillary` command: start, stop and look at the embedded cluster; the nouns of `armillary.cli` beside it."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer
from typer.exceptions import TyperException

from armillary.allinone import words
from armillary.allinone.image import image_app
from armillary.base.errors import ApiError, ArmillaryError
from armillary.base.words import Language, language_of
from armillary.cli.context import Cli
from armillary.cli.nouns import group_of
from armillary.cli.output import Format, explained, write_error
from armillary.cli.platforms import platform_file

LANGUAGE: Language = language_of(os.environ)

CLI = Cli(LANGUAGE, platform_file(os.environ))

app = typer.Typer(
    cls=group_of(CLI),
    help=words.HELP.say(LANGUAGE),
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

app.add_typer(image_app(LANGUAGE), name="image")

DataDir = Annotated[Path | None, typer.Option("--data-dir", envvar=None, help=words.OPT_DATA_DIR.say(LANGUAGE))]
Output = Annotated[Format, typer.Option("-o", "--output", help=words.OPT_OUTPUT.say(LANGUAGE))]


@app.command(help=words.HELP_UP.say(LANGUAGE))
def up(
    data_dir: DataDir = None,
    detach: Annotated[bool, typer.Option("--detach", "-d", help=words.OPT_DETACH.say(LANGUAGE))] = False,
    node_name: Annotated[str | None, typer.Option(help=words.OPT_NODE_NAME.say(LANGUAGE))] = None,
    api_port: Annotated[int | None, typer.Option(help=words.OPT_API_PORT.say(LANGUAGE))] = None,
    registry_port: Annotated[int | None, typer.Option(help=words.OPT_REGISTRY_PORT.say(LANGUAGE))] = None,
    kubelet_port: Annotated[int | None, typer.Option(help=words.OPT_KUBELET_PORT.say(LANGUAGE))] = None,
    pod_cidr: Annotated[str | None, typer.Option(help=words.OPT_POD_CIDR.say(LANGUAGE))] = None,
    service_cidr: Annotated[str | None, typer.Option(help=words.OPT_SERVICE_CIDR.say(LANGUAGE))] = None,
    bridge: Annotated[str | None, typer.Option(help=words.OPT_BRIDGE.say(LANGUAGE))] = None,
    runtime: Annotated[str | None, typer.Option(help=words.OPT_RUNTIME.say(LANGUAGE))] = None,
    platform: Annotated[
        bool | None, typer.Option("--platform/--no-platform", help=words.OPT_PLATFORM.say(LANGUAGE))
    ] = None,
    platform_port: Annotated[int | None, typer.Option(help=words.OPT_PLATFORM_PORT.say(LANGUAGE))] = None,
    platform_address: Annotated[str | None, typer.Option(help=words.OPT_PLATFORM_ADDRESS.say(LANGUAGE))] = None,
    mirror: Annotated[list[str] | None, typer.Option(help=words.OPT_MIRROR.say(LANGUAGE))] = None,
) -> None:
    from armillary.allinone.up import start_cluster  # the other commands need none of what this one imports

    changes = {
        "node_name": node_name,
        "api_port": api_port,
        "registry_port": registry_port,
        "kubelet_port": kubelet_port,
        "pod_cidr": pod_cidr,
        "service_cidr": service_cidr,
        "bridge": bridge,
        "runtime": runtime,
        "mirrors": mirror or None,
        "platform": platform,
        "platform_port": platform_port,
        "platform_address": platform_address,
    }
    start_cluster(data_dir, changes, detach=detach, language=LANGUAGE)


@app.command(help=words.HELP_DOWN.say(LANGUAGE))
def down(
    data_dir: DataDir = None,
    purge: Annotated[bool, typer.Option("--purge", help=words.OPT_PURGE.say(LANGUAGE))] = False,
    keep_pods: Annotated[bool, typer.Option("--keep-pods", help=words.OPT_KEEP_PODS.say(LANGUAGE))] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help=words.OPT_YES.say(LANGUAGE))] = False,
) -> None:
    from armillary.allinone.down import stop_cluster

    stop_cluster(data_dir, purge=purge, keep_pods=keep_pods, yes=yes, language=LANGUAGE)


@app.command(help=words.HELP_STATUS.say(LANGUAGE))
def status(data_dir: DataDir = None, output: Output = Format.TABLE) -> None:
    from armillary.allinone.show import show_status

    raise typer.Exit(show_status(data_dir, output, language=LANGUAGE))


@app.command(help=words.HELP_KUBECONFIG.say(LANGUAGE))
def kubeconfig(data_dir: DataDir = None) -> None:
    from armillary.allinone.show import show_kubeconfig

    show_kubeconfig(data_dir, language=LANGUAGE)


@app.command("initial-password", help=words.HELP_INITIAL_PASSWORD.say(LANGUAGE))
def initial_password(data_dir: DataDir = None) -> None:
    from armillary.allinone.show import show_initial_password

    show_initial_password(data_dir, language=LANGUAGE)


@app.command(help=words.HELP_SERVE.say(LANGUAGE))
def serve(
    kubeconfig: Annotated[Path, typer.Option(help=words.OPT_KUBECONFIG.say(LANGUAGE))],
    origin: Annotated[str, typer.Option(help=words.OPT_ORIGIN.say(LANGUAGE))],
    data_dir: DataDir = None,
    listen: Annotated[str, typer.Option(help=words.OPT_PLATFORM_ADDRESS.say(LANGUAGE))] = "0.0.0.0:9443",
    guard_url: Annotated[str, typer.Option(help=words.OPT_GUARD_URL.say(LANGUAGE))] = "",
    tls_cert: Annotated[Path | None, typer.Option(help=words.OPT_TLS_CERT.say(LANGUAGE))] = None,
    tls_key: Annotated[Path | None, typer.Option(help=words.OPT_TLS_KEY.say(LANGUAGE))] = None,
    database: Annotated[str, typer.Option(help=words.OPT_DATABASE.say(LANGUAGE))] = "",
    registry: Annotated[list[str] | None, typer.Option(help=words.OPT_REGISTRY.say(LANGUAGE))] = None,
    shell_image: Annotated[str, typer.Option(help=words.OPT_SHELL_IMAGE.say(LANGUAGE))] = "",
    shell_server: Annotated[str, typer.Option(help=words.OPT_SHELL_SERVER.say(LANGUAGE))] = "",
) -> None:
    from armillary.allinone.serve import Serving
    from armillary.allinone.serve import serve as run
    from armillary.allinone.settings import data_dir_of

    root = data_dir_of(data_dir) / "platform"
    run(
        Serving(
            kubeconfig=kubeconfig,
            data_dir=root,
            origin=origin,
            listen=listen,
            guard_url=guard_url or origin,
            certificate=tls_cert,
            key=tls_key,
            database=database,
            registries=tuple(registry or ()),
            shell_image=shell_image,
            shell_server=shell_server,
        )
    )


@app.command(help=words.HELP_VERSION.say(LANGUAGE))
def version(output: Output = Format.TABLE) -> None:
    from armillary.allinone.show import show_version

    show_version(output)


def main() -> None:
    """The console script: a refusal is one line on standard error; exit code 2 if the command was not understood."""
    try:
        sys.exit(app(sys.argv[1:] or ["--help"], prog_name="armillary", standalone_mode=False) or 0)
    except TyperException as exc:
        context = getattr(exc, "ctx", None)
        command = context.command_path if context is not None else "armillary"
        message = " ".join(exc.format_message().split()).rstrip(".")
        write_error(words.NOT_UNDERSTOOD.say(LANGUAGE, message=message, command=command))
        sys.exit(exc.exit_code)
    except ApiError as exc:
        write_error(words.ERROR.say(LANGUAGE, message=explained(exc)))
        sys.exit(1)
    except ArmillaryError as exc:
        write_error(words.ERROR.say(LANGUAGE, message=exc))
        sys.exit(1)
    except PermissionError as exc:
        write_error(words.NOT_ALLOWED.say(LANGUAGE, path=exc.filename))
        sys.exit(1)
    except typer.Abort:
        sys.exit(1)


if __name__ == "__main__":
    main()
