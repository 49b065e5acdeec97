"""What is asked of registries."""

from typing import Protocol

from armillary.kube.image_credentials import Keyring
from armillary.platform.capabilities.images.config import ImageConfig


class Images(Protocol):
    async def config(self, image: str, keyring: Keyring) -> ImageConfig:
        """Raises BadRequest for what is no name, NotFound where no known registry has it, Unavailable."""
        ...
