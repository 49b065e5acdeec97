"""Images on this node: there when a container needs them, shown in the node's status.

One pull of an image at a time. Who pulled an image with credentials does not open it to those without:
a pod that comes later must show credentials that worked, or pull for itself (kubelet 1.35 and later).
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

import orjson

from armillary.base.clock import Clock
from armillary.base.errors import ArmillaryError
from armillary.base.image_names import parse_image_name, with_default_tag
from armillary.kube.image_credentials import Credential, Keyring
from armillary.kube.kinds.core import ContainerImage

log = logging.getLogger(__name__)

NO_KEYRING = Keyring()
SHOWN_IMAGES, SHOWN_NAMES = 50, 5  # in a node's status, as kubelet has it

# An event for people: type, reason, message.
Tell = Callable[[Literal["Normal", "Warning"], str, str], None]


class ImageError(ArmillaryError):
    """An image can't be had; `reason` is what the container waits for."""

    reason = "ErrImagePull"


class ErrImagePull(ImageError):
    """The pull failed; it may succeed later."""


class ErrImageNeverPull(ImageError):
    reason = "ErrImageNeverPull"


class InvalidImageName(ImageError):
    reason = "InvalidImageName"


class ImageInspectError(ImageError):
    reason = "ImageInspectError"


class RegistryUnavailable(ImageError):
    reason = "RegistryUnavailable"


class SignatureValidationFailed(ImageError):
    reason = "SignatureValidationFailed"


@dataclass(frozen=True, slots=True)
class Image:
    """An image the runtime has. `id` is how containers refer to it."""

    id: str
    tags: tuple[str, ...] = ()
    digests: tuple[str, ...] = ()
    size_bytes: int = 0
    uid: int | None = None
    username: str = ""
    pinned: bool = False


class ImageService(Protocol):
    """The runtime's images. Raises ArmillaryError."""

    async def pull(self, image: str, credential: Credential | None) -> str:
        """Gives the image's id."""
        ...

    async def image_status(self, image: str) -> Image | None: ...

    async def list_images(self) -> Sequence[Image]: ...

    async def remove_image(self, image: str) -> None: ...


class Access:
    """With which credentials images were pulled here, kept in a file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        # image id -> repository -> fingerprints; an empty list: anyone may use it
        self._pulled: dict[str, dict[str, list[str]]] = orjson.loads(path.read_bytes()) if path.exists() else {}

    def allows(self, image_id: str, repository: str, credentials: Iterable[Credential]) -> bool:
        """Images that this node did not pull (baked, imported) are open to all."""
        known = self._pulled.get(image_id)
        if known is None:
            return True
        needed = known.get(repository)
        return needed is not None and (not needed or any(c.fingerprint() in needed for c in credentials if c.private))

    def note(self, image_id: str, repository: str, used: Credential | None) -> None:
        of_image = self._pulled.setdefault(image_id, {})
        known = of_image.get(repository)
        if used is None or not used.private:
            wanted: list[str] = []
        else:
            wanted = sorted({*(known or ()), used.fingerprint()}) if known != [] else []
        if wanted != known:
            of_image[repository] = wanted
            self._save()

    def forget_all_but(self, image_ids: set[str]) -> None:
        gone = [image_id for image_id in self._pulled if image_id not in image_ids]
        for image_id in gone:
            del self._pulled[image_id]
        if gone:
            self._save()

    def _save(self) -> None:
        fresh = self._path.with_suffix(".new")
        fresh.write_bytes(orjson.dumps(self._pulled))
        fresh.replace(self._path)


class Images:
    """Sees to it that images are there."""

    def __init__(
        self, service: ImageService, clock: Clock, access: Access, node_keyring: Keyring | None = None
    ) -> None:
        self._service, self._clock, self._access = service, clock, access
        self._node_keyring = node_keyring or Keyring()
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def ensure(self, requested: str, policy: str, keyring: Keyring, tell: Tell) -> str:
        """The id of the image, pulled if `policy` (Always, IfNotPresent, Never) asks for it. Raises ImageError."""
        try:
            image = with_default_tag(requested)
            repository = parse_image_name(image).repository
        except ValueError as exc:
            message = (
                f'Failed to apply default image tag "{requested}": couldn\'t parse image name "{requested}": {exc}'
            )
            tell("Warning", "InspectFailed", message)
            raise InvalidImageName(message) from exc
        credentials = (keyring + self._node_keyring).lookup(image)
        asked = self._clock.monotonic()
        async with self._locks[image]:  # who waited here may find it pulled
            found = None if policy == "Always" else await self._inspect(image, tell)
            if found is not None and self._access.allows(found.id, repository, credentials):
                message = f'Container image "{requested}" already present on machine and can be accessed by the pod'
                tell("Normal", "Pulled", message)
                return found.id
            if policy == "Never":
                message = f'Container image "{requested}" is not present with pull policy of Never'
                tell("Warning", "ErrImageNeverPull", message)
                raise ErrImageNeverPull(message)
            return await self._pull(requested, image, repository, credentials, asked, tell)

    async def _inspect(self, image: str, tell: Tell) -> Image | None:
        try:
            return await self._service.image_status(image)
        except ArmillaryError as exc:
            message = f'Failed to inspect image "{image}": {exc}'
            tell("Warning", "InspectFailed", message)
            raise ImageInspectError(message) from exc

    async def _pull(
        self, requested: str, image: str, repository: str, credentials: Sequence[Credential], asked: float, tell: Tell
    ) -> str:
        tell("Normal", "Pulling", f'Pulling image "{requested}"')
        began = self._clock.monotonic()
        try:
            image_id, used = await self._try_each(image, credentials)
        except ArmillaryError as exc:
            tell("Warning", "Failed", f'Failed to pull image "{requested}": {exc}')
            raise _fault(requested, str(exc)) from exc
        self._access.note(image_id, repository, used)
        now = self._clock.monotonic()
        pulled = await self._service.image_status(image)
        tell(
            "Normal",
            "Pulled",
            f'Successfully pulled image "{requested}" in {format_duration(now - began)}'
            f" ({format_duration(now - asked)} including waiting)."
            f" Image size: {pulled.size_bytes if pulled else 0} bytes.",
        )
        return image_id

    async def _try_each(self, image: str, credentials: Sequence[Credential]) -> tuple[str, Credential | None]:
        failure: ArmillaryError | None = None
        for credential in credentials or (None,):
            try:
                return await self._service.pull(image, credential), credential
            except ArmillaryError as exc:
                failure = failure or exc
        assert failure is not None  # noqa: S101  # there is at least one try
        raise failure


def _fault(image: str, text: str) -> ImageError:
    kinds: tuple[tuple[type[ImageError], str], ...] = (
        (RegistryUnavailable, "the registry is unavailable"),
        (SignatureValidationFailed, "the signature validation failed"),
    )
    for kind, because in kinds:
        if text.startswith(kind.reason):
            return kind(f"image pull failed for {image} because {because}{text.removeprefix(kind.reason)}")
    return ErrImagePull(text)


def node_images(images: Iterable[Image]) -> tuple[ContainerImage, ...]:
    """For the node's status: the largest ones."""
    largest = sorted(images, key=lambda image: image.size_bytes, reverse=True)[:SHOWN_IMAGES]
    return tuple(
        ContainerImage(names=(image.digests + image.tags)[:SHOWN_NAMES], size_bytes=image.size_bytes)
        for image in largest
    )


def format_duration(seconds: float) -> str:
    """Whole milliseconds, as Go prints a duration: `154ms`, `1.2s`, `1m3s`."""
    total = int(seconds * 1000)
    if total < 1000:
        return f"{total}ms" if total else "0s"
    minutes, rest = divmod(total, 60_000)
    hours, minutes = divmod(minutes, 60)
    text = f"{rest / 1000:.3f}".rstrip("0").rstrip(".") + "s"
    return (f"{hours}h" if hours else "") + (f"{minutes}m" if hours or minutes else "") + text
