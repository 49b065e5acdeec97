"""Signing in: by a password here, by a directory's, or by an identity provider that vouches for somebody.

Every refusal reads the same and takes as long, whether the account exists, is locked, disabled, or the password wrong.
"""

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TypeVar

import msgspec

from armillary.base.clock import Clock, format_time, parse_time
from armillary.base.errors import AlreadyExists, Denied, TooManyRequests, Unauthorized, Unavailable
from armillary.kube.kinds.meta import ObjectMeta
from armillary.platform.capabilities.identity.accounts import Accounts
from armillary.platform.capabilities.identity.decide.arrive import Known, Link, Make, Refuse, arrive
from armillary.platform.capabilities.identity.decide.guessing import (
    Bucket,
    Guesses,
    after_failure,
    give_back,
    is_locked,
    origin_of,
    take,
)
from armillary.platform.capabilities.identity.kinds import USER, Identity, User, UserSpec
from armillary.platform.capabilities.identity.notes import Notes
from armillary.platform.capabilities.identity.ports import Offer, Providers, Vouched
from armillary.platform.capabilities.identity.secrets import new_token, token_hash
from armillary.platform.frame.parts import Audit, Deed

T = TypeVar("T")
REFUSED = "wrong name or password"
MOST_REMEMBERED = 20_000


@dataclass(frozen=True, slots=True)
class From:
    """Where an attempt comes from."""

    address: str
    agent: str
    request_id: str = ""


@dataclass(slots=True)
class Attempts:
    """A token bucket for each address, the longest unused forgotten first."""

    clock: Clock
    _buckets: OrderedDict[str, Bucket] = field(default_factory=OrderedDict)

    def take(self, address: str) -> None:
        """Before the look, so that attempts made at once count. Raises TooManyRequests."""
        origin, now = origin_of(address), self.clock.monotonic()
        bucket, may = take(self._buckets.get(origin, Bucket(at=now)), now)
        remember(self._buckets, origin, bucket)
        if not may:
            raise TooManyRequests("too many attempts; wait a little", retry_after_seconds=5)

    def give_back(self, address: str) -> None:
        origin = origin_of(address)
        if origin in self._buckets:
            self._buckets[origin] = give_back(self._buckets[origin])


@dataclass(slots=True)
class Locks:
    """Wrong passwords by account: here at once, from other replicas by the User's status."""

    clock: Clock
    _guesses: OrderedDict[str, Guesses] = field(default_factory=OrderedDict)

    def of(self, account: str, user: User | None) -> Guesses:
        mine = self._guesses.get(account, Guesses())
        if user is None or not user.status.locked_until:
            return mine
        told = Guesses(user.status.failures, mine.last, parse_time(user.status.locked_until))
        return told if told.failures > mine.failures else mine

    def is_locked(self, account: str, user: User | None) -> bool:
        return is_locked(self.of(account, user), self.clock.now())

    def failed(self, account: str, user: User | None) -> Guesses:
        counted = after_failure(self.of(account, user), self.clock.now())
        remember(self._guesses, account, counted)
        return counted

    def forgive(self, account: str) -> None:
        self._guesses.pop(account, None)


def remember(kept: OrderedDict[str, T], key: str, value: T) -> None:
    """The longest unused goes when there are too many."""
    kept[key] = value
    kept.move_to_end(key)
    if len(kept) > MOST_REMEMBERED:
        kept.popitem(last=False)


@dataclass(slots=True)
class SignIn:
    accounts: Accounts
    providers: Providers
    notes: Notes
    audit: Audit
    clock: Clock
    attempts: Attempts
    locks: Locks

    async def by_password(self, login: str, password: str, came: From) -> tuple[User, str]:
        """Who it is, and the directory that said so, if one did. Raises Unauthorized, TooManyRequests."""
        self.attempts.take(came.address)
        user = self.accounts.find(login)
        account = user.metadata.name if user is not None else token_hash(login)
        was_locked = self.locks.is_locked(account, user)
        # Asked in every case, also where nobody is: all refusals take as long.
        known = await self.accounts.password_hash(user)
        is_right, provider = await self.accounts.is_password(user, password, known), ""
        if not is_right or was_locked or self._is_disabled(user):
            may_be_elsewhere = not known and not was_locked
            vouched = await self._by_directory(login, password, is_asked_for=may_be_elsewhere)
            if vouched is not None:
                user, provider, is_right = await self._arrived(vouched, came), vouched.provider, True
        # A lock may have come while this one was looked at: guesses made at once count as many.
        is_shut = was_locked or self.locks.is_locked(account, user)
        if user is None or not is_right or is_shut or self._is_disabled(user):
            self._failed(account, user, came, "the account is locked" if is_shut else REFUSED)
            raise Unauthorized(REFUSED, reason="WrongCredentials")
        self.locks.forgive(account)
        self.attempts.give_back(came.address)
        self._succeeded(user, provider, came)
        return user, provider

    async def verify(self, user: User, password: str, came: From) -> bool:
        """Whether the person at an open session knows the password. Counts as guesses do."""
        self.attempts.take(came.address)
        name = user.metadata.name
        was_locked = self.locks.is_locked(name, user)
        known = await self.accounts.password_hash(user)
        if not await self.accounts.is_password(user, password, known) or was_locked:
            self._failed(name, user, came, REFUSED)
            return False
        self.attempts.give_back(came.address)
        return True

    async def by_provider(self, vouched: Vouched, came: From) -> User:
        """Raises Denied for somebody who may not come in."""
        user = await self._arrived(vouched, came)
        if self._is_disabled(user):
            self._note("login", user.metadata.name, "denied", came, "the account is disabled")
            raise Denied("this account may not sign in")
        self._succeeded(user, vouched.provider, came)
        return user

    def _is_disabled(self, user: User | None) -> bool:
        return user is not None and (user.spec.disabled or bool(user.metadata.deletion_timestamp))

    async def _by_directory(self, login: str, password: str, *, is_asked_for: bool) -> Vouched | None:
        """Directories are asked in turn; one that can't be reached is passed over.

        Where an account is not theirs, they are asked for somebody made up: the refusal takes as long, and what was
        typed as a password of ours is told to nobody.
        """
        if not password:  # a bind without one succeeds as nobody (RFC 4513, 5.1.2)
            return None
        if not is_asked_for:
            login, password = new_token(), new_token()
        for offer in self.providers.offers():
            if offer.type != "ldap":
                continue
            try:
                found = await self.providers.check_password(offer.name, login, password)
            except Unavailable:
                continue
            if found is not None:
                return found
        return None

    async def _arrived(self, vouched: Vouched, came: From) -> User:
        offer = self._offer(vouched.provider)
        identity = Identity(provider=vouched.provider, subject=vouched.subject)
        users = [*self.accounts.by_identity(identity), *self.accounts.by_email(vouched.email)]
        match arrive(vouched, offer, users, _Taken(self.accounts)):
            case Known(user):
                return await self._refreshed(user, vouched)
            case Link(user, linked):
                spec = msgspec.structs.replace(user.spec, identities=(*user.spec.identities, linked))
                self._note("link", user.metadata.name, "success", came, vouched.provider)
                return await self._refreshed(msgspec.structs.replace(user, spec=spec), vouched)
            case Make(name, made):
                spec = UserSpec(
                    display_name=vouched.display_name,
                    email=vouched.email if vouched.email_verified else "",
                    identities=(made,),
                    groups=vouched.groups,
                )
                self._note("create", name, "success", came, vouched.provider)
                return await self._made(User(metadata=ObjectMeta(name=name), spec=spec))
            case Refuse(because):
                self._note("login", vouched.name, "denied", came, because)
                raise Denied(because)

    async def _made(self, user: User) -> User:
        try:
            return await self.accounts.make(user)
        except AlreadyExists as exc:  # made at the same moment by another request
            raise Denied("try once more") from exc

    async def _refreshed(self, user: User, vouched: Vouched) -> User:
        """With the groups that the provider tells now."""
        wanted = {
            "groups": list(vouched.groups),
            "identities": [msgspec.to_builtins(identity) for identity in user.spec.identities],
        }
        known = self.accounts.reads.get(USER, user.metadata.name)
        if known is not None and known.spec == user.spec and known.spec.groups == vouched.groups:
            return known
        written = await self.accounts.client.patch(USER, user.metadata.name, "", {"spec": wanted})
        await self.accounts.wait_for(written)
        return written

    def _offer(self, provider: str) -> Offer:
        found = next((offer for offer in self.providers.offers() if offer.name == provider), None)
        if found is None:
            raise Denied("this identity provider is switched off")
        return found

    def _failed(self, account: str, user: User | None, came: From, reason: str) -> None:
        counted, name = self.locks.failed(account, user), ""
        if user is not None:
            name = user.metadata.name
            until = format_time(counted.locked_until) if counted.locked_until is not None else None
            self.notes.user(name, {"failures": counted.failures, "lockedUntil": until})
        # What was typed where no account is may be a password in the wrong field: it is not kept.
        self._note("login", name, "denied", came, reason)

    def _succeeded(self, user: User, provider: str, came: From) -> None:
        status = {"lastLogin": format_time(self.clock.now()), "failures": 0, "lockedUntil": None}
        self.notes.user(user.metadata.name, status)
        self._note("login", user.metadata.name, "success", came, provider)

    def _note(self, action: str, user: str, outcome: str, came: From, reason: str = "") -> None:
        self.audit.note(
            Deed(
                action,
                user,
                outcome,
                address=came.address,
                agent=came.agent,
                request_id=came.request_id,
                group="iam.armillary.io",
                resource="users",
                name=user,
                reason=reason,
            )
        )


@dataclass(frozen=True, slots=True)
class _Taken:
    accounts: Accounts

    def __contains__(self, name: object, /) -> bool:
        return self.accounts.reads.get(USER, str(name)) is not None
