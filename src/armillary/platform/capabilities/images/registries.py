"""Images in registries, by the OCI distribution specification 1.1."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from armillary.base.errors import ApiError, BadRequest, NotFound, Unavailable
from armillary.base.image_names import ImageName, parse_image_name
from armillary.kube.transport.http import Http
from armillary.platform.capabilities.images.config import ImageConfig, chosen, told

ANY = "*"  # a place for images of every registry: a mirror of all
INDEXES = ("application/vnd.oci.image.index.v1+json", "application/vnd.docker.distribution.manifest.list.v2+json")
MANIFESTS = (
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
    *INDEXES,
)
MOST_BYTES = 4 << 20  # of a configuration
DEADLINE_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Registries:
    """`places` are origins by the registry whose images they have, the first to be asked first."""

    places: Mapping[str, Sequence[str]]

    async def config(self, image: str) -> ImageConfig:
        """Raises BadRequest for what is no name, NotFound where no known registry has it, Unavailable."""
        try:
            name = parse_image_name(image)
        except ValueError as exc:
            raise BadRequest(f"image {image!r}: {exc}; give it as NAME:TAG or REGISTRY/NAME:TAG") from None
        fault: ApiError | None = None
        for place in (*self.places.get(ANY, ()), *self.places.get(name.registry, ())):
            try:
                async with asyncio.timeout(DEADLINE_SECONDS), Http(place) as http:
                    found = await _read(http, image, name)
            except TimeoutError:
                fault = Unavailable(f"the registry at {place} does not answer")
            except Unavailable as exc:
                fault = exc
            else:
                if found is not None:
                    return found
        raise fault or NotFound(f"image {image!r} is in none of the registries that the platform may read")


async def _read(http: Http, image: str, name: ImageName) -> ImageConfig | None:
    """None where there is no such image, or only for those who show who they are."""
    base, version = f"/v2/{name.path}", name.digest or name.tag
    manifest, digest = await _json(http, f"{base}/manifests/{version}", ", ".join(MANIFESTS))
    if manifest is not None and "manifests" in manifest:  # an index
        manifest, digest = await _json(http, f"{base}/manifests/{chosen(manifest)}", ", ".join(MANIFESTS))
    if manifest is None:
        return None
    described = manifest.get("config")
    if not isinstance(described, dict) or not isinstance(described.get("digest"), str):
        return None
    if int(described.get("size") or 0) > MOST_BYTES:
        raise Unavailable(f"the configuration of image {image!r} is larger than {MOST_BYTES >> 20} MiB")
    config, _ = await _json(http, f"{base}/blobs/{described['digest']}", "*/*")
    return None if config is None else told(image, digest, manifest, config)


async def _json(http: Http, path: str, accepted: str) -> tuple[dict[str, Any] | None, str]:
    """What is there, and its digest; None for what is not there, or no JSON."""
    answer = await http.request("GET", path, query={}, body=None, headers={"accept": accepted})
    if answer.status >= 500:
        raise Unavailable(f"a registry answers with {answer.status}")
    if answer.status != 200:
        return None, ""
    try:
        found = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        return None, ""
    return (found if isinstance(found, dict) else None), answer.headers.get("docker-content-digest", "")
