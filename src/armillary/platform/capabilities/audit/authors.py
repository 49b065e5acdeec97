"""Who made which version of an object, for history: found by the resourceVersion that a write was answered with."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import select

from armillary.platform.capabilities.audit.tables import EVENTS, SCHEMA
from armillary.platform.frame.parts import Database

MOST = 1000


@dataclass(frozen=True, slots=True)
class AuditAuthors:
    """Knows the writes that went through the platform."""

    database: Database

    async def authors(
        self, cluster: str, group: str, resource: str, namespace: str, name: str, revisions: Collection[str]
    ) -> Mapping[str, str]:
        """Users by resourceVersion."""
        columns = EVENTS.c
        query = (
            select(columns.revision, columns.user)
            .where(
                columns.cluster == cluster,
                columns.group == group,
                columns.resource == resource,
                columns.namespace == (name if (group, resource) == ("", "namespaces") else namespace),
                columns.name == name,
                columns.outcome == "success",
                columns.revision.in_(sorted(revisions)[:MOST]),
            )
            .order_by(columns.id.desc())  # a write that changed nothing is answered with the revision that was there
        )
        async with self.database.read(SCHEMA) as connection:
            return {row.revision: row.user for row in await connection.execute(query)}
