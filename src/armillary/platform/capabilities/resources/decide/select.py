"""Which rows a list gives, and how many there are. Pure.

Each condition is one pass over what the ones before have left, cheap ones first; what a condition says of a value is
remembered, since most columns have few values.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from armillary.kube.selectors import EVERYTHING, Requirement, Selector
from armillary.platform.capabilities.resources.decide.grammar import Cell, Condition
from armillary.platform.capabilities.resources.decide.ordered import Orders, Rows
from armillary.platform.capabilities.resources.decide.rows import Row, cell_of, cells_of


@dataclass(frozen=True, slots=True)
class Wanted:
    """`words` must all be found; `namespaces` None means any."""

    namespaces: frozenset[str] | None = None
    words: tuple[str, ...] = ()
    labels: Selector = EVERYTHING
    conditions: tuple[Condition, ...] = ()
    orders: Orders = ()
    offset: int = 0
    limit: int = 100


@dataclass(frozen=True, slots=True)
class Page:
    rows: tuple[Row, ...]
    total: int
    counts: dict[str, int] = field(default_factory=dict)


def select(rows: Rows, wanted: Wanted, count_by: str = "") -> Page:
    """`count_by`: a column whose values are counted over everything found."""
    found = matching(rows, wanted)
    counted = Counter(cells_of(found, count_by, rows.index)) if count_by else {}
    counts: dict[str, int] = {}
    for cell, number in counted.items():
        value = "" if cell is None else str(cell)
        counts[value] = counts.get(value, 0) + number
    return Page(tuple(found[wanted.offset : wanted.offset + wanted.limit]), len(found), counts)


def matching(rows: Rows, wanted: Wanted) -> Sequence[Row]:
    """All that is wanted, in order, whatever the page."""
    found = rows.ordered(wanted.orders)
    if wanted.namespaces is not None:
        namespaces = wanted.namespaces
        found = [row for row in found if row.namespace in namespaces]
    for requirement in wanted.labels.requirements:
        found = _labelled(found, requirement)
    for condition in wanted.conditions:
        found = _holding(found, condition, rows.index)
    for word in wanted.words:
        found = [row for row in found if word in row.text]
    return found


def holds(row: Row, wanted: Wanted, index: Mapping[str, int]) -> bool:
    """Whether that one is wanted, whatever the page."""
    return (
        (wanted.namespaces is None or row.namespace in wanted.namespaces)
        and all(word in row.text for word in wanted.words)
        and wanted.labels.matches(row.labels)
        and all(condition.holds(cell_of(row, condition.column, index)) for condition in wanted.conditions)
    )


def _labelled(rows: Sequence[Row], requirement: Requirement) -> list[Row]:
    name = requirement.key
    values = [row.labels.get(name) for row in rows]
    right = {v for v in set(values) if requirement.matches({} if v is None else {name: v})}
    return [row for row, value in zip(rows, values, strict=True) if value in right]


def _holding(rows: Sequence[Row], condition: Condition, index: dict[str, int]) -> list[Row]:
    # By type too: True and 1 are one key and not one value.
    values: list[tuple[type, Cell]] = [(cell.__class__, cell) for cell in cells_of(rows, condition.column, index)]
    right = {value for value in set(values) if condition.holds(value[1])}
    return [row for row, value in zip(rows, values, strict=True) if value in right]
