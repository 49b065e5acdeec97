"""Quantities: what they mean, and how the API writes them back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from armillary.base.quantity import canonical, milli, parse_quantity, whole


@pytest.mark.parametrize(
    ("text", "thousandths", "units"),
    [("1", 1000, 1), ("500m", 500, 1), ("0.1", 100, 1), ("2Gi", 2 << 30, None), ("1e3", 1_000_000, 1000), (4, 4000, 4)],
)
def test_values(text: str | int, thousandths: int, units: int | None) -> None:
    if units is not None:
        assert (milli(text), whole(text)) == (thousandths, units)
    else:
        assert whole(text) == thousandths


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("0.5", "500m"),
        ("1000m", "1"),
        ("1024Mi", "1Gi"),
        ("1.5Gi", "1536Mi"),
        ("1000", "1k"),
        ("1e3", "1e3"),
        ("100M", "100M"),
        ("0", "0"),
        ("1Ki", "1Ki"),
        ("1500", "1500"),
        ("-1", "-1"),
        ("0.0000000001", "1n"),
    ],
)
def test_canonical_form(text: str, stored: str) -> None:
    assert canonical(text) == stored


@pytest.mark.parametrize("text", ["", "abc", "1 Gi", "1gi", "--1", "4 cores", "1e", "Gi", "1.5.2"])
def test_what_is_no_quantity(text: str) -> None:
    with pytest.raises(ValueError, match="quantities must match"):
        parse_quantity(text)


@given(st.from_regex(r"[0-9]{1,9}(\.[0-9]{1,3})?(m|k|M|G|Ki|Mi|Gi)?", fullmatch=True))
def test_the_canonical_form_means_the_same_and_stays(text: str) -> None:
    stored = canonical(text)
    assert parse_quantity(stored) == parse_quantity(text)
    assert canonical(stored) == stored
