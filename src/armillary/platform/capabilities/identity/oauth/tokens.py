"""The token endpoint and its kin: codes, refresh tokens and devices become tokens; tokens are ended and looked at.

RFC 6749 and OAuth 2.1 (token), 8628 (device), 7009 (revocation), 7662 (introspection), OpenID Connect Core 3.1.3.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import unquote

import orjson

from armillary.base.clock import format_time, parse_time
from armillary.base.errors import ApiError, Conflict, Unauthorized
from armillary.platform.capabilities.identity.decide.oauth import (
    ALL,
    POLL_SECONDS,
    SLOWER_SECONDS,
    Refused,
    check_code,
    check_device,
    granted_scopes,
)
from armillary.platform.capabilities.identity.deps import Deps
from armillary.platform.capabilities.identity.kinds import (
    OAUTH_CLIENT,
    USER,
    OAuthClient,
    Pending,
    Session,
    SessionSpec,
    User,
)
from armillary.platform.capabilities.identity.secrets import new_token, new_user_code, token_hash
from armillary.platform.capabilities.identity.sessions import placed
from armillary.platform.frame.capability import Call, Reply

DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
DEVICE_LIFE = timedelta(minutes=10)
ACCESS_TYPE = "at+jwt"


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a client gets."""

    session: Session
    refresh_token: str
    nonce: str = ""


def json_reply(value: Any, status: int = 200, headers: tuple[tuple[str, str], ...] = ()) -> Reply:
    return Reply(orjson.dumps(value), status, headers=headers)


def refusal(exc: Refused) -> Reply:
    """As RFC 6749, 5.2."""
    basic = (("www-authenticate", "Basic"),) if exc.status == 401 else ()
    return json_reply({"error": exc.error, "error_description": exc.description}, exc.status, basic)


async def token(call: Call, deps: Deps) -> Reply:
    form: Mapping[str, str] = call.body
    try:
        client = authenticated(call, deps)
        grant = form.get("grant_type", "")
        match grant:
            case "authorization_code":
                got = await _by_code(deps, client, form)
            case "refresh_token":
                got = await _by_refresh_token(deps, client, form)
            case _ if grant == DEVICE_GRANT:
                got = await _by_device(deps, client, form)
            case _:
                raise Refused("unsupported_grant_type", "authorization_code, refresh_token and device_code are known")
        return json_reply(await _answer(deps, client, got))
    except Refused as exc:
        return refusal(exc)


def authenticated(call: Call, deps: Deps) -> OAuthClient:
    """The client that calls: by HTTP Basic, by its form, or, for a public one, by its id. Raises Refused."""
    name, secret = _credentials(call)
    client = deps.reads.get(OAUTH_CLIENT, name)
    wanted = client.spec.secret_hash if client is not None else ""
    is_right = hmac.compare_digest(token_hash(secret), wanted) if wanted else not secret
    if client is None or not is_right:
        raise Refused("invalid_client", "the client is not known, or its secret is wrong", status=401)
    return client


def _credentials(call: Call) -> tuple[str, str]:
    scheme, _, encoded = call.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return call.body.get("client_id", ""), call.body.get("client_secret", "")
    try:
        name, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError) as exc:
        raise Refused("invalid_client", "the Authorization header can't be read", status=401) from exc
    return unquote(name), unquote(secret)


async def _by_code(deps: Deps, client: OAuthClient, form: Mapping[str, str]) -> Tokens:
    code = form.get("code", "")
    session = deps.sessions.by_secret(code)
    if session is None:
        raise Refused("invalid_grant", "there is no such code")
    await _end_if_spent(deps, session, code)
    check_code(session, client.metadata.name, form, format_time(deps.clock.now()))
    return await _fetched(deps, session, code)


async def _by_refresh_token(deps: Deps, client: OAuthClient, form: Mapping[str, str]) -> Tokens:
    refresh = form.get("refresh_token", "")
    session = deps.sessions.by_secret(refresh)
    if session is None or session.spec.client != client.metadata.name:
        raise Refused("invalid_grant", "the refresh token is not valid any more")
    if deps.sessions.is_race(session, refresh):
        raise Refused("invalid_grant", "the refresh token has just been used; there is a newer one")
    await _end_if_spent(deps, session, refresh)
    if session.spec.refresh_hash != token_hash(refresh) or not deps.sessions.is_alive(session):
        raise Refused("invalid_grant", "the refresh token is not valid any more")
    return await _fetched(deps, session, refresh)


async def _by_device(deps: Deps, client: OAuthClient, form: Mapping[str, str]) -> Tokens:
    code = form.get("device_code", "")
    session = deps.sessions.by_secret(code)
    if session is not None:
        await _end_if_spent(deps, session, code)
    try:
        found = check_device(session, client.metadata.name, format_time(deps.clock.now()))
    except Refused as exc:
        if exc.error == "authorization_pending" and deps.polls.is_too_soon(code):
            raise Refused("slow_down", f"wait {SLOWER_SECONDS:.0f} seconds longer between two questions") from exc
        raise
    return await _fetched(deps, found, code)


async def _end_if_spent(deps: Deps, session: Session, secret: str) -> None:
    """Seen a second time, a code or refresh token was stolen by one of its two users: nobody goes on with it."""
    if token_hash(secret) in session.spec.spent_hashes:
        await deps.sessions.end(session)
        raise Refused("invalid_grant", "this was used before; the session is ended")


async def _fetched(deps: Deps, session: Session, secret: str) -> Tokens:
    user = deps.reads.get(USER, session.spec.user)
    if user is None or user.spec.disabled:
        raise Refused("invalid_grant", "the account may not sign in")
    nonce = session.spec.pending.nonce if session.spec.pending is not None else ""
    try:
        fetched, refresh = await deps.sessions.fetch(session, secret)
    except Conflict as exc:
        raise Refused("invalid_grant", "this is being used at this very moment") from exc
    return Tokens(fetched, refresh, nonce)


async def _answer(deps: Deps, client: OAuthClient, got: Tokens) -> dict[str, Any]:
    spec, origin = got.session.spec, deps.settings.origin
    now, life = int(deps.clock.now().timestamp()), deps.settings.access_token_seconds
    user = deps.reads.get(USER, spec.user)
    if user is None:
        raise Refused("invalid_grant", "the account is gone")
    access = await access_token(deps, got.session, spec.scopes, life)
    answer: dict[str, Any] = {
        "access_token": access,
        "token_type": "Bearer",
        "expires_in": life,
        "scope": " ".join(spec.scopes),
    }
    if "refresh_token" in client.spec.grant_types:
        answer["refresh_token"] = got.refresh_token
    if "openid" in spec.scopes:
        half = hashlib.sha256(access.encode()).digest()[:16]
        identity = {
            "iss": origin,
            "aud": client.metadata.name,
            "iat": now,
            "exp": now + life,
            "auth_time": int(parse_time(spec.signed_in).timestamp()),
            "at_hash": base64.urlsafe_b64encode(half).rstrip(b"=").decode(),
            "sid": got.session.metadata.name,
        }
        nonce = {"nonce": got.nonce} if got.nonce else {}
        answer["id_token"] = await deps.keys.sign(identity | nonce | claims_of(deps, user, spec.scopes))
    return answer


async def access_token(deps: Deps, session: Session, scopes: Sequence[str], life: int) -> str:
    """A JWT (RFC 9068) that is good for so many seconds, and no longer than its session."""
    now, origin, spec = int(deps.clock.now().timestamp()), deps.settings.origin, session.spec
    claims = {"iss": origin, "sub": spec.user, "aud": origin, "sid": session.metadata.name}
    claims |= {"client_id": spec.client, "scope": " ".join(scopes), "jti": new_token()}
    return await deps.keys.sign(claims | {"iat": now, "exp": now + life}, ACCESS_TYPE)


def claims_of(deps: Deps, user: User, scopes: tuple[str, ...]) -> dict[str, Any]:
    """What the scopes allow to be told of a user (OpenID Connect Core, 5.4)."""
    spec, claims = user.spec, {"sub": user.metadata.name}
    found: dict[str, Any] = dict(claims)
    if "profile" in scopes or ALL in scopes:
        found |= {"preferred_username": user.metadata.name, "name": spec.display_name or user.metadata.name}
        found |= {"locale": spec.language} if spec.language else {}
    if ("email" in scopes or ALL in scopes) and spec.email:
        found |= {"email": spec.email}
    if "groups" in scopes or ALL in scopes:
        found["groups"] = list(deps.authenticator.caller_of(user).groups)
    return found


async def userinfo(call: Call, deps: Deps) -> Reply:
    caller = call.user
    user = deps.reads.get(USER, caller.user)
    if user is None:
        raise Unauthorized("the account is gone")
    return json_reply(claims_of(deps, user, tuple(caller.scopes)))


async def device_authorization(call: Call, deps: Deps) -> Reply:
    try:
        deps.sign_in.attempts.take(call.address)  # what anybody may begin must not fill the cluster
        client = authenticated(call, deps)
        if "device_code" not in client.spec.grant_types:
            raise Refused("unauthorized_client", "this client may not use device codes")
    except Refused as exc:
        return refusal(exc)
    code, user_code = new_token(), new_user_code()
    expires = format_time(deps.clock.now() + DEVICE_LIFE)
    scopes = granted_scopes(call.body.get("scope", ""), client)
    spec = SessionSpec(client=client.metadata.name, scopes=scopes)
    await deps.sessions.pend(
        None, placed(call, spec), Pending(code_hash=token_hash(code), expires=expires, user_code=user_code)
    )
    page = f"{deps.settings.origin}/oauth/device"
    return json_reply(
        {
            "device_code": code,
            "user_code": user_code,
            "verification_uri": page,
            "verification_uri_complete": f"{page}?user_code={user_code}",
            "expires_in": int(DEVICE_LIFE.total_seconds()),
            "interval": int(POLL_SECONDS),
        }
    )


async def revoke(call: Call, deps: Deps) -> Reply:
    """Of a refresh token or an access token: the session ends. Unknown ones are fine (RFC 7009, 2.2)."""
    try:
        client = authenticated(call, deps)
    except Refused as exc:
        return refusal(exc)
    session = await _session_of(deps, call.body.get("token", ""))
    if session is not None and session.spec.client == client.metadata.name:
        await deps.sessions.end(session)
        deps.note(call, "logout", session.spec.user)
    return json_reply({})


async def introspect(call: Call, deps: Deps) -> Reply:
    """For confidential clients, about their own tokens."""
    try:
        client = authenticated(call, deps)
        if not client.spec.secret_hash:
            raise Refused("invalid_client", "only a client with a secret may ask", status=401)
    except Refused as exc:
        return refusal(exc)
    session = await _session_of(deps, call.body.get("token", ""))
    if session is None or session.spec.client != client.metadata.name or not deps.sessions.is_alive(session):
        return json_reply({"active": False})
    expires = int(parse_time(session.spec.expires).timestamp())
    scope = " ".join(session.spec.scopes)
    return json_reply(
        {"active": True, "sub": session.spec.user, "client_id": client.metadata.name, "scope": scope, "exp": expires}
    )


async def _session_of(deps: Deps, shown: str) -> Session | None:
    """By a refresh token or an access token that counts."""
    session = deps.sessions.by_secret(shown)
    if session is not None:
        return session if session.spec.refresh_hash == token_hash(shown) else None
    try:
        claims = await deps.keys.verify(shown)
    except ApiError:
        return None
    is_over = float(claims.get("exp", 0)) <= deps.clock.now().timestamp()
    return (
        None
        if is_over or claims.get("aud") != deps.settings.origin
        else await deps.sessions.named(str(claims.get("sid")))
    )
