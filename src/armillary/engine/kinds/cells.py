"""Columns of `kubectl get` by where their values stand in the object."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from armillary.engine.kinds.columns import NONE, container_images, container_names, template_containers
from armillary.engine.kinds.fields import dig
from armillary.engine.kinds.resource import Column, Json


def text(name: str, *path: str, absent: str = "", priority: int = 0, description: str = "") -> Column:
    """A text; `absent` stands for one that is not there or empty."""

    def value(obj: Json, now: datetime) -> Any:
        return dig(obj, *path) or absent

    return Column(name, "string", value, description, priority=priority)


def number(name: str, *path: str, type: str = "integer", priority: int = 0, description: str = "") -> Column:
    """An integer, 0 when it is not there."""

    def value(obj: Json, now: datetime) -> Any:
        return dig(obj, *path) or 0

    return Column(name, type, value, description, priority=priority)


def flag(name: str, *path: str, absent: bool = False, type: str = "boolean", description: str = "") -> Column:
    """True or false."""

    def value(obj: Json, now: datetime) -> Any:
        found = dig(obj, *path)
        return absent if found is None else found

    return Column(name, type, value, description)


def count(name: str, *path: str, description: str = "") -> Column:
    """How many items a list has."""

    def value(obj: Json, now: datetime) -> Any:
        return len(dig(obj, *path) or ())

    return Column(name, "integer", value, description)


def some(items: Sequence[str], most: int, total: int | None = None, absent: str = "<unset>") -> str:
    """The first few of a list, and how many more there are."""
    shown = ",".join(items[:most])
    more = (len(items) if total is None else total) - most
    return f"{shown} + {more} more..." if more > 0 else shown or absent


def format_selector(selector: Json | None) -> str:
    """A LabelSelector as kubectl shows and takes it; empty when it asks for nothing."""
    if not selector:
        return ""
    terms = [(key, f"{key}={value}") for key, value in (selector.get("matchLabels") or {}).items()]
    for requirement in selector.get("matchExpressions") or ():
        key, values = requirement.get("key") or "", ",".join(sorted(requirement.get("values") or ()))
        match requirement.get("operator"):
            case "In":
                terms.append((key, f"{key} in ({values})"))
            case "NotIn":
                terms.append((key, f"{key} notin ({values})"))
            case "Exists":
                terms.append((key, key))
            case "DoesNotExist":
                terms.append((key, f"!{key}"))
            case _:
                return "<error>"
    return ",".join(term for _, term in sorted(terms, key=lambda t: t[0]))


def selector(name: str, *path: str, absent: str = NONE, priority: int = 0, description: str = "") -> Column:
    """A LabelSelector."""

    def value(obj: Json, now: datetime) -> str:
        return format_selector(dig(obj, *path)) or absent

    return Column(name, "string", value, description, priority=priority)


CONTAINERS = Column(
    "Containers",
    "string",
    lambda obj, now: container_names(template_containers(obj)),
    "Names of the containers in the template.",
    priority=1,
)
IMAGES = Column(
    "Images",
    "string",
    lambda obj, now: container_images(template_containers(obj)),
    "Images of the containers in the template.",
    priority=1,
)

# What kinds without columns of their own show, in place of an age.
CREATED_AT = Column(
    "Created At",
    "string",
    lambda obj, now: dig(obj, "metadata", "creationTimestamp") or "",
    "When the object was created.",
)
