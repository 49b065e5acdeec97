"""`kubectl logs` gets what it asked for from the runtime's files, over rotation, to the container's end."""

import asyncio
import gzip
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.unit.engine.node.clock import TestClock

from armillary.base.clock import parse_time
from armillary.base.errors import Unavailable
from armillary.engine.node.inotify import Notices
from armillary.engine.node.log_rotation import LogRotation, tidy
from armillary.engine.node.logs import LogQuery, fixed_time, read_log, tail_offset


def line(number: int, text: str, stream: str = "stdout", tag: str = "F") -> str:
    return f"2026-01-01T00:00:{number:02d}.5Z {stream} {tag} {text}\n"


FIVE = "".join(line(n, f"line {n}", "stderr" if n == 3 else "stdout") for n in range(5))


@pytest.fixture
async def notices() -> AsyncIterator[Notices]:
    found = Notices()
    yield found
    found.close()


async def whole(path: Path, notices: Notices, query: LogQuery) -> str:
    return b"".join([part async for part in read_log(path, query, notices, lambda: False)]).decode()


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (LogQuery(), "line 0\nline 1\nline 2\nline 3\nline 4\n"),
        (LogQuery(tail_lines=2), "line 3\nline 4\n"),
        (LogQuery(tail_lines=0), ""),
        (LogQuery(tail_lines=9), "line 0\nline 1\nline 2\nline 3\nline 4\n"),
        (LogQuery(since=parse_time("2026-01-01T00:00:03Z")), "line 3\nline 4\n"),
        (LogQuery(since=parse_time("2026-01-01T00:00:03Z"), tail_lines=4, limit_bytes=10), "line 3\nlin"),
        (LogQuery(limit_bytes=0), ""),
        (LogQuery(stream="Stderr"), "line 3\n"),
        (LogQuery(stream="Stdout", tail_lines=2), "line 4\n"),
        (LogQuery(tail_lines=1, timestamps=True), "2026-01-01T00:00:04.500000000Z line 4\n"),
        (LogQuery(follow=True), "line 0\nline 1\nline 2\nline 3\nline 4\n"),
    ],
)
async def test_queries(tmp_path: Path, notices: Notices, query: LogQuery, expected: str):
    (tmp_path / "0.log").write_text(FIVE)
    assert await whole(tmp_path / "0.log", notices, query) == expected


async def test_parts_of_a_long_line_are_joined(tmp_path: Path, notices: Notices):
    (tmp_path / "0.log").write_text(line(1, "a b", tag="P") + line(2, "c", tag="P") + line(3, " d") + line(4, ""))
    found = await whole(tmp_path / "0.log", notices, LogQuery(timestamps=True))
    assert found == "2026-01-01T00:00:01.500000000Z a bc d\n2026-01-01T00:00:04.500000000Z \n"


async def test_what_is_not_a_log_line_is_left_out(tmp_path: Path, notices: Notices):
    (tmp_path / "0.log").write_text("garbage\n" + line(1, "good") + line(2, "cut")[:-2])
    assert await whole(tmp_path / "0.log", notices, LogQuery()) == "good\ncu\n"


async def test_a_log_that_is_not_there_is_an_error(tmp_path: Path, notices: Notices):
    with pytest.raises(FileNotFoundError):
        await whole(tmp_path / "0.log", notices, LogQuery())


class Following:
    """A log that is written to while it is read."""

    def __init__(self, path: Path, notices: Notices, query: LogQuery) -> None:
        self.path, self.running, self.seen = path, True, b""
        self.parts = read_log(path, query, notices, lambda: self.running)

    async def read(self) -> None:
        async for part in self.parts:
            self.seen += part

    def write(self, text: str) -> None:
        with self.path.open("a") as file:
            file.write(text)

    async def sees(self, text: str) -> None:
        async with asyncio.timeout(5):
            while self.seen.decode() != text:
                await asyncio.sleep(0.002)


async def test_following_goes_on_over_rotation_until_the_end(tmp_path: Path, notices: Notices):
    path = tmp_path / "0.log"
    path.write_text(FIVE)
    log = Following(path, notices, LogQuery(follow=True, tail_lines=1))
    async with asyncio.TaskGroup() as group:
        group.create_task(log.read())
        await log.sees("line 4\n")
        log.write(line(5, "half")[:-3])
        await asyncio.sleep(0.01)
        log.write("lf\n")
        await log.sees("line 4\nhalf\n")
        path.rename(tmp_path / "0.log.1")
        with (tmp_path / "0.log.1").open("a") as old:
            old.write(line(6, "old"))
        await log.sees("line 4\nhalf\nold\n")
        path.write_text(line(7, "new"))
        await log.sees("line 4\nhalf\nold\nnew\n")
        log.write(line(8, "last"))
        log.running = False
    assert log.seen == b"line 4\nhalf\nold\nnew\nlast\n"


async def test_many_follow_with_one_watch(tmp_path: Path, notices: Notices):
    path = tmp_path / "0.log"
    path.touch()
    logs = [Following(path, notices, LogQuery(follow=True)) for _ in range(5)]
    async with asyncio.TaskGroup() as group:
        for log in logs:
            group.create_task(log.read())
        await asyncio.sleep(0)
        logs[0].running = False
        logs[0].write(line(1, "x"))
        for log in logs:
            await log.sees("x\n")
            log.running = False
    assert notices._waiting == {}


@pytest.mark.parametrize("lines", [0, 1, 2, 99, 10_000, 30_000, 50_000])
def test_the_end_of_a_large_file_is_found(tmp_path: Path, lines: int):
    all_lines = [f"{n:05d} " + "x" * (n % 17) for n in range(30_000)]
    path = tmp_path / "f"
    path.write_text("\n".join(all_lines) + "\n")
    with path.open("rb") as file:
        file.seek(tail_offset(file, lines))
        assert file.read().decode().splitlines() == (all_lines[-lines:] if lines else [])


@pytest.mark.parametrize(
    ("time", "fixed"),
    [
        (b"2026-01-01T00:00:00Z", b"2026-01-01T00:00:00.000000000Z"),
        (b"2026-01-01T00:00:00.12+02:00", b"2026-01-01T00:00:00.120000000+02:00"),
        (b"2026-01-01T00:00:00.123456789-07:00", b"2026-01-01T00:00:00.123456789-07:00"),
    ],
)
def test_times_have_nine_digits(time: bytes, fixed: bytes):
    assert fixed_time(time) == fixed


async def test_a_log_grown_large_is_set_aside(tmp_path: Path):
    path, clock, reopened = tmp_path / "0.log", TestClock(), []

    async def reopen(container: str) -> None:
        reopened.append(container)
        path.touch()

    rotation = LogRotation(clock, logs=lambda: [("c", path)], reopen=reopen, max_bytes=10, max_files=4)
    path.write_text("small")
    await rotation.rotate_large()
    for number in range(5):
        path.write_text(f"large file {number}")
        clock.pass_seconds(1)
        await rotation.rotate_large()
    assert reopened == ["c"] * 5
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        "0.log",
        "0.log.20260101-000003.gz",
        "0.log.20260101-000004.gz",
        "0.log.20260101-000005",
    ]
    assert gzip.decompress((tmp_path / "0.log.20260101-000004.gz").read_bytes()) == b"large file 3"


async def test_a_log_that_cannot_be_reopened_keeps_its_name(tmp_path: Path):
    path = tmp_path / "0.log"
    path.write_text("large enough")

    async def reopen(container: str) -> None:
        raise Unavailable("no runtime")

    await LogRotation(TestClock(), logs=lambda: [("c", path)], reopen=reopen, max_bytes=1).rotate_large()
    assert path.read_text() == "large enough"


def test_unfinished_compressions_are_dropped(tmp_path: Path):
    (tmp_path / "0.log.20260101-000000.tmp").touch()
    (tmp_path / "0.log.20260101-000000").write_text("x")
    tidy(tmp_path / "0.log", 5)
    assert [p.name for p in tmp_path.iterdir()] == ["0.log.20260101-000000.gz"]
