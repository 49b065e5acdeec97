"""Who somebody is here whom an identity provider vouches for: known, linked, new, or nobody. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from armillary.platform.capabilities.identity.kinds import Identity, User
from armillary.platform.capabilities.identity.ports import Offer, Vouched

LONGEST_NAME = 63


@dataclass(frozen=True, slots=True)
class Known:
    """The user is linked to that account already."""

    user: User


@dataclass(frozen=True, slots=True)
class Link:
    """The same person by a verified e-mail address: link the account."""

    user: User
    identity: Identity


@dataclass(frozen=True, slots=True)
class Make:
    """Somebody new, who may come."""

    name: str
    identity: Identity


@dataclass(frozen=True, slots=True)
class Refuse:
    """Nobody we know, and nobody may come uninvited."""

    because: str


class Names(Protocol):
    """Which names are taken."""

    def __contains__(self, name: object, /) -> bool: ...


def arrive(vouched: Vouched, offer: Offer, users: Sequence[User], taken: Names) -> Known | Link | Make | Refuse:
    """`users` are those linked to the account, and those with its e-mail address."""
    identity = Identity(provider=vouched.provider, subject=vouched.subject)
    if not vouched.subject:
        return Refuse("the provider does not say who this is")
    for user in users:
        if identity in user.spec.identities:
            return Known(user)
    same_email = [user for user in users if vouched.email and user.spec.email.lower() == vouched.email.lower()]
    if same_email and offer.may_link_by_email:
        # An address that was only claimed would let anybody in as anybody.
        if not vouched.email_verified:
            return Refuse("the provider has not verified the e-mail address")
        if len({user.metadata.name for user in same_email}) > 1:
            return Refuse("more than one account has this e-mail address")
        if any(known.provider == vouched.provider for known in same_email[0].spec.identities):
            return Refuse("the account with this e-mail address is linked to somebody else there")
        return Link(same_email[0], identity)
    if not offer.may_create:
        return Refuse("there is no account for this person; an administrator must make one first")
    if same_email:
        return Refuse("another account has this e-mail address")
    return Make(free_name(vouched.name or vouched.email.partition("@")[0], taken), identity)


def free_name(wish: str, taken: Names) -> str:
    """A valid user name near to the wish, and nobody else's."""
    plain = re.sub(r"[^a-z0-9]+", "-", wish.lower())[: LONGEST_NAME - 5].strip("-") or "user"
    if plain not in taken:
        return plain
    return next(name for number in range(2, 10_000) if (name := f"{plain}-{number}") not in taken)
