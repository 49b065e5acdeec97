"""What identity needs from outside: identity providers that vouch for people (`federation` has them)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol


@dataclass(frozen=True, slots=True)
class Vouched:
    """What a provider says of somebody who has signed in there."""

    provider: str
    subject: str  # lasting: OIDC `sub`, or an entry's unique id
    name: str  # what they would like to be called here
    email: str = ""
    email_verified: bool = False
    display_name: str = ""
    groups: tuple[str, ...] = ()  # already mapped to platform groups


@dataclass(frozen=True, slots=True)
class Offer:
    """A provider as the sign-in page shows it, and what may be done with people it vouches for."""

    name: str
    display_name: str
    type: Literal["ldap", "oidc"]
    may_create: bool  # just-in-time accounts
    may_link_by_email: bool


@dataclass(frozen=True, slots=True)
class Redirect:
    """Where to send a browser, and what to remember of it until it comes back."""

    url: str
    state: str
    nonce: str
    verifier: str


class Providers(Protocol):
    """All that are switched on. Raises Unavailable when one can't be reached: others, and passwords here, go on."""

    def offers(self) -> Sequence[Offer]: ...

    async def check_password(self, provider: str, login: str, password: str) -> Vouched | None:
        """By a directory; None if it refuses."""
        ...

    async def begin(self, provider: str, callback: str) -> Redirect:
        """A sign-in at an OpenID Connect provider that answers to the URL `callback`."""
        ...

    async def finish(self, provider: str, callback: str, code: str, begun: Redirect) -> Vouched:
        """Raises Unauthorized if what came back does not hold."""
        ...
