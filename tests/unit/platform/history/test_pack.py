"""Versions come back as they were, and are small."""

import orjson
from hypothesis import given
from hypothesis import strategies as st

from armillary.platform.capabilities.history import pack as packing
from armillary.platform.capabilities.history.pack import Packer, pack, unpack


@given(st.lists(st.tuples(st.sampled_from(["", "a", "b"]), st.binary(max_size=400)), max_size=20))
def test_what_is_packed_comes_back(items: list[tuple[str, bytes]]) -> None:
    packer = Packer()
    for alike, body in items:
        packed = packer.pack(body, alike)
        basis = unpack(pack(packed.basis.body)) if packed.basis is not None else None
        assert unpack(packed.body, basis) == body


def pod(name: str) -> bytes:
    env = [{"name": f"VARIABLE_{n}", "value": f"value of {n * n}"} for n in range(20)]
    return orjson.dumps({"metadata": {"name": name}, "spec": {"containers": [{"image": "nginx", "env": env}]}})


def test_what_looks_alike_takes_a_tenth() -> None:
    packer = Packer()
    packer.pack(pod("web-1"), "web")
    assert len(packer.pack(pod("web-2"), "web").body) * 10 < len(pod("web-2"))


def test_what_no_longer_looks_alike_becomes_the_basis() -> None:
    packer = Packer()
    first = packer.pack(pod("web"), "web").basis
    other = bytes(range(256)) * 2
    assert packer.pack(other, "web").basis != first
    assert len(packer.pack(other, "web").body) < 40


def test_memory_is_bounded() -> None:
    packer = Packer()
    for n in range(packing.MOST_BASES + 50):
        packer.pack(pod(f"{n}"), f"{n}")
    assert len(packer._bases) == packing.MOST_BASES
    for n in range(20):
        packer.pack(bytes([n]) * (1 << 20), f"large {n}")
    assert packer._bytes == sum(len(basis.body) for basis in packer._bases.values()) <= packing.MOST_BASES_BYTES
