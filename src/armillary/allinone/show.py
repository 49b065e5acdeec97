"""`armillary status`, `kubeconfig` and `version`: looking, without changing anything."""

from dataclasses import asdict
from datetime import timedelta
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from armillary.allinone import words
from armillary.allinone.instance import PartReport, Report, report
from armillary.allinone.layout import Layout
from armillary.allinone.settings import data_dir_of, load_settings
from armillary.base.clock import Clock, SystemClock
from armillary.base.errors import SetupError
from armillary.base.words import Language
from armillary.cli.output import Format, structured, table, write
from armillary.cli.trust import fingerprint_of

KUBERNETES_VERSION = "v1.36.0"


def show_status(given: Path | None, output: Format, *, language: Language) -> int:
    """Prints how the parts are. Exit code 0 when all are ready, 3 when nothing runs, 4 when some part isn't ready."""
    layout = Layout(data_dir_of(given))
    found = report(layout, with_memory=True)
    door = _door(layout)
    if output is not Format.TABLE:
        write(structured(asdict(found) | {"ready": found.ready, "data_dir": str(layout.root)} | door, output))
    elif not found.pid:
        write(words.NOT_RUNNING.say(language))
    else:
        write(status_table(found, SystemClock(), language))
        if door:
            write(words.DOOR.say(language, **door))
    return 0 if found.ready else (4 if found.pid else 3)


def _door(layout: Layout) -> dict[str, str]:
    """Where the platform is, and what to compare before its certificate is trusted; nothing where there is none."""
    settings, ca = load_settings(layout.root), layout.pki / "ca.crt"
    if not settings.platform or not ca.exists():
        return {}
    return {"origin": settings.origin, "ca_fingerprint": fingerprint_of(ca.read_text())}


def status_table(found: Report, clock: Clock, language: Language) -> str:
    """One line per part."""
    now = clock.now().timestamp()
    rows = [_row(part, now) for part in found.parts]
    return table(words.PART_HEADER.say(language).split(), rows)


def _row(part: PartReport, now: float) -> list[str]:
    running = str(timedelta(seconds=int(now - part.started_at))) if part.started_at else "-"
    memory = f"{part.memory_bytes / (1 << 20):.0f}Mi" if part.memory_bytes else "-"
    return [part.name, part.state, str(part.pid or "-"), memory, running, str(part.restarts), part.last_exit or "-"]


def show_kubeconfig(given: Path | None, *, language: Language) -> None:
    """Prints the administrator's kubeconfig. Raises SetupError when there is no cluster."""
    layout = Layout(data_dir_of(given))
    file = layout.pki / "admin.kubeconfig"
    try:
        write(file.read_text().rstrip())
    except FileNotFoundError as exc:
        raise SetupError(words.NO_CLUSTER.say(language, data_dir=layout.root)) from exc
    except PermissionError as exc:
        raise SetupError(words.NEEDS_ROOT.say(language, command="armillary kubeconfig")) from exc


def _own_version() -> str:
    try:
        return version("armillary")
    except PackageNotFoundError:  # run from a source tree that is not installed
        return "0.0.0"


def show_version(output: Format) -> None:
    """Prints our version and that of Kubernetes whose API we speak."""
    versions = {"armillary": _own_version(), "kubernetes": KUBERNETES_VERSION}
    if output is Format.TABLE:
        write("\n".join(f"{name} {number}" for name, number in versions.items()))
    else:
        write(structured(versions, output))


def show_initial_password(given: Path | None, *, language: Language) -> None:
    """Raises SetupError when it has been changed."""
    import asyncio
    import base64

    from armillary.allinone.process import api_client
    from armillary.base.errors import NotFound, Unavailable
    from armillary.base.pki import PLATFORM_USER
    from armillary.kube.kinds.core import SECRET

    settings = load_settings(data_dir_of(given))
    layout = Layout(settings.data_dir)

    async def read() -> str:
        client = api_client(settings, layout, PLATFORM_USER)
        try:
            found = await client.get(SECRET, "initial-admin-password", "armillary-system")
        finally:
            await client.transport.close()
        return base64.b64decode(found.data["password"]).decode()

    try:
        write(asyncio.run(read()))
    except (NotFound, Unavailable, FileNotFoundError) as exc:
        raise SetupError(words.NO_INITIAL_PASSWORD.say(language)) from exc
