"""Images in registries, by the OCI distribution specification 1.1."""

import asyncio
import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import orjson

from armillary.base.errors import ApiError, BadRequest, NotFound, Unavailable
from armillary.base.image_names import ImageName, parse_image_name
from armillary.kube.image_credentials import Credential, Keyring
from armillary.kube.transport.http import Http
from armillary.kube.transport.port import Response
from armillary.platform.capabilities.images.challenge import challenge_of
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
NOBODY = Keyring()


@dataclass(frozen=True, slots=True)
class Registries:
    """`places` are origins by the registry whose images they have, the first to be asked first."""

    places: Mapping[str, Sequence[str]]

    async def config(self, image: str, keyring: Keyring = NOBODY) -> ImageConfig:
        """Raises BadRequest for what is no name, NotFound where no known registry has it, Unavailable."""
        try:
            name = parse_image_name(image)
        except ValueError as exc:
            raise BadRequest(f"image {image!r}: {exc}; give it as NAME:TAG or REGISTRY/NAME:TAG") from None
        fault: ApiError | None = None
        # Mirrors of all are shown nothing: the credentials are the registry's own.
        tries: list[tuple[str, Credential | None]] = [(place, None) for place in self.places.get(ANY, ())]
        shown = (*keyring.lookup(image), None)
        tries += [(place, credential) for place in self.places.get(name.registry, ()) for credential in shown]
        for place, credential in tries:
            try:
                async with asyncio.timeout(DEADLINE_SECONDS), Http(place) as http:
                    found = await _read(_Asking(http, f"repository:{name.path}:pull", credential), image, name)
            except TimeoutError:
                fault = Unavailable(f"the registry at {place} does not answer")
            except Unavailable as exc:
                fault = exc
            else:
                if found is not None:
                    return found
        raise fault or NotFound(f"image {image!r} is in none of the registries that the platform may read")


@dataclass(slots=True)
class _Asking:
    """Requests to one registry, by somebody it knows if it wants to know; `scope` is what they are about."""

    http: Http
    scope: str
    credential: Credential | None
    authorization: str = ""

    async def get(self, path: str, accepted: str) -> Response:
        answer = await self._get(path, accepted)
        if answer.status == 401 and not self.authorization:
            self.authorization = await self._answer(answer.headers.get("www-authenticate", ""))
            if self.authorization:
                answer = await self._get(path, accepted)
        return answer

    async def _get(self, path: str, accepted: str) -> Response:
        headers = {"accept": accepted} | ({"authorization": self.authorization} if self.authorization else {})
        return await self.http.request("GET", path, query={}, body=None, headers=headers)

    async def _answer(self, header: str) -> str:
        """To a challenge; "" if there is none that could be given."""
        challenge = challenge_of(header, self.scope)
        if challenge is None:
            return ""
        basic = _basic(self.credential) if self.credential is not None else ""
        if not challenge.realm:
            return basic
        realm = urlsplit(challenge.realm)
        async with Http(f"{realm.scheme}://{realm.netloc}") as giver:
            shown = {"authorization": basic} if basic else {}
            answer = await giver.request(
                "GET", realm.path or "/", query=challenge.query or {}, body=None, headers=shown
            )
        given = _decoded(answer) if answer.status == 200 else None
        token = (given or {}).get("token") or (given or {}).get("access_token")
        return f"Bearer {token}" if isinstance(token, str) else ""


def _basic(credential: Credential) -> str:
    return "Basic " + base64.b64encode(f"{credential.username}:{credential.password}".encode()).decode()


async def _read(http: _Asking, image: str, name: ImageName) -> ImageConfig | None:
    """None where there is no such image, or only for others."""
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


async def _json(http: _Asking, path: str, accepted: str) -> tuple[dict[str, Any] | None, str]:
    """What is there, and its digest; None for what is not there, or no JSON."""
    answer = await http.get(path, accepted)
    if answer.status >= 500:
        raise Unavailable(f"a registry answers with {answer.status}")
    if answer.status != 200:
        return None, ""
    return _decoded(answer), answer.headers.get("docker-content-digest", "")


def _decoded(answer: Response) -> dict[str, Any] | None:
    try:
        found = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        return None
    return found if isinstance(found, dict) else None
