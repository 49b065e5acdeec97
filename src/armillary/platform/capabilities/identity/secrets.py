"""Secrets made and kept: hashes of passwords (argon2id) and of tokens (SHA-256 of 256 random bits)."""

import asyncio
import hashlib
import secrets

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from armillary.platform.capabilities.identity.decide.passwords import fault_of

# OWASP, Password Storage Cheat Sheet: 19 MiB, two passes, one lane.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1, type=Type.ID)
# Of nobody's password: it is compared with where there is no account, so that this takes as long.
_NOBODY = _HASHER.hash(secrets.token_urlsafe(16))

ACCESS_TOKEN_PREFIX = "arm_"  # noqa: S105
# Without characters that are mistaken for each other when somebody reads them aloud.
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
_CONSONANTS = "BCDFGHJKLMNPQRSTVWXZ"  # RFC 8628, 6.1


async def hash_password(password: str) -> str:
    return await asyncio.to_thread(_HASHER.hash, password)


async def is_password(password: str, hashed: str) -> bool:
    """Takes as long for no hash ("") as for a wrong password."""
    return await asyncio.to_thread(_verify, password, hashed)


def _verify(password: str, hashed: str) -> bool:
    try:
        _HASHER.verify(hashed or _NOBODY, password)
    except (VerificationError, InvalidHashError):
        return False
    return bool(hashed)


def is_outdated(hashed: str) -> bool:
    """Whether it was made with other parameters than ours."""
    return _HASHER.check_needs_rehash(hashed)


def new_password(user: str) -> str:
    """To be read by a person once: 20 letters and digits, 96 bits. Chance must not spell the user's name."""
    while True:
        text = "".join(secrets.choice(_LETTERS) for _ in range(20))
        password = "-".join(text[i : i + 5] for i in range(0, 20, 5))
        if fault_of(password, user) is None:
            return password


def new_token() -> str:
    return secrets.token_urlsafe(32)


def new_user_code() -> str:
    """What a person types to let a device in: 8 consonants."""
    text = "".join(secrets.choice(_CONSONANTS) for _ in range(8))
    return f"{text[:4]}-{text[4:]}"


def new_name(prefix: str) -> str:
    """Of an object that stands for a secret: it must not be guessed either."""
    return f"{prefix}-{secrets.token_hex(12)}"


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
