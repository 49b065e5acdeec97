"""How much one caller may have under way at once, so that a greedy client starves nobody else."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from armillary.base.errors import TooManyRequests

MOST_REQUESTS, MOST_STREAMS = 100, 500  # of one user
RETRY_SECONDS = 1


@dataclass(slots=True)
class Shares:
    """Counts what is under way. Requests are answered soon; streams last."""

    most_requests: int = MOST_REQUESTS
    most_streams: int = MOST_STREAMS
    _held: Counter[tuple[str, bool]] = field(default_factory=Counter)

    @contextmanager
    def held(self, user: str, *, is_stream: bool = False) -> Iterator[None]:
        """Raises TooManyRequests if this user has as many already."""
        key, most = (user, is_stream), self.most_streams if is_stream else self.most_requests
        if self._held[key] >= most:
            what = "streams open" if is_stream else "requests under way"
            raise TooManyRequests(f"you have {most} {what} already", retry_after_seconds=RETRY_SECONDS)
        self._held[key] += 1
        try:
            yield
        finally:
            self._held[key] -= 1
            if not self._held[key]:
                del self._held[key]
