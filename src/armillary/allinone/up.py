"""`armillary up`: start the supervisor in the background, show how the parts come up, say what to do next."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from armillary.allinone import words
from armillary.allinone.instance import PartReport, report, stop
from armillary.allinone.layout import Layout
from armillary.allinone.settings import Settings, data_dir_of, load_settings
from armillary.allinone.supervisor import supervisor_pid
from armillary.base.errors import SetupError
from armillary.base.words import Language
from armillary.cli.output import write

READY_SECONDS = 120.0
LOOK_SECONDS = 0.02
SYSTEM_PATH = "/usr/sbin:/sbin"  # not in every user's PATH; Debian keeps runc and nft there
PROGRAMS = {  # program -> Debian package
    "containerd": "containerd",
    "runc": "runc",
    "crun": "crun",
    "nft": "nftables",
    "ip": "iproute2",
    "docker-registry": "docker-registry",
}
CNI_PLUGINS = Path("/usr/lib/cni")


def start_cluster(given: Path | None, changes: Mapping[str, Any], *, detach: bool, language: Language) -> None:
    """Bring the cluster up; with `detach` return when it is ready, else stay until it is stopped (Ctrl-C stops it)."""
    if os.geteuid() != 0:
        raise SetupError(words.NEEDS_ROOT.say(language, command="armillary up"))
    layout = Layout(data_dir_of(given))
    if supervisor_pid(layout) and report(layout).ready:
        write(words.ALREADY.say(language))
    else:
        settings = load_settings(layout.root, changes)
        _check_programs()
        began = time.monotonic()
        write(words.STARTING.say(language, data_dir=layout.root))
        _start_supervisor(settings, layout, language)
        _show_progress(layout, language)
        write(words.READY.say(language, seconds=time.monotonic() - began))
    command = shutil.which("armillary") or sys.argv[0]
    origin = load_settings(layout.root).origin
    write(words.NEXT.say(language, kubeconfig=layout.pki / "admin.kubeconfig", command=command, origin=origin))
    if shutil.which("kubectl") is None:
        write(words.NO_KUBECTL.say(language))
    if not detach:
        _stay(layout)


def _check_programs() -> None:
    path = f"{os.environ.get('PATH', '')}:{SYSTEM_PATH}"
    missing = {package for program, package in PROGRAMS.items() if shutil.which(program, path=path) is None}
    if not (CNI_PLUGINS / "bridge").exists():
        missing.add("containernetworking-plugins")
    if missing:
        names = " ".join(sorted(missing))
        raise SetupError(f"missing programs; install them with: apt-get install {names}")


def _start_supervisor(settings: Settings, layout: Layout, language: Language) -> None:
    """A daemon of its own session: it outlives this command and its terminal."""
    if supervisor_pid(layout):
        return  # another `up` is at it: show how it gets on
    layout.make()
    settings.save()
    output = layout.logs / "supervisor.log"
    with output.open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "armillary.allinone.supervise", str(layout.root)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            cwd="/",
            env={**os.environ, "PATH": f"{os.environ.get('PATH', '')}:{SYSTEM_PATH}"},
        )
    deadline = time.monotonic() + READY_SECONDS
    while supervisor_pid(layout) != process.pid:
        if process.poll() is not None or time.monotonic() > deadline:
            raise SetupError(f"{words.SUPERVISOR_ENDED.say(language, log=output)}\n{_last_lines(output)}")
        time.sleep(LOOK_SECONDS)


def _last_lines(path: Path) -> str:
    return "\n".join(path.read_text(errors="replace").splitlines()[-5:])


def _show_progress(layout: Layout, language: Language) -> None:
    """Print each part as it becomes ready. Raises SetupError when the cluster isn't ready in time."""
    shown: dict[str, tuple[str, int]] = {}
    deadline = time.monotonic() + READY_SECONDS
    while True:
        found = report(layout)
        if not found.pid:
            log = layout.logs / "supervisor.log"
            raise SetupError(f"{words.SUPERVISOR_ENDED.say(language, log=log)}\n{_last_lines(log)}")
        for part in found.parts:
            if shown.get(part.name) != (part.state, part.restarts):
                shown[part.name] = (part.state, part.restarts)
                for line in _progress(part, layout, language):
                    write(line)
        if found.ready:
            return
        if time.monotonic() > deadline:
            late = ", ".join(part.name for part in found.parts if part.state != "ready")
            said = words.NOT_READY.say(language, seconds=READY_SECONDS, parts=late, logs=layout.logs)
            raise SetupError(said)
        time.sleep(LOOK_SECONDS)


def _progress(part: PartReport, layout: Layout, language: Language) -> Iterator[str]:
    if part.state == "ready":
        yield words.PART_READY.say(language, part=part.name, seconds=part.ready_seconds)
    elif part.state == "backing off":
        log = layout.logs / f"{part.name}.log"
        yield words.PART_CRASHED.say(language, part=part.name, how=part.last_exit, log=log)


def _stay(layout: Layout) -> None:
    """Until the cluster is stopped from elsewhere, or by Ctrl-C or SIGTERM here."""

    def interrupt(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, interrupt)
    try:
        while supervisor_pid(layout):
            time.sleep(0.2)
    except KeyboardInterrupt:
        stop(layout)
