"""A part's life: starts, readiness, crashes and how long it waits after them."""

from armillary.allinone.lifecycle import PartStatus, State, became_ready, exited, started, stopped
from armillary.allinone.notify import parse_notification


def test_from_start_to_ready() -> None:
    part = became_ready(started(PartStatus("api"), pid=7, now=10.0), now=10.5)
    assert (part.state, part.pid, part.ready_seconds) == (State.READY, 7, 0.5)
    assert became_ready(part, now=99.0) == part, "a second word changes nothing"


def test_crashes_in_a_row_wait_longer_and_a_steady_run_is_forgiven() -> None:
    part, waits = PartStatus("api"), []
    now = 0.0
    for _ in range(9):
        part, seconds = exited(started(part, 7, now), 1, now + 1)
        waits.append(seconds)
    assert waits == [0.5, 1, 2, 4, 8, 16, 30, 30, 30]
    assert (part.restarts, part.last_exit, part.state) == (9, "exit code 1", State.BACKING_OFF)
    part, seconds = exited(became_ready(started(part, 8, now), now), -9, now + 100)
    assert (seconds, part.failures, part.last_exit) == (0.5, 1, "signal 9")
    assert stopped(part).state is State.STOPPED


def test_notifications() -> None:
    assert parse_notification(b"READY=1\nSTATUS=a=b\nnonsense\n") == {"READY": "1", "STATUS": "a=b"}
