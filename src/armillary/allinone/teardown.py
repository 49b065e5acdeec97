"""Taking away what a cluster left on the machine: containers, mounts, network, cgroups, files.

What belongs to the cluster is known by names only it uses: paths below its data directory, its cgroup, its
bridge, its nftables tables. Nothing else is touched.
"""

import base64
import contextlib
import ctypes
import logging
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import orjson

from armillary.allinone.layout import Layout
from armillary.allinone.settings import Settings

log = logging.getLogger(__name__)

NFT_TABLE = "armillary"  # Services
POLICY_TABLE = "armillary-policies"
CGROUPS = Path("/sys/fs/cgroup")
CNI_NETWORK = "armillary"  # the name in the pods' network configuration
CNI_RESULTS = Path("/var/lib/cni/results")  # libcni's memory of what plugins did
RUNTIME_STATE = Path("/run/containerd/runc/k8s.io")  # the OCI runtimes' own, wherever containerd's state is
SHIM_TASKS = "io.containerd.runtime.v2.task/k8s.io"
MNT_DETACH = 2
GONE_SECONDS = 3.0  # killed processes vanish within a moment; the rest of the teardown must still fit its 5 s


@dataclass(frozen=True, slots=True)
class Mount:
    """A line of /proc/self/mountinfo (proc(5)), as far as it matters here."""

    path: str
    kind: str
    root: str


def parse_mounts(text: str) -> tuple[Mount, ...]:
    """The mounts in the order in which they were made."""
    found = []
    for line in text.splitlines():
        before, after = line.split(" - ", 1)
        fields = before.split()
        path = fields[4].encode().decode("unicode_escape")  # mountinfo writes a space as \040
        found.append(Mount(path, after.split()[0], fields[3]))
    return tuple(found)


def mounts_below(mounts: Iterable[Mount], root: Path) -> tuple[str, ...]:
    """Mount points at or under `root`, the last made first: the order in which they can be undone."""
    prefix = f"{root}/"
    return tuple(m.path for m in reversed(tuple(mounts)) if m.path == str(root) or m.path.startswith(prefix))


def stop_containers(settings: Settings, layout: Layout) -> None:
    """Kill every process of the cluster's pods, and the shims that hold them."""
    pids = set(_pids_in_cgroups(settings.cgroup)) | set(_shims(layout))
    _remove_shim_sockets(layout)
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    deadline = time.monotonic() + GONE_SECONDS
    while any(_is_alive(pid) for pid in pids) and time.monotonic() < deadline:
        time.sleep(0.01)


def purge(settings: Settings, layout: Layout) -> None:
    """Leave the machine as it was before the first `up`. The supervisor must have ended."""
    stop_containers(settings, layout)
    _remove_network_namespaces(layout)
    _remove_runtime_state(layout)
    _remove_network(settings)
    unmount_below(layout.root)
    remove_cgroups(settings.cgroup)
    _restore_sysctls(layout)
    shutil.rmtree(layout.root)


def unmount_below(root: Path) -> None:
    """Detach every mount under `root`: removing files below a mount would reach into it."""
    libc = ctypes.CDLL(None, use_errno=True)
    for path in mounts_below(parse_mounts(Path("/proc/self/mountinfo").read_text()), root):
        if libc.umount2(path.encode(), MNT_DETACH) != 0:
            log.warning("not unmounted", extra={"path": path, "error": os.strerror(ctypes.get_errno())})


def _in_every_hierarchy(cgroup: str) -> Iterator[Path]:
    """Its directories: one with cgroup v2, one for each controller with v1."""
    yield from (path / cgroup for path in (CGROUPS, *CGROUPS.glob("*")) if (path / cgroup).is_dir())


def _pids_in_cgroups(cgroup: str) -> Iterator[int]:
    for directory in _in_every_hierarchy(cgroup):
        for procs in directory.rglob("cgroup.procs"):
            with contextlib.suppress(OSError):  # a cgroup may vanish while we look
                yield from map(int, procs.read_text().split())


def remove_cgroups(cgroup: str) -> None:
    """Remove the pods' cgroups, the deepest first."""
    for root in _in_every_hierarchy(cgroup):
        for directory, _, _ in os.walk(root, topdown=False):
            with contextlib.suppress(OSError):  # busy for a moment longer, or gone with its last process
                Path(directory).rmdir()


def _shims(layout: Layout) -> Iterator[int]:
    """containerd's shims: they outlive it, and name its socket in their command line."""
    mark = str(layout.runtime_socket)
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        with contextlib.suppress(OSError):
            words = (entry / "cmdline").read_bytes().decode(errors="replace").split("\0")
            if "containerd-shim" in words[0] and mark in words:
                yield int(entry.name)


def _is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def network_namespaces(result: bytes, root: Path) -> tuple[str, ...] | None:
    """The namespaces that one of libcni's results tells of; None if it is not of the cluster in `root`."""
    try:
        told = orjson.loads(result)
        config = base64.b64decode(told["config"]).decode()
        interfaces = told["result"].get("interfaces") or ()
    except (ValueError, KeyError, TypeError, AttributeError):
        return None  # not libcni's, or of a version we don't know: leave it alone
    if f"{root}/" not in config:
        return None
    return tuple(sorted({interface["sandbox"] for interface in interfaces if interface.get("sandbox")}))


def _remove_network_namespaces(layout: Layout) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    for file in sorted(CNI_RESULTS.glob(f"{CNI_NETWORK}-*")):
        try:
            found = network_namespaces(file.read_bytes(), layout.root)
        except FileNotFoundError:  # another cluster's, that has just removed it
            continue
        if found is None:
            continue
        for path in found:
            # Where containerd has a mount namespace of its own, the file is all that others see of it.
            libc.umount2(path.encode(), MNT_DETACH)
            Path(path).unlink(missing_ok=True)
        # The same sandbox's loopback has a file of its own.
        container = file.name.removeprefix(f"{CNI_NETWORK}-").removesuffix("-eth0")
        for other in CNI_RESULTS.glob(f"*{container}*"):
            other.unlink(missing_ok=True)


def _tasks(layout: Layout) -> Iterator[Path]:
    """Directories of what containerd's shims run, each named for its container or sandbox."""
    yield from (layout.run / "containerd" / SHIM_TASKS).glob("*")


def _remove_shim_sockets(layout: Layout) -> None:
    """They lie outside of containerd's own directories, and a shim that is killed leaves its behind."""
    for task in _tasks(layout):
        with contextlib.suppress(OSError):
            Path((task / "address").read_text().strip().removeprefix("unix://")).unlink(missing_ok=True)


def _remove_runtime_state(layout: Layout) -> None:
    for task in _tasks(layout):
        shutil.rmtree(RUNTIME_STATE / task.name, ignore_errors=True)


def remove_rules() -> None:
    """Of Services and network policies, when there are no pods any more."""
    _run_each(["nft", "delete", "table", "inet", table] for table in (NFT_TABLE, POLICY_TABLE))


def _remove_network(settings: Settings) -> None:
    remove_rules()
    _run_each(
        (
            ["ip", "link", "delete", settings.bridge],
            ["conntrack", "-D", "--dst", settings.service_cidr],
        )
    )


def _run_each(commands: Iterable[list[str]]) -> None:
    for command in commands:
        # Each may be gone already; what is not there needs no removing.
        subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)


def _restore_sysctls(layout: Layout) -> None:
    if not layout.sysctls.exists():
        return
    for name, value in orjson.loads(layout.sysctls.read_bytes()).items():
        with contextlib.suppress(OSError):  # it went away with the bridge
            (Path("/proc/sys") / name).write_text(value)
