"""The life of one supervised part, as a function of what happened to it. Pure; the supervisor obeys."""

from dataclasses import dataclass, replace
from enum import Enum

from armillary.base.backoff import Backoff

RESTART = Backoff(first_seconds=0.5, most_seconds=30.0)
STEADY_SECONDS = 60.0  # a part that ran this long has recovered: its next crash counts as the first


class State(Enum):
    """What a part is doing."""

    WAITING = "waiting"  # not started yet
    STARTING = "starting"
    READY = "ready"
    BACKING_OFF = "backing off"  # crashed; waits before the next start
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class PartStatus:
    """What is known of a part. Times are seconds of the monotonic clock."""

    name: str
    state: State = State.WAITING
    pid: int = 0
    started_at: float = 0.0
    ready_seconds: float = 0.0  # from start to ready
    restarts: int = 0
    failures: int = 0  # crashes in a row
    last_exit: str = ""
    detail: str = ""  # the part's own words about what it does


def started(part: PartStatus, pid: int, now: float) -> PartStatus:
    return replace(part, state=State.STARTING, pid=pid, started_at=now, ready_seconds=0.0, detail="")


def became_ready(part: PartStatus, now: float) -> PartStatus:
    if part.state is not State.STARTING:
        return part
    return replace(part, state=State.READY, ready_seconds=now - part.started_at)


def exited(part: PartStatus, code: int, now: float) -> tuple[PartStatus, float]:
    """After a crash: the new status, and seconds until the next start."""
    steady = part.state is State.READY and now - part.started_at >= STEADY_SECONDS
    failures = 1 if steady else part.failures + 1
    how = f"signal {-code}" if code < 0 else f"exit code {code}"
    crashed = replace(
        part, state=State.BACKING_OFF, pid=0, restarts=part.restarts + 1, failures=failures, last_exit=how
    )
    return crashed, RESTART.after(failures)


def stopped(part: PartStatus) -> PartStatus:
    return replace(part, state=State.STOPPED, pid=0)
