"""One HTTP exchange in ASGI's terms: what was asked, its body, and the answer."""

from collections.abc import Iterable, MutableMapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from armillary.base.errors import ApiError, TooLarge, Unavailable
from armillary.engine.apiserver.ports import Answer, Listing, Receive, Send, User
from armillary.engine.apiserver.protobuf import decode as protobuf
from armillary.engine.apiserver.routes import Query
from armillary.engine.kinds.resource import Json

MOST_BODY = 3 * 1024 * 1024  # k8s.io/apiserver, "MaxRequestBodyBytes"
PIECE_BYTES = 1 << 18  # of a long list, written in one go: others are answered in between, and buffers stay small
MOST_WARNED, MOST_OF_A_WARNING = 4096, 256  # characters of all warnings, and of each when they are more
_NO_CACHE = (b"cache-control", b"no-cache, private")


@dataclass(slots=True)
class Asked:
    """A request with what has been found out about it so far."""

    method: str
    path: str
    query: Query
    headers: dict[str, str]  # names in lower case
    scope: MutableMapping[str, Any]
    receive: Receive
    send: Send
    user: User
    warnings: list[str] = field(default_factory=list)

    async def body(self) -> bytes:
        """The whole body; protobuf as JSON. Raises TooLarge, BadRequest, and Unavailable when the client goes away."""
        body = await self._received()
        if body and self.headers.get("content-type", "").startswith(protobuf.MEDIA):
            self.headers["content-type"] = "application/json"
            return protobuf.to_json(body)
        return body

    async def _received(self) -> bytes:
        message = await self.receive()
        first: bytes = message.get("body", b"")
        if not message.get("more_body"):
            if message["type"] == "http.disconnect":
                raise Unavailable("the client went away")
            return _within(first)
        parts, size = [first], len(first)
        while message.get("more_body"):
            message = await self.receive()
            if message["type"] == "http.disconnect":
                raise Unavailable("the client went away")
            parts.append(message.get("body", b""))
            size += len(parts[-1])
            if size > MOST_BODY:
                raise _too_large()
        return b"".join(parts)


def _within(body: bytes) -> bytes:
    if len(body) > MOST_BODY:
        raise _too_large()
    return body


def _too_large() -> TooLarge:
    return TooLarge(f"Request entity too large: limit is {MOST_BODY}")


def headers_of(scope: MutableMapping[str, Any]) -> dict[str, str]:
    """Header names and values; ASGI gives the names in lower case. Repeated ones are joined."""
    found: dict[str, str] = {}
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1")
        found[name] = f"{found[name]},{value}" if name in found else value
    return found


def error_answer(error: ApiError) -> Answer:
    headers = {"retry-after": str(error.retry_after_seconds)} if error.retry_after_seconds else {}
    return Answer(error.status(), error.code, headers=headers)


def warning_header(texts: Iterable[str]) -> tuple[bytes, bytes]:
    """A Warning header (RFC 7234, 5.5), each text once; what no header may hold is left out.

    Many long texts are cut, as upstream does it (k8s.io/apiserver, endpoints/filters/warning.go).
    """
    told = list(filter(None, dict.fromkeys(texts)))
    if sum(map(len, told)) > MOST_WARNED:
        told = [text[:MOST_OF_A_WARNING] for text in told][: MOST_WARNED // MOST_OF_A_WARNING]
    return b"warning", ", ".join(f'299 - "{_quoted(text)}"' for text in told).encode("utf-8", "replace")


def _quoted(text: str) -> str:
    plain = "".join(c if c.isprintable() else " " for c in text)
    return plain.replace("\\", "\\\\").replace('"', '\\"')


async def send_answer(send: Send, answer: Answer, warnings: Iterable[str] = (), *, bodyless: bool = False) -> None:
    body = _plain(answer.body)
    headers = [
        (b"content-type", answer.content_type.encode()),
        (b"content-length", b"%d" % (len(body) if isinstance(body, bytes) else body.size)),
    ]
    if "cache-control" not in answer.headers:
        headers.append(_NO_CACHE)
    headers += [(name.encode(), value.encode()) for name, value in answer.headers.items()]
    if warnings:
        headers.append(warning_header(warnings))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    if isinstance(body, Listing) and not bodyless:
        for piece in body.pieces(PIECE_BYTES):
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        body = b""  # ends it
    await send({"type": "http.response.body", "body": b"" if bodyless else body})


def _plain(body: Json | bytes | Listing) -> bytes | Listing:
    if isinstance(body, bytes):
        return body
    if isinstance(body, Listing):
        return body if body.size > PIECE_BYTES else body.joined()
    return orjson.dumps(body)
