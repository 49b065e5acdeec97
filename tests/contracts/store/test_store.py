"""What every store promises."""

import asyncio
import contextlib
from collections.abc import Callable
from pathlib import Path

import apsw
import pytest

from armillary.base.clock import SystemClock
from armillary.base.errors import Expired, SetupError, Unavailable
from armillary.engine.store.port import Build, Draft, Key, Page, Store
from armillary.engine.store.sqlite import open_store


def key(name: str, namespace: str = "d") -> Key:
    return Key("pods", namespace, name)


def draft(text: str = "", **labels: str) -> Build:
    return lambda revision: Draft(f"{text}@{revision}".encode(), labels, {"metadata.name": text})


def names(page: Page) -> list[str]:
    return [entry.key.name for entry in page.entries]


async def fill(store: Store, *words: str) -> None:
    for word in words:
        await store.put(key(word), draft(word))


async def test_a_write_is_numbered_and_read_back(store: Store) -> None:
    first = await store.put(key("a"), draft("a", app="x"))
    assert store.get(key("a")) == first
    assert (first.body, first.labels, first.revision) == (b"a@1", {"app": "x"}, store.revision)
    second = await store.put(key("a"), draft("b"))
    assert second.revision > first.revision
    gone = await store.delete(key("a"), draft("b"))
    assert (store.get(key("a")), gone.revision) == (None, store.revision)


async def test_the_head_is_ahead_of_what_is_shown(store: Store) -> None:
    writing = store.put(key("a"), draft("a"))
    head = store.head(key("a"))
    assert head is not None
    assert store.get(key("a")) is None
    assert [entry.key.name for entry in store.heads("pods")] == ["a"]
    deleting = store.delete(key("a"), draft("a"))
    assert store.head(key("a")) is None
    assert store.heads("pods") == []
    await asyncio.gather(writing, deleting)
    assert store.get(key("a")) is store.head(key("a")) is None


async def test_a_write_that_is_refused_takes_no_revision(store: Store) -> None:
    def refuse(revision: int) -> Draft:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        store.put(key("a"), refuse)
    assert (await store.put(key("a"), draft())).revision == 1


async def test_pages_in_order(store: Store) -> None:
    await fill(store, "c", "a", "b", "d")
    await store.put(key("a", "e"), draft())
    first = store.page("pods", limit=2)
    assert (names(first), first.remaining) == (["a", "b"], 3)
    second = store.page("pods", limit=2, after=first.last, at=first.revision)
    assert (names(second), second.remaining) == (["c", "d"], 1)
    last = store.page("pods", limit=2, after=second.last, at=first.revision)
    assert ([tuple(e.key) for e in last.entries], last.last) == ([("pods", "e", "a")], None)
    assert names(store.page("pods", "d")) == ["a", "b", "c", "d"]
    assert names(store.page("nothing")) == []


async def test_an_older_page_is_as_it_was(store: Store) -> None:
    await fill(store, "a", "b", "c")
    then = store.page("pods", limit=1)
    await store.delete(key("b"), draft())
    await fill(store, "aa", "c")
    later = store.page("pods", after=then.last, at=then.revision)
    assert [(e.key.name, e.revision) for e in later.entries] == [("b", 2), ("c", 3)]
    assert names(store.page("pods")) == ["a", "aa", "c"]


async def test_what_is_too_old_is_refused(store: Store) -> None:
    await fill(store, "a")
    with pytest.raises(Expired):
        store.page("pods", at=store.oldest - 1)
    with pytest.raises(Expired):
        store.watch("pods", after=store.oldest - 1)


async def test_a_watcher_gets_every_change_once_in_order(store: Store) -> None:
    await fill(store, "a")
    watcher = store.watch("pods", after=0)
    await store.put(key("b"), draft("b"))
    await store.put(key("b"), draft("bb"))
    await store.delete(key("a"), draft("last"))
    await store.put(Key("nodes", "", "n"), draft())
    changes = list(await watcher.changes(1))
    seen = [(c.entry.key.name, c.previous is None, c.deleted) for c in changes]
    assert seen == [("a", True, False), ("b", True, False), ("b", False, False), ("a", False, True)]
    assert watcher.revision == store.revision, "foreign changes move it on too"
    assert not await watcher.changes(0.01)
    watcher.close()


async def test_a_watcher_of_a_namespace(store: Store) -> None:
    watcher = store.watch("pods", "e", after=store.revision)
    await store.put(key("a"), draft())
    await store.put(key("a", "e"), draft())
    assert [c.entry.key.namespace for c in await watcher.changes(1)] == ["e"]
    watcher.close()


async def test_a_waiting_watcher_is_woken(store: Store) -> None:
    watcher = store.watch("pods", after=store.revision)
    async with asyncio.TaskGroup() as group:
        waiting = group.create_task(watcher.changes(5))
        await asyncio.sleep(0)
        await store.put(key("a"), draft())
    assert len(waiting.result()) == 1


async def test_many_writers_at_once(store: Store) -> None:
    entries = await asyncio.gather(*(store.put(key(f"p{n}"), draft(f"p{n}")) for n in range(500)))
    assert sorted(e.revision for e in entries) == list(range(1, 501))
    assert len(store.page("pods").entries) == 500


def run_sql(path: Path, words: str) -> None:
    with contextlib.closing(apsw.Connection(str(path))) as connection:
        connection.execute(words).fetchall()


async def reopened(path: Path, look: Callable[[Store], None]) -> None:
    async with open_store(path, SystemClock()) as store:
        look(store)


async def test_a_reopened_store_is_the_same_and_goes_on_counting(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    async with open_store(path, SystemClock()) as store:
        await store.put(key("a"), draft("a", app="x"))
        await store.put(key("b"), draft("b"))
        await store.delete(key("b"), draft("b"))

    def look(store: Store) -> None:
        entry = store.get(key("a"))
        assert entry is not None
        assert (entry.body, entry.labels, entry.fields) == (b"a@1", {"app": "x"}, {"metadata.name": "a"})
        assert names(store.page("pods")) == ["a"]
        assert (store.revision, store.oldest) == (3, 3), "a deleted object's revision is not used again"

    await reopened(path, look)


async def test_one_process_at_a_time(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    async with open_store(path, SystemClock()):
        with pytest.raises(SetupError, match="in use"):
            await reopened(path, lambda store: None)


@pytest.mark.parametrize("content", [b"this is no database" * 100, b"SQLite format 3\x00" + b"\xff" * 4096])
async def test_a_damaged_file_is_refused_with_a_clear_word(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "store.db"
    path.write_bytes(content)
    with pytest.raises(SetupError, match="damaged"):
        await reopened(path, lambda store: None)


async def test_damage_among_the_objects_is_found_at_the_start(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    async with open_store(path, SystemClock()) as store:
        await asyncio.gather(*(store.put(key(f"p{n}"), lambda revision: Draft(b"x" * 500, {}, {})) for n in range(500)))
    content = path.read_bytes()
    path.write_bytes(content[:20480] + b"\xa5" * 40960 + content[61440:])
    with pytest.raises(SetupError, match=r"store\.db is damaged .* restore it from a backup"):
        await reopened(path, lambda store: None)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("PRAGMA user_version = 2", "has format 2, this version reads 1; use a newer armillary"),
        ("PRAGMA application_id = 7", "is another program's database"),
    ],
)
async def test_a_file_that_is_not_for_us(tmp_path: Path, words: str, said: str) -> None:
    path = tmp_path / "store.db"
    await reopened(path, lambda store: None)
    run_sql(path, words)
    with pytest.raises(SetupError, match=said):
        await reopened(path, lambda store: None)


async def test_another_programs_tables_are_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    run_sql(path, "CREATE TABLE theirs (x)")
    with pytest.raises(SetupError, match="another program's"):
        await reopened(path, lambda store: None)


async def test_a_place_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match=r"can't be opened: .*No such file or directory"):
        await reopened(tmp_path / "missing" / "store.db", lambda store: None)


async def test_only_the_owner_may_read_it(tmp_path: Path) -> None:
    async with open_store(tmp_path / "store.db", SystemClock()) as store:
        await store.put(key("a"), draft())
        assert {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {
            "store.db": 0o600,
            "store.db-wal": 0o600,
        }


async def test_the_file_stays_as_small_as_what_is_in_it(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    async with open_store(path, SystemClock()) as store:
        for _ in range(20):
            await asyncio.gather(*(store.put(key(f"p{n}"), lambda r: Draft(b"x" * 2000, {}, {})) for n in range(100)))
    assert path.stat().st_size < 2 * 100 * 4096


async def test_a_large_group_is_written_in_parts(store: Store) -> None:
    body = bytes(3 << 20)
    entries = await asyncio.gather(*(store.put(key(f"p{n}"), lambda revision: Draft(body, {}, {})) for n in range(8)))
    assert [entry.revision for entry in entries] == list(range(1, 9))


async def test_a_closing_store_writes_what_is_pending_and_takes_no_more(store: Store) -> None:
    write = store.put(key("a"), draft("a"))
    await store.close()
    assert store.get(key("a")) == await write
    with pytest.raises(Unavailable, match="closing"):
        store.put(key("b"), draft("b"))


async def test_a_writer_that_goes_away_has_written_all_the_same(store: Store) -> None:
    async def write() -> None:
        await store.put(key("a"), draft("a"))

    async with asyncio.TaskGroup() as group:
        task = group.create_task(write())
        await asyncio.sleep(0)
        task.cancel()
    await store.put(key("b"), draft("b"))
    assert names(store.page("pods")) == ["a", "b"]


async def test_a_write_after_a_deletion_that_is_on_its_way(store: Store) -> None:
    await fill(store, "a")
    writes = [store.delete(key("a"), draft("last")), store.put(key("a"), draft("new"))]
    head = store.head(key("a"))
    assert head is not None
    watcher = store.watch("pods", after=1)
    await asyncio.gather(*writes)
    assert [(c.deleted, c.previous is None) for c in await watcher.changes(1)] == [(True, False), (False, True)]
    assert store.get(key("a")) is store.head(key("a"))
    watcher.close()
