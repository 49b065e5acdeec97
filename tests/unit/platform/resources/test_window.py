"""What is told of a list that somebody is looking at."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from armillary.platform.capabilities.resources.decide.grammar import Condition
from armillary.platform.capabilities.resources.decide.happened import in_order, is_about
from armillary.platform.capabilities.resources.decide.rows import Row
from armillary.platform.capabilities.resources.decide.select import Page, Wanted
from armillary.platform.capabilities.resources.decide.window import change, concerns


def row(name: str, cell: str = "Running", **more: object) -> Row:
    made = Row("shop", name, f"uid-{name}", "", {"app": "web"}, (cell,), f"{name} shop {cell.lower()}", b"")
    return replace(made, **more)


A, B, C = row("a"), row("b"), row("c")


def page(*rows: Row, total: int = 3, counts: dict[str, int] | None = None) -> Page:
    return Page(rows, total, counts or {})


@pytest.mark.parametrize(
    ("before", "after", "order", "told"),
    [
        pytest.param(page(A, B), page(A, row("b", "Failed")), None, ["b"], id="a cell"),
        pytest.param(page(A, B), page(B, A), ("uid-b", "uid-a"), [], id="another order"),
        pytest.param(page(A, B), page(A, C), ("uid-a", "uid-c"), ["c"], id="one for another"),
        pytest.param(page(A), page(total=0), (), [], id="the last one goes"),
        pytest.param(page(A), page(A, total=4), None, [], id="only the total"),
        pytest.param(page(A), page(A, counts={"Running": 2}), None, [], id="only a count"),
        pytest.param(page(A), page(row("a", uid="other")), ("other",), ["a"], id="made anew under its name"),
    ],
)
def test_what_changed_is_told(before: Page, after: Page, order: Sequence[str] | None, told: list[str]) -> None:
    found = change(before, after)
    assert found is not None
    assert (found.order, [each.name for each in found.rows]) == (order, told)


def test_what_no_list_shows_is_told_only_where_whole_objects_are_asked_for() -> None:
    other = replace(A, packed=b"with another annotation")
    assert change(page(A), page(other)) is None
    assert change(page(A), page(other), whole=True) is not None
    assert not concerns(A, other, Wanted(), {"status": 0})


@pytest.mark.parametrize(
    ("old", "new", "wanted", "matters"),
    [
        (None, A, Wanted(), True),
        (A, None, Wanted(), True),
        (A, A, Wanted(), False),
        (A, row("a", "Failed"), Wanted(), True),
        (None, A, Wanted(namespaces=frozenset({"bank"})), False),
        (A, row("a", "Failed"), Wanted(words=("b",)), False),
        (A, row("a", "Failed"), Wanted(conditions=(Condition("status", "=", "Failed"),)), True),
        (A, None, Wanted(conditions=(Condition("status", "=", "Failed"),)), False),
    ],
)
def test_what_can_not_change_a_list_is_known_without_making_it(
    old: Row | None, new: Row | None, wanted: Wanted, matters: bool
) -> None:
    assert concerns(old, new, wanted, {"status": 0}) is matters


@pytest.mark.parametrize(
    ("uid", "kind", "name", "holds"),
    [
        ("uid-web", "", "", True),
        ("uid-other", "Pod", "web", False),
        ("", "Pod", "web", True),
        ("", "Pod", "web-1", False),
        ("", "Deployment", "web", False),
    ],
)
def test_events_of_an_object(uid: str, kind: str, name: str, holds: bool) -> None:
    event = row("web.1", "pod/web", owners=("uid-web",))
    assert is_about(event, {"object": 0}, uid, kind, name) is holds


def test_events_stand_newest_first_whatever_field_has_their_time() -> None:
    events = [
        {"metadata": {"name": "a"}, "lastTimestamp": "2026-01-01T00:00:01Z"},
        {"metadata": {"name": "b"}, "eventTime": "2026-01-01T00:00:03.000000Z"},
        {"metadata": {"name": "c"}, "series": {"lastObservedTime": "2026-01-01T00:00:04Z"}, "eventTime": "2025"},
        {"metadata": {"name": "d", "creationTimestamp": "2026-01-01T00:00:02Z"}},
    ]
    assert [event["metadata"]["name"] for event in in_order(events)] == ["c", "b", "d", "a"]
