"""Which events are due."""

from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from armillary.base.clock import format_micro_time, format_time
from armillary.engine.apiserver.expiry import Expiry
from armillary.engine.store.port import Entry, Key

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def event(name: str, revision: int, created: float, **more: Any) -> Entry:
    """Made so many minutes ago."""
    body = {"metadata": {"name": name, "creationTimestamp": format_time(NOW - minutes(created))}, **more}
    return Entry(Key("events", "d", name), revision, orjson.dumps(body), {}, {})


@pytest.mark.parametrize(
    ("made", "more", "due"),
    [
        (59, {}, False),
        (60, {}, True),
        (90, {"lastTimestamp": format_time(NOW - minutes(5))}, False),
        (90, {"lastTimestamp": format_time(NOW - minutes(70))}, True),
        (5, {"eventTime": "2017-09-19T13:49:16.000000Z"}, False),  # its own times do not make it older than it is
        (90, {"eventTime": format_micro_time(NOW - minutes(5)), "lastTimestamp": None}, False),
        (90, {"series": {"count": 2, "lastObservedTime": format_micro_time(NOW - minutes(5))}}, False),
    ],
)
def test_after_a_start_an_event_tells_its_age(made: float, more: dict[str, Any], due: bool) -> None:
    entries = [event("a", 1, made, **more)]
    assert Expiry().expired(entries, NOW) == [entry.key for entry in entries if due]


def test_an_event_that_is_written_again_stays_for_another_hour() -> None:
    expiry, first = Expiry(), event("a", 1, 0)
    assert expiry.expired([first], NOW) == []
    again = event("a", 2, 0)
    assert expiry.expired([again], NOW + minutes(59)) == []
    assert expiry.expired([again], NOW + minutes(118)) == []
    assert expiry.expired([again], NOW + minutes(119)) == [again.key]


def test_an_event_from_the_future_is_as_old_as_we_know_it() -> None:
    expiry, entry = Expiry(), event("a", 1, 0, lastTimestamp="2036-01-01T00:00:00Z")
    assert expiry.expired([entry], NOW) == []
    assert expiry.expired([entry], NOW + minutes(60)) == [entry.key]
