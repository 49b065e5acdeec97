"""Which rows a list gives, in which order, and how many there are. Pure."""

import heapq
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from armillary.kube.selectors import EVERYTHING, Selector
from armillary.platform.capabilities.resources.decide.grammar import Condition, Order, Sortable, sortable
from armillary.platform.capabilities.resources.decide.rows import Columns, Row, cell_of, known_columns


@dataclass(frozen=True, slots=True)
class Wanted:
    """`words` must all be found; `namespaces` None means any."""

    namespaces: frozenset[str] | None = None
    words: tuple[str, ...] = ()
    labels: Selector = EVERYTHING
    conditions: tuple[Condition, ...] = ()
    orders: tuple[Order, ...] = ()
    offset: int = 0
    limit: int = 100


@dataclass(frozen=True, slots=True)
class Page:
    rows: tuple[Row, ...]
    total: int
    counts: dict[str, int] = field(default_factory=dict)


def select(rows: Iterable[Row], columns: Columns, wanted: Wanted, count_by: str = "") -> Page:
    """`count_by`: a column whose values are counted over everything found."""
    index = known_columns(columns)
    found = [row for row in rows if _is_wanted(row, wanted, index)]
    end = wanted.offset + wanted.limit
    ordered = _first(found, end, wanted.orders, index)
    counts: dict[str, int] = {}
    if count_by in index:
        for row in found:
            value = str(cell_of(row, count_by, index) or "")
            counts[value] = counts.get(value, 0) + 1
    return Page(tuple(ordered[wanted.offset : end]), len(found), counts)


def _is_wanted(row: Row, wanted: Wanted, index: dict[str, int]) -> bool:
    if wanted.namespaces is not None and row.namespace not in wanted.namespaces:
        return False
    if wanted.words and not all(word in row.text for word in wanted.words):
        return False
    if wanted.labels.requirements and not wanted.labels.matches(row.labels):
        return False
    return all(condition.holds(cell_of(row, condition.column, index)) for condition in wanted.conditions)


def _first(found: list[Row], count: int, orders: Sequence[Order], index: dict[str, int]) -> list[Row]:
    """The first so many in that order, then by namespace and name. Few of many are found without sorting all."""
    key = _key(orders, index)
    return heapq.nsmallest(count, found, key=key) if count * 4 < len(found) else sorted(found, key=key)


@dataclass(frozen=True, slots=True)
class _Backwards:
    """Sorts the other way round."""

    value: Sortable

    def __lt__(self, other: "_Backwards") -> bool:
        return other.value < self.value


def _key(orders: Sequence[Order], index: dict[str, int]) -> Callable[[Row], tuple[object, ...]]:
    def key(row: Row) -> tuple[object, ...]:
        parts: list[object] = []
        for order in orders:
            value = sortable(cell_of(row, order.column, index))
            parts.append(_Backwards(value) if order.descending else value)
        return (*parts, row.namespace, row.name)

    return key
