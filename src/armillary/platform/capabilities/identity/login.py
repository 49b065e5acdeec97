"""Signing in and out by JSON, for the console and for programs; and a token for clusters alone."""

from typing import Annotated

from msgspec import Meta, Struct, json

from armillary.base.clock import format_time
from armillary.platform.capabilities.identity.deps import Deps
from armillary.platform.capabilities.identity.kinds import SessionSpec, User
from armillary.platform.capabilities.identity.lending import SessionCredentials
from armillary.platform.capabilities.identity.oauth.browser import came_from, clear_cookie, session_cookie
from armillary.platform.capabilities.identity.oauth.tokens import access_token
from armillary.platform.capabilities.identity.sessions import COOKIE, placed
from armillary.platform.frame.capability import Call, Reply

CLI = "armillary-cli"


class Login(Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """`tokens`: an access and a refresh token in the answer, in place of a cookie."""

    username: Annotated[str, Meta(max_length=320)]
    password: Annotated[str, Meta(max_length=1024)]
    tokens: bool = False


class LoggedIn(Struct, frozen=True, kw_only=True, rename="camel"):
    user: str
    must_change_password: bool
    access_token: str = ""
    refresh_token: str = ""
    expires_in: int = 0


class Offered(Struct, frozen=True, kw_only=True, rename="camel"):
    """A way to sign in."""

    name: str
    display_name: str
    type: str


class Offers(Struct, frozen=True, kw_only=True):
    items: tuple[Offered, ...]


class Credential(Struct, frozen=True, kw_only=True):
    token: str
    expires: str


async def log_in(call: Call, deps: Deps) -> Reply:
    body: Login = call.body
    user, provider = await deps.sign_in.by_password(body.username, body.password, came_from(call))
    if body.tokens:
        return Reply(json.encode(await _with_tokens(call, deps, user, provider)))
    _, cookie = await deps.sessions.open_for_browser(user, placed(call, SessionSpec(provider=provider)))
    said = LoggedIn(user=user.metadata.name, must_change_password=user.status.must_change_password)
    return Reply(json.encode(said), headers=(session_cookie(deps, cookie),))


async def _with_tokens(call: Call, deps: Deps, user: User, provider: str) -> LoggedIn:
    spec = SessionSpec(client=CLI, provider=provider, scopes=("all",))
    session, refresh = await deps.sessions.open_for_client(user, placed(call, spec))
    life = deps.settings.access_token_seconds
    return LoggedIn(
        user=user.metadata.name,
        must_change_password=user.status.must_change_password,
        access_token=await access_token(deps, session, session.spec.scopes, life),
        refresh_token=refresh,
        expires_in=life,
    )


async def log_out(call: Call, deps: Deps) -> Reply:
    """A personal access token stays: it is revoked by its name."""
    session = await deps.sessions.named(call.user.session)
    if session is not None:
        await deps.sessions.end(session)
        deps.note(call, "logout", call.user.user)
    return Reply(status=204, headers=(clear_cookie(),) if COOKIE in call.cookies else ())


async def offers(call: Call, deps: Deps) -> Offers:
    found = deps.providers.offers()
    return Offers(items=tuple(Offered(name=o.name, display_name=o.display_name, type=o.type) for o in found))


async def credential(call: Call, deps: Deps) -> Credential:
    lent = await SessionCredentials(deps).credential(call.user)
    return Credential(token=lent.token, expires=format_time(lent.expires))
