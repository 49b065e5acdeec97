"""Calls about providers: which there are, for a sign-in page; and a trial, for who sets one up."""

from dataclasses import dataclass
from typing import Annotated, Literal

from msgspec import Meta, Struct

from armillary.base.errors import NotFound
from armillary.kube.client import Client
from armillary.kube.runner import Caches
from armillary.platform.capabilities.federation.controller import Looker
from armillary.platform.capabilities.federation.kinds import GROUP, IDENTITY_PROVIDER
from armillary.platform.capabilities.federation.providers import FederatedProviders
from armillary.platform.capabilities.federation.trial import Trial
from armillary.platform.frame.capability import Call, Needs, Open, Route
from armillary.platform.frame.parts import Parts


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


async def offers(call: Call, deps: Federation) -> Offers:
    found = deps.providers.offers()
    return Offers(items=tuple(Offered(name=o.name, display_name=o.display_name, type=o.type) for o in found))


async def attempt(call: Call, deps: Federation) -> Trial:
    """Of what is stored now, not of what is remembered: whoever tries has often just changed it."""
    name = call.path["name"]
    item = await deps.client.find(IDENTITY_PROVIDER, name)
    if item is None:
        raise NotFound(f'{IDENTITY_PROVIDER.plural}.{GROUP} "{name}" not found', group=GROUP, name=name)
    return await deps.providers.trial(item, call.body.login, call.body.password, asks_client=True)


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
)
