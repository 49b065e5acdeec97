"""Signing in: by a password here, by a directory's, or by an identity provider that vouches for somebody.

Every refusal reads the same and takes as long, whether the account exists, is locked, disabled, or the password wrong.
"""

from collections import OrderedDict
from dataclasses import dataclass, field

import msgspec

from armillary.base.clock import Clock, format_time
from armillary.base.errors import AlreadyExists, Denied, TooManyRequests, Unauthorized, Unavailable
from armillary.kube.kinds.meta import ObjectMeta
from armillary.platform.capabilities.identity.accounts import Accounts
from armillary.platform.capabilities.identity.decide.arrive import Known, Link, Make, Refuse, arrive
from armillary.platform.capabilities.identity.decide.lockout import locked_until
from armillary.platform.capabilities.identity.kinds import USER, Identity, User, UserSpec
from armillary.platform.capabilities.identity.ports import Offer, Providers, Vouched
from armillary.platform.frame.parts import Audit, Deed

REFUSED = "wrong name or password"
# Attempts from one address: so many at once, then one in so many seconds; right ones are given back.
BURST, REFILL_SECONDS = 20.0, 3.0
MOST_ADDRESSES = 10_000


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
    _buckets: OrderedDict[str, tuple[float, float]] = field(default_factory=OrderedDict)

    def take(self, address: str) -> None:
        """Raises TooManyRequests."""
        now = self.clock.monotonic()
        tokens, since = self._buckets.pop(address, (BURST, now))
        tokens = min(BURST, tokens + (now - since) / REFILL_SECONDS)
        self._buckets[address] = (max(0.0, tokens - 1), now)
        while len(self._buckets) > MOST_ADDRESSES:
            self._buckets.popitem(last=False)
        if tokens < 1:
            raise TooManyRequests("too many attempts; wait a little", retry_after_seconds=int(REFILL_SECONDS))

    def give_back(self, address: str) -> None:
        tokens, since = self._buckets.get(address, (BURST, self.clock.monotonic()))
        self._buckets[address] = (min(BURST, tokens + 1), since)


@dataclass(slots=True)
class SignIn:
    accounts: Accounts
    providers: Providers
    audit: Audit
    clock: Clock
    attempts: Attempts

    async def by_password(self, login: str, password: str, came: From) -> tuple[User, str]:
        """Who it is, and the directory that said so, if one did. Raises Unauthorized, TooManyRequests."""
        self.attempts.take(came.address)
        user = self.accounts.find(login)
        name = user.metadata.name if user is not None else ""
        # Asked in every case, and before anything is looked at: all refusals take as long.
        is_right = await self.accounts.is_password(name, password)
        provider = ""
        if not is_right and (vouched := await self._by_directory(login, password, user)) is not None:
            user, provider, is_right = await self._arrived(vouched, came), vouched.provider, True
        if user is None or not is_right or self._is_shut(user):
            await self._failed(user, login, came, is_right=is_right)
            raise Unauthorized(REFUSED)
        self.attempts.give_back(came.address)
        await self._succeeded(user, provider, came)
        return user, provider

    async def by_provider(self, vouched: Vouched, came: From) -> User:
        """Raises Denied for somebody who may not come in."""
        user = await self._arrived(vouched, came)
        if self._is_shut(user):
            self._note("login", user.metadata.name, "denied", came, "the account is disabled")
            raise Denied("this account may not sign in")
        await self._succeeded(user, vouched.provider, came)
        return user

    def _is_shut(self, user: User) -> bool:
        return user.spec.disabled or user.status.locked_until > format_time(self.clock.now())

    async def _by_directory(self, login: str, password: str, user: User | None) -> Vouched | None:
        """Directories are asked in turn; one that can't be reached is passed over."""
        if not password or (user is not None and await self.accounts.has_password(user.metadata.name)):
            return None
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

    async def _failed(self, user: User | None, login: str, came: From, *, is_right: bool) -> None:
        reason = "wrong name or password"
        if user is not None and is_right:
            reason = "the account is disabled" if user.spec.disabled else "the account is locked"
        elif user is not None:
            failures = user.status.failures + 1
            until = locked_until(failures, self.clock.now())
            locked = format_time(until) if until is not None else None
            await self.accounts.note(user.metadata.name, failures=failures, lockedUntil=locked)
        # What was typed where no account is may be a password in the wrong field: it is not kept.
        self._note("login", user.metadata.name if user is not None else "", "denied", came, reason)

    async def _succeeded(self, user: User, provider: str, came: From) -> None:
        await self.accounts.note_login(user.metadata.name, self.clock.now())
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
