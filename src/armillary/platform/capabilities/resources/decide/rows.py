"""Objects as rows: what a list shows, searches and sorts, and the object itself, packed. Pure.

Rows are what the API server makes of an object for `kubectl get` (meta/v1 Table), so that every kind has its columns
and its words. What is true only at the moment it was said ("5m ago") is left out: clients know the time themselves.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

import orjson
import zstandard

from armillary.platform.capabilities.resources.decide.grammar import Cell, column_name

_AGO = re.compile(r" \(.*ago\)$")
_PACKER = zstandard.ZstdCompressor(level=3)
_UNPACKER = zstandard.ZstdDecompressor()
NAME, NAMESPACE, CREATED = "name", "namespace", "created"


@dataclass(frozen=True, slots=True)
class Columns:
    """Titles of the cells that are kept, and where they stand in what the server sends."""

    titles: tuple[str, ...]
    types: tuple[str, ...]
    places: tuple[int, ...]

    @property
    def index(self) -> Mapping[str, int]:
        return {column_name(title): number for number, title in enumerate(self.titles)}


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


def columns_of(definitions: Sequence[Mapping[str, Any]]) -> Columns:
    """Without name and age, which every row has by itself."""
    kept = [
        (number, str(d["name"]), str(d.get("type", "string")))
        for number, d in enumerate(definitions)
        if d["name"] not in ("Name", "Age", "Created At") and d.get("type") != "date"
    ]
    return Columns(tuple(k[1] for k in kept), tuple(k[2] for k in kept), tuple(k[0] for k in kept))


def row_of(columns: Columns, sent: Mapping[str, Any], *, secret: bool = False) -> Row:
    """`secret`: keep metadata only, for what holds secrets."""
    obj: dict[str, Any] = sent["object"]
    meta: dict[str, Any] = obj["metadata"]
    meta.pop("managedFields", None)
    cells = tuple(_cell(sent["cells"][place]) for place in columns.places)
    labels: dict[str, str] = meta.get("labels") or {}
    if secret:
        obj = {key: value for key, value in obj.items() if key not in ("data", "stringData")}
        annotations = meta.get("annotations") or {}
        annotations.pop("kubectl.kubernetes.io/last-applied-configuration", None)
    return Row(
        namespace=meta.get("namespace", ""),
        name=meta["name"],
        uid=meta.get("uid", ""),
        created=meta.get("creationTimestamp") or "",
        labels=labels,
        cells=cells,
        text=_text(meta, labels, cells),
        packed=_PACKER.compress(orjson.dumps(obj)),
    )


def object_of(row: Row) -> Any:
    return orjson.loads(_UNPACKER.decompress(row.packed))


def cell_getter(column: str, index: Mapping[str, int]) -> Callable[[Row], Cell]:
    """What a column shows of a row; `name`, `namespace` and `created` are everybody's."""
    if column in (NAME, NAMESPACE, CREATED):
        return attrgetter(column)
    place = index[column]
    return lambda row: row.cells[place]


def known_columns(columns: Columns) -> dict[str, int]:
    return {NAME: -1, NAMESPACE: -1, CREATED: -1} | dict(columns.index)


def _cell(value: Any) -> Cell:
    if isinstance(value, str):
        plain = _AGO.sub("", value)
        return "" if plain in ("<none>", "<unset>") else plain
    return value if isinstance(value, int | float | bool) or value is None else str(value)


def _text(meta: Mapping[str, Any], labels: Mapping[str, str], cells: Sequence[Cell]) -> str:
    words = [meta["name"], meta.get("namespace", "")]
    words += [f"{key}={value}" for key, value in labels.items()]
    words += [str(cell) for cell in cells if isinstance(cell, str)]
    return " ".join(words).lower()
