"""Sessions and access tokens: opened, shown, renewed, ended. Objects hold hashes; secrets leave once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec

from armillary.base.clock import Clock, age, format_time
from armillary.base.errors import NotFound
from armillary.kube.client import Client
from armillary.kube.kinds.meta import ObjectMeta
from armillary.kube.object import owned_by
from armillary.kube.runner import Caches
from armillary.platform.capabilities.identity.kinds import (
    ACCESS_TOKEN,
    SESSION,
    USER,
    AccessToken,
    AccessTokenSpec,
    Pending,
    Session,
    SessionSpec,
    User,
)
from armillary.platform.capabilities.identity.secrets import ACCESS_TOKEN_PREFIX, new_name, new_token, token_hash
from armillary.platform.frame.capability import Call
from armillary.platform.frame.parts import Streams

COOKIE = "__Host-armillary"
FRESH_SECONDS = 5.0
MOST_SPENT = 10  # refresh tokens of the past that are still recognized
RACE = timedelta(seconds=10)  # two commands of one person may use a refresh token side by side


def add_indexes(reads: Caches, streams: Streams) -> None:
    """Before the caches run. Streams end with what they were opened with, on every replica."""
    sessions, tokens = reads.of(SESSION), reads.of(ACCESS_TOKEN)
    sessions.add_index("hash", _hashes)
    sessions.add_index("user", lambda session: [session.spec.user])
    sessions.add_index("user code", lambda s: [s.spec.pending.user_code] if s.spec.pending is not None else [])
    tokens.add_index("hash", lambda token: [token.spec.hash])
    tokens.add_index("user", lambda token: [token.spec.user])

    def ended(old: Session | AccessToken | None, new: Session | AccessToken | None) -> None:
        if old is not None and new is None:
            streams.end_session(old.metadata.name)

    def changed(old: User | None, new: User | None) -> None:
        if old is not None and (new is None or new.spec.disabled):
            streams.end_user(old.metadata.name)

    sessions.listen(ended)
    tokens.listen(ended)
    reads.of(USER).listen(changed)


def _hashes(session: Session) -> Sequence[str]:
    spec = session.spec
    pending = spec.pending.code_hash if spec.pending is not None else ""
    return [found for found in (spec.cookie_hash, spec.refresh_hash, pending, *spec.spent_hashes) if found]


@dataclass(slots=True)
class Sessions:
    """As the platform."""

    client: Client
    reads: Caches
    clock: Clock
    lifetime: timedelta

    # Reading

    async def named(self, name: str) -> Session | None:
        """A session by its name; asks the cluster for one that is too new to be known here."""
        known = self.reads.get(SESSION, name)
        if known is not None:
            return known
        return await self.client.find(SESSION, name)

    def by_secret(self, secret: str) -> Session | None:
        """By cookie, code, device code or refresh token, also one that was spent."""
        return next(iter(self.reads.by(SESSION, "hash", token_hash(secret))), None)

    def by_user_code(self, user_code: str) -> Session | None:
        return next(iter(self.reads.by(SESSION, "user code", user_code)), None)

    def of(self, user: str) -> Sequence[Session]:
        """Those in use, the newest first."""
        found = [s for s in self.reads.by(SESSION, "user", user) if s.spec.pending is None]
        return sorted(found, key=lambda s: s.metadata.creation_timestamp, reverse=True)

    def is_alive(self, session: Session) -> bool:
        return session.spec.expires > format_time(self.clock.now()) and session.spec.pending is None

    # Opening

    async def open(self, user: User | None, spec: SessionSpec) -> Session:
        """Ends with its user, if it has one yet."""
        now = self.clock.now()
        named = msgspec.structs.replace(
            spec,
            user=user.metadata.name if user is not None else "",
            expires=spec.expires or format_time(now + self.lifetime),
            signed_in=spec.signed_in or format_time(now),
            seen=format_time(now),
        )
        meta = ObjectMeta(name=new_name("session"), owner_references=_owners(user))
        return await self._seen(await self.client.create(SESSION, Session(metadata=meta, spec=named)))

    async def open_for_browser(self, user: User, spec: SessionSpec) -> tuple[Session, str]:
        """With the cookie's value."""
        cookie = new_token()
        return await self.open(user, msgspec.structs.replace(spec, cookie_hash=token_hash(cookie))), cookie

    async def open_for_client(self, user: User, spec: SessionSpec) -> tuple[Session, str]:
        """With a refresh token."""
        refresh = new_token()
        return await self.open(user, msgspec.structs.replace(spec, refresh_hash=token_hash(refresh))), refresh

    async def pend(self, user: User | None, spec: SessionSpec, pending: Pending) -> Session:
        return await self.open(user, msgspec.structs.replace(spec, pending=pending))

    async def let_in(self, session: Session, user: User) -> None:
        """A device that waited: it may fetch its tokens now."""
        meta = msgspec.structs.replace(session.metadata, owner_references=_owners(user))
        spec = msgspec.structs.replace(session.spec, user=user.metadata.name, signed_in=format_time(self.clock.now()))
        await self._update(msgspec.structs.replace(session, metadata=meta, spec=spec))

    async def fetch(self, session: Session, secret: str) -> tuple[Session, str]:
        """For a code, device code or refresh token, once: the session with a new refresh token.

        Raises Conflict if somebody was faster.
        """
        refresh, spent = new_token(), token_hash(secret)
        spec = msgspec.structs.replace(
            session.spec,
            pending=None,
            refresh_hash=token_hash(refresh),
            spent_hashes=(spent, *session.spec.spent_hashes)[:MOST_SPENT],
            seen=format_time(self.clock.now()),
            rotated=format_time(self.clock.now()),
        )
        return await self._update(msgspec.structs.replace(session, spec=spec)), refresh

    def is_race(self, session: Session, secret: str) -> bool:
        """Whether this was the right refresh token a moment ago: refused, but no theft."""
        spec = session.spec
        is_last = bool(spec.rotated) and len(spec.spent_hashes) > 1 and spec.spent_hashes[0] == token_hash(secret)
        return is_last and age(spec.rotated, self.clock.now()) < RACE

    # Ending

    async def end(self, session: Session) -> None:
        """Gone, and seen to be gone, when this returns."""
        await self._delete(SESSION, session.metadata.name)

    async def end_all(self, user: str, *, but: str = "") -> int:
        """Every session of a user except one; how many there were."""
        found = [s for s in self.reads.by(SESSION, "user", user) if s.metadata.name != but]
        for session in found:
            await self.end(session)
        return len(found)

    # Access tokens

    async def make_token(
        self, user: User, display_name: str, scopes: tuple[str, ...], expires: datetime | None
    ) -> tuple[AccessToken, str]:
        """With the token itself, which is not kept."""
        token = ACCESS_TOKEN_PREFIX + new_token()
        spec = AccessTokenSpec(
            user=user.metadata.name,
            display_name=display_name,
            hash=token_hash(token),
            scopes=scopes,
            expires=format_time(expires) if expires is not None else "",
        )
        meta = ObjectMeta(name=new_name("token"), owner_references=_owners(user))
        made = await self.client.create(ACCESS_TOKEN, AccessToken(metadata=meta, spec=spec))
        await self.reads.of(ACCESS_TOKEN).wait_revision(made.metadata.resource_version, FRESH_SECONDS)
        return made, token

    def tokens_of(self, user: str) -> Sequence[AccessToken]:
        found = self.reads.by(ACCESS_TOKEN, "user", user)
        return sorted(found, key=lambda t: t.metadata.creation_timestamp, reverse=True)

    def token_by_secret(self, token: str) -> AccessToken | None:
        return next(iter(self.reads.by(ACCESS_TOKEN, "hash", token_hash(token))), None)

    async def end_token(self, token: AccessToken) -> None:
        await self._delete(ACCESS_TOKEN, token.metadata.name)

    async def _delete(self, kind: Any, name: str) -> None:
        try:
            await self.client.delete(kind, name)
        except NotFound:
            return
        cache = self.reads.of(kind)
        await cache.wait_until(_is_gone(cache.get, name), FRESH_SECONDS)

    async def _update(self, session: Session) -> Session:
        return await self._seen(await self.client.update(SESSION, session, session.metadata.name))

    async def _seen(self, session: Session) -> Session:
        await self.reads.of(SESSION).wait_revision(session.metadata.resource_version, FRESH_SECONDS)
        return session


def _is_gone(get: Callable[[str], object], name: str) -> Callable[[], bool]:
    return lambda: get(name) is None


def _owners(user: User | None) -> tuple[Any, ...]:
    return (msgspec.structs.replace(owned_by(USER, user), block_owner_deletion=None),) if user is not None else ()


def placed(call: Call, spec: SessionSpec) -> SessionSpec:
    """With where it is opened from."""
    agent = call.headers.get("user-agent", "")[:256]
    return msgspec.structs.replace(spec, address=call.address, agent=agent)
