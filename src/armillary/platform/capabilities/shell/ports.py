"""What shells need from outside: tokens, and whether who got one is still signed in (`identity` has them)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from armillary.platform.frame.caller import Caller


@dataclass(frozen=True, slots=True)
class Credential:
    """A token for clusters alone, that ends with the session it was made in."""

    token: str
    expires: datetime


class Credentials(Protocol):
    async def credential(self, caller: Caller) -> Credential:
        """Raises Denied for who may not use clusters, or shows a personal access token."""
        ...

    async def is_signed_in(self, session: str) -> bool: ...
