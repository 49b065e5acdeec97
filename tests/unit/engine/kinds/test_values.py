"""Quantities, addresses, and what counts as equal."""

from typing import Any

import pytest

from armillary.engine.kinds import values


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ({"a": None}, {}, True),
        ({"a": []}, {}, True),
        ({"a": {"b": {}}}, None, True),
        ({"hostNetwork": False}, {}, True),
        ({"runAsNonRoot": False}, {}, False),
        ({"runAsUser": 0}, {}, False),
        ({"limits": {"cpu": "1000m"}}, {"limits": {"cpu": "1"}}, True),
        ({"limits": {"cpu": "1"}}, {"limits": {"cpu": "2"}}, False),
        ({"limits": {"cpu": "x"}}, {"limits": {"cpu": "y"}}, False),
        ([1, 2], [2, 1], False),
    ],
)
def test_alike(one: Any, other: Any, alike: bool) -> None:
    assert values.same(one, other) is alike


@pytest.mark.parametrize(
    ("given", "kept"),
    [("1000m", "1"), (1, "1"), (0.5, "500m"), ("1.5Gi", "1536Mi"), ("0.1m", "1m"), ("1e3", "1e3"), ("x", "x")],
)
def test_resource_lists_are_settled(given: Any, kept: str) -> None:
    amounts = {"a": given}
    values.settle_quantities(amounts)
    assert amounts == {"a": kept}


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        ("10.0.0.1", ""),
        ("fd00::1", ""),
        ("10.0.0.01", "must not have leading 0s"),
        ("::ffff:10.0.0.1", "must not be an IPv4-mapped IPv6 address"),
        ("x", "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"),
        ("fe80::1%eth0", "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"),
    ],
)
def test_addresses(value: str, fault: str) -> None:
    assert [c.message for c in values.check_ip("f", value)] == ([f'Invalid value: "{value}": {fault}'] if fault else [])


def test_new_fields_ask_for_the_canonical_form() -> None:
    found = values.check_ip("f", "FD00::1", canonical_form=True)
    assert found[0].message == 'Invalid value: "FD00::1": must be in canonical form ("fd00::1")'


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        ("10.0.0.0/8", ""),
        ("fd00::/64", ""),
        ("10.0.0.1/8", "must not have bits set beyond the prefix length"),
        ("10.0.0.0/08", "must not have leading 0s in IP or prefix length"),
        ("10.0.0.0", "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"),
        ("10.0.0.0/33", "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"),
        ("::ffff:10.0.0.0/104", "must not have an IPv4-mapped IPv6 address"),
    ],
)
def test_ranges_of_addresses(value: str, fault: str) -> None:
    found = [c.message for c in values.check_cidr("f", value)]
    assert found == ([f'Invalid value: "{value}": {fault}'] if fault else [])


@pytest.mark.parametrize(
    ("value", "count"),
    [("25%", 0), (3, 0), (-1, 1), ("x", 1), ("", 1)],
)
def test_counts_and_percentages(value: Any, count: int) -> None:
    assert len(values.check_int_or_percent("f", value)) == count


def test_more_than_all() -> None:
    assert values.check_at_most_100_percent("f", "101%")
    assert not values.check_at_most_100_percent("f", 101)


@pytest.mark.parametrize(
    ("value", "faults"),
    [
        ("acme.io/a/b", []),
        ("", ["Required value"]),
        ("acme.io", ['Invalid value: "acme.io": must be a domain-prefixed path (such as "acme.io/foo")']),
    ],
)
def test_domain_paths(value: str, faults: list[str]) -> None:
    assert [c.message for c in values.check_domain_path("f", value)] == faults
