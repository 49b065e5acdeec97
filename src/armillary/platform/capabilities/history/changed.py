"""What a write changed, for audit: the version it made, and the one before."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from armillary.platform.capabilities.history.read import Named, bodies, versions
from armillary.platform.frame.parts import Database


@dataclass(frozen=True, slots=True)
class RecordedChanges:
    database: Database

    async def change(
        self, cluster: str, group: str, resource: str, namespace: str, name: str, revision: str
    ) -> tuple[Mapping[str, Any], Mapping[str, Any]] | None:
        """None unless both were seen, with nothing unseen between them."""
        found = await versions(self.database, Named(cluster, group, resource, namespace, name))
        at = next((n for n, version in enumerate(found) if version.revision == revision), None)
        if at is None or at + 1 == len(found) or found[at].late or found[at].of.id != found[at + 1].of.id:
            return None
        after, before = await bodies(self.database, found[at : at + 2])
        return before, after
