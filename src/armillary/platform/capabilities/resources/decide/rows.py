"""Objects as rows: what a list shows, searches and sorts, and the object itself, packed. Pure.

Rows are what the API server makes of an object for `kubectl get` (meta/v1 Table), so that every kind has its columns
and its words. What is true only at the moment it was said ("5m ago") is left out: clients know the time themselves.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from sys import intern
from types import MappingProxyType
from typing import Any

import orjson
import zstandard

from armillary.platform.capabilities.resources.decide.grammar import Cell, column_name
from armillary.platform.capabilities.resources.decide.moments import LASTING, Lasting

_AGO = re.compile(r" \(.*ago\)$")
_PACKER = zstandard.ZstdCompressor(level=3)
_UNPACKER = zstandard.ZstdDecompressor()
NAME, NAMESPACE, CREATED = "name", "namespace", "created"
OWN_COLUMNS = ("Name", "Age", "Created At")  # what every row has by itself


@dataclass(frozen=True, slots=True)
class Columns:
    """Titles of the cells that are kept, and where they stand in what the server sends."""

    titles: tuple[str, ...]
    types: tuple[str, ...]
    places: tuple[int, ...]
    lasting: tuple[Lasting | None, ...] = ()  # in place of what the server says; none at all if empty

    @property
    def index(self) -> Mapping[str, int]:
        return _index(self.titles)


@lru_cache(maxsize=1024)  # asked for with every change
def _index(titles: tuple[str, ...]) -> Mapping[str, int]:
    """By name; a name that is there already gets a number."""
    found: dict[str, int] = {}
    for number, title in enumerate(titles):
        name = column_name(title)
        found[name if name not in found else f"{name}-{number}"] = number
    return MappingProxyType(found)


@dataclass(frozen=True, slots=True)
class Row:
    namespace: str
    name: str
    uid: str
    created: str
    labels: Mapping[str, str]
    cells: tuple[Cell, ...]
    text: str  # what is searched, in lower case
    packed: bytes
    owners: tuple[str, ...] = ()  # uids of what it belongs to; of an event, of what it is about

    def looks_as(self, other: "Row") -> bool:
        """Whether a list shows the same of both."""
        mine = self.uid, self.name, self.namespace, self.cells, self.labels
        return mine == (other.uid, other.name, other.namespace, other.cells, other.labels)


def columns_of(
    definitions: Sequence[Mapping[str, Any]],
    kind: tuple[str, str] = ("", ""),
    moments: Mapping[str, Lasting] = MappingProxyType({}),
) -> Columns:
    """Without name and age, which every row has by itself. `kind`: group and plural; `moments`: of a custom one."""
    told = {**LASTING.get(kind, {}), **moments}
    kept = [
        (number, str(d["name"]), str(d.get("type", "string")))
        for number, d in enumerate(definitions)
        if d["name"] not in OWN_COLUMNS and (d.get("type") != "date" or d["name"] in told)
    ]
    lasting = tuple(told.get(name) for _, name, _ in kept)
    types = tuple(last[0] if last is not None else k[2] for k, last in zip(kept, lasting, strict=True))
    return Columns(tuple(k[1] for k in kept), types, tuple(k[0] for k in kept), lasting if any(lasting) else ())


def row_of(columns: Columns, sent: Mapping[str, Any], *, secret: bool = False) -> Row:
    """`secret`: keep metadata only, for what holds secrets."""
    obj: dict[str, Any] = sent["object"]
    meta: dict[str, Any] = obj["metadata"]
    meta.pop("managedFields", None)
    cells = tuple(_cell(sent["cells"][place]) for place in columns.places)
    if columns.lasting:
        cells = tuple(c if last is None else last[1](obj, c) for c, last in zip(cells, columns.lasting, strict=True))
    labels = {key: intern(value) for key, value in (meta.get("labels") or {}).items()}
    if secret:
        obj = {key: value for key, value in obj.items() if key not in ("data", "stringData")}
        annotations = meta.get("annotations") or {}
        annotations.pop("kubectl.kubernetes.io/last-applied-configuration", None)
    return Row(
        namespace=intern(meta.get("namespace", "")),
        name=meta["name"],
        uid=meta.get("uid", ""),
        created=meta.get("creationTimestamp") or "",
        labels=labels,
        cells=cells,
        text=_text(meta, labels, cells, _images(obj)),
        packed=_PACKER.compress(orjson.dumps(obj)),
        owners=_owners(obj, meta),
    )


def object_of(row: Row) -> Any:
    return orjson.loads(_UNPACKER.decompress(row.packed))


def cell_of(row: Row, column: str, index: Mapping[str, int]) -> Cell:
    """By a column's name; `name`, `namespace` and `created` are everybody's."""
    match column:
        case "name":
            return row.name
        case "namespace":
            return row.namespace
        case "created":
            return row.created
    return row.cells[index[column]]


def cells_of(rows: Sequence[Row], column: str, index: Mapping[str, int]) -> list[Cell]:
    """A column of many rows."""
    match column:
        case "name":
            return [row.name for row in rows]
        case "namespace":
            return [row.namespace for row in rows]
        case "created":
            return [row.created for row in rows]
    place = index[column]
    return [row.cells[place] for row in rows]


def known_columns(columns: Columns) -> dict[str, int]:
    return {NAME: -1, NAMESPACE: -1, CREATED: -1} | dict(columns.index)


def _cell(value: Any) -> Cell:
    if isinstance(value, str):
        plain = _AGO.sub("", value)
        return "" if plain in ("<none>", "<unset>") else intern(plain)
    return value if isinstance(value, int | float | bool) or value is None else str(value)


def _owners(obj: Mapping[str, Any], meta: Mapping[str, Any]) -> tuple[str, ...]:
    about = obj.get("involvedObject")
    if isinstance(about, dict):
        return (str(about["uid"]),) if about.get("uid") else ()
    return tuple(str(owner.get("uid") or "") for owner in meta.get("ownerReferences") or ())


def _images(obj: Mapping[str, Any]) -> list[str]:
    """Of a pod, or of what makes pods."""
    spec = obj.get("spec")
    if not isinstance(spec, dict):
        return []
    template = spec.get("template")
    pod = template.get("spec") if isinstance(template, dict) else spec
    containers = pod.get("containers") if isinstance(pod, dict) else None
    found = [c.get("image") for c in containers if isinstance(c, dict)] if isinstance(containers, list) else []
    return [image for image in found if isinstance(image, str)]


def _text(meta: Mapping[str, Any], labels: Mapping[str, str], cells: Sequence[Cell], images: Sequence[str]) -> str:
    words = [meta["name"], meta.get("namespace", "")]
    words += [f"{key}={value}" for key, value in labels.items()]
    words += [cell for cell in cells if isinstance(cell, str)]
    words += [image for image in images if image not in words]
    return " ".join(words).lower()
