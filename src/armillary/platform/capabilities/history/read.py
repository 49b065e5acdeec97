"""What was recorded, read back. Nothing here asks whether the reader may see it: `look.py` does."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Select, and_, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from armillary.platform.capabilities.history.decide.sight import Recorded
from armillary.platform.capabilities.history.pack import unpack
from armillary.platform.capabilities.history.tables import BASES, OBJECTS, OWNERS, SCHEMA, VERSIONS
from armillary.platform.frame.parts import Database

MOST_OBJECTS = 5000
MOST_VERSIONS = 1000
_RECORDED = (
    "id", "group", "version", "kind", "resource", "namespace", "name", "uid", "workspace", "created", "deleted",
    "late", "latest",
)  # fmt: skip
_OBJECT = [OBJECTS.c[name].label(f"o_{name}") for name in _RECORDED]
_VERSION = [VERSIONS.c[n] for n in ("number", "time", "seen", "late", "manager", "revision", "workspace", "size")]


@dataclass(frozen=True, slots=True)
class Version:
    """What an object was from `time` on. `late`: there may have been others before it that nobody saw."""

    of: Recorded
    number: int
    time: int
    seen: int
    late: bool
    manager: str
    revision: str
    workspace: str
    size: int


@dataclass(frozen=True, slots=True)
class Named:
    """An object's name in a cluster."""

    cluster: str
    group: str
    resource: str
    namespace: str
    name: str

    def where(self) -> ColumnElement[bool]:
        c = OBJECTS.c
        return and_(
            c.cluster == self.cluster,
            c.group == self.group,
            c.resource == self.resource,
            c.namespace == self.namespace,
            c.name == self.name,
        )


async def versions(database: Database, named: Named) -> list[Version]:
    """Newest first."""
    query = _joined().where(named.where()).order_by(VERSIONS.c.number.desc()).limit(MOST_VERSIONS)
    async with database.read(SCHEMA) as connection:
        return [_version(row) for row in (await connection.execute(query)).mappings()]


async def bodies(database: Database, wanted: Iterable[Version]) -> list[dict[str, Any]]:
    """What these versions are, in their order."""
    keys = [(version.of.id, version.number) for version in wanted]
    query = (
        select(VERSIONS.c.object, VERSIONS.c.number, VERSIONS.c.body, BASES.c.body.label("basis"))
        .outerjoin(BASES, BASES.c.id == VERSIONS.c.basis)
        .where(tuple_(VERSIONS.c.object, VERSIONS.c.number).in_(keys))
    )
    found: dict[tuple[int, int], dict[str, Any]] = {}
    async with database.read(SCHEMA) as connection:
        for row in await connection.execute(query):
            basis = unpack(row.basis) if row.basis is not None else None
            found[row.object, row.number] = orjson.loads(unpack(row.body, basis))
    return [found[key] for key in keys]


async def status(database: Database, recorded: Recorded) -> Any:
    """Of the last version."""
    async with database.read(SCHEMA) as connection:
        found = (await connection.execute(select(OBJECTS.c.status).where(OBJECTS.c.id == recorded.id))).scalar()
    return orjson.loads(unpack(found)) if found else None


async def last(database: Database, objects: Collection[Recorded]) -> list[Version]:
    """The last version of each."""
    query = _joined().where(OBJECTS.c.id.in_([o.id for o in objects]), VERSIONS.c.number == OBJECTS.c.latest)
    async with database.read(SCHEMA) as connection:
        return [_version(row) for row in (await connection.execute(query)).mappings()]


async def existed(database: Database, cluster: str, namespace: str, at: int, resource: str) -> list[Version]:
    """The version of each object of a namespace that counted at a moment."""
    c, v = OBJECTS.c, VERSIONS.c
    counted = (
        select(v.object, func.max(v.number).label("number"))
        .join(OBJECTS, c.id == v.object)
        .where(c.cluster == cluster, c.namespace == namespace, c.created <= at, v.time <= at)
        .where((c.deleted == 0) | (c.deleted > at))
        .group_by(v.object)
    )
    counted_there = (counted.where(c.resource == resource) if resource else counted).subquery()
    query = (
        _joined()
        .join(counted_there, (counted_there.c.object == v.object) & (counted_there.c.number == v.number))
        .order_by(c.kind, c.name)
        .limit(MOST_OBJECTS)
    )
    async with database.read(SCHEMA) as connection:
        return [_version(row) for row in (await connection.execute(query)).mappings()]


async def deleted(database: Database, cluster: str, namespace: str | None) -> list[Recorded]:
    """What is there no longer, newest first; everywhere if `namespace` is None."""
    c = OBJECTS.c
    query = select(*_OBJECT).where(c.cluster == cluster, c.deleted > 0).order_by(c.deleted.desc()).limit(MOST_OBJECTS)
    if namespace is not None:
        query = query.where(c.namespace == namespace)
    async with database.read(SCHEMA) as connection:
        return [_recorded(row) for row in (await connection.execute(query)).mappings()]


async def owners(database: Database, objects: Collection[Recorded]) -> dict[int, list[str]]:
    """Uids of owners, by id."""
    found: dict[int, list[str]] = {}
    async with database.read(SCHEMA) as connection:
        for chunk in _chunks([o.id for o in objects]):
            for row in await connection.execute(select(OWNERS).where(OWNERS.c.object.in_(chunk))):
                found.setdefault(row.object, []).append(row.owner)
    return found


async def alive(database: Database, cluster: str, uids: Collection[str]) -> set[str]:
    """Those whose objects are there."""
    found: set[str] = set()
    c = OBJECTS.c
    async with database.read(SCHEMA) as connection:
        for chunk in _chunks(sorted(uids)):
            query = select(c.uid).where(c.cluster == cluster, c.deleted == 0, c.uid.in_(chunk))
            found |= set((await connection.execute(query)).scalars())
    return found


async def owned(database: Database, cluster: str, root: Recorded, most: int) -> list[Recorded]:
    """What was deleted and belonged to something deleted, owners before what they own."""
    found: dict[int, Recorded] = {}
    frontier = [root.uid]
    async with database.read(SCHEMA) as connection:
        while frontier and len(found) < most:
            level = await _owned(connection, cluster, root.namespace, frontier)
            new = [item for item in level if item.id not in found and item.id != root.id]
            found |= {item.id: item for item in new}
            frontier = [item.uid for item in new]
    return list(found.values())[:most]


async def _owned(connection: AsyncConnection, cluster: str, namespace: str, uids: list[str]) -> list[Recorded]:
    c = OBJECTS.c
    query = select(*_OBJECT).where(c.cluster == cluster, c.deleted > 0)
    query = query.where(c.id.in_(select(OWNERS.c.object).where(OWNERS.c.owner.in_(uids)))).order_by(c.kind, c.name)
    if namespace:  # owners and what they own stand in one namespace
        query = query.where(c.namespace == namespace)
    return [_recorded(row) for row in (await connection.execute(query)).mappings()]


def _joined() -> Select[Any]:
    return select(*_VERSION, *_OBJECT).join(OBJECTS, OBJECTS.c.id == VERSIONS.c.object)


def _version(row: Any) -> Version:
    fields = {column.name: row[column.name] for column in _VERSION}
    return Version(of=_recorded(row), **{**fields, "late": bool(row["late"])})


def _recorded(row: Any) -> Recorded:
    fields = {name: row[f"o_{name}"] for name in _RECORDED}
    return Recorded(**{**fields, "late": bool(fields["late"])})


def _chunks(items: Sequence[Any]) -> Iterable[Sequence[Any]]:
    return (items[n : n + 1000] for n in range(0, len(items), 1000))
