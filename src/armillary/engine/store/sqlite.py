"""The store on disk: SQLite in WAL mode, fsync at every commit, one transaction for a group of writes.

Only current objects are kept, and the counter; recent revisions live in memory and end with the process. Labels and
fields are kept beside each object: to read them back costs a tenth of decoding the objects again.
"""

import asyncio
import contextlib
import errno
from collections.abc import AsyncIterator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import apsw
import orjson

from armillary.base.clock import Clock
from armillary.base.errors import SetupError
from armillary.engine.store.group import GroupStore
from armillary.engine.store.history import History
from armillary.engine.store.port import Change, Entry, Key

FORMAT = 1  # in the file's user_version; a newer one is refused
APPLICATION_ID = 0x41524D49  # "ARMI": tells file(1) and us whose database it is

_SCHEMA = """
CREATE TABLE objects (
  resource TEXT NOT NULL, namespace TEXT NOT NULL, name TEXT NOT NULL,
  revision INTEGER NOT NULL,
  selectable BLOB NOT NULL,  -- JSON: [labels, fields]
  body BLOB NOT NULL,
  UNIQUE (resource, namespace, name)
);
CREATE TABLE counter (revision INTEGER NOT NULL);
INSERT INTO counter VALUES (0);
"""
_PUT = """
INSERT INTO objects (resource, namespace, name, revision, selectable, body) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (resource, namespace, name)
DO UPDATE SET revision = excluded.revision, selectable = excluded.selectable, body = excluded.body
"""
_DELETE = "DELETE FROM objects WHERE resource = ? AND namespace = ? AND name = ?"


class Database:
    """The file. Its methods block."""

    def __init__(self, path: Path) -> None:
        """Open or make it. Raises SetupError when it is in use, damaged, or of a newer version of this program."""
        self._path = path
        with self._said():
            path.touch(mode=0o600)  # it holds Secrets; SQLite gives its log the same mode
            self._connection = apsw.Connection(str(path))
            self._open()

    def _open(self) -> None:
        try:
            # Before WAL is entered: the lock is then held for good, and no second process gets in.
            self._pragma("locking_mode = EXCLUSIVE")
            self._pragma("journal_mode = WAL")
            self._pragma("synchronous = FULL")
            self._check()
        except BaseException:
            self._connection.close()
            raise

    @contextlib.contextmanager
    def _said(self) -> Iterator[None]:
        try:
            yield
        except apsw.BusyError as exc:
            raise SetupError(f"{self._path} is in use by another process") from exc
        except (apsw.NotADBError, apsw.CorruptError, orjson.JSONDecodeError) as exc:
            said = f"{self._path} is damaged ({exc}); restore it from a backup, or remove it to begin anew"
            raise SetupError(said) from exc
        except (apsw.Error, OSError) as exc:
            raise SetupError(f"{self._path} can't be opened: {exc}") from exc

    def _pragma(self, words: str) -> None:
        self._connection.execute(f"PRAGMA {words}").fetchall()

    def _check(self) -> None:
        with self._connection:
            found, owner = (self._connection.pragma(word) for word in ("user_version", "application_id"))
            if found == owner == 0 and not self._connection.execute("SELECT 1 FROM sqlite_schema").fetchall():
                self._connection.execute(_SCHEMA)
                self._pragma(f"application_id = {APPLICATION_ID}")
                self._pragma(f"user_version = {FORMAT}")
            elif owner != APPLICATION_ID:
                raise SetupError(f"{self._path} is another program's database")
            elif found != FORMAT:
                raise SetupError(f"{self._path} has format {found}, this version reads {FORMAT}; use a newer armillary")

    def load(self) -> History:
        """What was last written. Raises SetupError."""
        with self._said():
            ((revision,),) = self._connection.execute("SELECT revision FROM counter").fetchall()
            history = History(int(str(revision)))
            history.load(self._entries())
            return history

    def _entries(self) -> Iterator[Entry]:
        rows = self._connection.execute("SELECT resource, namespace, name, revision, selectable, body FROM objects")
        for resource, namespace, name, revision, selectable, body in rows:
            labels, fields = orjson.loads(selectable)
            yield Entry(Key(resource, namespace, name), revision, body, labels, fields)

    def write(self, group: Sequence[Change]) -> None:
        """All of it or nothing; on disk when it returns. Raises OSError."""
        try:
            with self._connection:
                for change in group:
                    entry = change.entry
                    if change.deleted:
                        self._connection.execute(_DELETE, entry.key)
                    else:
                        selectable = orjson.dumps((entry.labels, entry.fields))
                        self._connection.execute(_PUT, (*entry.key, entry.revision, selectable, entry.body))
                self._connection.execute("UPDATE counter SET revision = ?", (group[-1].entry.revision,))
        except apsw.Error as exc:
            raise OSError(errno.ENOSPC if isinstance(exc, apsw.FullError) else errno.EIO, str(exc)) from exc

    def close(self) -> None:
        self._connection.close()


@contextlib.asynccontextmanager
async def open_store(path: Path, clock: Clock) -> AsyncIterator[GroupStore]:
    """The store kept in the file `path`, made if it is not there. Raises SetupError."""
    loop = asyncio.get_running_loop()
    with (
        contextlib.closing(Database(path)) as database,
        ThreadPoolExecutor(max_workers=1, thread_name_prefix="store") as writer,
    ):

        async def commit(group: Sequence[Change]) -> None:
            await loop.run_in_executor(writer, database.write, group)

        store = GroupStore(database.load(), commit, clock)
        try:
            yield store
        finally:
            await store.close()
