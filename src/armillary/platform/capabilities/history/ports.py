"""What history needs from outside: who made a change (`audit` knows, of writes that went through the platform)."""

from collections.abc import Collection, Mapping
from typing import Protocol


class Authors(Protocol):
    async def authors(
        self, cluster: str, group: str, resource: str, namespace: str, name: str, revisions: Collection[str]
    ) -> Mapping[str, str]:
        """Users by the resourceVersion of what they wrote, where it is known."""
        ...
