"""What audit needs from outside: what a write changed (`history` knows, of what it recorded)."""

from collections.abc import Mapping
from typing import Any, Protocol


class Changed(Protocol):
    async def change(
        self, cluster: str, group: str, resource: str, namespace: str, name: str, revision: str
    ) -> tuple[Mapping[str, Any], Mapping[str, Any]] | None:
        """An object before and after the write that gave it this resourceVersion; None where it is not known."""
        ...
