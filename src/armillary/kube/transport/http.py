"""To an API server over HTTP, by TCP with TLS."""

import asyncio
import ssl
from collections.abc import AsyncGenerator, Mapping
from types import TracebackType
from typing import Self

import aiohttp
import orjson
from yarl import URL

from armillary.base.errors import Unavailable, error_of
from armillary.kube.transport.port import Response, joined

READ_CHUNK = 1 << 16


class Http:
    """Keeps connections open between requests; close it, or use it as a context. `base` is `https://host:port`.

    A redirection is an answer like any other: what is sent here is meant for nobody else.
    """

    def __init__(
        self,
        base: str,
        *,
        tls: ssl.SSLContext | None = None,
        headers: Mapping[str, str] | None = None,
        connections: int = 64,
    ) -> None:
        self._base = base.rstrip("/")
        connector = aiohttp.TCPConnector(ssl=tls if tls is not None else True, limit=0)
        # Streams hold a connection for as long as they last: they must not use up what requests need.
        self._gate = asyncio.Semaphore(connections)
        self._session = aiohttp.ClientSession(
            connector=connector,
            headers=dict(headers or {}),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=10),
            auto_decompress=True,
            read_bufsize=READ_CHUNK,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def _url(self, path: str, query: Mapping[str, str]) -> URL:
        return URL(self._base + path, encoded=True).with_query(dict(query))

    async def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str],
        body: bytes | None,
        headers: Mapping[str, str],
    ) -> Response:
        try:
            async with (
                self._gate,
                self._session.request(
                    method, self._url(path, query), data=body, headers=headers, allow_redirects=False
                ) as answer,
            ):
                content = await answer.read()
                return Response(answer.status, joined(answer.headers.items()), content)
        except (aiohttp.ClientError, OSError) as exc:
            raise Unavailable(f"{self._base} does not answer: {exc}") from exc

    async def lines(
        self, method: str, path: str, *, query: Mapping[str, str], headers: Mapping[str, str] | None = None
    ) -> AsyncGenerator[bytes, None]:
        try:
            async with self._session.request(
                method, self._url(path, query), headers=headers, allow_redirects=False
            ) as answer:
                if answer.status >= 400:
                    raise error_of(answer.status, orjson.loads(await answer.read() or b"{}"))
                buffer = b""
                async for chunk in answer.content.iter_any():
                    *whole, buffer = (buffer + chunk).split(b"\n")
                    for line in whole:
                        yield line
        except (aiohttp.ClientError, OSError, orjson.JSONDecodeError) as exc:
            raise Unavailable(f"{self._base} ended the stream: {exc}") from exc

    async def close(self) -> None:
        await self._session.close()
