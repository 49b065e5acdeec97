"""The store against plain SQLite with a transaction for each write, on the same disk in the same run."""

import tempfile
import time
from pathlib import Path

import apsw
import uvloop

from armillary.base.clock import SystemClock
from armillary.base.tasks import gather_limited
from armillary.engine.store.port import Draft, Key
from armillary.engine.store.sqlite import open_store
from benchmarks.report import Figure

WRITES = 4000
PLAIN_WRITES = 1000
WRITERS = 32
BODY = b"v" * 1000


def measure() -> tuple[list[Figure], list[Figure]]:
    """Ours, and plain SQLite's."""
    with tempfile.TemporaryDirectory(prefix="armillary-bench-") as name:
        directory = Path(name)
        plain = _plain(directory / "plain.db")
        alone = uvloop.run(_ours(directory / "alone.db", 1, PLAIN_WRITES))
        many = uvloop.run(_ours(directory / "many.db", WRITERS, WRITES))
    names = ("durable writes, one writer", f"durable writes, {WRITERS} writers")
    ours = [Figure(name, rate, "/s", "more") for name, rate in zip(names, (alone, many), strict=True)]
    return ours, [Figure(name, plain, "/s", "more") for name in names]


async def _ours(path: Path, writers: int, count: int) -> float:
    async with open_store(path, SystemClock()) as store:

        async def write(number: int) -> None:
            key = Key("configmaps", "default", f"n{number}")
            await store.put(key, lambda revision: Draft(BODY, {}, {}))

        began = time.perf_counter()
        await gather_limited(writers, [write(number) for number in range(count)])
        return count / (time.perf_counter() - began)


def _plain(path: Path) -> float:
    database = apsw.Connection(str(path))
    for words in ("journal_mode = WAL", "synchronous = FULL"):
        database.pragma(*words.split(" = "))
    database.execute("CREATE TABLE objects (name TEXT PRIMARY KEY, body BLOB)")
    began = time.perf_counter()
    for number in range(PLAIN_WRITES):
        database.execute("INSERT INTO objects VALUES (?, ?)", (f"n{number}", BODY))
    took = time.perf_counter() - began
    database.close()
    return PLAIN_WRITES / took
