"""The call that tells what an image says of itself."""

from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta, Struct

from armillary.base.errors import Denied, NotFound
from armillary.kube.image_credentials import Keyring, keyring_of
from armillary.kube.kinds.core import SECRET, SERVICE_ACCOUNT, Secret
from armillary.platform.capabilities.images.config import ImageConfig
from armillary.platform.capabilities.images.ports import Images
from armillary.platform.frame.capability import Call, Open, Route
from armillary.platform.frame.parts import Asked, Clusters, Rights


@dataclass(frozen=True, slots=True)
class Deps:
    images: Images
    rights: Rights
    clusters: Clusters


class ImageQuery(Struct, frozen=True, kw_only=True, rename="camel"):
    image: Annotated[str, Meta(description="As a container names it: `nginx:stable`.", min_length=1, max_length=512)]
    namespace: Annotated[str, Meta(description="Where a pod would run it.", min_length=1)]
    secrets: Annotated[
        tuple[str, ...], Meta(description="Its pull secrets; read with your rights.", max_length=10)
    ] = ()
    service_account: Annotated[str, Meta(description="Whose pull secrets it has as well.", min_length=1)] = "default"


async def config(call: Call, deps: Deps) -> ImageConfig:
    """For those who may create pods there: what a registry tells them, a container of the image would tell too."""
    asked = Asked("create", "", "pods", call.query.namespace)
    await deps.rights.demand(call.user, asked, cluster=call.path["cluster"])
    return await deps.images.config(call.query.image, await _keyring(call, deps))


async def _keyring(call: Call, deps: Deps) -> Keyring:
    """Of the pull secrets that the caller may read: another's password is not to be tried out by naming it."""
    client, query = deps.clusters.client_as(call.user, call.path["cluster"]), call.query
    names = dict.fromkeys(query.secrets)
    with suppress(Denied, NotFound):
        account = await client.get(SERVICE_ACCOUNT, query.service_account, query.namespace)
        names |= dict.fromkeys(reference.name for reference in account.image_pull_secrets)
    found: list[Secret] = []
    for name in names:
        with suppress(Denied, NotFound):
            found.append(await client.get(SECRET, name, query.namespace))
    return keyring_of(found)


ROUTES: tuple[Route[Deps], ...] = (
    Route(
        "GET",
        "/clusters/{cluster}/images/config",
        config,
        needs=Open.SIGNED_IN,  # asked of the cluster that the path names
        query=ImageQuery,
        returns=ImageConfig,
        summary="What an image says of itself: ports, environment, command, user.",
    ),
)
