"""What makes a version, when it came to be, and by whom."""

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from armillary.platform.capabilities.history.decide.fold import Observed, happened, observe

BASE: dict[str, Any] = {"metadata": {"name": "web", "namespace": "shop", "uid": "u1"}, "spec": {"replicas": 1}}


def seen(item: dict[str, Any]) -> Observed:
    return observe(orjson.dumps(item), "apps/v1", "Deployment")


def with_meta(**more: Any) -> dict[str, Any]:
    return {**BASE, "metadata": {**BASE["metadata"], **more}}


@pytest.mark.parametrize(
    "item",
    [
        {**BASE, "status": {"replicas": 1}},
        {**BASE, "apiVersion": "apps/v1", "kind": "Deployment"},
        with_meta(resourceVersion="7"),
        with_meta(generation=7),
        with_meta(managedFields=[{"manager": "m", "time": "2026-01-01T00:00:00Z"}]),
        with_meta(deletionTimestamp="2026-01-01T00:00:00Z", deletionGracePeriodSeconds=30),
        with_meta(annotations={"control-plane.alpha.kubernetes.io/leader": "{}"}),
        dict(reversed(BASE.items())),
    ],
)
def test_what_only_moves_makes_no_version(item: dict[str, Any]) -> None:
    assert seen(item).digest == seen(BASE).digest


@pytest.mark.parametrize(
    "item",
    [
        {**BASE, "spec": {"replicas": 2}},
        {**BASE, "data": {"a": "b"}},
        with_meta(labels={"a": "b"}),
        with_meta(annotations={"a": "b"}),
        with_meta(finalizers=["a"]),
        with_meta(ownerReferences=[{"uid": "o"}]),
    ],
)
def test_everything_else_does(item: dict[str, Any]) -> None:
    assert seen(item).digest != seen(BASE).digest


def test_the_last_writer_but_of_the_status_made_it() -> None:
    fields = [
        {"manager": "kubectl", "time": "2026-01-01T00:00:01Z"},
        {"manager": "hpa", "time": "2026-01-01T00:00:02Z"},
        {"manager": "controller", "time": "2026-01-01T00:00:03Z", "subresource": "status"},
    ]
    found = seen(with_meta(managedFields=fields))
    assert (found.manager, found.changed) == ("hpa", 1767225602_000000)


def test_the_managing_owner_comes_first() -> None:
    found = seen(with_meta(ownerReferences=[{"uid": "a"}, {"uid": "b", "controller": True}]))
    assert (found.owners, found.controller) == (("b", "a"), "b")


NOW = datetime(2026, 1, 1, 0, 1, tzinfo=UTC)
MINUTE = 60_000_000
AT = round(NOW.timestamp() * 1_000_000)


def at(created: int = 0, changed: int = 0) -> Observed:
    return Observed("u", "", "", "", created, changed, "", (), "", {}, b"", b"", b"")


@pytest.mark.parametrize(
    ("item", "previous", "expected"),
    [
        (at(), 0, AT),
        (at(created=AT - MINUTE), 0, AT - MINUTE),
        (at(created=AT - MINUTE, changed=AT - MINUTE // 2), 0, AT - MINUTE // 2),
        (at(created=AT - 1_000_000), 0, AT),  # seen as it happened: the clock is finer than the second it tells
        (at(created=AT - MINUTE, changed=AT - MINUTE // 2), AT - MINUTE, AT - MINUTE // 2),
        (at(created=AT - MINUTE), AT - MINUTE, AT),  # nobody tells when it changed
        (at(changed=AT - MINUTE), AT - MINUTE // 2, AT),  # before the version before cannot be
        (at(changed=AT + MINUTE), 0, AT),  # nor later than now
        (at(), AT + 5, AT + 5),  # time goes on, whatever the machine's clock says
    ],
)
def test_when_it_happened(item: Observed, previous: int, expected: int) -> None:
    assert happened(item, NOW, previous=previous) == expected


@given(st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=5), max_size=5))
def test_a_body_is_the_object(data: dict[str, Any]) -> None:
    item = {**BASE, "data": data}
    try:
        raw = orjson.dumps(item)
    except TypeError:  # no JSON: numbers too large, half characters
        return
    assert orjson.loads(observe(raw, "v1", "ConfigMap").body) == {**item, "apiVersion": "v1", "kind": "ConfigMap"}
