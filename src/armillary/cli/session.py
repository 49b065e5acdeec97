"""A command's way to the platform: signed in, over HTTPS, with a token that is refreshed when it has run out.

Every noun of the CLI is written with these: `run(cli, work)` opens a `Session`, gives it to `work`, closes it.
"""

import asyncio
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

import msgspec
import orjson

from armillary.base.errors import SetupError, Unauthorized
from armillary.base.words import Language, Words
from armillary.cli.context import Cli
from armillary.cli.platforms import Platform, PlatformFile
from armillary.kube.client import Client
from armillary.kube.transport.http import Http
from armillary.kube.transport.port import Response, Transport

T = TypeVar("T")
API = "/platform/v1"
CLIENT_ID = "armillary-cli"

NOT_SIGNED_IN = Words(
    "you are not signed in; armillary login https://HOST:PORT does it",
    "尚未登录；请运行 armillary login https://HOST:PORT",
)
ENDED = Words(
    "your sign-in at {origin} has ended; armillary login {origin} begins a new one",
    "您在 {origin} 的登录已失效；请运行 armillary login {origin} 重新登录",
)


@dataclass(frozen=True, slots=True)
class Session:
    """Calls of the platform's REST API, and clients of the clusters behind it."""

    platform: Platform
    transport: Transport

    async def call(self, method: str, path: str, body: Any = None, query: Mapping[str, object] | None = None) -> Any:
        """One call below /platform/v1; None for an empty answer. Raises an ApiError for what is not success.

        Query values that are None or "" are left out.
        """
        sent = None if body is None else msgspec.json.encode(body)
        given = {key: str(value) for key, value in (query or {}).items() if value not in (None, "")}
        answer = await Client(self.transport).call(method, API + path, query=given, body=sent)
        return orjson.loads(answer.body) if answer.body else None

    async def get(self, path: str, **query: object) -> Any:
        return await self.call("GET", path, query=query)

    async def lines(self, path: str, **query: object) -> AsyncIterator[Any]:
        """A stream of JSON lines."""
        given = {key: str(value) for key, value in query.items() if value not in (None, "")}
        async for line in self.transport.lines("GET", API + path, query=given):
            yield orjson.loads(line)

    def cluster(self, name: str = "host") -> Client:
        """A cluster's Kubernetes API, through the platform, as oneself."""
        return Client(Below(self.transport, f"/clusters/{quote(name, safe='')}"))


class Below:
    """A transport whose paths begin further down."""

    def __init__(self, transport: Transport, prefix: str) -> None:
        self._transport, self._prefix = transport, prefix

    async def request(
        self, method: str, path: str, *, query: Mapping[str, str], body: bytes | None, headers: Mapping[str, str]
    ) -> Response:
        return await self._transport.request(method, self._prefix + path, query=query, body=body, headers=headers)

    def lines(
        self, method: str, path: str, *, query: Mapping[str, str], headers: Mapping[str, str] | None = None
    ) -> AsyncGenerator[bytes, None]:
        return self._transport.lines(method, self._prefix + path, query=query, headers=headers)

    async def close(self) -> None:
        """Nothing of its own is held."""


class Refreshing:
    """Shows the access token, and gets a new one once when it is refused."""

    def __init__(self, http: Http, platform: Platform, file: PlatformFile, language: Language) -> None:
        self._http, self._file, self._language = http, file, language
        self.platform = platform

    async def request(
        self, method: str, path: str, *, query: Mapping[str, str], body: bytes | None, headers: Mapping[str, str]
    ) -> Response:
        answer = await self._http.request(method, path, query=query, body=body, headers=self._shown(headers))
        if answer.status == 401 and self.platform.refresh_token:
            await self._refresh()
            answer = await self._http.request(method, path, query=query, body=body, headers=self._shown(headers))
        return answer

    async def lines(
        self, method: str, path: str, *, query: Mapping[str, str], headers: Mapping[str, str] | None = None
    ) -> AsyncGenerator[bytes, None]:
        begun = False
        try:
            async for line in self._http.lines(method, path, query=query, headers=self._shown(headers or {})):
                begun = True
                yield line
            return
        except Unauthorized:
            if begun or not self.platform.refresh_token:
                raise
        await self._refresh()
        async for line in self._http.lines(method, path, query=query, headers=self._shown(headers or {})):
            yield line

    async def close(self) -> None:
        await self._http.close()

    def _shown(self, headers: Mapping[str, str]) -> Mapping[str, str]:
        token = self.platform.access_token
        shown = {**headers, "accept-language": self._language.value}
        return {**shown, "authorization": f"Bearer {token}"} if token else shown

    async def _refresh(self) -> None:
        """A refresh token is good once: of two commands at once, the second takes what the first was given."""
        async with self._file.locked():
            kept = self._file.of(self.platform.origin)
            if kept is not None and kept.refresh_token not in ("", self.platform.refresh_token):
                self.platform = kept
                return
            await self._renew()

    async def _renew(self) -> None:
        form = {
            "grant_type": "refresh_token",
            "client_id": CLIENT_ID,
            "refresh_token": self.platform.refresh_token,
        }
        got = await post_form(self._http, "/oauth/token", form)
        self.platform = msgspec.structs.replace(
            self.platform,
            access_token=got["access_token"],
            refresh_token=got.get("refresh_token", self.platform.refresh_token),
        )
        self._file.keep(self.platform)


async def post_form(transport: Transport, path: str, form: Mapping[str, str]) -> dict[str, Any]:
    """An OAuth endpoint's answer. Raises Unauthorized with the error's description (RFC 6749, 5.2)."""
    headers = {"content-type": "application/x-www-form-urlencoded", "accept": "application/json"}
    answer = await transport.request("POST", path, query={}, body=urlencode(form).encode(), headers=headers)
    try:
        said: dict[str, Any] = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        said = {"error": answer.body.decode(errors="replace")}
    if answer.status >= 400:
        raise Unauthorized(
            str(said.get("error_description") or said.get("error")), reason=str(said.get("error")), code=answer.status
        )
    return said


def open_http(platform: Platform) -> Http:
    """To that platform, trusting its authority. Close it at the end."""
    tls = ssl.create_default_context(cadata=platform.ca or None)
    return Http(platform.origin, tls=tls)


@asynccontextmanager
async def open_session(cli: Cli) -> AsyncIterator[Session]:
    """Raises SetupError if nobody is signed in."""
    platform = cli.file.current()
    if platform is None:
        raise SetupError(cli.say(NOT_SIGNED_IN))
    transport = Refreshing(open_http(platform), platform, cli.file, cli.language)
    try:
        yield Session(platform, transport)
    except Unauthorized as exc:
        raise SetupError(cli.say(ENDED, origin=platform.origin)) from exc
    finally:
        await transport.close()


def run(cli: Cli, work: Callable[[Session], Awaitable[T]]) -> T:
    """What every command is made of."""

    async def whole() -> T:
        async with open_session(cli) as session:
            return await work(session)

    return asyncio.run(whole())
