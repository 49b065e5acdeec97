"""The disk fails: writers hear of it, nothing that was not written is shown, and it goes on when the disk does."""

import asyncio
import contextlib
import random
from collections.abc import Iterator, Sequence
from pathlib import Path

import apsw
import pytest

from armillary.base.clock import SystemClock
from armillary.base.errors import Unavailable
from armillary.engine.store.port import Build, Draft, Key, Store
from armillary.engine.store.sqlite import open_store


class Disk(apsw.VFS):
    """Every file is opened through it."""

    def __init__(self) -> None:
        self.default = apsw.vfs_names()[0]
        self.dice = random.Random(0)
        self._likelihood = 0.0
        self._error: type[apsw.Error] = apsw.IOError
        super().__init__("broken disk", self.default)

    def xOpen(self, name: "str | apsw.URIFilename | None", flags: list[int]) -> "File":  # noqa: N802
        return File(self, name, flags)

    @contextlib.contextmanager
    def failing(self, likelihood: float, error: type[apsw.Error] = apsw.IOError) -> Iterator[None]:
        """What changes a file fails with that likelihood."""
        self._likelihood, self._error = likelihood, error
        try:
            yield
        finally:
            self._likelihood = 0.0

    def check(self) -> None:
        if self.dice.random() < self._likelihood:
            raise self._error("the disk is broken")


class File(apsw.VFSFile):
    def __init__(self, disk: Disk, name: "str | apsw.URIFilename | None", flags: list[int]) -> None:
        self.disk = disk
        super().__init__(disk.default, name, flags)

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802
        self.disk.check()
        super().xWrite(data, offset)

    def xSync(self, flags: int) -> None:  # noqa: N802
        self.disk.check()
        super().xSync(flags)

    def xTruncate(self, size: int) -> None:  # noqa: N802
        self.disk.check()
        super().xTruncate(size)


@pytest.fixture
def disk() -> Iterator[Disk]:
    made = Disk()
    apsw.set_default_vfs("broken disk")
    yield made
    apsw.set_default_vfs(made.default)


def key(name: str) -> Key:
    return Key("pods", "d", name)


def draft(text: str) -> Build:
    return lambda revision: Draft(f"{text}@{revision}".encode(), {}, {})


def bodies(store: Store) -> dict[str, bytes]:
    return {entry.key.name: entry.body for entry in store.page("pods").entries}


async def test_writers_hear_that_the_disk_is_full(tmp_path: Path, disk: Disk) -> None:
    async with open_store(tmp_path / "store.db", SystemClock()) as store:
        await store.put(key("a"), draft("a"))
        watcher = store.watch("pods", after=store.revision)
        with disk.failing(1.0, apsw.FullError):
            first = [store.put(key(name), draft(name)) for name in ("a", "b")]
            answers = await asyncio.gather(*first, store.delete(key("a"), draft("a")), return_exceptions=True)
        assert [str(answer) for answer in answers] == ["the store can't write: database or disk is full"] * 3
        assert all(isinstance(answer, Unavailable) for answer in answers)
        assert (store.head(key("a")), store.head(key("b"))) == (store.get(key("a")), None), "judged by what is there"
        assert bodies(store) == {"a": b"a@1"}
        assert not await watcher.changes(0.01)
        entry = await store.put(key("b"), draft("b"))
        assert entry.revision > store.oldest
        assert [change.entry for change in await watcher.changes(1)] == [entry]
        watcher.close()
    async with open_store(tmp_path / "store.db", SystemClock()) as store:
        assert bodies(store) == {"a": b"a@1", "b": entry.body}
        assert store.revision == entry.revision


async def test_who_keeps_account_hears_of_it_first(tmp_path: Path, disk: Disk) -> None:
    async with open_store(tmp_path / "store.db", SystemClock()) as store:
        await store.put(key("a"), draft("a"))
        told: list[tuple[str, bytes | None]] = []

        def tell(keys: Sequence[Key]) -> None:
            assert not any(write.done() for write in writes)
            told.extend((key.name, head.body if (head := store.head(key)) else None) for key in keys)

        store.on_failure(tell)
        with disk.failing(1.0):
            writes = [asyncio.ensure_future(store.put(key(name), draft("new"))) for name in ("a", "b")]
            await asyncio.wait(writes)
        assert told == [("a", b"a@1"), ("b", None)]
        assert all(isinstance(write.exception(), Unavailable) for write in writes)


async def test_what_was_submitted_after_a_failing_write_fails_with_it(tmp_path: Path, disk: Disk) -> None:
    """It was built on what the failing write was to leave."""
    async with open_store(tmp_path / "store.db", SystemClock()) as store:
        with disk.failing(1.0):
            async with asyncio.TaskGroup() as group:
                first = group.create_task(_outcome(store, "a"))
                await asyncio.sleep(0)
                await asyncio.sleep(0)  # the first group is on its way
                second = group.create_task(_outcome(store, "a"))
        assert isinstance(first.result(), Unavailable)
        assert isinstance(second.result(), Unavailable)
        assert store.heads("pods") == []


async def _outcome(store: Store, name: str) -> Exception | bytes:
    try:
        return (await store.put(key(name), draft(name))).body
    except Unavailable as error:
        return error


@pytest.mark.parametrize("seed", range(4))
async def test_a_disk_that_fails_now_and_then(tmp_path: Path, disk: Disk, seed: int) -> None:
    disk.dice.seed(seed)
    written: dict[str, bytes] = {}
    failed = 0

    async def write(store: Store, writer: int) -> None:
        nonlocal failed
        for n in range(25):
            name = f"w{writer}-{n % 3}"
            outcome = await _outcome(store, name)
            if isinstance(outcome, bytes):
                written[name] = outcome
            else:
                failed += 1

    async with open_store(tmp_path / "store.db", SystemClock()) as store:
        with disk.failing(0.03):
            await asyncio.gather(*(write(store, writer) for writer in range(8)))
        assert bodies(store) == written
        assert {entry.key.name for entry in store.heads("pods")} == set(written)
        await store.put(key("last"), draft("last"))
        last = store.revision
        written = bodies(store)
    assert failed, "nothing failed: the test says nothing"
    async with open_store(tmp_path / "store.db", SystemClock()) as store:
        assert (bodies(store), store.revision) == (written, last)
