"""Tokens for clusters alone, that end with the session they are made in."""

from dataclasses import dataclass
from datetime import timedelta

from armillary.base.clock import parse_time
from armillary.base.errors import Denied
from armillary.platform.capabilities.identity.deps import Deps
from armillary.platform.capabilities.identity.kinds import SESSION, Session
from armillary.platform.capabilities.identity.oauth.tokens import access_token
from armillary.platform.capabilities.shell.ports import Credential
from armillary.platform.frame.caller import Caller
from armillary.platform.frame.gate import SCOPES

CREDENTIAL_LIFE = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class SessionCredentials:
    """See `shell.ports.Credentials`."""

    deps: Deps

    async def credential(self, caller: Caller) -> Credential:
        if not _may_use_clusters(caller):
            raise Denied("a token can't make one with scopes that it lacks", reason="ScopeMissing")
        session: Session | None = self.deps.reads.get(SESSION, caller.session)
        if session is None:
            raise Denied("a personal access token is a credential itself; sign in for another")
        now = self.deps.clock.now()
        ends = min(now + CREDENTIAL_LIFE, parse_time(session.spec.expires))
        token = await access_token(self.deps, session, ("kubernetes",), int((ends - now).total_seconds()))
        return Credential(token, ends)

    async def is_signed_in(self, session: str) -> bool:
        found = await self.deps.sessions.named(session) if session else None
        return found is not None and self.deps.sessions.is_alive(found)


def _may_use_clusters(caller: Caller) -> bool:
    held = (SCOPES[scope] for scope in caller.scopes if scope in SCOPES)
    return any("kubernetes" in areas and may_write for areas, may_write in held)
