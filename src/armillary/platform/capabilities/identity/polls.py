"""How often devices ask whether they have been let in: here in memory, so each replica counts its own."""

from collections import OrderedDict
from dataclasses import dataclass, field

from armillary.base.clock import Clock
from armillary.platform.capabilities.identity.decide.oauth import Poll, polled
from armillary.platform.capabilities.identity.secrets import token_hash
from armillary.platform.capabilities.identity.signin import remember


@dataclass(slots=True)
class Polls:
    """The longest silent devices are forgotten first."""

    clock: Clock
    _last: OrderedDict[str, Poll] = field(default_factory=OrderedDict)

    def is_too_soon(self, code: str) -> bool:
        """Counts this question."""
        device = token_hash(code)
        poll, is_in_time = polled(self._last.get(device), self.clock.monotonic())
        remember(self._last, device, poll)
        return not is_in_time
