"""Adds to events what their writes changed, where whoever noted them had only the answer: a while later, by history."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select, update

from armillary.base.clock import Clock
from armillary.base.errors import Unavailable
from armillary.platform.capabilities.audit.decide import changed_fields, micros
from armillary.platform.capabilities.audit.ports import Changed
from armillary.platform.capabilities.audit.tables import EVENTS, SCHEMA
from armillary.platform.frame.database import finished
from armillary.platform.frame.parts import Database

AFTER = timedelta(seconds=10)  # by then the recorder has seen the write
BACK = timedelta(hours=1)  # that are looked at again at the start
LOOK_SECONDS = 2.0
CHUNK = 200


@dataclass(slots=True)
class Completer:
    """Each event is looked at once."""

    database: Database
    changed: Changed
    clock: Clock
    done: int = 0  # id of the last event that was looked at

    async def run(self) -> None:
        while True:
            try:
                if not await self.complete():
                    await self.clock.sleep(LOOK_SECONDS)
            except Unavailable:
                await self.clock.sleep(LOOK_SECONDS)

    async def complete(self) -> bool:
        """One chunk; whether there may be more."""
        columns, now = EVENTS.c, self.clock.now()
        query = (
            select(EVENTS)
            .where(columns.id > self.done, columns.time > micros(now - BACK), columns.time <= micros(now - AFTER))
            .where(
                columns.action.in_(("update", "patch")), columns.outcome == "success", columns.subresource != "status"
            )
            .where(columns.changes == "[]", columns.revision != "")
            .order_by(columns.id)
            .limit(CHUNK)
        )
        async with self.database.read(SCHEMA) as connection:
            events = (await connection.execute(query)).all()
        found: list[tuple[int, str]] = []
        for event in events:
            namespace = "" if (event.group, event.resource) == ("", "namespaces") else event.namespace
            where = event.cluster, event.group, event.resource, namespace, event.name
            change = await self.changed.change(*where, event.revision)
            if change is not None:
                found.append((event.id, changed_fields(event.group, event.resource, *change)))
        if found:
            await finished(self._add(found))
        if events:
            self.done = events[-1].id
        return len(events) == CHUNK

    async def _add(self, found: list[tuple[int, str]]) -> None:
        async with self.database.begin(SCHEMA) as connection:
            for number, fields in found:
                await connection.execute(update(EVENTS).where(EVENTS.c.id == number).values(changes=fields))
