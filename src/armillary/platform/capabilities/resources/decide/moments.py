"""Cells whose text is true only at the moment it was said ("5m"): what stands in their place. Pure."""

import re
from collections.abc import Callable, Mapping
from functools import partial
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

_STEP = re.compile(r"\.((?:[^.\[\\]|\\.)+)|\[(\d+)\]|\['([^']*)'\]")


def steps_of(path: str) -> tuple[str | int, ...] | None:
    """The keys and indexes of a JSON path that leads to one place; None of one that searches."""
    steps, at = list[str | int](), 0
    for found in _STEP.finditer(path):
        if found.start() != at:
            return None
        key, index, quoted = found.groups()
        steps.append(int(index) if index else quoted if quoted is not None else re.sub(r"\\(.)", r"\1", key))
        at = found.end()
    return tuple(steps) if steps and at == len(path) else None


def _at(steps: tuple[str | int, ...], obj: Mapping[str, Any], said: Cell) -> Cell:
    value: Any = obj
    for step in steps:
        match value, step:
            case dict(), str():
                value = value.get(step)
            case list(), int():
                value = value[step] if step < len(value) else None
            case _:
                return ""
    return str(value) if isinstance(value, str) else ""


def moments_of(definition: Mapping[str, Any], version: str) -> Mapping[str, Lasting]:
    """The columns of a custom resource that are moments, by title: the server says only how long ago they were."""
    versions = (definition.get("spec") or {}).get("versions") or ()
    columns = next((each.get("additionalPrinterColumns") for each in versions if each.get("name") == version), None)
    found = dict[str, Lasting]()
    for column in columns or ():
        steps = steps_of(str(column.get("jsonPath"))) if column.get("type") == "date" else None
        if steps is not None:
            found[str(column["name"])] = "date", partial(_at, steps)
    return found
