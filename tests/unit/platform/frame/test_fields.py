"""Fields that differ, by the names of what they are in; and credentials taken out."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from armillary.platform.frame.fields import REDACTED, Change, changes, parsed, redact, redacted

R = REDACTED


def told(old: Any, new: Any) -> list[tuple[str, Any, Any]]:
    return [(change.path, change.old, change.new) for change in changes(old, new)]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ({}, {}, []),
        ({"a": 1}, {"a": 1}, []),
        ({"a": 1}, {"a": True}, [("a", 1, True)]),
        ({"spec": {"replicas": 1}}, {"spec": {"replicas": 2}}, [("spec.replicas", 1, 2)]),
        ({"spec": {}}, {"spec": {"x": {"y": 1}}}, [("spec.x", None, {"y": 1})]),
        ({"a": {"b.c/d": 1}}, {"a": {}}, [('a["b.c/d"]', 1, None)]),
        (
            {"c": [{"name": "web", "image": "a"}]},
            {"c": [{"name": "new", "image": "n"}, {"name": "web", "image": "b"}]},
            [("c[name=web].image", "a", "b"), ("c[name=new]", None, {"name": "new", "image": "n"})],
        ),
        ({"args": ["a", "b"]}, {"args": ["a", "c", "d"]}, [("args[1]", "b", "c"), ("args[2]", None, "d")]),
        ({"p": [{"port": 1}, {"port": 1}]}, {"p": [{"port": 2}, {"port": 1}]}, [("p[0].port", 1, 2)]),
        ({"metadata": {"resourceVersion": "1", "generation": 1}}, {"metadata": {"resourceVersion": "2"}}, []),
        ({"metadata": {"managedFields": []}}, {"metadata": {"managedFields": [{"manager": "x"}]}}, []),
    ],
)
def test_what_differs_is_named(old: Any, new: Any, expected: list[tuple[str, Any, Any]]) -> None:
    assert told(old, new) == expected


@pytest.mark.parametrize(
    ("keys", "old", "new", "expected"),
    [
        (("spec", "replicas"), 1, 2, (1, 2)),
        (("spec", "password"), "a", "b", (R, R)),
        (("data", "db.password"), None, "b", (None, R)),
        (("spec", "clientSecret"), "a", None, (R, None)),
        (("spec", "kubeconfigSecret"), "a", "b", (R, R)),
        (("spec", "refreshHash"), "a", "b", (R, R)),
        (("spec", "spentHashes", "[0]"), "a", "b", (R, R)),
        (("metadata", "labels", "pod-template-hash"), "a", "b", ("a", "b")),
        (("spec", "secretName"), "a", "b", ("a", "b")),
        (("automountServiceAccountToken",), True, False, (True, False)),
        (("env", "[name=DB_PASSWORD]", "value"), "a", "b", (R, R)),
        (("httpHeaders", "[name=Authorization]", "value"), "a", "b", (R, R)),
        (("env", "[name=MODE]", "value"), "a", "b", ("a", "b")),
        (("env", "[name=KEY]"), None, {"name": "AUTH_TOKEN", "value": 1}, (None, {"name": "AUTH_TOKEN", "value": R})),
        (("volumes", "[name=v]"), None, {"secret": {"secretName": "s"}}, (None, {"secret": {"secretName": "s"}})),
        (("spec", "url"), "https://u:hunter2@h/", "https://h/", (f"https://u:{R}@h/", "https://h/")),
        (("spec", "command"), None, ["-H", "Bearer abcdefghijkl"], (None, ["-H", f"Bearer {R}"])),
        (("data", "long"), None, "x" * 300, (None, "x" * 256 + "... (300 characters)")),
    ],
)  # fmt: skip
def test_credentials_are_taken_out(keys: tuple[str, ...], old: Any, new: Any, expected: tuple[Any, Any]) -> None:
    found = redact(Change(keys, old, new))
    assert (found.old, found.new) == expected


def test_of_a_secret_no_data_is_shown() -> None:
    (change,) = changes({"data": {"a": "QQ=="}}, {"data": {"a": "Qg=="}})
    assert redact(change, secret=True) == Change(("data", "a"), R, R)
    assert redact(Change(("data",), None, {"a": "QQ=="}), secret=True).new == R
    assert redact(Change(("type",), "Opaque", None), secret=True).old == "Opaque"


@pytest.mark.parametrize(("body", "expected"), [(b"", {}), (b"[]", {}), (b"{", {}), (b'{"a":1}', {"a": 1})])
def test_what_is_no_object_is_empty(body: bytes, expected: dict[str, Any]) -> None:
    assert parsed(body) == expected


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)


@given(JSON, JSON)
def test_equal_things_do_not_differ_and_others_do(old: Any, new: Any) -> None:
    assert changes(old, old) == ()
    redacted(new)
    is_same = old == new and repr(old) == repr(new)
    assert is_same or changes({"spec": old}, {"spec": new}) or _only_absence(old, new)


def _only_absence(old: Any, new: Any) -> bool:
    """None counts as absent, and named lists have no order."""

    def bare(value: Any) -> Any:
        if isinstance(value, dict):
            return {k: bare(v) for k, v in value.items() if v is not None}
        if isinstance(value, list):
            return sorted(repr(bare(v)) for v in value if v is not None)
        return value

    return repr(bare(old)) == repr(bare(new)) or bare(old) == bare(new)
