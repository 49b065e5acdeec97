"""What carries requests to an API server."""

from collections.abc import AsyncGenerator, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Response:
    """A whole answer; header names are in lower case, and what is given twice is joined by commas."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def joined(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """By their names in lower case (RFC 9110, 5.3)."""
    found: dict[str, str] = {}
    for given, value in headers:
        name = given.lower()
        found[name] = f"{found[name]}, {value}" if name in found else value
    return found


class Transport(Protocol):
    """A way to an API server. Headers may be a multidict: one given twice is sent twice."""

    async def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str],
        body: bytes | None,
        headers: Mapping[str, str],
    ) -> Response:
        """One request; raises Unavailable if no answer came."""
        ...

    def lines(
        self, method: str, path: str, *, query: Mapping[str, str], headers: Mapping[str, str] | None = None
    ) -> AsyncGenerator[bytes, None]:
        """A stream of lines, without their line ends; raises an ApiError if it does not begin with success."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...
