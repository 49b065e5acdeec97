"""The store against plain SQLite with a transaction for each write: same file settings, same objects, same run."""

import asyncio
import contextlib
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import apsw
import uvloop

from armillary.base.clock import SystemClock
from armillary.engine.store.port import Build, Draft, Key, Store
from armillary.engine.store.sqlite import open_store
from benchmarks.report import Figure, percentile

OBJECTS = 10_000
WRITERS = 64
SINGLE_WRITES = 500
PLAIN_WRITES = 3000
BODY = b'{"kind":"Pod","metadata":{"name":"bench"}}'.ljust(2500)
LABELS = {"app": "bench", "pod-template-hash": "5d4f8c7b9"}
FIELDS = {"metadata.name": "bench", "spec.nodeName": "node-1", "status.phase": "Running"}

ALONE = "put, one writer, median (durable)"
TOGETHER = f"puts, {WRITERS} writers (durable)"
LIST = f"list {OBJECTS:,} objects"
OPEN = f"open with {OBJECTS:,} objects"


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _key(number: int) -> Key:
    return Key("pods", f"space-{number % 20}", f"pod-{number}")


def _build() -> Build:
    return lambda revision: Draft(BODY, LABELS, FIELDS)


async def _alone(store: Store) -> float:
    took = []
    for number in range(SINGLE_WRITES):
        began = time.perf_counter()
        await store.put(_key(number), _build())
        took.append(time.perf_counter() - began)
    return percentile(took, 0.5)


async def _together(store: Store) -> float:
    numbers = iter(range(OBJECTS))

    async def write() -> None:
        for number in numbers:
            await store.put(_key(number), _build())

    began = time.perf_counter()
    await asyncio.gather(*(write() for _ in range(WRITERS)))
    return OBJECTS / (time.perf_counter() - began)


async def _ours(path: Path) -> list[Figure]:
    async with open_store(path, SystemClock()) as store:
        alone, together = await _alone(store), await _together(store)
        listing = min(_seconds(lambda: b",".join(e.body for e in store.page("pods").entries)) for _ in range(5))
    began = time.perf_counter()
    async with open_store(path, SystemClock()):
        opening = time.perf_counter() - began
    return [
        Figure(ALONE, alone * 1000, "ms", "less"),
        Figure(TOGETHER, together, "/s", "more", aim=10_000),
        Figure(LIST, listing * 1000, "ms", "less"),
        Figure(OPEN, opening * 1000, "ms", "less", aim=200),
    ]


@contextlib.contextmanager
def _plain_database(path: Path) -> Iterator[apsw.Connection]:
    with contextlib.closing(apsw.Connection(str(path))) as connection:
        for words in ("locking_mode = EXCLUSIVE", "journal_mode = WAL", "synchronous = FULL"):
            connection.execute(f"PRAGMA {words}").fetchall()
        connection.execute(
            "CREATE TABLE objects (resource, namespace, name, body, PRIMARY KEY (resource, namespace, name))"
        )
        yield connection


def _plain(path: Path) -> list[Figure]:
    with _plain_database(path) as connection:
        insert = "INSERT OR REPLACE INTO objects VALUES (?, ?, ?, ?)"
        took = [_seconds(lambda n=n: connection.execute(insert, (*_key(n), BODY))) for n in range(PLAIN_WRITES)]
        with connection:
            connection.executemany(insert, ((*_key(n), BODY) for n in range(OBJECTS)))
        select = "SELECT body FROM objects WHERE resource = 'pods' ORDER BY namespace, name"
        listing = min(_seconds(lambda: b",".join(body for (body,) in connection.execute(select))) for _ in range(5))
    return [
        Figure(ALONE, percentile(took, 0.5) * 1000, "ms", "less"),
        Figure(TOGETHER, PLAIN_WRITES / sum(took), "/s", "more"),
        Figure(LIST, listing * 1000, "ms", "less"),
    ]


def measure() -> tuple[list[Figure], list[Figure]]:
    """Ours, and plain SQLite's."""
    with tempfile.TemporaryDirectory(prefix="armillary-bench-") as directory:
        theirs = _plain(Path(directory) / "plain.db")
        return uvloop.run(_ours(Path(directory) / "store.db")), theirs
