"""Starts the parts, keeps them running, tells how they are, and stops them.

One process; the kernel ends its parts with it (PR_SET_PDEATHSIG), so that a killed supervisor leaves no half
a cluster behind. Containers go on: containerd's shims hold them, and the next `up` finds them again.
"""

import asyncio
import contextlib
import ctypes
import fcntl
import logging
import os
import signal
import socket
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import orjson

from armillary.allinone.layout import Layout
from armillary.allinone.lifecycle import PartStatus, State, became_ready, exited, started, stopped
from armillary.allinone.notify import parse_notification
from armillary.base.clock import Clock
from armillary.base.errors import SetupError

log = logging.getLogger(__name__)

STOP_SECONDS = 10.0  # grace before SIGKILL
LOG_BYTES = 16 << 20  # a part's log is begun anew (one old one kept) when it is larger at a start
PR_SET_PDEATHSIG = 1
POLL_SECONDS = 0.02  # between looks at a part that can't tell it is ready


@dataclass(frozen=True, slots=True)
class Part:
    """A process to be kept running. Without `probe` it tells by sd_notify that it is ready."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    probe: tuple[str, int] | None = None  # ready when this TCP address accepts connections
    stop_order: int = 0  # parts of a lower number are stopped first


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


class Supervisor:
    """Runs parts until told to stop. `changed` is called with every change of a part's status."""

    def __init__(
        self, layout: Layout, parts: Sequence[Part], clock: Clock, changed: Callable[[PartStatus], None]
    ) -> None:
        self._layout, self._clock, self._changed = layout, clock, changed
        self._parts = {part.name: part for part in parts}
        self._status = {part.name: PartStatus(part.name) for part in parts}
        self._processes: dict[str, asyncio.subprocess.Process] = {}
        self._starting = 0  # parts whose pid is not known yet
        self._early: set[int] = set()  # pids that said they are ready meanwhile
        self._stopping = asyncio.Event()
        self._all_ready = asyncio.Event()

    @property
    def statuses(self) -> tuple[PartStatus, ...]:
        return tuple(self._status.values())

    def stop(self) -> None:
        """Ask `run` to stop all parts and return."""
        self._stopping.set()

    async def wait_ready(self) -> None:
        """Until every part is ready."""
        await self._all_ready.wait()

    async def run(self) -> None:
        """Keep all parts running until `stop`. Raises SetupError when this data directory has a supervisor."""
        with _lock(self._layout.supervisor_lock), self._listen() as notifications:
            loop = asyncio.get_running_loop()
            loop.add_reader(notifications.fileno(), self._on_notification, notifications)
            try:
                async with asyncio.TaskGroup() as group:
                    keepers = [
                        group.create_task(self._keep(part), name=f"part {part.name}") for part in self._parts.values()
                    ]
                    await self._stopping.wait()
                    await self._stop_all()
                    for keeper in keepers:
                        keeper.cancel()
            finally:
                loop.remove_reader(notifications.fileno())
                self._layout.notify_socket.unlink(missing_ok=True)
                self._layout.status.unlink(missing_ok=True)

    @contextlib.contextmanager
    def _listen(self):  # type: ignore[no-untyped-def]  # a context of one socket
        path = self._layout.notify_socket
        path.unlink(missing_ok=True)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
            sock.bind(str(path))
            sock.setblocking(False)
            # The kernel then says who sent each datagram.
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
            yield sock

    def _on_notification(self, sock: socket.socket) -> None:
        with contextlib.suppress(BlockingIOError):
            while True:
                data, ancillary, _, _ = sock.recvmsg(4096, socket.CMSG_SPACE(12))
                pid = int.from_bytes(ancillary[0][2][:4], sys.byteorder) if ancillary else 0
                name = next((n for n, s in self._status.items() if s.pid == pid and pid), None)
                if parse_notification(data).get("READY") != "1":
                    continue
                if name is not None:
                    self._set(became_ready(self._status[name], self._clock.monotonic()))
                elif self._starting:
                    self._early.add(pid)

    def _set(self, status: PartStatus) -> None:
        if self._status[status.name] == status:
            return
        self._status[status.name] = status
        if all(s.state is State.READY for s in self._status.values()):
            self._all_ready.set()
        self._write_status()
        self._changed(status)

    def _write_status(self) -> None:
        now, wall = self._clock.monotonic(), self._clock.now().timestamp()
        parts = [
            asdict(s) | {"state": s.state.value, "started_at": wall - (now - s.started_at) if s.pid else 0.0}
            for s in self._status.values()
        ]
        body = orjson.dumps({"pid": os.getpid(), "parts": parts})
        draft = self._layout.status.with_suffix(".new")
        draft.write_bytes(body)
        draft.replace(self._layout.status)

    async def _keep(self, part: Part) -> None:
        while True:
            process = await self._start(part)
            probe = part.probe
            if probe is not None:
                code = await self._probe_then_wait(part, probe, process)
            else:
                code = await process.wait()
            if self._stopping.is_set():
                return
            status, seconds = exited(self._status[part.name], code, self._clock.monotonic())
            self._set(status)
            log.warning("part ended", extra={"part": part.name, "how": status.last_exit, "restart_in": seconds})
            await self._clock.sleep(seconds)

    async def _start(self, part: Part) -> asyncio.subprocess.Process:
        path = self._layout.logs / f"{part.name}.log"
        if path.exists() and path.stat().st_size > LOG_BYTES:
            path.replace(path.with_suffix(".log.1"))
        environment = {**os.environ, **part.environment, "NOTIFY_SOCKET": str(self._layout.notify_socket)}
        self._starting += 1
        with path.open("ab") as output:
            process = await asyncio.create_subprocess_exec(
                *part.command,
                env=environment,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                preexec_fn=_die_with_parent,
            )
        self._processes[part.name] = process
        self._set(started(self._status[part.name], process.pid, self._clock.monotonic()))
        if process.pid in self._early:
            self._set(became_ready(self._status[part.name], self._clock.monotonic()))
        self._starting -= 1
        if not self._starting:
            self._early.clear()
        return process

    async def _probe_then_wait(self, part: Part, probe: tuple[str, int], process: asyncio.subprocess.Process) -> int:
        async def watch() -> None:
            while not await _accepts(probe):
                await self._clock.sleep(POLL_SECONDS)
            self._set(became_ready(self._status[part.name], self._clock.monotonic()))

        async with asyncio.TaskGroup() as group:
            task = group.create_task(watch(), name=f"probe {part.name}")
            code = await process.wait()
            task.cancel()
        return code

    async def _stop_all(self) -> None:
        for order in sorted({part.stop_order for part in self._parts.values()}):
            names = [part.name for part in self._parts.values() if part.stop_order == order]
            await asyncio.gather(*(self._stop(name) for name in names))

    async def _stop(self, name: str) -> None:
        process = self._processes.get(name)
        if process is not None and process.returncode is None:
            process.terminate()
            try:
                async with asyncio.timeout(STOP_SECONDS):
                    await process.wait()
            except TimeoutError:
                process.kill()
                await process.wait()
        self._set(stopped(self._status[name]))


async def _accepts(address: tuple[str, int]) -> bool:
    try:
        _, writer = await asyncio.open_connection(*address)
    except OSError:
        return False
    writer.close()
    return True


@contextlib.contextmanager
def _lock(path: Path):  # type: ignore[no-untyped-def]  # a context without a value
    """Hold the data directory; the file names the holder's pid."""
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as exc:
            raise SetupError(f"a supervisor runs already on {path.parent.parent}; see `armillary status`") from exc
        file.seek(0)
        file.truncate()
        file.write(f"{os.getpid()}\n")
        file.flush()
        try:
            yield
        finally:
            file.truncate(0)


def supervisor_pid(layout: Layout) -> int:
    """The running supervisor's pid, 0 if there is none: the lock tells, so a stale file can't mislead."""
    try:
        with layout.supervisor_lock.open("r") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return int(file.read().strip() or 0)
    except FileNotFoundError:
        return 0
    return 0
