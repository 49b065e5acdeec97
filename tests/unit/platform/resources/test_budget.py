"""Who has much computed waits for it, and nobody else does."""

import pytest

from armillary.base.clock import SystemClock
from armillary.platform.capabilities.resources.live.budget import SHARE, Budget


class Turned(SystemClock):
    """Time that passes only while somebody sleeps."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def monotonic(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        self.seconds += seconds


async def test_one_waits_in_proportion_to_what_was_computed() -> None:
    clock = Turned()
    budget = Budget(clock)
    for seconds in (0.01, 0.03):
        budget.pay("ann", seconds)
    await budget.wait("bob")
    assert clock.seconds == 100.0
    await budget.wait("ann")
    assert clock.seconds == pytest.approx(100.0 + 0.04 / SHARE)
    await budget.wait("ann")
    assert clock.seconds == pytest.approx(100.0 + 0.04 / SHARE)
