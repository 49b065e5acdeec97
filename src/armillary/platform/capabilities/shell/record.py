"""One shell as it is kept: a Secret, which owns everything else of it. Pure.

A session has one shell, named by the session's hash. Its Secret holds the kubeconfig, and in annotations whose it is
and when it was last used; with the Secret go the pod and the right to enter it.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from armillary.base.clock import age, format_time, parse_time
from armillary.kube.kinds.core import Secret

OWNER_LABEL = "shell.armillary.io/owner"
USER, SESSION, USED, EXPIRES = (f"shell.armillary.io/{word}" for word in ("user", "session", "used", "expires"))
IDLE = timedelta(minutes=15)  # without a terminal
NOTE_AFTER = timedelta(minutes=1)  # use is written down at most this often
LEFT = timedelta(minutes=4)  # who has one open says so every minute


class Over(Enum):
    """Why a shell ends."""

    SIGNED_OUT = "the session has ended"
    IDLE = "no terminal is open"
    OLD = "its credential has run out"


@dataclass(frozen=True, slots=True)
class Record:
    """What is known of a shell beside its pod. `used` and `expires` are RFC 3339."""

    name: str
    user: str
    session: str
    used: str
    expires: str


def name_of(session: str) -> str:
    """Of a session's shell and all its objects."""
    return f"shell-{_hash(session)}"


def owner_of(user: str) -> str:
    """A user's name as a label's value: names may be longer than labels."""
    return _hash(user)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def annotations(user: str, session: str, now: datetime, expires: datetime) -> dict[str, str]:
    return {USER: user, SESSION: session, USED: format_time(now), EXPIRES: format_time(expires)}


def record_of(secret: Secret) -> Record:
    """What is missing counts as long ago: somebody has changed it."""
    said = secret.metadata.annotations
    made = secret.metadata.creation_timestamp
    return Record(
        secret.metadata.name, said.get(USER, ""), said.get(SESSION, ""), said.get(USED, made), said.get(EXPIRES, made)
    )


def over(record: Record, now: datetime, *, is_signed_in: bool) -> Over | None:
    """Why it has to end now; None while it goes on."""
    if not is_signed_in:
        return Over.SIGNED_OUT
    if parse_time(record.expires) <= now:
        return Over.OLD
    return Over.IDLE if age(record.used, now) > IDLE else None


def is_to_note(record: Record, now: datetime) -> bool:
    return age(record.used, now) > NOTE_AFTER


def is_left(record: Record, now: datetime) -> bool:
    """Whether nobody seems to have it open: it may make way for another of its user's."""
    return age(record.used, now) > LEFT
