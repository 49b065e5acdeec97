"""Cells whose text is true only at the moment it was said ("5m"): what stands in their place. Pure."""

from collections.abc import Callable, Mapping
from typing import Any

from armillary.platform.capabilities.resources.decide.grammar import Cell

Lasting = tuple[str, Callable[[Mapping[str, Any], Cell], Cell]]  # the column's type; the cell, by object and text


def seen_at(event: Mapping[str, Any]) -> str:
    """When an event was last seen."""
    series = event.get("series") or {}
    times = (
        series.get("lastObservedTime"),
        event.get("lastTimestamp"),
        event.get("eventTime"),
        event.get("firstTimestamp"),
        event["metadata"].get("creationTimestamp"),
    )
    return next((str(time) for time in times if time), "")


def _last_seen(event: Mapping[str, Any], said: Cell) -> Cell:
    return seen_at(event)


def _first_seen(event: Mapping[str, Any], said: Cell) -> Cell:
    return str(event.get("firstTimestamp") or event.get("eventTime") or "")


def _last_schedule(job: Mapping[str, Any], said: Cell) -> Cell:
    return str((job.get("status") or {}).get("lastScheduleTime") or "")


def _duration(job: Mapping[str, Any], said: Cell) -> Cell:
    """Of a job that is done; how long another has run, clients know themselves."""
    return said if (job.get("status") or {}).get("completionTime") else ""


_EVENTS: Mapping[str, Lasting] = {"Last Seen": ("date", _last_seen), "First Seen": ("date", _first_seen)}
# By group and plural, then by title.
LASTING: Mapping[tuple[str, str], Mapping[str, Lasting]] = {
    ("", "events"): _EVENTS,
    ("events.k8s.io", "events"): _EVENTS,
    ("batch", "cronjobs"): {"Last Schedule": ("date", _last_schedule)},
    ("batch", "jobs"): {"Duration": ("string", _duration)},
}
