"""Questions about, and orders to, a cluster that may be running: what `status`, `down` and `up` ask first."""

import contextlib
import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from armillary.allinone.layout import Layout
from armillary.allinone.supervisor import supervisor_pid
from armillary.base.errors import SetupError

STOP_SECONDS = 45.0  # the supervisor gives each group of parts its grace


@dataclass(frozen=True, slots=True)
class PartReport:
    """A part as the supervisor last told."""

    name: str
    state: str
    pid: int
    started_at: float  # seconds since 1970; 0 when it does not run
    ready_seconds: float
    restarts: int
    last_exit: str
    memory_bytes: int  # proportional set size; 0 when it was not asked for


@dataclass(frozen=True, slots=True)
class Report:
    """A cluster's parts; `pid` is the supervisor's, 0 when none runs."""

    pid: int
    parts: tuple[PartReport, ...]

    @property
    def ready(self) -> bool:
        return bool(self.parts) and all(part.state == "ready" for part in self.parts)


def report(layout: Layout, *, with_memory: bool = False) -> Report:
    """How the cluster is right now. Measuring memory costs milliseconds, so it is for those who show it."""
    pid = supervisor_pid(layout)
    try:
        told: dict[str, Any] = orjson.loads(layout.status.read_bytes()) if pid else {}
    except (FileNotFoundError, orjson.JSONDecodeError):
        told = {}
    parts = tuple(
        PartReport(
            name=part["name"],
            state=part["state"],
            pid=part["pid"],
            started_at=part["started_at"],
            ready_seconds=part["ready_seconds"],
            restarts=part["restarts"],
            last_exit=part["last_exit"],
            memory_bytes=memory_of(part["pid"]) if with_memory and part["pid"] else 0,
        )
        for part in told.get("parts", ())
    )
    return Report(pid, parts)


def memory_of(pid: int) -> int:
    """Proportional set size in bytes: shared pages are counted once over all who share them. 0 if it has ended."""
    with contextlib.suppress(OSError), Path(f"/proc/{pid}/smaps_rollup").open() as rollup:
        for line in rollup:
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return 0


def stop(layout: Layout) -> bool:
    """End the supervisor and its parts; False if none ran. Raises SetupError if it does not end."""
    pid = supervisor_pid(layout)
    if not pid:
        return False
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    while supervisor_pid(layout):
        if time.monotonic() > deadline:
            raise SetupError(f"the supervisor (pid {pid}) did not end within {STOP_SECONDS:.0f} s; see {layout.logs}")
        time.sleep(0.02)
    return True
