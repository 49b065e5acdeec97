"""Intervals hold the numbers they should, in as few pieces as can be."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from armillary.engine.network.policies.ranges import (
    EVERY_ADDRESS,
    Range,
    addresses,
    format_addresses,
    format_ports,
    merged,
    without,
)
from armillary.kube.kinds.networking import IPBlock

RANGES = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 10)).map(lambda p: (p[0], p[0] + p[1])), max_size=6)


def numbers(ranges: list[Range] | tuple[Range, ...]) -> set[int]:
    return {n for low, high in ranges for n in range(low, high + 1)}


@given(RANGES)
def test_merged_are_the_same_numbers_apart_from_each_other(ranges: list[Range]) -> None:
    found = merged(ranges)
    assert numbers(found) == numbers(ranges)
    assert all(before[1] + 1 < after[0] for before, after in pairwise(found))


@given(st.tuples(st.integers(0, 20), st.integers(21, 40)), RANGES)
def test_without_leaves_what_no_hole_holds(whole: Range, holes: list[Range]) -> None:
    assert numbers(without(whole, holes)) == numbers([whole]) - numbers(holes)


def test_formats() -> None:
    assert addresses([IPBlock(cidr="0.0.0.0/0")]) == (EVERY_ADDRESS,)
    blocks = [IPBlock(cidr="10.0.0.0/30", except_=("10.0.0.1/32",)), IPBlock(cidr="10.0.0.4/32"), IPBlock(cidr="::/0")]
    assert format_addresses(addresses(blocks)) == "{ 10.0.0.0, 10.0.0.2-10.0.0.4 }"
    assert format_ports(((80, 80),)) == "80"
    assert format_ports(((80, 90), (99, 99))) == "{ 80-90, 99 }"
