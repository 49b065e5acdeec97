"""One request and its answer: what was sent, read within limits, and the headers that every answer has."""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import orjson

from armillary.base.errors import ApiError, BadRequest, TooLarge, Unavailable
from armillary.platform.frame.capability import Reply

log = logging.getLogger(__name__)

MOST_BODY_BYTES = 1 << 20
BODY_SECONDS = 60.0
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

# For answers that no browser shall render, frame, sniff or keep. `same-origin` and not `no-referrer`: with the latter
# browsers send `Origin: null` with forms of our own pages (Fetch, "append a request Origin header").
GUARDS: Mapping[bytes, bytes] = {
    b"content-security-policy": b"default-src 'none'; frame-ancestors 'none'",
    b"x-content-type-options": b"nosniff",
    b"x-frame-options": b"DENY",
    b"referrer-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
    b"cache-control": b"no-store",
}
STRICT_TRANSPORT = (b"strict-transport-security", b"max-age=31536000")


@dataclass
class Exchange:
    """`status` is 0 until an answer has begun; `user` is "" until somebody is known."""

    scope: Any
    receive: Receive
    send: Send
    request_id: str
    secure: bool  # whether browsers shall insist on TLS from now on
    user: str = ""
    status: int = 0
    route: str = ""  # the route's path, for metrics
    extra: Headers = field(default_factory=list)

    @property
    def method(self) -> str:
        method: str = self.scope["method"]
        return method

    @cached_property
    def path(self) -> str:
        """As it was sent, still encoded."""
        raw: bytes = self.scope.get("raw_path") or self.scope["path"].encode()
        return raw.decode("latin-1").partition("?")[0]

    @property
    def query(self) -> bytes:
        query: bytes = self.scope.get("query_string", b"")
        return query

    @cached_property
    def headers(self) -> dict[str, str]:
        """Names in lower case. Repeated ones are joined."""
        found: dict[str, str] = {}
        for raw_name, raw_value in self.scope["headers"]:
            name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
            joint = "; " if name == "cookie" else ","
            found[name] = f"{found[name]}{joint}{value}" if name in found else value
        return found

    @cached_property
    def cookies(self) -> Mapping[str, str]:
        """By RFC 6265, 5.2; the first of a name counts."""
        found: dict[str, str] = {}
        for part in self.headers.get("cookie", "").split(";"):
            name, is_pair, value = part.strip().partition("=")
            if is_pair and name not in found:
                found[name] = value.strip('"')
        return found

    @property
    def address(self) -> str:
        client = self.scope.get("client")
        return str(client[0]) if client else ""

    async def read(self, most: int = MOST_BODY_BYTES) -> bytes:
        """The whole body. Raises TooLarge beyond `most` bytes, BadRequest if it does not come in time."""
        length = self.headers.get("content-length", "")
        if length.isdigit() and int(length) > most:
            raise TooLarge(f"the body is larger than {most} bytes")
        try:
            async with asyncio.timeout(BODY_SECONDS):
                return await self._read(most)
        except TimeoutError as exc:
            raise BadRequest("the body does not come in time", code=408, reason="Timeout") from exc

    async def _read(self, most: int) -> bytes:
        parts: list[bytes] = []
        size, more = 0, True
        while more:
            message = await self.receive()
            if message["type"] == "http.disconnect":
                raise Unavailable("the client went away")
            parts.append(message.get("body", b""))
            size += len(parts[-1])
            if size > most:
                raise TooLarge(f"the body is larger than {most} bytes")
            more = message.get("more_body", False)
        return b"".join(parts)

    async def begin(self, status: int, headers: Iterable[tuple[bytes, bytes]], *, guarded: bool = True) -> None:
        """The answer's head, with the guards that it does not set itself."""
        sent = list(headers)
        if guarded:
            given = {name for name, _ in sent}
            sent += [guard for guard in GUARDS.items() if guard[0] not in given]
        if self.secure:
            sent.append(STRICT_TRANSPORT)
        sent.append((b"x-request-id", self.request_id.encode()))
        self.status = status
        await self.send({"type": "http.response.start", "status": status, "headers": sent})

    async def write(self, body: bytes, *, more: bool = False) -> None:
        await self.send({"type": "http.response.body", "body": body, "more_body": more})

    async def answer(self, reply: Reply) -> None:
        headers: Headers = [(name.lower().encode(), value.encode("latin-1")) for name, value in reply.headers]
        if reply.body or reply.status not in (204, 304):
            headers.append((b"content-type", reply.content_type.encode()))
            headers.append((b"content-length", b"%d" % len(reply.body)))
        await self.begin(reply.status, headers)
        await self.write(b"" if self.method == "HEAD" else reply.body)


def request_id_of(exchange_headers: Iterable[tuple[bytes, bytes]], made: Callable[[], str]) -> str:
    """The client's own id of the request, if it is a plain word, else a new one."""
    for name, value in exchange_headers:
        if name == b"x-request-id" and _REQUEST_ID.fullmatch(value.decode("latin-1")):
            return value.decode("latin-1")
    return made()


def refusal(error: ApiError, *, shown: bool = False) -> Reply:
    """An error as its Status. `shown` says that credentials came with the request."""
    headers: tuple[tuple[str, str], ...] = ()
    if error.code == 401:
        fault = ', error="invalid_token"' if shown else ""
        headers += (("www-authenticate", f'Bearer realm="armillary"{fault}'),)
    if error.retry_after_seconds:
        headers += (("retry-after", str(error.retry_after_seconds)),)
    return Reply(orjson.dumps(error.status()), error.code, headers=headers)
