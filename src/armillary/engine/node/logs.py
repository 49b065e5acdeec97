"""Container logs: read from the runtime's files as `kubectl logs` wants them.

Each line of a file (the CRI format) is `time stream tag text`; tag P marks a part of a longer line.
"""

import asyncio
import os
from collections.abc import AsyncGenerator, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Literal

from armillary.base.clock import parse_time
from armillary.engine.node.inotify import Notices

_CHUNK = 256 << 10
_TAIL_CHUNK = 64 << 10
_LEAST_WAIT_SECONDS, _MOST_WAIT_SECONDS = 0.05, 1.0

Stream = Literal["All", "Stdout", "Stderr"]


@dataclass(frozen=True, slots=True)
class LogQuery:
    """What of a log is wanted, as in PodLogOptions."""

    follow: bool = False
    tail_lines: int | None = None
    since: datetime | None = None
    timestamps: bool = False
    limit_bytes: int | None = None
    stream: Stream = "All"


async def read_log(
    path: Path, query: LogQuery, notices: Notices, is_running: Callable[[], bool]
) -> AsyncGenerator[bytes, None]:
    """The log's text, piece by piece. When following, until the container is gone and all is read.

    Follows the log over rotation. Raises FileNotFoundError.
    """
    out = _Output(query)
    log = _Log(path, query.tail_lines)
    try:
        with notices.watch(path.parent) as changed:
            ended, wait = not query.follow, _LEAST_WAIT_SECONDS
            while not out.done:
                changed.clear()
                lines = log.read()
                if lines:
                    wait = _LEAST_WAIT_SECONDS
                    text = out.take(lines)
                    if text:
                        yield text
                    continue
                if query.follow and log.is_replaced(path):
                    log.close()
                    log = _Log(path)
                    continue
                if ended:
                    break
                if not is_running():
                    ended = True  # one more look: the last lines may have come since
                    continue
                await _wait(changed, wait)
                wait = min(_MOST_WAIT_SECONDS, wait * 2)
            last = out.take(log.unfinished())
            if last:
                yield last
    finally:
        log.close()


async def _wait(changed: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await changed.wait()
    except TimeoutError:
        return


class _Log:
    """An open file, read line by line."""

    def __init__(self, path: Path, tail_lines: int | None = None) -> None:
        self._file: BinaryIO = path.open("rb", buffering=0)
        self._rest = b""
        if tail_lines is not None:
            self._file.seek(tail_offset(self._file, tail_lines))

    def read(self) -> list[bytes]:
        """Whole lines, without their ends; none if there are no more for now."""
        while chunk := self._file.read(_CHUNK):
            *lines, self._rest = (self._rest + chunk).split(b"\n")
            if lines:
                return lines
        return []

    def unfinished(self) -> list[bytes]:
        """A last line that has no end."""
        return [self._rest] if self._rest else []

    def is_replaced(self, path: Path) -> bool:
        """Whether the name stands for another file by now."""
        try:
            return path.stat().st_ino != os.fstat(self._file.fileno()).st_ino
        except FileNotFoundError:  # between the rename and the new file
            return False

    def close(self) -> None:
        self._file.close()


class _Output:
    """Turns lines of a file into what is asked for."""

    def __init__(self, query: LogQuery) -> None:
        self._query = query
        self._wanted = {"All": (b"stdout", b"stderr")}.get(query.stream, (query.stream.lower().encode(),))
        self._left = query.limit_bytes
        self._lines_left = query.tail_lines if not query.follow else None
        self._since = query.since
        self._at_start = True  # of a line

    @property
    def done(self) -> bool:
        return self._left == 0 or self._lines_left == 0

    def take(self, lines: Iterable[bytes]) -> bytes:
        out = []
        for line in lines:
            if self._lines_left == 0:
                break
            parts = line.split(b" ", 3)
            if len(parts) < 4 or parts[1] not in (b"stdout", b"stderr"):
                continue
            if self._lines_left is not None:
                self._lines_left -= 1
            time, stream, tag, text = parts
            if stream in self._wanted and self._is_recent(time):
                out.append(self._line(time, tag, text))
        return self._limited(b"".join(out))

    def _line(self, time: bytes, tag: bytes, text: bytes) -> bytes:
        head = fixed_time(time) + b" " if self._query.timestamps and self._at_start else b""
        self._at_start = not tag.startswith(b"P")
        return head + text + (b"\n" if self._at_start else b"")

    def _is_recent(self, time: bytes) -> bool:
        if self._since is not None:
            if parse_time(time.decode()) < self._since:
                return False
            self._since = None  # times only grow
        return True

    def _limited(self, text: bytes) -> bytes:
        if self._left is not None:
            text = text[: self._left]
            self._left -= len(text)
        return text


def tail_offset(file: BinaryIO, lines: int) -> int:
    """Where the last so many lines begin; reads no more of the file than it must."""
    end = file.seek(0, os.SEEK_END)
    if lines <= 0:
        return end
    at = end
    wanted = lines + 1  # the end of the line before the first one wanted
    while at > 0:
        size = min(_TAIL_CHUNK, at)
        at -= size
        file.seek(at)
        block = file.read(size)
        found = block.count(b"\n")
        if found < wanted:
            wanted -= found
            continue
        place = len(block)
        for _ in range(wanted):
            place = block.rfind(b"\n", 0, place)
        return at + place + 1
    return 0


def fixed_time(time: bytes) -> bytes:
    """With nine digits of a second, whatever the runtime wrote: `kubectl logs --timestamps` lines up."""
    for place in range(len(time) - 1, 18, -1):
        if time[place : place + 1] in b"Z+-":
            head, zone = time[:place], time[place:]
            seconds, _, digits = head.partition(b".")
            return seconds + b"." + digits.ljust(9, b"0") + zone
    return time
