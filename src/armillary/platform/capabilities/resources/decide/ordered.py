"""Rows of one kind, in the orders that people ask for. Pure.

An order that was asked for is kept: a change is put in its place, and nothing is sorted twice.
"""

from bisect import bisect_left, insort
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from armillary.platform.capabilities.resources.decide.grammar import Cell, Order, Sortable, sortable
from armillary.platform.capabilities.resources.decide.rows import Columns, Row, cell_of, cells_of, known_columns

MOST_ORDERS = 8  # kept; who asks for another pays for its sorting once

Orders = tuple[Order, ...]


@dataclass(frozen=True, slots=True)
class _Backwards:
    """Sorts the other way round."""

    value: Sortable

    def __lt__(self, other: "_Backwards") -> bool:
        return other.value < self.value


class Rows:
    """By namespace and name, and in order."""

    def __init__(self, columns: Columns, rows: Iterable[Row] = ()) -> None:
        self.columns = columns
        self.index = known_columns(columns)
        self._rows = {(row.namespace, row.name): row for row in rows}
        self._orders: dict[Orders, list[Row]] = {}  # what was asked for last stands last

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[Row]:
        return iter(self._rows.values())

    def get(self, namespace: str, name: str) -> Row | None:
        return self._rows.get((namespace, name))

    def put(self, row: Row) -> Row | None:
        """Gives the one before."""
        old = self.drop(row.namespace, row.name)
        self._rows[row.namespace, row.name] = row
        for orders, ranked in self._orders.items():
            insort(ranked, row, key=self._key(orders))
        return old

    def drop(self, namespace: str, name: str) -> Row | None:
        """Gives what was there."""
        old = self._rows.pop((namespace, name), None)
        if old is None:
            return None
        for orders, ranked in self._orders.items():
            key = self._key(orders)
            del ranked[bisect_left(ranked, key(old), key=key)]
        return old

    def ordered(self, orders: Orders = ()) -> Sequence[Row]:
        """All of them in that order, then by namespace and name. Good until the next change."""
        ranked = self._orders.pop(orders, None)
        if ranked is None:
            ranked = self._sorted(orders)
            while len(self._orders) >= MOST_ORDERS:
                del self._orders[next(iter(self._orders))]
        self._orders[orders] = ranked
        return ranked

    def _sorted(self, orders: Orders) -> list[Row]:
        """One pass for each column, the last one first: sorting is stable, and single keys compare fastest."""
        ranked = sorted(self._rows.values(), key=_by_name)
        for order in reversed(orders):
            known: dict[tuple[type, Cell], Sortable] = {}
            keys = [_remembered(known, cell) for cell in cells_of(ranked, order.column, self.index)]
            places = sorted(range(len(ranked)), key=keys.__getitem__, reverse=order.descending)
            ranked = [ranked[place] for place in places]
        return ranked

    def _key(self, orders: Orders) -> Callable[[Row], tuple[object, ...]]:
        if not orders:
            return _by_name
        index = self.index

        def key(row: Row) -> tuple[object, ...]:
            parts: list[object] = []
            for order in orders:
                value = sortable(cell_of(row, order.column, index))
                parts.append(_Backwards(value) if order.descending else value)
            return (*parts, row.namespace, row.name)

        return key


def _by_name(row: Row) -> tuple[str, str]:
    return row.namespace, row.name


def _remembered(known: dict[tuple[type, Cell], Sortable], cell: Cell) -> Sortable:
    """Most columns have few values. By type too: True and 1 are one key and not one value."""
    asked = (cell.__class__, cell)
    found = known.get(asked)
    if found is None:
        found = known[asked] = sortable(cell)
    return found
