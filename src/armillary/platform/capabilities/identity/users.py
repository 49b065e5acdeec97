"""Calls about others' accounts: made with a first password, reset, their sessions and tokens ended."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from armillary.base.errors import NotFound
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


class NewUser(Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    name: Annotated[str, Meta(pattern=USER_NAME, max_length=63)]
    display_name: Annotated[str, Meta(max_length=256)] = ""
    email: Annotated[str, Meta(pattern=r"^$|^[^@\s]+@[^@\s]+$", max_length=320)] = ""
    phone: Annotated[str, Meta(max_length=64)] = ""
    description: Annotated[str, Meta(max_length=1024)] = ""
    language: Literal["", "en", "zh"] = ""
    password: Annotated[str, Meta(max_length=1024, description="The first one; made for you if empty.")] = ""


class FirstPassword(Struct, frozen=True, kw_only=True):
    """Shown once; to be changed at the first sign-in."""

    name: str
    password: str


class GivenPassword(Struct, frozen=True, kw_only=True):
    password: Annotated[str, Meta(max_length=1024, description="Made for you if empty.")] = ""


async def make(call: Call, deps: Deps) -> FirstPassword:
    body: NewUser = call.body
    password = body.password or new_password()
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
    deps.note(call, "create", body.name)
    return FirstPassword(name=body.name, password=password)


async def reset(call: Call, deps: Deps) -> FirstPassword:
    """Every session of theirs ends."""
    user = _user(call, deps)
    password = call.body.password or new_password()
    await deps.accounts.set_password(user, password, must_change=True)
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
