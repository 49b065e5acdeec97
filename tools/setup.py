"""Bring a fresh Debian 12 machine to where the project runs: system packages, `.venv`, schemas, the console.

Called by `make`, with the system's Python and nothing but the standard library. A second call finds everything
in place and does nothing. Usage: setup.py run|code|test

run:  what `armillary up` needs
code: what linting and unit tests need: no system package beyond Python's own, so it works elsewhere too
test: both, and what the tests of real clusters need
"""

import hashlib
import importlib.util
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
LOCKS = {"run": "requirements.lock", "code": "requirements-test.lock", "test": "requirements-test.lock"}
LOCK_TRIES = 60  # another program may hold dpkg's lock; five seconds apart

RUN_PACKAGES = [
    "buildah", "ca-certificates", "conntrack", "containerd", "containernetworking-plugins", "crun",
    "docker-registry", "iproute2", "libnftables1", "mmdebstrap", "nftables", "procps", "python3-venv", "runc",
    "skopeo", "busybox-static",
]  # fmt: skip
TEST_PACKAGES = ["wrk", "curl", "jq", "slapd", "ldap-utils", "chromium", "fonts-noto-cjk"]
# Elsewhere packages have other names, so we look for what is in them.
RUN_PROGRAMS = [
    "buildah", "conntrack", "containerd", "crun", "docker-registry", "ip", "mmdebstrap", "nft", "runc", "skopeo",
]  # fmt: skip
TEST_PROGRAMS = ["wrk", "curl", "jq", "slapd", "ldapmodify", "chromium"]
NODE = VENV / "node"  # after Python's packages: a new `.venv` is empty
NODE_PACKAGES = ["oidc-provider@9.13.3"]


def say(text: str) -> None:
    print(f"setup: {text}", flush=True)


def fail(text: str) -> None:
    sys.exit(f"setup: {text}")


def check_system(kind: str) -> list[str]:
    """Debian packages to install; ends the program when it can't go on, and says what a person can do."""
    if sys.version_info < (3, 11):
        fail(f"Python 3.11 or newer is needed, this is {platform.python_version()}; install python3.11")
    if sys.platform != "linux" and kind != "code":
        fail("the cluster needs Linux: containers are a part of its kernel; `make lint` and `make unit` work here")
    if kind == "test" and shutil.which("npm") is None:
        fail("npm is missing (parts of the tests come with it); install Node.js 20 and try again")
    system = release()
    debian = system.get("ID") == "debian" and system.get("VERSION_ID") == "12"
    missing = missing_packages(kind) if debian else missing_programs(kind)
    if not missing:
        return []
    names = " ".join(missing)
    if not debian:
        hint = "" if kind == "code" else "; `make lint` and `make unit` work without them"
        name = system.get("PRETTY_NAME", sys.platform)
        fail(f"this is {name}, not Debian 12; install with its package manager, and try again: {names}{hint}")
    if os.geteuid() != 0:
        fail(f"root is needed to install system packages; run: sudo apt-get install {names}")
    return missing


def release() -> dict[str, str]:
    try:
        return platform.freedesktop_os_release()
    except OSError:
        return {}


def missing_packages(kind: str) -> list[str]:
    wanted = {"code": ["python3-venv"], "run": RUN_PACKAGES, "test": RUN_PACKAGES + TEST_PACKAGES}[kind]
    if kind == "code" and has_venv():
        return []  # a Python that is not Debian's own brings it along
    found = subprocess.run(
        ["dpkg-query", "-W", "-f", "${Package} ${db:Status-Status}\n", *wanted], capture_output=True, text=True
    )
    installed = {line.split()[0] for line in found.stdout.splitlines() if line.endswith(" installed")}
    return [name for name in wanted if name not in installed]


def missing_programs(kind: str) -> list[str]:
    wanted = {"code": [], "run": RUN_PROGRAMS, "test": RUN_PROGRAMS + TEST_PROGRAMS}[kind]
    path = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
    missing = [name for name in wanted if shutil.which(name, path=path) is None]
    return missing if has_venv() else [*missing, "python3-venv"]


def has_venv() -> bool:
    return importlib.util.find_spec("ensurepip") is not None


def install_packages(missing: list[str]) -> None:
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
    stop_services(missing)


def stop_services(installed: list[str]) -> None:
    """Debian starts services on installation; ours run under our own supervisor. Those that were there stay."""
    if Path("/run/systemd/system").exists():
        for service in ("containerd", "docker-registry", "slapd"):
            if service in installed:
                subprocess.run(["systemctl", "disable", "--now", service], capture_output=True)


def stamp(lock: str) -> str:
    """Of everything that decides what is in `.venv`."""
    text = (ROOT / "pyproject.toml").read_bytes() + (ROOT / lock).read_bytes()
    return hashlib.sha256(text + sys.version.encode() + str(ROOT).encode()).hexdigest()


def install_python(kind: str) -> None:
    """`.venv` with the locked dependencies and the project itself, editable."""
    mark, lock = VENV / ".stamp", LOCKS[kind]
    enough = {lock, LOCKS["test"]}  # the tests' packages hold all others
    if mark.exists() and mark.read_text() in {stamp(name) for name in enough}:
        return
    say("installing Python packages into .venv")
    mark.unlink(missing_ok=True)
    library = VENV / f"lib/python{sys.version_info.major}.{sys.version_info.minor}"
    if not library.exists() or not (VENV / "bin/pip").exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", VENV], check=True)
    subprocess.run([VENV / "bin/python", "-m", "pip", "install", "-q", "uv"], check=True)
    environment = {**os.environ, "UV_LINK_MODE": "copy"}
    uv = [VENV / "bin/uv", "pip", "install", "-q", "--python", VENV / "bin/python"]
    subprocess.run([*uv, "-r", ROOT / lock], check=True, env=environment)
    subprocess.run([*uv, "--no-deps", "-e", ROOT], check=True, env=environment)
    mark.write_text(stamp(lock))


def install_node() -> None:
    """What the tests need of npm, at exact versions; no package's own scripts are run."""
    mark, wanted = NODE / ".stamp", "\n".join(NODE_PACKAGES)
    if mark.exists() and mark.read_text() == wanted:
        return
    say(f"installing {', '.join(NODE_PACKAGES)} into .venv/node")
    NODE.mkdir(parents=True, exist_ok=True)
    options = ["--prefix", NODE, "--ignore-scripts", "--no-audit", "--no-fund", "--no-save", "--loglevel=error"]
    subprocess.run(["npm", "install", *options, *NODE_PACKAGES], check=True)
    mark.write_text(wanted)


def generate_schemas() -> None:
    tool = ROOT / "tools/gen_schemas.py"
    if SCHEMAS.exists() and SCHEMAS.stat().st_mtime >= tool.stat().st_mtime:
        return
    say("generating the API's schemas")
    subprocess.run([VENV / "bin/python", tool], check=True)


def main() -> None:
    kind = sys.argv[1] if len(sys.argv) == 2 else ""
    if kind not in LOCKS:
        fail(f"usage: setup.py {'|'.join(LOCKS)}")
    missing = check_system(kind)
    if missing:
        install_packages(missing)
    try:
        install_python(kind)
        generate_schemas()
        if kind != "code":
            subprocess.run([VENV / "bin/python", ROOT / "tools/build_console.py"], check=True)
        if kind == "test":
            install_node()
    except subprocess.CalledProcessError as exc:
        fail(f"this failed: {' '.join(map(str, exc.cmd))}")  # it has said why


if __name__ == "__main__":
    main()
