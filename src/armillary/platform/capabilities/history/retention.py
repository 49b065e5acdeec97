"""How long history is kept: by time, and by the number of versions of an object."""

from datetime import datetime, timedelta

from sqlalchemy import text

from armillary.platform.capabilities.history.tables import SCHEMA
from armillary.platform.frame.parts import Database

MOST_VERSIONS = 200
LATELY = timedelta(hours=1)

# The version that counted at the limit stays: without it nobody could tell what there was since.
_STEPS = (
    """DELETE FROM history_versions WHERE time < :limit AND EXISTS (
        SELECT 1 FROM history_versions AS later WHERE later.object = history_versions.object
        AND later.number > history_versions.number AND later.time < :limit)""",
    """DELETE FROM history_versions WHERE number <= (
        SELECT latest - :most FROM history_objects WHERE history_objects.id = history_versions.object)""",
    """DELETE FROM history_versions WHERE object IN (
        SELECT id FROM history_objects WHERE deleted > 0 AND deleted < :limit)""",
    """DELETE FROM history_owners WHERE object IN (
        SELECT id FROM history_objects WHERE deleted > 0 AND deleted < :limit)""",
    "DELETE FROM history_objects WHERE deleted > 0 AND deleted < :limit",
    """DELETE FROM history_bases WHERE used < :lately AND NOT EXISTS (
        SELECT 1 FROM history_versions WHERE history_versions.basis = history_bases.id)""",
)


async def forget(database: Database, now: datetime, days: int, most_versions: int = MOST_VERSIONS) -> None:
    """Let go of what is older than that, or more than that."""
    values = {"limit": _micros(now - timedelta(days=days)), "lately": _micros(now - LATELY), "most": most_versions}
    async with database.begin(SCHEMA) as connection:
        for step in _STEPS:
            await connection.execute(text(step), {name: value for name, value in values.items() if f":{name}" in step})


def _micros(moment: datetime) -> int:
    return round(moment.timestamp() * 1_000_000)
