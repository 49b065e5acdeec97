"""What is asked of registries."""

from typing import Protocol

from armillary.platform.capabilities.images.config import ImageConfig


class Images(Protocol):
    async def config(self, image: str) -> ImageConfig:
        """Raises BadRequest for what is no name, NotFound where no known registry has it, Unavailable."""
        ...
