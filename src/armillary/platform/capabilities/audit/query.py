"""Questions to the log: by filters, newest first, and never more than the asker may see."""

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, replace

from sqlalchemy import ColumnElement, and_, or_, select, tuple_

from armillary.platform.capabilities.audit.decide import Row, Scope
from armillary.platform.capabilities.audit.tables import EVENTS, SCHEMA
from armillary.platform.frame.parts import Database

CHUNK = 500
_SEARCHED = ("user", "action", "name", "resource", "namespace", "reason", "changes", "address")


@dataclass(frozen=True, slots=True)
class Filters:
    """`same` maps columns to the value they must have; times are microseconds; `before` is an id."""

    same: Mapping[str, str]
    since: int = 0
    until: int = 0
    text: str = ""
    before: int = 0


async def events(database: Database, scope: Scope, filters: Filters) -> AsyncGenerator[Row, None]:
    """Newest first. Between chunks no transaction is open: a slow reader holds nobody up."""
    while True:
        query = select(EVENTS).where(_asked(filters), _allowed(scope)).order_by(EVENTS.c.id.desc()).limit(CHUNK)
        async with database.read(SCHEMA) as connection:
            rows = [dict(row) for row in (await connection.execute(query)).mappings()]
        for row in rows:
            if scope.shows(row):
                yield row
        if len(rows) < CHUNK:
            return
        filters = replace(filters, before=rows[-1]["id"])


async def event(database: Database, scope: Scope, number: int) -> Row | None:
    """One, if it is there and they may see it."""
    async with database.read(SCHEMA) as connection:
        found = (await connection.execute(select(EVENTS).where(EVENTS.c.id == number))).mappings().one_or_none()
    return dict(found) if found is not None and scope.shows(dict(found)) else None


def _asked(filters: Filters) -> ColumnElement[bool]:
    columns = EVENTS.c
    terms: list[ColumnElement[bool]] = [columns[name] == value for name, value in filters.same.items()]
    if filters.since:
        terms.append(columns.time >= filters.since)
    if filters.until:
        terms.append(columns.time < filters.until)
    if filters.before:
        terms.append(columns.id < filters.before)
    if filters.text:
        terms.append(or_(*(columns[name].icontains(filters.text, autoescape=True) for name in _SEARCHED)))
    return and_(columns.id > 0, *terms)


def _allowed(scope: Scope) -> ColumnElement[bool]:
    """What spares reading what `Scope.shows` would refuse; that one decides."""
    columns = EVENTS.c
    if scope.everything:
        return columns.id > 0
    terms: list[ColumnElement[bool]] = [columns.user == scope.user]
    if scope.clusters:
        terms.append(columns.cluster.in_(sorted(scope.clusters)))
    if scope.workspaces:
        terms.append(columns.workspace.in_(sorted(scope.workspaces)))
    if scope.namespaces:
        terms.append(tuple_(columns.cluster, columns.namespace).in_(sorted(scope.namespaces)))
    return or_(*terms)
