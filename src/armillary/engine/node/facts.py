"""What there is to know about this machine, read from the kernel's files."""

import os
import platform
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from armillary.base.clock import Clock

_CAP_SYS_RESOURCE = 24  # include/uapi/linux/capability.h
_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}


@dataclass(frozen=True, slots=True)
class Facts:
    """What stays as it is while the machine runs."""

    cpus: int
    memory_bytes: int
    disk_bytes: int
    architecture: str  # in Go's words, as Kubernetes has it
    kernel: str
    os_image: str
    machine_id: str
    system_uuid: str
    boot_id: str
    booted: datetime
    hugepages: tuple[str, ...]  # sizes: 2Mi, 1Gi
    may_protect_from_oom: bool
    processes: int


@dataclass(frozen=True, slots=True)
class Load:
    """What changes."""

    available_memory_bytes: int
    available_disk_bytes: int
    free_inodes_percent: float


def read_facts(data: Path, clock: Clock) -> Facts:
    """`data` is on the file system whose size counts."""
    disk = os.statvfs(data)
    uptime = float(_text("/proc/uptime").split()[0])
    return Facts(
        cpus=len(os.sched_getaffinity(0)),
        memory_bytes=_meminfo()["MemTotal"],
        disk_bytes=disk.f_blocks * disk.f_frsize,
        architecture=_ARCHITECTURES.get(platform.machine(), platform.machine()),
        kernel=platform.release(),
        os_image=_os_image(),
        machine_id=_text("/etc/machine-id"),
        system_uuid=_text("/sys/class/dmi/id/product_uuid") or _text("/etc/machine-id"),
        boot_id=_text("/proc/sys/kernel/random/boot_id"),
        booted=(clock.now() - timedelta(seconds=uptime)).astimezone(UTC),
        hugepages=_hugepages(),
        may_protect_from_oom=bool(_capabilities() >> _CAP_SYS_RESOURCE & 1),
        processes=int(_text("/proc/sys/kernel/pid_max") or 0),
    )


def read_load(data: Path) -> Load:
    disk = os.statvfs(data)
    return Load(
        available_memory_bytes=_meminfo()["MemAvailable"],
        available_disk_bytes=disk.f_bavail * disk.f_frsize,
        free_inodes_percent=100 * disk.f_favail / disk.f_files if disk.f_files else 100.0,
    )


def _meminfo() -> dict[str, int]:
    lines = (line.split() for line in _text("/proc/meminfo").splitlines())
    return {words[0].rstrip(":"): int(words[1]) * 1024 for words in lines if len(words) > 1}


def _os_image() -> str:
    lines = (line.partition("=") for line in _text("/etc/os-release").splitlines())
    return {key: value.strip('"') for key, _, value in lines}.get("PRETTY_NAME", "Linux")


def _hugepages() -> tuple[str, ...]:
    names = {2048: "2Mi", 1048576: "1Gi", 64: "64Ki", 32768: "32Mi"}
    found = Path("/sys/kernel/mm/hugepages").glob("hugepages-*kB")
    sizes = sorted(int(path.name.removeprefix("hugepages-").removesuffix("kB")) for path in found)
    return tuple(names[size] for size in sizes if size in names)


def _capabilities() -> int:
    lines = (line.split() for line in _text("/proc/self/status").splitlines())
    return next((int(words[1], 16) for words in lines if words[0] == "CapEff:"), 0)


def _text(path: str) -> str:
    try:
        return Path(path).read_text().strip()
    except OSError:
        return ""
