"""When an account is locked for wrong passwords, and for how long. Pure."""

from datetime import datetime, timedelta

FREE_FAILURES = 5
FIRST, LONGEST = timedelta(minutes=1), timedelta(minutes=30)


def locked_until(failures: int, now: datetime) -> datetime | None:
    """After that many failures in a row: from the fifth on a minute, twice as long each time, half an hour at most."""
    if failures < FREE_FAILURES:
        return None
    return now + min(LONGEST, FIRST * (1 << min(failures - FREE_FAILURES, 10)))
