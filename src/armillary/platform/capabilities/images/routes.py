"""The call that tells what an image says of itself."""

from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta, Struct

from armillary.platform.capabilities.images.config import ImageConfig
from armillary.platform.capabilities.images.ports import Images
from armillary.platform.frame.capability import Call, Open, Route
from armillary.platform.frame.parts import Asked, Rights


@dataclass(frozen=True, slots=True)
class Deps:
    images: Images
    rights: Rights


class ImageQuery(Struct, frozen=True, kw_only=True):
    image: Annotated[str, Meta(description="As a container names it: `nginx:stable`.", min_length=1, max_length=512)]
    namespace: Annotated[str, Meta(description="Where a pod would run it.", min_length=1)]


async def config(call: Call, deps: Deps) -> ImageConfig:
    """For those who may create pods there: what a registry tells them, a container of the image would tell too."""
    asked = Asked("create", "", "pods", call.query.namespace)
    await deps.rights.demand(call.user, asked, cluster=call.path["cluster"])
    return await deps.images.config(call.query.image)


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
