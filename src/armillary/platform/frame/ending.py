"""The end of a caller's session, kept for a request that has nothing yet which could be ended."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(slots=True)
class Ending:
    """Registered as soon as the caller is known: what is opened afterwards ends at once if the session has ended."""

    is_over: bool = False
    _end: Callable[[], object] | None = None

    def __call__(self) -> None:
        self.is_over = True
        if self._end is not None:
            self._end()

    def then(self, end: Callable[[], object]) -> None:
        """From now on this is what ends."""
        self._end = end
        if self.is_over:
            end()
