"""Cgroups of pods and QoS tiers on disk, for version 1 hierarchies, the hybrid of both, and version 2.

Containers' own cgroups belong to the runtime; it leaves the pod's behind, so removal is ours.
"""

import errno
import os
import signal
from collections.abc import Iterator
from pathlib import Path

from armillary.engine.node.resources import MIN_SHARES, PodResources

TIERS = ("burstable", "besteffort")
_CONTROLLERS = ("cpu", "memory", "pids")


class Cgroups:
    """All pods' cgroups below `root` (`/armillary`) in the hierarchies mounted at `mount`."""

    def __init__(self, root: str, mount: Path = Path("/sys/fs/cgroup")) -> None:
        self.root = root
        self.mount = mount
        self.unified = (mount / "cgroup.controllers").exists()

    def directory(self, controller: str, cgroup: str) -> Path:
        """Where a controller keeps a cgroup."""
        return (self.mount if self.unified else self.mount / controller) / cgroup.lstrip("/")

    def prepare(self) -> None:
        """Make the root and the QoS tiers; again and again does no harm."""
        for cgroup in (self.root, *(f"{self.root}/{tier}" for tier in TIERS)):
            self._make(cgroup)
        self.set_tier_shares("besteffort", MIN_SHARES)

    def set_tier_shares(self, tier: str, shares: int) -> None:
        self._set_shares(f"{self.root}/{tier}", shares)

    def create_pod(self, cgroup: str, resources: PodResources) -> None:
        """Make a pod's cgroup, or bring it up to date. Before the pod's sandbox."""
        self._make(cgroup)
        self._set_shares(cgroup, resources.cpu_shares)
        self._set_quota(cgroup, resources.cpu_quota or -1, resources.cpu_period)
        self._set_memory(cgroup, resources.memory_limit_bytes or 0)
        self._write("pids", cgroup, "pids.max", str(resources.pids_limit or "max"))

    def pods(self) -> dict[str, str]:
        """Cgroups of pods that exist: uid -> cgroup."""
        found: dict[str, str] = {}
        for parent in (self.root, *(f"{self.root}/{tier}" for tier in TIERS)):
            for hierarchy in self._hierarchies():
                for entry in _subdirectories(hierarchy / parent.lstrip("/")):
                    if entry.name.startswith("pod"):
                        found[entry.name.removeprefix("pod")] = f"{parent}/{entry.name}"
        return found

    def kill(self, cgroup: str) -> bool:
        """Kill what still runs in a pod's cgroup; says whether anything did."""
        mine = (self.directory("pids", cgroup), *_below(self.directory("pids", cgroup)))
        processes = [int(pid) for one in mine for pid in _read(one / "cgroup.procs").split()]
        for pid in processes:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        return bool(processes)

    def remove(self, cgroup: str) -> bool:
        """Remove a cgroup and all below it from every hierarchy; False if one is still in use."""
        gone = True
        for hierarchy in self._hierarchies():
            top = hierarchy / cgroup.lstrip("/")
            for one in (*_below(top), top):
                gone = _rmdir(one) and gone
        return gone

    def _hierarchies(self) -> Iterator[Path]:
        if self.unified:
            yield self.mount
            return
        # A controller is a directory; links like `cpuacct -> cpu,cpuacct` would give the same one twice.
        yield from (entry for entry in _subdirectories(self.mount) if not entry.is_symlink())

    def _make(self, cgroup: str) -> None:
        for controller in ("",) if self.unified else _CONTROLLERS:
            self.directory(controller, cgroup).mkdir(parents=True, exist_ok=True)
        if self.unified:
            self._delegate(cgroup)

    def _delegate(self, cgroup: str) -> None:
        """In version 2 a controller works in a cgroup only if every one above hands it down."""
        path = self.mount
        wanted = " ".join(f"+{name}" for name in _CONTROLLERS)
        for part in Path(cgroup.lstrip("/")).parts:
            (path / "cgroup.subtree_control").write_text(wanted)
            path /= part

    def _set_shares(self, cgroup: str, shares: int) -> None:
        if self.unified:
            # The mapping that runtimes use: KEP-2254.
            self._write("cpu", cgroup, "cpu.weight", str(1 + (shares - 2) * 9999 // 262142))
        else:
            self._write("cpu", cgroup, "cpu.shares", str(shares))

    def _set_quota(self, cgroup: str, quota: int, period: int) -> None:
        if self.unified:
            self._write("cpu", cgroup, "cpu.max", f"{quota if quota > 0 else 'max'} {period}")
            return
        self._write("cpu", cgroup, "cpu.cfs_period_us", str(period))
        self._write("cpu", cgroup, "cpu.cfs_quota_us", str(quota))

    def _set_memory(self, cgroup: str, limit: int) -> None:
        if self.unified:
            self._write("memory", cgroup, "memory.max", str(limit or "max"))
        else:
            self._write("memory", cgroup, "memory.limit_in_bytes", str(limit or -1))

    def _write(self, controller: str, cgroup: str, name: str, value: str) -> None:
        (self.directory(controller, cgroup) / name).write_text(value)


def _subdirectories(path: Path) -> list[Path]:
    try:
        return [Path(entry.path) for entry in os.scandir(path) if entry.is_dir()]
    except FileNotFoundError:
        return []


def _below(path: Path) -> Iterator[Path]:
    """All cgroups below, deepest first."""
    for child in _subdirectories(path):
        yield from _below(child)
        yield child


def _rmdir(path: Path) -> bool:
    try:
        path.rmdir()
    except FileNotFoundError:
        return True
    except OSError as exc:
        if exc.errno in (errno.EBUSY, errno.ENOTEMPTY):
            return False
        raise
    return True


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except FileNotFoundError:
        return ""
