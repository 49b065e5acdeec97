"""Which events tell of an object, and in which order. Pure."""

from collections.abc import Iterable, Mapping
from typing import Any

from armillary.platform.capabilities.resources.decide.moments import seen_at
from armillary.platform.capabilities.resources.decide.rows import Row


def is_about(row: Row, index: Mapping[str, int], uid: str, kind: str, name: str) -> bool:
    """Whether an event's row is about the object with that uid, if it is given, and that kind and name otherwise."""
    if uid:
        return uid in row.owners
    place = index.get("object")
    return place is not None and row.cells[place] == f"{kind.lower()}/{name}"


def in_order(events: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The newest first; those of one second by name, which ends in their time."""
    return sorted(events, key=lambda event: (seen_at(event), event["metadata"]["name"]), reverse=True)
