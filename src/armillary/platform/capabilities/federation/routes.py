"""Calls about providers: which there are, for a sign-in page; and a trial, for who sets one up."""

from dataclasses import dataclass
from typing import Annotated, Literal

from msgspec import Meta, Struct

from armillary.base.errors import NotFound
from armillary.kube.client import Client
from armillary.kube.runner import Caches
from armillary.platform.capabilities.federation.controller import Looker
from armillary.platform.capabilities.federation.credentials import keep
from armillary.platform.capabilities.federation.kinds import GROUP, IDENTITY_PROVIDER, IdentityProvider
from armillary.platform.capabilities.federation.providers import FederatedProviders
from armillary.platform.capabilities.federation.trial import Trial
from armillary.platform.frame.capability import Call, Needs, Open, Route
from armillary.platform.frame.parts import Deed, Parts


@dataclass(frozen=True, slots=True)
class Federation:
    """What routes and tasks are given; `providers` are identity's."""

    parts: Parts
    providers: FederatedProviders
    looker: Looker

    @property
    def client(self) -> Client:
        return self.parts.client

    @property
    def reads(self) -> Caches:
        return self.parts.reads


class Offered(Struct, frozen=True, kw_only=True, rename="camel"):
    """A provider by which people may sign in."""

    name: str
    display_name: str
    type: Literal["ldap", "oidc"]


class Offers(Struct, frozen=True, kw_only=True, rename="camel"):
    items: tuple[Offered, ...]


class Attempt(Struct, frozen=True, kw_only=True, rename="camel"):
    """Whom to look for in a directory; with a password, whether it lets them in."""

    login: Annotated[str, Meta(description="As typed at the sign-in page.", max_length=256)] = ""
    password: Annotated[str, Meta(description="Not kept, and not in the answer.", max_length=1024)] = ""


class SecretBody(Struct, frozen=True, kw_only=True, rename="camel"):
    """What the platform shows to the provider: the password of `bindDn`, or the client secret."""

    value: Annotated[str, Meta(description="Kept as a Secret; never given back.", min_length=1, max_length=4096)]


async def offers(call: Call, deps: Federation) -> Offers:
    found = deps.providers.offers()
    return Offers(items=tuple(Offered(name=o.name, display_name=o.display_name, type=o.type) for o in found))


async def attempt(call: Call, deps: Federation) -> Trial:
    """Of what is stored now, not of what is remembered: whoever tries has often just changed it."""
    item = await _found(call, deps)
    _note(call, deps, "create", "test")
    return await deps.providers.trial(item, call.body.login, call.body.password, asks_client=True)


async def set_secret(call: Call, deps: Federation) -> None:
    """The Secret as the platform, since it holds it; the provider's own change as the caller."""
    item = await _found(call, deps)
    secret = await keep(deps.client, deps.parts.settings.namespace, item, call.body.value)
    if item.spec.secret != secret:
        client = deps.parts.clusters.client_as(call.user)
        await client.patch(IDENTITY_PROVIDER, item.metadata.name, "", {"spec": {"secret": secret}})
    _note(call, deps, "update", "secret")


def _note(call: Call, deps: Federation, action: str, subresource: str) -> None:
    """Into the audit log, also a trial: passwords can be guessed with it."""
    deps.parts.audit.note(
        Deed(
            action,
            call.user.user,
            "success",
            address=call.address,
            agent=call.headers.get("user-agent", ""),
            session=call.user.session,
            group=GROUP,
            resource="identityproviders",
            subresource=subresource,
            name=call.path["name"],
            request_id=call.request_id,
        )
    )


async def _found(call: Call, deps: Federation) -> IdentityProvider:
    name = call.path["name"]
    item = await deps.client.find(IDENTITY_PROVIDER, name)
    if item is None:
        raise NotFound(
            f'identityproviders.{GROUP} "{name}" not found', group=GROUP, kind="identityproviders", name=name
        )
    return item


ROUTES: tuple[Route[Federation], ...] = (
    Route(
        "GET",
        "/identityproviders/offers",
        offers,
        needs=Open.ANYBODY,  # the sign-in page shows them
        returns=Offers,
        summary="Identity providers by which people may sign in.",
    ),
    Route(
        "POST",
        "/identityproviders/{name}/test",
        attempt,
        needs=Needs("update", GROUP, "identityproviders", name="{name}"),
        body=Attempt,
        returns=Trial,
        summary="Try an identity provider, and say step by step what happened.",
    ),
    Route(
        "PUT",
        "/identityproviders/{name}/secret",
        set_secret,
        needs=Needs("update", GROUP, "identityproviders", name="{name}"),
        body=SecretBody,
        status=204,
        summary="Set the password or client secret that an identity provider is shown.",
    ),
)
