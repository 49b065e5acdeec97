"""How long to wait before the next try."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Backoff:
    """Doubling from `first_seconds` up to `most_seconds`."""

    first_seconds: float
    most_seconds: float

    def after(self, failures: int) -> float:
        """Seconds to wait after that many failures in a row (1 or more)."""
        # 2**30 is past any limit in use; a larger exponent would only make a huge number to throw away.
        return min(self.most_seconds, self.first_seconds * 2.0 ** min(failures - 1, 30))
