"""A clock that a test moves."""

import asyncio
from datetime import UTC, datetime, timedelta


class TestClock:
    __test__ = False

    def __init__(self) -> None:
        self.time = datetime(2026, 1, 1, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time

    def monotonic(self) -> float:
        return self.time.timestamp()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)

    def pass_seconds(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)
