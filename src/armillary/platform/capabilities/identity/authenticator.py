"""Tells who asks: by an access token (JWT), a personal access token, or the console's cookie.

All three name something that can be ended (a session, a token), which is looked up with every request: what was
revoked is refused at once.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from armillary.base.clock import Clock, age, format_time
from armillary.base.errors import Unauthorized
from armillary.kube.runner import Caches
from armillary.platform.capabilities.access.kinds import DEPARTMENT
from armillary.platform.capabilities.identity.decide.groups import groups_of
from armillary.platform.capabilities.identity.decide.oauth import ALL
from armillary.platform.capabilities.identity.keys import Keys
from armillary.platform.capabilities.identity.kinds import ACCESS_TOKEN, SESSION, USER, AccessToken, Session, User
from armillary.platform.capabilities.identity.notes import Notes
from armillary.platform.capabilities.identity.secrets import ACCESS_TOKEN_PREFIX, token_hash
from armillary.platform.capabilities.identity.sessions import COOKIE, Sessions
from armillary.platform.capabilities.tenancy.kinds import WORKSPACE
from armillary.platform.frame.caller import Caller

MOST_VERIFIED = 10_000
_REFUSED = "the token is not valid, or has ended; sign in again"


@dataclass(frozen=True, slots=True)
class _Verified:
    """What a JWT said, verified before."""

    session: str
    scopes: frozenset[str]
    expires: float


@dataclass(slots=True)
class TokenAuthenticator:
    sessions: Sessions
    keys: Keys
    reads: Caches
    clock: Clock
    issuer: str
    notes: Notes
    idle: timedelta
    _verified: dict[str, _Verified] = field(default_factory=dict)

    async def authenticate(self, headers: Mapping[str, str], cookies: Mapping[str, str]) -> Caller | None:
        """None if nothing was shown. Raises Unauthorized for what is shown and not valid."""
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            token = token.strip()
            by_token = self._by_access_token if token.startswith(ACCESS_TOKEN_PREFIX) else self._by_jwt
            return await by_token(token)
        if scheme:
            raise Unauthorized("only bearer tokens are understood here")
        if cookie := cookies.get(COOKIE):
            return await self._by_cookie(cookie)
        return None

    async def _by_jwt(self, token: str) -> Caller:
        verified = self._verified.get(token)
        if verified is None:
            verified = await self._verify(token)
        if verified.expires <= self.clock.now().timestamp():
            raise Unauthorized(_REFUSED)
        session = await self.sessions.named(verified.session)
        if session is None or not self.sessions.is_alive(session):
            raise Unauthorized(_REFUSED)
        self.notes.seen(SESSION, session, self.clock.now())
        return self._caller(session, verified.scopes)

    async def _verify(self, token: str) -> _Verified:
        claims = await self.keys.verify(token)
        if claims.get("iss") != self.issuer or claims.get("aud") != self.issuer or "sid" not in claims:
            raise Unauthorized(_REFUSED)
        verified = _Verified(
            str(claims["sid"]), frozenset(str(claims.get("scope", "")).split()), float(claims.get("exp", 0))
        )
        while len(self._verified) >= MOST_VERIFIED:
            del self._verified[next(iter(self._verified))]
        self._verified[token] = verified
        return verified

    async def _by_access_token(self, token: str) -> Caller:
        found = self.sessions.token_by_secret(token)
        if found is None or (found.spec.expires and found.spec.expires <= format_time(self.clock.now())):
            raise Unauthorized(_REFUSED)
        self.notes.seen(ACCESS_TOKEN, found, self.clock.now())
        return self._caller(found, frozenset(found.spec.scopes))

    async def _by_cookie(self, cookie: str) -> Caller:
        session = self.at_browser(cookie)
        if session is None:
            raise Unauthorized(_REFUSED)
        self.notes.seen(SESSION, session, self.clock.now())
        return self._caller(session, frozenset({ALL}))

    def at_browser(self, cookie: str) -> Session | None:
        """The session that a browser shows, if it has been used lately."""
        session = self.sessions.by_secret(cookie) if cookie else None
        if session is None or not self.sessions.is_alive(session) or session.spec.cookie_hash != token_hash(cookie):
            return None
        return None if age(session.spec.seen, self.clock.now()) > self.idle else session

    def _caller(self, held: Session | AccessToken, scopes: frozenset[str]) -> Caller:
        """Not of somebody who had the name before: what is held belongs to one account, by uid."""
        user = self.reads.get(USER, held.spec.user)
        if user is None or user.spec.disabled or user.metadata.deletion_timestamp:
            raise Unauthorized(_REFUSED)
        if all(owner.uid != user.metadata.uid for owner in held.metadata.owner_references):
            raise Unauthorized(_REFUSED)
        return self.caller_of(user, held.metadata.name, scopes)

    def caller_of(self, user: User, session: str = "", scopes: frozenset[str] = frozenset({ALL})) -> Caller:
        """A user as a caller, with all groups."""
        return Caller(
            user=user.metadata.name,
            groups=self._groups(user),
            session=session,
            scopes=scopes,
            language=user.spec.language,
            must_change_password=user.status.must_change_password,
        )

    def _groups(self, user: User) -> tuple[str, ...]:
        mine = self.reads.by(DEPARTMENT, "member", user.metadata.name)
        if not mine:
            return groups_of(user.spec.groups, (), {}, {})
        homes = {department.metadata.namespace for department in mine}
        workspaces = {
            home: found[0].metadata.name for home in homes if (found := self.reads.by(WORKSPACE, "home", home))
        }
        parents = {
            (home, each.metadata.name): each.spec.parent
            for home in workspaces
            for each in self.reads.list(DEPARTMENT, home)
        }
        return groups_of(user.spec.groups, mine, workspaces, parents)


def add_indexes(reads: Caches) -> None:
    """Before the caches run."""
    reads.of(DEPARTMENT).add_index("member", lambda department: department.spec.members)
    home = "home"  # whose a namespace is: only the platform writes a workspace's status
    reads.of(WORKSPACE).add_index(home, lambda found: [found.status.namespace] if found.status.namespace else [])
