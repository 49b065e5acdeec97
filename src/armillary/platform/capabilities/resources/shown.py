"""How rows and columns are told to clients."""

from typing import Annotated, Any

from msgspec import Meta, Struct

from armillary.platform.capabilities.resources.decide.rows import Columns, Row, object_of


class ShownRow(Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    name: str
    namespace: str = ""
    uid: str = ""
    created: str = ""
    labels: dict[str, str] = {}
    cells: tuple[Any, ...] = ()
    object: Any = None


class ShownColumn(Struct, frozen=True, kw_only=True):
    name: Annotated[str, Meta(description="As filter and sort name it.")]
    title: str
    type: str


def shown_columns(columns: Columns) -> tuple[ShownColumn, ...]:
    return tuple(
        ShownColumn(name=name, title=title, type=type_)
        for (name, _), title, type_ in zip(columns.index.items(), columns.titles, columns.types, strict=True)
    )


def shown_row(row: Row, *, full: bool = False) -> ShownRow:
    return ShownRow(
        name=row.name,
        namespace=row.namespace,
        uid=row.uid,
        created=row.created,
        labels=dict(row.labels),
        cells=row.cells,
        object=object_of(row) if full else None,
    )
