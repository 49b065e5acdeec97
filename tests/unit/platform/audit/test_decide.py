"""What is kept of a deed, and who may see it."""

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from armillary.base.errors import BadRequest
from armillary.platform.capabilities.audit.decide import Scope, moment, row_of
from armillary.platform.frame.parts import Deed

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)


def kept(label: str = "", **fields: Any) -> dict[str, Any]:
    return row_of(Deed(**{"action": "update", "user": "ann", "outcome": "success", **fields}), NOW, label)


def secret(value: str) -> bytes:
    return orjson.dumps({"metadata": {"name": "s", "resourceVersion": "7"}, "data": {"key": value}})


def test_an_update_tells_its_fields() -> None:
    before, after = (orjson.dumps({"metadata": {"name": "web"}, "spec": {"replicas": n}}) for n in (1, 2))
    row = kept(group="apps", resource="deployments", namespace="shop", name="web", before=before, after=after)
    assert orjson.loads(row["changes"]) == [{"path": "spec.replicas", "old": 1, "new": 2}]


def test_a_secret_is_never_kept() -> None:
    row = kept(resource="secrets", namespace="shop", name="s", before=secret("b2xk"), after=secret("bmV3"))
    assert "b2xk" not in str(row)
    assert "bmV3" not in str(row)
    assert "data.key" in row["changes"]
    assert row["revision"] == "7"


def test_what_is_made_has_no_fields_but_a_name() -> None:
    row = kept(action="create", resource="secrets", namespace="shop", after=secret("bmV3"))
    assert (row["name"], row["changes"]) == ("s", "[]")


def test_credentials_in_reasons_are_taken_out() -> None:
    assert "abcdefghij" not in kept(reason="wrong Bearer abcdefghijkl")["reason"]


def test_what_no_database_stores_is_left_out() -> None:
    assert kept(name="a\x00b\ud800")["name"] == "ab?"


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"namespace": "shop"}, ("host", "mine", "shop")),
        ({"namespace": "shop", "workspace": "said"}, ("host", "said", "shop")),
        ({"cluster": "far", "resource": "namespaces", "name": "shop"}, ("far", "mine", "shop")),
        ({"group": "tenancy.armillary.io", "resource": "workspaces", "name": "w"}, ("host", "w", "")),
        (
            {
                "action": "delete",
                "resource": "namespaces",
                "name": "shop",
                "before": b'{"metadata":{"labels":{"tenancy.armillary.io/workspace":"w"}}}',
            },
            ("host", "w", "shop"),
        ),
    ],
)
def test_where_it_belongs(fields: dict[str, Any], expected: tuple[str, str, str]) -> None:
    row = kept("mine", **fields)
    assert (row["cluster"], row["workspace"], row["namespace"]) == expected


def event(**fields: Any) -> dict[str, Any]:
    return {"cluster": "host", "user": "bob", "workspace": "", "namespace": "", "time": 10, **fields}


ADMIN = Scope("ann", everything=True)
ANN = Scope("ann", user_since=5, workspaces={"w": 5}, namespaces={("host", "shop"): 5})


@pytest.mark.parametrize(
    ("scope", "row", "is_shown"),
    [
        (ADMIN, event(), True),
        (Scope("ann", clusters=frozenset({"far"})), event(cluster="far"), True),
        (Scope("ann", clusters=frozenset({"far"})), event(), False),
        (ANN, event(), False),
        (ANN, event(user="ann"), True),
        (ANN, event(user="ann", time=4), False),
        (ANN, event(workspace="w"), True),
        (ANN, event(workspace="w", time=4), False),
        (ANN, event(workspace="v"), False),
        (ANN, event(namespace="shop"), True),
        (ANN, event(namespace="shop", time=4), False),
        (ANN, event(namespace="shop", cluster="far"), False),
    ],
)
def test_who_sees_what(scope: Scope, row: dict[str, Any], is_shown: bool) -> None:
    assert scope.shows(row) is is_shown


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2h", NOW.replace(hour=10)),
        ("3d", NOW.replace(day=28)),
        ("2026-01-30T00:00:00Z", NOW.replace(day=30, hour=0)),
        ("2026-01-30T01:00:00+01:00", NOW.replace(day=30, hour=0)),
    ],
)
def test_times_as_people_give_them(text: str, expected: datetime) -> None:
    assert moment(text, NOW) == expected


@pytest.mark.parametrize("text", ["", "yesterday", "2", "h", "-2h", "999999w", "2026-13-01", "١h"])
def test_other_times_are_refused(text: str) -> None:
    with pytest.raises(BadRequest):
        moment(text, NOW)
