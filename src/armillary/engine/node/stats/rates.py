"""CPU use as a rate, from counters read now and then. Pure but for what it remembers."""

from dataclasses import dataclass
from datetime import datetime

_LEAST_SECONDS = 1.0  # closer readings give no steady rate: the last one stands


@dataclass(slots=True)
class _Point:
    time: datetime
    nanoseconds: int
    nano_cores: int | None
    window_seconds: float


@dataclass(frozen=True, slots=True)
class Rate:
    nano_cores: int
    window_seconds: float


class Rates:
    """Rates by key, each over the time since the reading before."""

    def __init__(self) -> None:
        self._points: dict[str, _Point] = {}

    def note(self, key: str, nanoseconds: int, now: datetime, started: datetime | None) -> Rate | None:
        """Take a reading in. The first one of something that has just started is a rate since its start."""
        last = self._points.get(key)
        if last is None or nanoseconds < last.nanoseconds:  # new, or made anew under the same name
            last = _Point(started, 0, None, 0.0) if started is not None else None
        if last is None:
            self._points[key] = _Point(now, nanoseconds, None, 0.0)
            return None
        passed = (now - last.time).total_seconds()
        if passed < _LEAST_SECONDS:
            self._points[key] = last
            return None if last.nano_cores is None else Rate(last.nano_cores, last.window_seconds)
        rate = Rate(int((nanoseconds - last.nanoseconds) / passed), passed)
        self._points[key] = _Point(now, nanoseconds, rate.nano_cores, passed)
        return rate

    def keep_only(self, keys: set[str]) -> None:
        self._points = {key: point for key, point in self._points.items() if key in keys}
