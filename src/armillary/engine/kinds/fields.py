"""Reading and filling objects as decoded from JSON, in which anything optional may be absent."""

from typing import Any

from armillary.engine.kinds.resource import Json


def part(obj: Json, key: str) -> Json:
    """The object in that field, made when it is not there: what Go has as a struct is always written."""
    found: Json | None = obj.get(key)
    if found is None:
        obj[key] = found = {}
    return found


def fill(obj: Json, **defaults: Any) -> None:
    """Give the fields that are not there their default values."""
    for key, value in defaults.items():
        if obj.get(key) is None:
            obj[key] = value


def fill_empty(obj: Json, **defaults: Any) -> None:
    """As `fill`, also for fields that are there and empty."""
    for key, value in defaults.items():
        if not obj.get(key):
            obj[key] = value


def dig(obj: Any, *path: str) -> Any:
    """The value at the end of a path of fields; None when the path breaks off."""
    for key in path:
        if not obj:
            return None
        obj = obj.get(key)
    return obj


def spec_of(obj: Json) -> Json:
    return obj.get("spec") or {}


def status_of(obj: Json) -> Json:
    return obj.get("status") or {}
