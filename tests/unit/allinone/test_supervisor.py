"""The supervisor with real, tiny processes: it starts them, notices what becomes of them, and ends them."""

import asyncio
import contextlib
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path

import pytest

from armillary.allinone import supervisor as module
from armillary.allinone.instance import report
from armillary.allinone.layout import Layout
from armillary.allinone.lifecycle import PartStatus
from armillary.allinone.supervisor import Part, Supervisor, supervisor_pid
from armillary.base.clock import SystemClock
from armillary.base.errors import SetupError

TELL = """
import os, signal, socket, sys, time
def ready():
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.sendto(b"READY=1", os.environ["NOTIFY_SOCKET"])
"""
STEADY = "ready(); time.sleep(1000)"
SEEN_SECONDS = 20.0


class ImpatientClock(SystemClock):
    """Remembers how long it was asked to wait, and hardly waits."""

    def __init__(self) -> None:
        self.waits: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        await asyncio.sleep(min(seconds, 0.01))


class Bench:
    """A supervisor that runs in a task of its own."""

    def __init__(self, layout: Layout, parts: Sequence[Part]) -> None:
        self.layout, self.clock = layout, ImpatientClock()
        self.changes: list[tuple[str, str]] = []
        self.supervisor = Supervisor(layout, parts, self.clock, self._note)

    def _note(self, status: PartStatus) -> None:
        self.changes.append((status.name, status.state.value))

    def part(self, name: str = "one") -> PartStatus:
        return next(status for status in self.supervisor.statuses if status.name == name)

    async def until(self, look: Callable[[], object]) -> None:
        async with asyncio.timeout(SEEN_SECONDS):
            while not look():
                await asyncio.sleep(0.005)


def script(text: str, *arguments: str) -> list[str]:
    return [sys.executable, "-S", "-c", TELL + text, *arguments]


@contextlib.asynccontextmanager
async def supervised(tmp_path: Path, *parts: Part) -> AsyncIterator[Bench]:
    layout = Layout(tmp_path)
    layout.make()
    bench = Bench(layout, parts)
    async with asyncio.TaskGroup() as group:
        group.create_task(bench.supervisor.run())
        try:
            yield bench
        finally:
            bench.supervisor.stop()


async def test_it_is_ready_when_all_parts_said_so(tmp_path: Path) -> None:
    parts = [Part(name, script(STEADY)) for name in ("one", "two")]
    async with supervised(tmp_path, *parts) as bench:
        await asyncio.wait_for(bench.supervisor.wait_ready(), SEEN_SECONDS)
        found = report(bench.layout, with_memory=True)
        assert (found.pid, found.ready) == (os.getpid(), True)
        assert [(part.name, part.state, part.restarts) for part in found.parts] == [
            ("one", "ready", 0),
            ("two", "ready", 0),
        ]
        assert all(part.pid and part.memory_bytes and part.started_at for part in found.parts)
    assert (report(bench.layout).pid, report(bench.layout).parts) == (0, ())
    assert not bench.layout.notify_socket.exists()


async def test_a_part_that_crashes_is_started_after_longer_and_longer_waits(tmp_path: Path) -> None:
    count = tmp_path / "count"
    crash = f"""
with open({str(count)!r}, "a") as file: file.write("x")
if os.path.getsize({str(count)!r}) < 4: sys.exit(3)
"""
    async with supervised(tmp_path, Part("one", script(crash + STEADY))) as bench:
        await asyncio.wait_for(bench.supervisor.wait_ready(), SEEN_SECONDS)
        assert bench.clock.waits == [0.5, 1.0, 2.0]
        assert (bench.part().restarts, bench.part().last_exit) == (3, "exit code 3")
    assert [state for _, state in bench.changes] == [*["starting", "backing off"] * 3, "starting", "ready", "stopped"]


async def test_a_killed_part_comes_back_as_another_process(tmp_path: Path) -> None:
    async with supervised(tmp_path, Part("one", script(STEADY))) as bench:
        await asyncio.wait_for(bench.supervisor.wait_ready(), SEEN_SECONDS)
        first = bench.part().pid
        os.kill(first, signal.SIGKILL)
        await bench.until(lambda: bench.part().restarts == 1 and report(bench.layout).ready)
        assert bench.part().pid not in (0, first)
        assert bench.part().last_exit == "signal 9"


async def test_a_part_that_cannot_tell_is_ready_when_it_listens(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    serve = "sock = socket.create_server(('127.0.0.1', int(sys.argv[1]))); time.sleep(1000)"
    async with supervised(tmp_path, Part("one", script(serve, str(port)), probe=("127.0.0.1", port))) as bench:
        await asyncio.wait_for(bench.supervisor.wait_ready(), SEEN_SECONDS)


async def test_a_strangers_word_counts_for_nothing(tmp_path: Path) -> None:
    quiet = "print('running', flush=True); time.sleep(1000)"
    async with supervised(tmp_path, Part("one", script(quiet))) as bench:
        log = bench.layout.logs / "one.log"
        await bench.until(lambda: log.exists() and log.read_text() == "running\n")
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
            sock.sendto(b"READY=1", str(bench.layout.notify_socket))
        os.kill(bench.part().pid, signal.SIGKILL)  # what follows shows that the word was read
        await bench.until(lambda: bench.part().restarts)
        assert ("one", "ready") not in bench.changes


async def test_the_last_in_order_is_stopped_last_and_who_does_not_listen_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "STOP_SECONDS", 0.2)
    end = "signal.signal(signal.SIGTERM, lambda *_: (print('ended', flush=True), sys.exit(0)));"
    deaf = "signal.signal(signal.SIGTERM, signal.SIG_IGN);"
    parts = [Part("server", script(end + STEADY), stop_order=1), Part("deaf", script(deaf + STEADY))]
    async with supervised(tmp_path, *parts) as bench:
        await asyncio.wait_for(bench.supervisor.wait_ready(), SEEN_SECONDS)
        pids = [bench.part(name).pid for name in ("server", "deaf")]
    assert bench.changes[-2:] == [("deaf", "stopped"), ("server", "stopped")]
    assert (bench.layout.logs / "server.log").read_text() == "ended\n"
    assert not any(Path(f"/proc/{pid}").exists() for pid in pids)


async def test_one_supervisor_for_a_data_directory(tmp_path: Path) -> None:
    async with supervised(tmp_path, Part("one", script(STEADY))) as bench:
        await asyncio.wait_for(bench.supervisor.wait_ready(), SEEN_SECONDS)
        other = Supervisor(bench.layout, [], SystemClock(), lambda _: None)
        with pytest.raises(SetupError, match="a supervisor runs already"):
            await other.run()
        assert supervisor_pid(bench.layout) == os.getpid()
        assert report(bench.layout).ready, "the refused one took nothing away"


async def test_a_large_log_is_begun_anew_at_a_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LOG_BYTES", 3)
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs/one.log").write_text("long ago")
    async with supervised(tmp_path, Part("one", script(STEADY))) as bench:
        await asyncio.wait_for(bench.supervisor.wait_ready(), SEEN_SECONDS)
    assert (tmp_path / "logs/one.log.1").read_text() == "long ago"
    assert (tmp_path / "logs/one.log").read_text() == ""
