"""Objects as rows of a `Table` (meta/v1): what `kubectl get` prints."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from armillary.engine.kinds.columns import AGE, since
from armillary.engine.kinds.resource import Column, Json, Resource

NAME = Column(
    "Name",
    "string",
    lambda obj, now: obj["metadata"].get("name", ""),
    "What the object is called: unique among its kind in its namespace.",
    format="name",
)


def columns_of(resource: Resource) -> tuple[Column, ...]:
    """Name first, then the resource's own; Name and Age for a resource that names none."""
    found = resource.columns or (AGE,)
    return found if any(column.name == NAME.name for column in found) else (NAME, *found)


def definitions(columns: Iterable[Column]) -> list[Json]:
    return [
        {
            "name": column.name,
            "type": "string" if column.type == "date" else column.type,
            "format": column.format,
            "description": column.description,
            "priority": column.priority,
        }
        for column in columns
    ]


def cell(column: Column, obj: Json, now: datetime) -> Any:
    value = column.value(obj, now)
    return since(value, now) if column.type == "date" else value


def partial(obj: Json, version: str = "v1") -> Json:
    """An object's metadata alone."""
    return {
        "kind": "PartialObjectMetadata",
        "apiVersion": f"meta.k8s.io/{version}",
        "metadata": obj["metadata"],
    }


def row(columns: Iterable[Column], obj: Json, now: datetime, include: str, version: str) -> Json:
    """`include` is None, Metadata or Object."""
    found: Json = {"cells": [cell(column, obj, now) for column in columns]}
    if include == "Object":
        found["object"] = obj
    elif include != "None":
        found["object"] = partial(obj, version)
    return found


def make_table(version: str, meta: Mapping[str, Any], columns: list[Json] | None, rows: list[Json]) -> Json:
    return {
        "kind": "Table",
        "apiVersion": f"meta.k8s.io/{version}",
        "metadata": meta,
        "columnDefinitions": columns,
        "rows": rows,
    }
