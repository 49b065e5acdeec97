"""What may be asked of a list: filters on columns, and orders. Pure.

    filter = condition *( "," condition )
    condition = column ( "=" / "!=" / ">" / ">=" / "<" / "<=" / "~" ) value      ; ~ is "contains"
    sort = [ "-" ] column *( "," [ "-" ] column )                                 ; - is "descending"

A column is named as its title, in lower case, with "-" for spaces and without what is neither letter nor digit:
`nominated-node`, `ports` for "Port(s)". A value with a comma stands in double quotes. Numbers compare as numbers,
everything else as text without regard to case.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from armillary.base.errors import BadRequest, Cause

_CONDITION = re.compile(r'\s*([A-Za-z][\w.-]*)\s*(!=|>=|<=|=|>|<|~)\s*(?:"([^"]*)"|([^,"]*?))\s*(,|$)')
_NUMBER = re.compile(r"-?\d+(\.\d+)?")

Cell = str | int | float | bool | None
Sortable = tuple[int, float, str]


@dataclass(frozen=True, slots=True)
class Condition:
    column: str
    operator: str
    value: str

    def holds(self, cell: Cell) -> bool:
        if self.operator == "~":
            return self.value.lower() in str(cell if cell is not None else "").lower()
        found, wanted = sortable(cell), sortable(self.value)
        if self.operator in ("=", "!="):
            return (found == wanted) is (self.operator == "=")
        # Text is neither more nor less than a number.
        return found[0] == wanted[0] and _COMPARE[self.operator](found, wanted)


_COMPARE: Mapping[str, Callable[[Sortable, Sortable], bool]] = {
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
}


@dataclass(frozen=True, slots=True)
class Order:
    column: str
    descending: bool


def sortable(cell: Cell) -> Sortable:
    """What a cell is compared by: nothing before numbers, numbers before text."""
    if cell is None or cell == "":
        return 0, 0.0, ""
    text = str(cell)
    if isinstance(cell, bool) or not _NUMBER.fullmatch(text):
        return 2, 0.0, text.lower()
    return 1, float(text), ""


def column_name(title: str) -> str:
    """`Nominated Node` is asked for as `nominated-node`."""
    return re.sub(r"[^\w.-]", "", title.strip().lower().replace(" ", "-"))


def parse_filter(text: str) -> tuple[Condition, ...]:
    """Raises BadRequest naming the place."""
    found: list[Condition] = []
    at = 0
    while at < len(text):
        match = _CONDITION.match(text, at)
        if match is None:
            raise _fault(
                "filter", f"at {at + 1}: {text[at : at + 20]!r} is not COLUMN=VALUE; operators are = != > >= < <= ~"
            )
        value = match[3] if match[3] is not None else match[4]
        found.append(Condition(match[1].lower(), match[2], value))
        at = match.end()
    return tuple(found)


def parse_sort(text: str) -> tuple[Order, ...]:
    """Raises BadRequest."""
    orders = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        name = part.removeprefix("-")
        if not name or not re.fullmatch(r"[A-Za-z][\w.-]*", name):
            raise _fault("sort", f"{part!r} is not a column; write name or -name")
        orders.append(Order(name.lower(), part.startswith("-")))
    return tuple(orders)


def check_columns(asked: tuple[Condition, ...] | tuple[Order, ...], known: Mapping[str, int], field: str) -> None:
    """Raises BadRequest naming the columns there are."""
    for one in asked:
        if one.column not in known:
            raise _fault(field, f"there is no column {one.column!r}; there are {', '.join(sorted(known))}")


def _fault(field: str, message: str) -> BadRequest:
    return BadRequest(f"{field}: {message}", causes=[Cause("FieldValueInvalid", field, message)])
