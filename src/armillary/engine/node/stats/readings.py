"""Counters read from cgroup and /proc files. Few calls and no parsing beyond need: this runs for every container.

Memory's working set is what would not be given back under pressure: usage without inactive file pages, as
cAdvisor has it.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

_UNLIMITED = 1 << 62  # the kernel rounds, so "no limit" is no exact number
_TICK_NANOSECONDS = 10**9 // os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Usage:
    """Of one cgroup, all below it included."""

    cpu_nanoseconds: int = 0
    memory_bytes: int = 0
    working_set_bytes: int = 0
    rss_bytes: int = 0
    cache_bytes: int = 0
    mapped_bytes: int = 0
    swap_bytes: int = 0
    page_faults: int = 0
    major_page_faults: int = 0
    memory_limit_bytes: int | None = None
    processes: int = 0


@dataclass(frozen=True, slots=True)
class CpuDetail:
    """What only /metrics/cadvisor shows."""

    user_nanoseconds: int = 0
    system_nanoseconds: int = 0
    periods: int = 0
    throttled_periods: int = 0
    throttled_nanoseconds: int = 0
    shares: int = 0
    quota_microseconds: int = 0  # 0: no limit
    period_microseconds: int = 0


@dataclass(frozen=True, slots=True)
class Interface:
    """A line of net/dev."""

    name: str
    received: tuple[int, int, int, int]  # bytes, packets, errors, dropped
    sent: tuple[int, int, int, int]


class CgroupFiles(Protocol):
    """Reads cgroups of one version; None for a cgroup that is gone."""

    def cpu(self, cgroup: str) -> int | None: ...

    def usage(self, cgroup: str) -> Usage | None: ...

    def detail(self, cgroup: str) -> CpuDetail | None: ...


def cgroup_files(mount: Path = Path("/sys/fs/cgroup")) -> CgroupFiles:
    """For the version that this machine has."""
    return SecondVersion(str(mount)) if (mount / "cgroup.controllers").exists() else FirstVersion(str(mount))


class FirstVersion:
    """One hierarchy for each controller."""

    def __init__(self, mount: str) -> None:
        self._mount = mount

    def cpu(self, cgroup: str) -> int | None:
        try:
            return int(_read(f"{self._mount}/cpuacct{cgroup}/cpuacct.usage"))
        except OSError:
            return None

    def usage(self, cgroup: str) -> Usage | None:
        mount = self._mount
        try:
            cpu = int(_read(f"{mount}/cpuacct{cgroup}/cpuacct.usage"))
            memory = int(_read(f"{mount}/memory{cgroup}/memory.usage_in_bytes"))
            stat = _pairs(_read(f"{mount}/memory{cgroup}/memory.stat"))
            processes = int(_read(f"{mount}/pids{cgroup}/pids.current"))
        except OSError:
            return None
        limit = int(stat.get(b"hierarchical_memory_limit", _UNLIMITED))
        return Usage(
            cpu_nanoseconds=cpu,
            memory_bytes=memory,
            working_set_bytes=max(0, memory - int(stat[b"total_inactive_file"])),
            rss_bytes=int(stat[b"total_rss"]),
            cache_bytes=int(stat[b"total_cache"]),
            mapped_bytes=int(stat[b"total_mapped_file"]),
            swap_bytes=int(stat.get(b"total_swap", 0)),
            page_faults=int(stat[b"total_pgfault"]),
            major_page_faults=int(stat[b"total_pgmajfault"]),
            memory_limit_bytes=limit if limit < _UNLIMITED else None,
            processes=processes,
        )

    def detail(self, cgroup: str) -> CpuDetail | None:
        mount = self._mount
        try:
            ticks = _pairs(_read(f"{mount}/cpuacct{cgroup}/cpuacct.stat"))
            stat = _pairs(_read(f"{mount}/cpu{cgroup}/cpu.stat"))
            shares = int(_read(f"{mount}/cpu{cgroup}/cpu.shares"))
            quota = int(_read(f"{mount}/cpu{cgroup}/cpu.cfs_quota_us"))
            period = int(_read(f"{mount}/cpu{cgroup}/cpu.cfs_period_us"))
        except OSError:
            return None
        return CpuDetail(
            user_nanoseconds=int(ticks[b"user"]) * _TICK_NANOSECONDS,
            system_nanoseconds=int(ticks[b"system"]) * _TICK_NANOSECONDS,
            periods=int(stat[b"nr_periods"]),
            throttled_periods=int(stat[b"nr_throttled"]),
            throttled_nanoseconds=int(stat[b"throttled_time"]),
            shares=shares,
            quota_microseconds=max(0, quota),
            period_microseconds=period,
        )


class SecondVersion:
    """One hierarchy for all controllers."""

    def __init__(self, mount: str) -> None:
        self._mount = mount

    def cpu(self, cgroup: str) -> int | None:
        try:
            return int(_pairs(_read(f"{self._mount}{cgroup}/cpu.stat"))[b"usage_usec"]) * 1000
        except OSError:
            return None

    def usage(self, cgroup: str) -> Usage | None:
        here = f"{self._mount}{cgroup}"
        try:
            cpu = _pairs(_read(f"{here}/cpu.stat"))
            memory = int(_read(f"{here}/memory.current"))
            stat = _pairs(_read(f"{here}/memory.stat"))
            limit = _read(f"{here}/memory.max").strip()
            processes = int(_read(f"{here}/pids.current"))
        except OSError:
            return None
        return Usage(
            cpu_nanoseconds=int(cpu[b"usage_usec"]) * 1000,
            memory_bytes=memory,
            working_set_bytes=max(0, memory - int(stat[b"inactive_file"])),
            rss_bytes=int(stat[b"anon"]),
            cache_bytes=int(stat[b"file"]),
            mapped_bytes=int(stat[b"file_mapped"]),
            swap_bytes=_swap(here),
            page_faults=int(stat[b"pgfault"]),
            major_page_faults=int(stat[b"pgmajfault"]),
            memory_limit_bytes=None if limit == b"max" else int(limit),
            processes=processes,
        )

    def detail(self, cgroup: str) -> CpuDetail | None:
        here = f"{self._mount}{cgroup}"
        try:
            stat = _pairs(_read(f"{here}/cpu.stat"))
            weight = int(_read(f"{here}/cpu.weight"))
            quota, period = _read(f"{here}/cpu.max").split()
        except OSError:
            return None
        return CpuDetail(
            user_nanoseconds=int(stat[b"user_usec"]) * 1000,
            system_nanoseconds=int(stat[b"system_usec"]) * 1000,
            periods=int(stat.get(b"nr_periods", 0)),
            throttled_periods=int(stat.get(b"nr_throttled", 0)),
            throttled_nanoseconds=int(stat.get(b"throttled_usec", 0)) * 1000,
            shares=2 + (weight - 1) * 262142 // 9999,
            quota_microseconds=0 if quota == b"max" else int(quota),
            period_microseconds=int(period),
        )


def read_interfaces(pid: int) -> tuple[Interface, ...]:
    """Of the network that a process is in, loopback left out; none if it is gone."""
    try:
        lines = _read(f"/proc/{pid}/net/dev").decode().splitlines()[2:]
    except OSError:
        return ()
    found = []
    for line in lines:
        name, _, rest = line.partition(":")
        numbers = [int(number) for number in rest.split()]
        if name.strip() != "lo":
            received = (numbers[0], numbers[1], numbers[2], numbers[3])
            found.append(Interface(name.strip(), received, (numbers[8], numbers[9], numbers[10], numbers[11])))
    return tuple(found)


def read_machine_usage(proc: Path = Path("/proc")) -> Usage:
    """Of the whole machine."""
    # user nice system idle iowait irq softirq steal; a guest's time is in user already.
    ticks = [int(number) for number in _read(f"{proc}/stat").split(b"\n", 1)[0].split()[1:9]]
    memory = _pairs(_read(f"{proc}/meminfo").replace(b":", b"").replace(b" kB", b""))
    kib = {name: int(memory.get(name, 0)) << 10 for name in (b"MemTotal", b"MemFree", b"Inactive(file)")}
    used = kib[b"MemTotal"] - kib[b"MemFree"]
    vm = _pairs(_read(f"{proc}/vmstat"))
    return Usage(
        cpu_nanoseconds=(sum(ticks) - ticks[3] - ticks[4]) * _TICK_NANOSECONDS,
        memory_bytes=used,
        working_set_bytes=max(0, used - kib[b"Inactive(file)"]),
        rss_bytes=int(memory.get(b"AnonPages", 0)) << 10,
        swap_bytes=int(memory.get(b"SwapTotal", 0)) - int(memory.get(b"SwapFree", 0)) << 10,
        page_faults=int(vm[b"pgfault"]),
        major_page_faults=int(vm[b"pgmajfault"]),
        memory_limit_bytes=kib[b"MemTotal"],
        processes=int(_read(f"{proc}/loadavg").split()[3].partition(b"/")[2]),
    )


def read_max_processes(proc: Path = Path("/proc")) -> int:
    return int(_read(f"{proc}/sys/kernel/pid_max"))


def _swap(directory: str) -> int:
    try:
        return int(_read(f"{directory}/memory.swap.current"))
    except OSError:  # a kernel without swap accounting
        return 0


def _pairs(data: bytes) -> dict[bytes, bytes]:
    """`name value` lines."""
    words = iter(data.split())
    return dict(zip(words, words, strict=False))


def _read(path: str) -> bytes:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        data = os.read(descriptor, 8192)
        while len(data) % 8192 == 0 and (more := os.read(descriptor, 8192)):
            data += more
        return data
    finally:
        os.close(descriptor)
