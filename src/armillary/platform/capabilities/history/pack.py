"""How versions are kept small: zstd, each against one that looks much like it (its basis).

A basis is itself kept once, by itself; so a version needs two steps to be read, however long its history is.
"""

from collections import OrderedDict
from dataclasses import dataclass, field
from hashlib import blake2b

import zstandard

LEVEL = 3
MOST_BASES = 512
MOST_BASES_BYTES = 8 << 20
WORTH = 3  # a basis that does not make a version this many times smaller is taken no longer
_RAW = zstandard.DICT_TYPE_RAWCONTENT


@dataclass(frozen=True, slots=True)
class Basis:
    """`body` is plain; `id` follows from it."""

    id: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Packed:
    body: bytes
    basis: Basis | None = None


def number_of(*parts: bytes) -> int:
    """A number for what these bytes are: 63 bits, as databases count."""
    digest = blake2b(digest_size=8)
    for part in parts:
        digest.update(len(part).to_bytes(4, "big") + part)
    return int.from_bytes(digest.digest(), "big") >> 1


def pack(body: bytes, basis: Basis | None = None) -> bytes:
    against = zstandard.ZstdCompressionDict(basis.body, dict_type=_RAW) if basis is not None else None
    return zstandard.ZstdCompressor(level=LEVEL, dict_data=against, write_checksum=False).compress(body)


def unpack(packed: bytes, basis: bytes | None = None) -> bytes:
    against = zstandard.ZstdCompressionDict(basis, dict_type=_RAW) if basis is not None else None
    return zstandard.ZstdDecompressor(dict_data=against).decompress(packed)


@dataclass(slots=True)
class Packer:
    """Remembers the bases in use, by what they are good for. Bounded; one forgotten is made again when needed."""

    _bases: OrderedDict[str, Basis] = field(default_factory=OrderedDict)
    _bytes: int = 0

    def pack(self, body: bytes, alike: str) -> Packed:
        """`alike` names what bodies look much the same for; by itself if that is empty."""
        if not alike:
            return Packed(pack(body))
        basis = self._bases.get(alike)
        if basis is not None:
            self._bases.move_to_end(alike)
            packed = pack(body, basis)
            if len(packed) * WORTH <= len(body):
                return Packed(packed, basis)
        basis = self._remember(alike, body)
        return Packed(pack(body, basis), basis)

    def _remember(self, alike: str, body: bytes) -> Basis:
        basis = Basis(number_of(body), body)
        old = self._bases.pop(alike, None)
        self._bytes += len(body) - (len(old.body) if old is not None else 0)
        self._bases[alike] = basis
        while len(self._bases) > MOST_BASES or (self._bytes > MOST_BASES_BYTES and len(self._bases) > 1):
            self._bytes -= len(self._bases.popitem(last=False)[1].body)
        return basis
