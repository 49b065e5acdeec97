"""A page is what a naive look would give, whatever is asked."""

from functools import cmp_to_key

from hypothesis import given
from hypothesis import strategies as st

from armillary.kube.selectors import parse_selector
from armillary.platform.capabilities.resources.decide.grammar import Condition, Order, sortable
from armillary.platform.capabilities.resources.decide.ordered import Rows
from armillary.platform.capabilities.resources.decide.rows import (
    Columns,
    Row,
    cell_of,
    columns_of,
    known_columns,
    object_of,
    row_of,
)
from armillary.platform.capabilities.resources.decide.select import Wanted, select

COLUMNS = Columns(("Status", "Restarts"), ("string", "integer"), (1, 2))
INDEX = known_columns(COLUMNS)

rows = st.builds(
    lambda namespace, number, status, restarts: Row(
        namespace, f"pod-{number}", "", "", {"app": status}, (status, restarts), f"pod-{number} {status}", b""
    ),
    st.sampled_from(["a", "b", "c"]),
    st.integers(0, 30),
    st.sampled_from(["running", "pending", ""]),
    st.none() | st.integers(0, 12),
)
operators = st.sampled_from(["=", "!=", ">", "<="])
conditions = st.builds(Condition, st.sampled_from(["status", "restarts"]), operators, st.just("3"))
orders = st.builds(Order, st.sampled_from(["status", "restarts", "name"]), st.booleans())
wanteds = st.builds(
    Wanted,
    namespaces=st.none() | st.frozensets(st.sampled_from(["a", "b", "z"])),
    words=st.lists(st.sampled_from(["pod", "1", "run", "no"]), max_size=2).map(tuple),
    labels=st.sampled_from([parse_selector(""), parse_selector("app=running"), parse_selector("app!=pending")]),
    conditions=st.lists(conditions, max_size=1).map(tuple),
    orders=st.lists(orders, max_size=2).map(tuple),
    offset=st.integers(0, 5),
    limit=st.integers(1, 5),
)


def naive(found: list[Row], wanted: Wanted) -> tuple[list[Row], int]:
    kept = [
        row
        for row in found
        if (wanted.namespaces is None or row.namespace in wanted.namespaces)
        and all(word in row.text for word in wanted.words)
        and wanted.labels.matches(row.labels)
        and all(condition.holds(cell_of(row, condition.column, INDEX)) for condition in wanted.conditions)
    ]

    def compare(one: Row, other: Row) -> int:
        for order in wanted.orders:
            a, b = sortable(cell_of(one, order.column, INDEX)), sortable(cell_of(other, order.column, INDEX))
            if a != b:
                return (-1 if a < b else 1) * (-1 if order.descending else 1)
        a_name, b_name = (one.namespace, one.name), (other.namespace, other.name)
        return (a_name > b_name) - (a_name < b_name)

    kept.sort(key=cmp_to_key(compare))
    return kept[wanted.offset : wanted.offset + wanted.limit], len(kept)


@given(st.lists(rows, max_size=60, unique_by=lambda row: (row.namespace, row.name)), wanteds)
def test_a_page_is_what_a_naive_look_gives(found: list[Row], wanted: Wanted) -> None:
    page = select(Rows(COLUMNS, found), wanted, "status")
    expected, total = naive(found, wanted)
    assert (list(page.rows), page.total) == (expected, total)
    assert sum(page.counts.values()) == total


changes = st.lists(st.tuples(rows, st.booleans()), max_size=40)


@given(st.lists(rows, max_size=40, unique_by=lambda row: (row.namespace, row.name)), changes, wanteds)
def test_orders_that_are_kept_stay_right_through_changes(
    begun: list[Row], changed: list[tuple[Row, bool]], wanted: Wanted
) -> None:
    kept = Rows(COLUMNS, begun)
    select(kept, wanted)  # from now on there is an order to keep
    current = {(row.namespace, row.name): row for row in begun}
    for row, is_gone in changed:
        if is_gone:
            kept.drop(row.namespace, row.name)
            current.pop((row.namespace, row.name), None)
        else:
            kept.put(row)
            current[row.namespace, row.name] = row
    page = select(kept, wanted)
    assert (list(page.rows), page.total) == naive(list(current.values()), wanted)


SENT = {
    "cells": ["web-1", "Running", "2 (5m ago)", "3h", "<none>"],
    "object": {
        "metadata": {"name": "web-1", "namespace": "shop", "labels": {"app": "web"}, "managedFields": [1]},
        "data": {"key": "c2VjcmV0"},
        "spec": {"containers": [{"image": "registry.example/nginx:1"}]},
    },
}
DEFINITIONS = [
    {"name": "Name", "type": "string"},
    {"name": "Status", "type": "string"},
    {"name": "Restarts", "type": "string"},
    {"name": "Age", "type": "string"},
    {"name": "Nominated Node", "type": "string"},
]


def test_a_row_leaves_out_what_will_not_stay_true() -> None:
    columns = columns_of(DEFINITIONS)
    assert columns.titles == ("Status", "Restarts", "Nominated Node")
    row = row_of(columns, SENT)
    assert row.cells == ("Running", "2", "")
    assert "app=web" in row.text
    assert "nginx:1" in row.text
    assert object_of(row)["metadata"] == {"name": "web-1", "namespace": "shop", "labels": {"app": "web"}}


def test_what_holds_secrets_is_kept_without_them() -> None:
    row = row_of(columns_of(DEFINITIONS), SENT, secret=True)
    assert "data" not in object_of(row)
