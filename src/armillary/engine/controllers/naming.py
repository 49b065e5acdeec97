"""Names and hashes of what controllers make: pods, replica sets, revisions."""

import hashlib
from typing import Any

import msgspec

# As upstream's util/rand: no vowels and nothing that looks like another, so that no name says anything.
ALPHABET = "bcdfghjklmnpqrstvwxz2456789"
LONGEST_GENERATED = 58  # of a prefix, so that name and suffix stay within a label's 63

_encoder = msgspec.json.Encoder(order="deterministic")


def canonical(item: Any) -> bytes:
    """The same bytes for equal values, whatever order their maps are in."""
    return _encoder.encode(item)


def short_hash(item: Any, collisions: int | None = None) -> str:
    """A value's hash, in up to ten safe characters; another one for each count of collisions."""
    salt = b"" if collisions is None else str(collisions).encode()
    digest = hashlib.blake2b(canonical(item) + salt, digest_size=4).digest()
    return "".join(ALPHABET[ord(c) % len(ALPHABET)] for c in str(int.from_bytes(digest, "big")))


def suffix(*parts: object) -> str:
    """Five safe characters that differ whenever `parts` do."""
    digest = hashlib.blake2b("\0".join(map(str, parts)).encode(), digest_size=8).digest()
    number, letters = int.from_bytes(digest, "big"), []
    for _ in range(5):
        number, place = divmod(number, len(ALPHABET))
        letters.append(ALPHABET[place])
    return "".join(letters)


def generated(prefix: str, *parts: object) -> str:
    """`prefix` with a suffix, as the API server would generate it; what it is made from decides the name."""
    return prefix[:LONGEST_GENERATED] + suffix(prefix, *parts)
