"""Tables are made and moved forward once, by whoever comes first; writers wait for each other."""

import asyncio
import stat
from pathlib import Path

import pytest
from sqlalchemy import text
from tests.harness.databases import opened

from armillary.base.errors import Unavailable
from armillary.platform.frame.database import Schema, SqlDatabase, finished

FIRST = ("CREATE TABLE notes (id {id}, said TEXT NOT NULL, body {bytes}, at {moment})",)
SECOND = ("ALTER TABLE notes ADD COLUMN tone TEXT NOT NULL DEFAULT 'plain'",)
ONE = Schema("notes", (FIRST,))
TWO = Schema("notes", (FIRST, SECOND))


async def say(database: SqlDatabase, schema: Schema, words: str) -> None:
    async with database.begin(schema) as connection:
        await connection.execute(text("INSERT INTO notes (said) VALUES (:said)"), {"said": words})


async def said(database: SqlDatabase, schema: Schema, column: str = "said") -> list[str]:
    async with database.read(schema) as connection:
        return list((await connection.execute(text(f"SELECT {column} FROM notes ORDER BY id"))).scalars())


async def test_what_was_written_is_there_after_a_step_forward(database: SqlDatabase) -> None:
    await say(database, ONE, "hello")
    assert await said(database, TWO, "tone") == ["plain"]
    await say(database, TWO, "again")
    assert await said(database, TWO) == ["hello", "again"]


async def test_many_may_come_first(database_url: str, tmp_path: Path) -> None:
    async with opened(database_url, tmp_path) as one, opened(database_url, tmp_path) as other:
        await asyncio.gather(*(say(d, TWO, f"{n}") for n in range(10) for d in (one, other)))
        assert len(await said(one, TWO)) == 20


async def test_tables_of_a_newer_release_are_left_alone(database_url: str, tmp_path: Path) -> None:
    async with opened(database_url, tmp_path) as newer:
        await say(newer, TWO, "hello")
    async with opened(database_url, tmp_path) as older:
        with pytest.raises(Unavailable, match="newer armillary"):
            await say(older, ONE, "hello")


async def test_a_step_is_done_whole_or_not_at_all(database: SqlDatabase) -> None:
    broken = Schema("notes", ((*FIRST, "INSERT INTO nowhere VALUES (1)"),))
    with pytest.raises(Exception, match="nowhere"):
        await say(database, broken, "hello")
    await say(database, ONE, "hello")
    assert await said(database, ONE) == ["hello"]


async def test_what_fails_is_not_written(database: SqlDatabase) -> None:
    await say(database, ONE, "kept")

    async def fail() -> None:
        async with database.begin(ONE) as connection:
            await connection.execute(text("INSERT INTO notes (said) VALUES ('lost')"))
            raise LookupError

    with pytest.raises(LookupError):
        await fail()
    assert await said(database, ONE) == ["kept"]


async def test_a_server_out_of_reach_is_said(tmp_path: Path) -> None:
    async with opened(f"postgresql://postgres@/none?host={tmp_path}", tmp_path) as database:
        with pytest.raises(Unavailable):
            await said(database, ONE)


async def test_the_file_is_its_owners_alone(tmp_path: Path) -> None:
    async with opened("", tmp_path) as database:
        await say(database, ONE, "hello")
        for file in tmp_path.glob("records.db*"):
            assert stat.S_IMODE(file.stat().st_mode) == 0o600


async def test_who_is_cancelled_leaves_no_lock_behind(database: SqlDatabase) -> None:
    await say(database, ONE, "first")

    async def write() -> None:
        async with database.begin(ONE) as connection:
            for n in range(20):
                await connection.execute(text("INSERT INTO notes (said) VALUES (:n)"), {"n": f"{n}"})
                await connection.execute(text("SELECT count(*) FROM notes"))

    for turns in range(1, 61, 3):
        task = asyncio.get_running_loop().create_task(finished(write()))
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait((task,))
        await say(database, ONE, "after")
    assert (await said(database, ONE)).count("after") == 20
