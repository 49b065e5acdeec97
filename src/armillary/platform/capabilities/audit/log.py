"""The log itself: takes deeds without waiting, and writes them in batches."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from prometheus_client.core import CounterMetricFamily, Metric
from sqlalchemy import delete, insert
from sqlalchemy.exc import SQLAlchemyError

from armillary.base.backoff import Backoff
from armillary.base.clock import Clock
from armillary.base.errors import Unavailable
from armillary.platform.capabilities.audit.decide import Row, micros, row_of
from armillary.platform.capabilities.audit.tables import EVENTS, SCHEMA
from armillary.platform.frame.database import finished
from armillary.platform.frame.parts import Database, Deed

log = logging.getLogger(__name__)

MOST_WAITING = 20_000
MOST_WAITING_BYTES = 64 << 20
BATCH = 200
LINGER_SECONDS = 0.05  # for more to come
DRAIN_SECONDS = 10.0
RETRY = Backoff(first_seconds=0.2, most_seconds=10.0)

WorkspaceOf = Callable[[str, str], str]  # by cluster and namespace; "" if it is nobody's


class AuditLog:
    """`Parts.audit`. Registered with a prometheus registry, it tells what it has kept and what it had to drop."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._waiting: deque[tuple[datetime, Deed]] = deque()
        self._bytes = 0
        self._wake = asyncio.Event()
        self.written = 0
        self.dropped = 0

    def note(self, deed: Deed) -> None:
        """Never waits and never raises."""
        size = len(deed.before) + len(deed.after)
        if len(self._waiting) >= MOST_WAITING or self._bytes + size > MOST_WAITING_BYTES:
            self.dropped += 1
            return
        self._waiting.append((self._clock.now(), deed))
        self._bytes += size
        self._wake.set()

    def collect(self) -> Iterable[Metric]:
        """As prometheus_client asks."""
        yield CounterMetricFamily("armillary_audit_written", "Deeds kept.", value=self.written)
        yield CounterMetricFamily("armillary_audit_dropped", "Deeds that could not be kept.", value=self.dropped)

    async def run(self, database: Database, workspace_of: WorkspaceOf) -> None:
        """Until cancelled; what waits then is still written."""
        failures = 0
        try:
            while True:
                await self._wake.wait()
                await self._clock.sleep(LINGER_SECONDS)
                try:
                    await self._write_waiting(database, workspace_of)
                    failures = 0
                except Unavailable as exc:
                    failures += 1
                    log.warning("deeds wait for the database", extra={"waiting": len(self._waiting), "error": str(exc)})
                    await self._clock.sleep(RETRY.after(failures))
        finally:
            async with asyncio.timeout(DRAIN_SECONDS):
                await self._write_waiting(database, workspace_of)

    async def _write_waiting(self, database: Database, workspace_of: WorkspaceOf) -> None:
        while self._waiting:
            batch = [self._waiting[n] for n in range(min(BATCH, len(self._waiting)))]
            rows = [row_of(deed, at, workspace_of(deed.cluster, deed.namespace)) for at, deed in batch]
            await finished(self._keep(database, batch, rows))
        self._wake.clear()

    async def _keep(self, database: Database, batch: list[tuple[datetime, Deed]], rows: list[Row]) -> None:
        await self._write(database, rows)
        for _, deed in batch:
            self._waiting.popleft()
            self._bytes -= len(deed.before) + len(deed.after)

    async def _write(self, database: Database, rows: list[Row]) -> None:
        try:
            async with database.begin(SCHEMA) as connection:
                await connection.execute(insert(EVENTS), rows)
            self.written += len(rows)
        except (SQLAlchemyError, OverflowError) as exc:
            if len(rows) == 1:
                self.dropped += 1
                log.warning("a deed can't be kept", extra={"action": rows[0]["action"], "error": str(exc)})
                return
            for row in rows:  # one that the database refuses must not take the others along
                await self._write(database, [row])


async def forget(database: Database, now: datetime, days: int) -> None:
    """Let go of deeds older than that."""
    async with database.begin(SCHEMA) as connection:
        await connection.execute(delete(EVENTS).where(EVENTS.c.time < micros(now - timedelta(days=days))))
