"""How much one user may have computed for what they look at, on all their sockets, so that nobody else waits for it."""

from dataclasses import dataclass, field

from armillary.base.clock import Clock

SHARE = 0.5  # of one processor


@dataclass(slots=True)
class Budget:
    """Who has had something computed waits in proportion before the next."""

    clock: Clock
    _free_at: dict[str, float] = field(default_factory=dict)

    async def wait(self, user: str) -> None:
        """Until something may be computed for them."""
        while (left := self._free_at.get(user, 0.0) - self.clock.monotonic()) > 0:
            await self.clock.sleep(left)
        self._free_at.pop(user, None)

    def pay(self, user: str, seconds: float) -> None:
        """So long it took."""
        if seconds > 0:
            now = self.clock.monotonic()
            self._free_at[user] = max(self._free_at.get(user, 0.0), now) + seconds / SHARE
