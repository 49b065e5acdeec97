"""Which rows a list gives, in which order, and how many there are. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from armillary.kube.selectors import EVERYTHING, Selector
from armillary.platform.capabilities.resources.decide.grammar import Cell, Condition, Order, sortable
from armillary.platform.capabilities.resources.decide.rows import Columns, Row, cell_getter, known_columns


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


def select(rows: Sequence[Row], columns: Columns, wanted: Wanted, count_by: str = "") -> Page:
    """`rows` are in the order of namespaces and names, which stays where `orders` find no difference.

    `count_by`: a column whose values are counted over everything found.
    """
    index = known_columns(columns)
    found: Sequence[Row] = rows
    if (within := wanted.namespaces) is not None:
        found = [row for row in found if row.namespace in within]
    for word in wanted.words:
        found = [row for row in found if word in row.text]
    if wanted.labels.requirements:
        found = [row for row in found if wanted.labels.matches(row.labels)]
    for condition in wanted.conditions:
        found = _holding(found, condition, index)
    for order in reversed(wanted.orders):  # sorting is stable: the first order is applied last
        cell = cell_getter(order.column, index)
        found = sorted(found, key=lambda row, cell=cell: _key(cell(row)), reverse=order.descending)  # type: ignore[misc]
    end = wanted.offset + wanted.limit
    counts: dict[str, int] = {}
    if count_by in index:
        cell = cell_getter(count_by, index)
        counts = dict(Counter(str(cell(row) or "") for row in found))
    return Page(tuple(found[wanted.offset : end]), len(found), counts)


def _holding(rows: Sequence[Row], condition: Condition, index: Mapping[str, int]) -> list[Row]:
    """Columns have few different values: each is judged once."""
    cell = cell_getter(condition.column, index)
    verdicts: dict[Cell, bool] = {}
    found = []
    for row in rows:
        value = cell(row)
        verdict = verdicts.get(value)
        if verdict is None:
            verdict = verdicts[value] = condition.holds(value)
        if verdict:
            found.append(row)
    return found


# Values of columns come again and again, and what they are compared by takes longer to make than to look up.
_key = lru_cache(maxsize=1 << 14)(sortable)
