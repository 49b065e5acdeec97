"""Another transport's way, under somebody else's name: every request carries impersonation headers.

Semantics: Kubernetes' user impersonation (`Impersonate-User`, `Impersonate-Group`, `Impersonate-Uid`); the carrying
transport's own user needs the verb `impersonate` on what is named.
"""

from collections.abc import AsyncGenerator, Mapping, Sequence

from multidict import CIMultiDict

from armillary.kube.transport.port import Response, Transport


class Impersonating:
    """Borrows `transport`: closing this one leaves the other open."""

    def __init__(self, transport: Transport, user: str, groups: Sequence[str] = ()) -> None:
        self._transport = transport
        self._who = impersonation(user, groups)

    async def request(
        self, method: str, path: str, *, query: Mapping[str, str], body: bytes | None, headers: Mapping[str, str]
    ) -> Response:
        return await self._transport.request(method, path, query=query, body=body, headers=self._named(headers))

    def lines(
        self, method: str, path: str, *, query: Mapping[str, str], headers: Mapping[str, str] | None = None
    ) -> AsyncGenerator[bytes, None]:
        return self._transport.lines(method, path, query=query, headers=self._named(headers or {}))

    async def close(self) -> None:
        """Nothing of its own is held."""

    def _named(self, headers: Mapping[str, str]) -> Mapping[str, str]:
        named = self._who.copy()
        named.extend(headers)
        return named


def impersonation(user: str, groups: Sequence[str]) -> CIMultiDict[str]:
    """The headers that say "in the name of"; one line a group, as the API server wants them."""
    headers = CIMultiDict({"Impersonate-User": user})
    for group in groups:
        headers.add("Impersonate-Group", group)
    return headers
