"""Calls about oneself: profile, password, sessions, access tokens, kubeconfig."""

from datetime import timedelta
from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from armillary.base.errors import BadRequest, Cause, Denied, Invalid, NotFound
from armillary.platform.capabilities.identity.deps import Deps
from armillary.platform.capabilities.identity.kinds import OAUTH_CLIENT, USER, AccessToken, Consent, Session, User
from armillary.platform.capabilities.identity.oauth.browser import came_from, change_password
from armillary.platform.frame.capability import Call, Reply
from armillary.platform.frame.gate import SCOPES
from armillary.platform.frame.kubeconfig import kubeconfig_of

MOST_TOKEN_DAYS = 366


class Me(Struct, frozen=True, kw_only=True, rename="camel"):
    """The caller."""

    name: str
    display_name: str
    email: str
    phone: str
    language: str
    groups: tuple[str, ...]
    must_change_password: bool
    last_login: str
    session: Annotated[str, Meta(description="Of this request.")]
    scopes: tuple[str, ...]


class Profile(Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """What one may change about oneself; what is left out stays."""

    display_name: Annotated[str, Meta(max_length=256)] | UnsetType = UNSET
    phone: Annotated[str, Meta(max_length=64)] | UnsetType = UNSET
    language: Literal["", "en", "zh"] | UnsetType = UNSET


class PasswordChange(Struct, frozen=True, kw_only=True, rename="camel"):
    old: Annotated[str, Meta(max_length=1024)]
    new: Annotated[str, Meta(max_length=1024)]


class ShownSession(Struct, frozen=True, kw_only=True, rename="camel"):
    name: str
    client: Annotated[str, Meta(description="The application; empty for a browser at the sign-in page.")]
    provider: str
    address: str
    agent: str
    created: str
    seen: str
    expires: str
    current: Annotated[bool, Meta(description="Whether this request came with it.")]


class Sessions(Struct, frozen=True, kw_only=True):
    items: tuple[ShownSession, ...]


class ShownToken(Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    name: str
    display_name: str
    scopes: tuple[str, ...]
    created: str
    expires: str = ""
    seen: str = ""
    token: Annotated[str, Meta(description="The token itself; shown once, when it is made.")] = ""


class Tokens(Struct, frozen=True, kw_only=True):
    items: tuple[ShownToken, ...]


class ShownConsent(Struct, frozen=True, kw_only=True, rename="camel"):
    client: str
    display_name: Annotated[str, Meta(description="The application's; empty if it is gone.")]
    scopes: Annotated[tuple[str, ...], Meta(description="What it may know without asking again.")]
    given: Annotated[str, Meta(description="When it was last allowed something.")]


class Consents(Struct, frozen=True, kw_only=True):
    items: tuple[ShownConsent, ...]


class NewToken(Struct, frozen=True, kw_only=True, rename="camel"):
    display_name: Annotated[str, Meta(max_length=256, description="What it is for.")] = ""
    scopes: Annotated[tuple[str, ...], Meta(description="all, read, platform, kubernetes.")] = ("all",)
    days: Annotated[int, Meta(ge=1, le=MOST_TOKEN_DAYS, description="How long it is valid.")] = 30


class KubeconfigQuery(Struct, frozen=True, kw_only=True):
    cluster: str = "host"


async def show(call: Call, deps: Deps) -> Me:
    caller, user = call.user, _user(call, deps)
    return Me(
        name=caller.user,
        display_name=user.spec.display_name,
        email=user.spec.email,
        phone=user.spec.phone,
        language=user.spec.language,
        groups=caller.groups,
        must_change_password=user.status.must_change_password,
        last_login=user.status.last_login,
        session=caller.session,
        scopes=tuple(sorted(caller.scopes)),
    )


def _user(call: Call, deps: Deps) -> User:
    found = deps.reads.get(USER, call.user.user)
    if found is None:
        raise NotFound("the account is gone")
    return found


async def update(call: Call, deps: Deps) -> Me:
    body: Profile = call.body
    wanted = {"displayName": body.display_name, "phone": body.phone, "language": body.language}
    spec = {name: value for name, value in wanted.items() if value is not UNSET}
    written = await deps.client.patch(USER, call.user.user, "", {"spec": spec})
    await deps.accounts.wait_for(written)
    deps.note(call, "update", call.user.user)
    return await show(call, deps)


async def password(call: Call, deps: Deps) -> None:
    body: PasswordChange = call.body
    user = _user(call, deps)
    if not await deps.sign_in.verify(user, body.old, came_from(call)):  # a stolen session shall not find it out
        fault = "this is not the present password"
        raise Invalid(f"old: {fault}", causes=[Cause("FieldValueInvalid", "old", fault)])
    await change_password(call, deps, user, body.new, keep=call.user.session)


async def sessions(call: Call, deps: Deps) -> Sessions:
    return shown_sessions(deps, call.user.user, current=call.user.session)


def shown_sessions(deps: Deps, user: str, current: str = "") -> Sessions:
    return Sessions(items=tuple(_session(session, current) for session in deps.sessions.of(user)))


def _session(session: Session, current: str) -> ShownSession:
    spec = session.spec
    return ShownSession(
        name=session.metadata.name,
        client=spec.client,
        provider=spec.provider,
        address=spec.address,
        agent=spec.agent,
        created=session.metadata.creation_timestamp,
        seen=spec.seen,
        expires=spec.expires,
        current=session.metadata.name == current,
    )


async def end_session(call: Call, deps: Deps) -> None:
    await end_session_of(call, deps, call.user.user)


async def end_session_of(call: Call, deps: Deps, user: str) -> None:
    """Somebody else's is not found: its name tells nothing."""
    session = await deps.sessions.named(call.path["session"])
    if session is None or session.spec.user != user:
        raise NotFound(f'session "{call.path["session"]}" not found')
    await deps.sessions.end(session)
    deps.note(call, "revoke", user, name=session.metadata.name, resource="sessions")


async def end_other_sessions(call: Call, deps: Deps) -> None:
    await deps.sessions.end_all(call.user.user, but=call.user.session)
    deps.note(call, "revoke", call.user.user, resource="sessions")


async def consents(call: Call, deps: Deps) -> Consents:
    return Consents(items=tuple(_consent(deps, consent) for consent in deps.consents.of(call.user.user)))


def _consent(deps: Deps, consent: Consent) -> ShownConsent:
    spec = consent.spec
    client = deps.reads.get(OAUTH_CLIENT, spec.client)
    name = client.spec.display_name or spec.client if client is not None else ""
    return ShownConsent(client=spec.client, display_name=name, scopes=spec.scopes, given=spec.given)


async def take_back_consent(call: Call, deps: Deps) -> None:
    client = call.path["client"]
    await deps.consents.take_back(call.user.user, client)
    deps.note(call, "revoke", call.user.user, name=client, resource="oauthclients")


async def tokens(call: Call, deps: Deps) -> Tokens:
    return shown_tokens(deps, call.user.user)


def shown_tokens(deps: Deps, user: str) -> Tokens:
    return Tokens(items=tuple(shown_token(token) for token in deps.sessions.tokens_of(user)))


def shown_token(token: AccessToken, secret: str = "") -> ShownToken:
    spec = token.spec
    return ShownToken(
        name=token.metadata.name,
        display_name=spec.display_name,
        scopes=spec.scopes,
        created=token.metadata.creation_timestamp,
        expires=spec.expires,
        seen=spec.seen,
        token=secret,
    )


async def make_token(call: Call, deps: Deps) -> ShownToken:
    body: NewToken = call.body
    unknown = sorted(set(body.scopes) - set(SCOPES))
    if unknown or not body.scopes:
        fault = f"unsupported value: {', '.join(unknown) or 'none'}; there are {', '.join(SCOPES)}"
        raise Invalid(f"scopes: {fault}", causes=[Cause("FieldValueNotSupported", "scopes", fault)])
    # A token must not make one that may do more than it may itself.
    if "all" not in call.user.scopes and not set(body.scopes) <= call.user.scopes:
        raise Denied("a token can't make one with scopes that it lacks", reason="ScopeMissing")
    expires = deps.clock.now() + timedelta(days=body.days)
    made, secret = await deps.sessions.make_token(_user(call, deps), body.display_name, body.scopes, expires)
    deps.note(call, "create", call.user.user, name=made.metadata.name, resource="accesstokens")
    return shown_token(made, secret)


async def end_token(call: Call, deps: Deps) -> None:
    await end_token_of(call, deps, call.user.user)


async def end_token_of(call: Call, deps: Deps, user: str) -> None:
    name = call.path["token"]
    found = next((token for token in deps.sessions.tokens_of(user) if token.metadata.name == name), None)
    if found is None:
        raise NotFound(f'access token "{name}" not found')
    await deps.sessions.end_token(found)
    deps.note(call, "revoke", user, name=name, resource="accesstokens")


async def kubeconfig(call: Call, deps: Deps) -> Reply:
    """With the CLI as a credential plugin (client.authentication.k8s.io): it holds no secret."""
    command = {
        "apiVersion": "client.authentication.k8s.io/v1",
        "command": "armillary",
        "args": ["credential"],
        "env": [{"name": "ARMILLARY_URL", "value": deps.settings.origin}],
        "interactiveMode": "IfAvailable",
        "installHint": "the armillary command brings the token; sign in with: armillary login " + deps.settings.origin,
    }
    return _kubeconfig(call, deps, call.query.cluster, {"exec": command})


async def kubeconfig_with_token(call: Call, deps: Deps) -> Reply:
    """With an access token in it: for machines."""
    body: NewToken = call.body
    if body.scopes != ("kubernetes",):
        raise BadRequest("scopes: a kubeconfig's token has the scope kubernetes and no other")
    made = await make_token(call, deps)
    return _kubeconfig(call, deps, call.query.cluster, {"token": made.token})


def _kubeconfig(call: Call, deps: Deps, cluster: str, user: dict[str, Any]) -> Reply:
    if cluster not in deps.clusters.names():
        raise NotFound(f'clusters.tenancy.armillary.io "{cluster}" not found')
    text = kubeconfig_of(deps.settings.origin, deps.certificate_authority, (cluster,), call.user.user, user)
    headers = (("content-disposition", f'attachment; filename="armillary-{cluster}.yaml"'),)
    return Reply(text.encode(), 200, "application/yaml", headers)
