"""A list is sent in pieces that together are the whole list."""

import pytest

from armillary.engine.apiserver.ports import Listing


@pytest.mark.parametrize("most_bytes", [1, 10, 25, 1000])
@pytest.mark.parametrize("items", [(), (b"1",), (b"1", b"22", b"333"), tuple(b"%d" % n for n in range(50))])
def test_the_pieces_are_the_whole(items: tuple[bytes, ...], most_bytes: int) -> None:
    listing = Listing(b'{"items":[', items, b"]}")
    whole = b'{"items":[' + b",".join(items) + b"]}"
    assert b"".join(listing.pieces(most_bytes)) == listing.joined() == whole
    assert listing.size == len(whole)


def test_a_long_list_comes_in_pieces_of_the_wanted_size() -> None:
    pieces = list(Listing(b"[", [b"x" * 99] * 100, b"]").pieces(1000))
    assert max(map(len, pieces)) < 1100
    assert len(pieces) < 15
