"""When an account is locked after wrong passwords, and when an address has tried too often."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address

FREE_FAILURES = 4  # the fifth locks
FIRST_LOCK = timedelta(seconds=30)
LONGEST_LOCK = timedelta(minutes=15)  # an attacker must not keep somebody out for good
FORGOTTEN_AFTER = timedelta(hours=24)

BURST = 30.0  # failed sign-ins from one address at once
PER_SECOND = 0.5  # and from then on


@dataclass(frozen=True, slots=True)
class Guesses:
    """Wrong passwords for one account since the last right one."""

    failures: int = 0
    last: datetime | None = None
    locked_until: datetime | None = None


def is_locked(guesses: Guesses, now: datetime) -> bool:
    return guesses.locked_until is not None and now < guesses.locked_until


def after_failure(guesses: Guesses, now: datetime) -> Guesses:
    """While locked nothing counts: else whoever keeps guessing would keep the owner out."""
    if is_locked(guesses, now):
        return guesses
    if guesses.last is not None and now - guesses.last > FORGOTTEN_AFTER:
        guesses = Guesses()
    failures = guesses.failures + 1
    if failures <= FREE_FAILURES:
        return Guesses(failures, now)
    doublings = min(failures - FREE_FAILURES - 1, 10)
    return Guesses(failures, now, now + min(FIRST_LOCK * 2**doublings, LONGEST_LOCK))


@dataclass(frozen=True, slots=True)
class Bucket:
    """A token bucket as of a moment of the monotonic clock."""

    left: float = BURST
    at: float = 0.0


def take(bucket: Bucket, now: float) -> tuple[Bucket, bool]:
    """The bucket afterwards, and whether there was one to take."""
    left = min(BURST, bucket.left + max(0.0, now - bucket.at) * PER_SECOND)
    return (Bucket(left - 1, now), True) if left >= 1 else (Bucket(left, now), False)


def give_back(bucket: Bucket) -> Bucket:
    return replace(bucket, left=min(BURST, bucket.left + 1))


def origin_of(address: str) -> str:
    """Whom an address stands for: a /64 is one site's in IPv6."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is None:
        return str(IPv6Address(int(parsed) >> 64 << 64))
    return str(parsed)
