"""What may be asked of lists, and what is wrong with what may not."""

import pytest

from armillary.base.errors import BadRequest
from armillary.platform.capabilities.resources.decide.grammar import Cell, Condition, Order, parse_filter, parse_sort


@pytest.mark.parametrize(
    ("text", "conditions"),
    [
        ("", []),
        ("status=Running", [("status", "=", "Running")]),
        ("status!=Running, restarts>=3", [("status", "!=", "Running"), ("restarts", ">=", "3")]),
        ('message~"a, b"', [("message", "~", "a, b")]),
        ("Nominated-Node=a", [("nominated-node", "=", "a")]),
        ("status=", [("status", "=", "")]),
    ],
)
def test_a_filter(text: str, conditions: list[tuple[str, str, str]]) -> None:
    assert [(c.column, c.operator, c.value) for c in parse_filter(text)] == conditions


@pytest.mark.parametrize(
    ("text", "place"), [("status", "at 1"), ("a=b,=c", "at 5"), ('a="b', "at 1"), ("a=b c d", None)]
)
def test_what_is_no_filter_is_named_with_its_place(text: str, place: str | None) -> None:
    if place is None:
        assert parse_filter(text)[0].value == "b c d"
        return
    with pytest.raises(BadRequest, match=place) as refused:
        parse_filter(text)
    assert refused.value.causes[0].field == "filter"


@pytest.mark.parametrize(
    ("operator", "value", "cell", "holds"),
    [
        ("=", "running", "Running", True),
        ("=", "3", 3, True),
        ("=", "3.0", "3", True),
        ("!=", "3", 4, True),
        (">", "3", 10, True),
        (">", "3", "10", True),
        (">", "3", "text", False),
        ("<", "3", None, False),
        ("<=", "b", "A", True),
        ("~", "unn", "Running", True),
        ("=", "", None, True),
        ("=", "true", True, True),
    ],
)
def test_a_condition(operator: str, value: str, cell: Cell, holds: bool) -> None:
    assert Condition("c", operator, value).holds(cell) is holds


def test_an_order() -> None:
    assert parse_sort("-created, name") == (Order("created", descending=True), Order("name", descending=False))
    with pytest.raises(BadRequest, match="sort"):
        parse_sort("--name")
