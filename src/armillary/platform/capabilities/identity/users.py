"""Calls about others' accounts: made with a first password, reset, their sessions and tokens ended."""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType, to_builtins

from armillary.base.errors import Denied, NotFound
from armillary.kube.kinds.meta import ObjectMeta
from armillary.platform.capabilities.identity.deps import Deps
from armillary.platform.capabilities.identity.kinds import OAUTH_CLIENT, USER, USER_NAME, User, UserSpec
from armillary.platform.capabilities.identity.me import (
    Sessions,
    Tokens,
    end_session_of,
    end_token_of,
    shown_sessions,
    shown_tokens,
)
from armillary.platform.capabilities.identity.secrets import new_password, new_token, token_hash
from armillary.platform.frame.capability import Call
from armillary.platform.frame.parts import Asked

EMAIL = r"^(?!\n)$|^[^@\s]+@[^@\s]+(?!\n)$"
_EVERYTHING = Asked("*", "*", "*")
_INVITE = Asked("create", "rbac.authorization.k8s.io", "rolebindings")


class NewUser(Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    name: Annotated[str, Meta(pattern=USER_NAME, max_length=63)]
    display_name: Annotated[str, Meta(max_length=256)] = ""
    email: Annotated[str, Meta(pattern=EMAIL, max_length=320)] = ""
    phone: Annotated[str, Meta(max_length=64)] = ""
    description: Annotated[str, Meta(max_length=1024)] = ""
    language: Literal["", "en", "zh"] = ""
    password: Annotated[str, Meta(max_length=1024, description="The first one; made for you if empty.")] = ""


class ShownUser(Struct, frozen=True, kw_only=True, rename="camel"):
    """A person who may sign in."""

    name: str
    display_name: str
    email: str
    phone: str
    description: str
    language: str
    disabled: bool
    created: str
    last_login: str
    locked_until: str
    must_change_password: bool
    providers: Annotated[tuple[str, ...], Meta(description="Identity providers that vouch for them.")]


class Users(Struct, frozen=True, kw_only=True):
    items: tuple[ShownUser, ...]


class UsersQuery(Struct, frozen=True, kw_only=True):
    search: Annotated[str, Meta(description="A part of the name or e-mail address.", max_length=256)] = ""


class LookupQuery(Struct, frozen=True, kw_only=True):
    name: Annotated[str, Meta(max_length=63)]


class Found(Struct, frozen=True, kw_only=True, rename="camel"):
    """Somebody who may be invited."""

    name: str
    display_name: str


class UserChange(Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """What an administrator may change; what is left out stays."""

    display_name: Annotated[str, Meta(max_length=256)] | UnsetType = UNSET
    email: Annotated[str, Meta(pattern=EMAIL, max_length=320)] | UnsetType = UNSET
    phone: Annotated[str, Meta(max_length=64)] | UnsetType = UNSET
    description: Annotated[str, Meta(max_length=1024)] | UnsetType = UNSET
    language: Literal["", "en", "zh"] | UnsetType = UNSET
    disabled: bool | UnsetType = UNSET


class FirstPassword(Struct, frozen=True, kw_only=True):
    """Shown once; to be changed at the first sign-in."""

    name: str
    password: str


class GivenPassword(Struct, frozen=True, kw_only=True):
    password: Annotated[str, Meta(max_length=1024, description="Made for you if empty.")] = ""


def shown(user: User) -> ShownUser:
    spec, status = user.spec, user.status
    return ShownUser(
        name=user.metadata.name,
        display_name=spec.display_name,
        email=spec.email,
        phone=spec.phone,
        description=spec.description,
        language=spec.language,
        disabled=spec.disabled,
        created=user.metadata.creation_timestamp,
        last_login=status.last_login,
        locked_until=status.locked_until,
        must_change_password=status.must_change_password,
        providers=tuple(identity.provider for identity in spec.identities),
    )


async def every(call: Call, deps: Deps) -> Users:
    wanted = call.query.search.lower()
    found = [u for u in deps.reads.list(USER) if wanted in f"{u.metadata.name}\n{u.spec.email}".lower()]
    return Users(items=tuple(shown(user) for user in sorted(found, key=lambda user: user.metadata.name)))


async def one(call: Call, deps: Deps) -> ShownUser:
    return shown(_user(call, deps))


async def lookup(call: Call, deps: Deps) -> Found:
    """An exact name, for whoever may invite somewhere; to others nobody is there."""
    name = call.query.name
    user, places = deps.reads.get(USER, name), await deps.rights.namespaces(call.user, _INVITE)
    if user is None or user.spec.disabled or (places is not None and not places):
        raise NotFound(f'users.iam.armillary.io "{name}" not found')
    return Found(name=name, display_name=user.spec.display_name)


async def change(call: Call, deps: Deps) -> ShownUser:
    user, body = _user(call, deps), call.body
    await _demand_not_above(call, deps, user)
    name = user.metadata.name
    if body.email is not UNSET:
        deps.accounts.check_email(body.email, name)
    spec = {"spec": to_builtins(body)}
    written = await deps.clusters.client_as(call.user).patch(USER, name, "", spec)
    await deps.accounts.wait_for(written)
    if written.spec.disabled:
        await end_everything(deps, name)
    deps.note(call, "update", name, name=name)
    return shown(written)


async def delete(call: Call, deps: Deps) -> None:
    user = _user(call, deps)
    await _demand_not_above(call, deps, user)
    name = user.metadata.name
    await deps.clusters.client_as(call.user).delete(USER, name, uid=user.metadata.uid)
    await end_everything(deps, name)
    deps.note(call, "delete", name, name=name)


async def end_everything(deps: Deps, name: str) -> None:
    """Sessions and tokens."""
    await deps.sessions.end_all(name)
    for token in deps.sessions.tokens_of(name):
        await deps.sessions.end_token(token)


async def _demand_not_above(call: Call, deps: Deps, user: User) -> None:
    """Whoever takes over an account has its rights: a platform administrator's only another one.

    Kubernetes' own rule against escalation does not see it, since no role is written.
    """
    target = deps.authenticator.caller_of(user)
    if user.metadata.name == call.user.user or not (await deps.rights.may(target, _EVERYTHING)).allowed:
        return
    if not (await deps.rights.may(call.user, _EVERYTHING)).allowed:
        raise Denied("only a platform administrator may do this to a platform administrator's account")


async def make(call: Call, deps: Deps) -> FirstPassword:
    body: NewUser = call.body
    password = body.password or new_password(body.name)
    spec = UserSpec(
        display_name=body.display_name,
        email=body.email,
        phone=body.phone,
        description=body.description,
        language=body.language,
    )
    user = User(metadata=ObjectMeta(name=body.name), spec=spec)
    # As the caller: the cluster says whether they may make users.
    await deps.accounts.make(user, password, must_change=True, client=deps.clusters.client_as(call.user))
    return FirstPassword(name=body.name, password=password)


async def reset(call: Call, deps: Deps) -> FirstPassword:
    """Every session of theirs ends."""
    user = _user(call, deps)
    await _demand_not_above(call, deps, user)
    password = call.body.password or new_password(user.metadata.name)
    await deps.accounts.set_password(user, password, must_change=True)
    deps.sign_in.locks.forgive(user.metadata.name)
    await deps.sessions.end_all(user.metadata.name)
    deps.note(call, "reset-password", user.metadata.name)
    return FirstPassword(name=user.metadata.name, password=password)


def _user(call: Call, deps: Deps) -> User:
    found = deps.reads.get(USER, call.path["user"])
    if found is None:
        raise NotFound(f'users.iam.armillary.io "{call.path["user"]}" not found')
    return found


async def sessions(call: Call, deps: Deps) -> Sessions:
    return shown_sessions(deps, _user(call, deps).metadata.name)


async def end_sessions(call: Call, deps: Deps) -> None:
    name = _user(call, deps).metadata.name
    await deps.sessions.end_all(name)
    deps.note(call, "revoke", name, resource="sessions")


async def end_session(call: Call, deps: Deps) -> None:
    await end_session_of(call, deps, _user(call, deps).metadata.name)


async def tokens(call: Call, deps: Deps) -> Tokens:
    return shown_tokens(deps, _user(call, deps).metadata.name)


async def end_token(call: Call, deps: Deps) -> None:
    await end_token_of(call, deps, _user(call, deps).metadata.name)


class ClientSecret(Struct, frozen=True, kw_only=True):
    """Shown once."""

    name: str
    secret: str


async def renew_client_secret(call: Call, deps: Deps) -> ClientSecret:
    """A new secret for an application that signs people in here; the one before is not valid any more."""
    name, secret = call.path["client"], new_token()
    await deps.clusters.client_as(call.user).patch(OAUTH_CLIENT, name, "", {"spec": {"secretHash": token_hash(secret)}})
    deps.note(call, "renew-secret", call.user.user, name=name, resource="oauthclients")
    return ClientSecret(name=name, secret=secret)
