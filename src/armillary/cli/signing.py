"""Ways to sign in from a terminal: by a browser, by a device code, by password. Each gives tokens.

The browser's way is RFC 8252: it comes back to a port of this machine's loopback, with PKCE.
"""

import asyncio
import base64
import hashlib
import hmac
import secrets
import webbrowser
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import msgspec
import orjson

from armillary.base.errors import SetupError, Unauthorized
from armillary.cli.session import API, CLIENT_ID, post_form
from armillary.kube.client import Client
from armillary.kube.transport.port import Transport

BROWSER_SECONDS = 300.0
_SCOPE = "openid profile"
_PAGE = b"<!doctype html><meta charset=utf-8><title>Armillary</title><p>You can close this page. / \xe6\x82\xa8\xe5\x8f\xaf\xe4\xbb\xa5\xe5\x85\xb3\xe9\x97\xad\xe6\xad\xa4\xe9\xa1\xb5\xe9\x9d\xa2\xe3\x80\x82"  # noqa: E501
_ANSWER = b"HTTP/1.1 %s\r\nContent-Type: text/html\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s"


@dataclass(frozen=True, slots=True)
class Tokens:
    access: str
    refresh: str = ""


async def by_browser(transport: Transport, origin: str, tell: Callable[[str], None]) -> Tokens:
    """`tell` is given the address to open, in case no browser opens by itself."""
    verifier, state = secrets.token_urlsafe(48), secrets.token_urlsafe(16)
    digest = hashlib.sha256(verifier.encode()).digest()
    came: asyncio.Future[dict[str, str]] = asyncio.get_running_loop().create_future()
    server = await asyncio.start_server(lambda r, w: _receive(r, w, state, came), "127.0.0.1", 0)
    async with server:
        redirect_uri = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/callback"
        query = {
            "client_id": CLIENT_ID,
            "response_type": "code",
            "redirect_uri": redirect_uri,
            "scope": _SCOPE,
            "state": state,
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }
        url = f"{origin}/oauth/authorize?{urlencode(query)}"
        tell(url)
        await asyncio.to_thread(webbrowser.open, url)
        try:
            async with asyncio.timeout(BROWSER_SECONDS):
                answer = await came
        except TimeoutError as exc:
            raise SetupError("nobody signed in at the browser in time") from exc
    if "code" not in answer:
        raise Unauthorized(answer.get("error_description") or answer.get("error") or "the sign-in was refused")
    form = {
        "grant_type": "authorization_code",
        "client_id": CLIENT_ID,
        "code": answer["code"],
        "redirect_uri": redirect_uri,
        "code_verifier": verifier,
    }
    return _tokens(await post_form(transport, "/oauth/token", form))


async def _receive(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, state: str, came: asyncio.Future[dict[str, str]]
) -> None:
    """The browser's way back. What does not carry our state is not from our sign-in, and is not believed."""
    try:
        line = (await reader.readline()).decode("latin-1")
        target = urlsplit(line.split(" ")[1] if line.count(" ") == 2 else "")
        answer = {name: values[0] for name, values in parse_qs(target.query).items()}
        is_ours = target.path == "/callback" and hmac.compare_digest(answer.get("state", "").encode(), state.encode())
        status, body = (b"200 OK", _PAGE) if is_ours else (b"404 Not Found", b"")
        writer.write(_ANSWER % (status, len(body), body))
        await writer.drain()
        if is_ours and not came.done():
            came.set_result(answer)
    finally:
        writer.close()


async def by_device(transport: Transport, tell: Callable[[str, str], None]) -> Tokens:
    """`tell` is given the page to open, on whatever machine, and the code to type there (RFC 8628)."""
    form = {"client_id": CLIENT_ID, "scope": _SCOPE}
    given = await post_form(transport, "/oauth/device_authorization", form)
    tell(given["verification_uri"], given["user_code"])
    interval = float(given.get("interval", 5))
    asked = {
        "grant_type": "urn:ietf:params:oauth:grant-type:device_code",
        "client_id": CLIENT_ID,
        "device_code": given["device_code"],
    }
    while True:
        await asyncio.sleep(interval)
        try:
            return _tokens(await post_form(transport, "/oauth/token", asked))
        except Unauthorized as exc:
            if exc.reason == "slow_down":
                interval += 5
            elif exc.reason != "authorization_pending":
                raise


async def by_password(transport: Transport, username: str, password: str) -> tuple[Tokens, bool]:
    """With whether the password has to be changed first."""
    said = await call(transport, "POST", "/login", {"username": username, "password": password, "tokens": True})
    return Tokens(said["accessToken"], said["refreshToken"]), bool(said["mustChangePassword"])


async def call(transport: Transport, method: str, path: str, body: Any = None, token: str = "") -> Any:
    """One call below /platform/v1, before there is a session."""
    shown = _Showing(transport, token) if token else transport
    sent = msgspec.json.encode(body) if body is not None else None
    answer = await Client(shown).call(method, API + path, body=sent)
    return orjson.loads(answer.body) if answer.body else None


class _Showing:
    """With an access token."""

    def __init__(self, transport: Transport, token: str) -> None:
        self._transport, self._token = transport, token

    async def request(
        self, method: str, path: str, *, query: Mapping[str, str], body: bytes | None, headers: Mapping[str, str]
    ) -> Any:
        shown = {**headers, "authorization": f"Bearer {self._token}"}
        return await self._transport.request(method, path, query=query, body=body, headers=shown)

    def lines(self, method: str, path: str, *, query: Mapping[str, str], headers: Any = None) -> Any:
        return self._transport.lines(method, path, query=query, headers=headers)

    async def close(self) -> None:
        """Nothing of its own is held."""


def _tokens(got: Mapping[str, Any]) -> Tokens:
    return Tokens(got["access_token"], got.get("refresh_token", ""))
