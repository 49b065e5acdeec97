"""Bring a fresh Debian 12 machine to where the project runs: system packages, `.venv`, generated schemas.

Called by `make`, with the system's Python and nothing but the standard library. A second call finds everything
in place and does nothing. Usage: setup.py run|test
"""

import hashlib
import os
import platform
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
SCHEMAS = ROOT / "src/armillary/engine/apiserver/schemas.json.gz"
LOCK_TRIES = 60  # another program may hold dpkg's lock; five seconds apart

RUN_PACKAGES = [
    "buildah", "ca-certificates", "conntrack", "containerd", "containernetworking-plugins", "crun",
    "docker-registry", "iproute2", "libnftables1", "mmdebstrap", "nftables", "procps", "python3-venv", "runc",
    "skopeo", "busybox-static", "zstd",
]  # fmt: skip
TEST_PACKAGES = ["wrk", "curl", "jq"]


def say(text: str) -> None:
    print(f"setup: {text}", flush=True)


def fail(text: str) -> None:
    sys.exit(f"setup: {text}")


def check_system(kind: str) -> bool:
    """Whether system packages can be installed here; ends the program when nothing could work."""
    if sys.version_info < (3, 11):
        fail(f"Python 3.11 or newer is needed, this is {platform.python_version()}; install python3.11")
    if sys.platform != "linux":
        fail("the cluster needs Linux: containers are a part of its kernel; on this system `make lint` still works")
    release = platform.freedesktop_os_release()
    known = release.get("ID") == "debian" and release.get("VERSION_ID") == "12"
    missing = missing_packages(kind) if shutil.which("dpkg-query") else missing_programs()
    if not missing:
        return False
    names = " ".join(missing)
    if not known:
        fail(
            f"this is {release.get('PRETTY_NAME', 'not Debian 12')}; these are missing: {names}. Install them with "
            "your system's package manager and try again; `make lint` and unit tests work without them"
        )
    if os.geteuid() != 0:
        fail(f"root is needed to install: {names}. Run with sudo, or install them and try again")
    return True


def missing_packages(kind: str) -> list[str]:
    wanted = RUN_PACKAGES + (TEST_PACKAGES if kind == "test" else [])
    found = subprocess.run(
        ["dpkg-query", "-W", "-f", "${Package} ${db:Status-Status}\n", *wanted], capture_output=True, text=True
    )
    installed = {line.split()[0] for line in found.stdout.splitlines() if line.endswith(" installed")}
    return [name for name in wanted if name not in installed]


def missing_programs() -> list[str]:
    needed = ["containerd", "runc", "crun", "nft", "ip", "conntrack", "buildah", "mmdebstrap"]
    return [name for name in needed if shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin") is None]


def install_packages(kind: str) -> None:
    missing = missing_packages(kind)
    say(f"installing {' '.join(missing)}")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (
        ["apt-get", "update", "-qq"],
        ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *missing],
    ):
        for attempt in range(LOCK_TRIES):
            done = subprocess.run(command, env=environment, capture_output=True, text=True)
            if done.returncode == 0:
                break
            if "lock" not in done.stderr or attempt == LOCK_TRIES - 1:
                fail(f"{' '.join(command[:2])} failed:\n{done.stderr.strip()}")
            time.sleep(5)
    stop_services()


def stop_services() -> None:
    """Debian starts services on installation; ours run under our own supervisor, with our own settings."""
    if Path("/run/systemd/system").exists():
        for service in ("containerd", "docker-registry"):
            subprocess.run(["systemctl", "disable", "--now", service], capture_output=True)


def stamp(kind: str) -> str:
    """Of everything that decides what is in `.venv`."""
    text = (ROOT / "pyproject.toml").read_bytes() + (ROOT / "requirements.lock").read_bytes() + kind.encode()
    return hashlib.sha256(text + sys.version.encode() + str(ROOT).encode()).hexdigest()


def install_python(kind: str) -> None:
    """`.venv` with the locked dependencies and the project itself, editable."""
    marks = {name: VENV / f".{name}.stamp" for name in ("run", "test")}
    if any(mark.exists() and mark.read_text() == stamp(name) for name, mark in marks.items() if name in (kind, "test")):
        return
    say("installing Python packages into .venv")
    pip = VENV / "bin/pip"
    if not pip.exists():
        subprocess.run([sys.executable, "-m", "venv", str(VENV)], check=True)
    subprocess.run([pip, "install", "-q", "uv"], check=True)
    environment = {**os.environ, "UV_LINK_MODE": "copy"}
    lock = "requirements.lock" if kind == "run" else "requirements-test.lock"
    uv = [VENV / "bin/uv", "pip", "install", "-q", "--python", VENV / "bin/python"]
    subprocess.run([*uv, "-r", ROOT / lock], check=True, env=environment)
    subprocess.run([*uv, "--no-deps", "-e", ROOT], check=True, env=environment)
    marks[kind].write_text(stamp(kind))


def generate_schemas() -> None:
    tool = ROOT / "tools/gen_schemas.py"
    if SCHEMAS.exists() and SCHEMAS.stat().st_mtime >= tool.stat().st_mtime:
        return
    say("generating the API's schemas")
    subprocess.run([VENV / "bin/python", tool], check=True)


def main() -> None:
    kind = sys.argv[1] if len(sys.argv) == 2 else ""
    if kind not in ("run", "test"):
        fail("usage: setup.py run|test")
    if check_system(kind):
        install_packages(kind)
    install_python(kind)
    generate_schemas()


if __name__ == "__main__":
    main()
