"""The console's files: a single-page application, so that what is no file of it is its first page.

Files may have compressed siblings (`app.js.br`, `app.js.gz`), which are sent to browsers that take them. Where the
first page says `__CSP_NONCE__`, it gets a word that is used once: style sheets that scripts insert may show it.
"""

import asyncio
import re
import secrets
from collections.abc import Iterator, MutableMapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, Response
from starlette.staticfiles import StaticFiles

from armillary.platform.frame.exchange import Exchange

# No inline script at all. Attributes (`style="top: 34px"`) are how rows of a long list are placed; inline style sheets
# need a nonce.
POLICY = (
    "default-src 'self'; img-src 'self' data:; style-src 'self'{nonce}; style-src-attr 'unsafe-inline'; "
    "connect-src 'self'; object-src 'none'; frame-ancestors 'none'; base-uri 'self'; "
    "form-action 'self'"
)
NONCE = b"__CSP_NONCE__"
_NOT_OURS = re.compile(r"/(platform/v1|clusters|oauth|\.well-known|docs|admission)(/|$)")
_NAMED_BY_CONTENT = re.compile(r"/assets/.*[.-][0-9A-Za-z_-]{8,}\.\w+$")  # as bundlers name what never changes
_CODINGS = (("br", ".br"), ("gzip", ".gz"))  # the better one first
_FIRST_PAGE = "/index.html"
# What is a file or nothing. Deeper down, a last part with a dot may be an object's name.
_FILE = re.compile(r"/assets/|/[^/]*\.[^/]*$|.*/\.\.(/|$)")


class Console:
    """Files of one directory."""

    def __init__(self, directory: Path) -> None:
        self._files = StaticFiles(directory=directory)

    async def __call__(self, exchange: Exchange) -> bool:
        path = exchange.path
        is_page = not _FILE.match(unquote(path))
        is_sibling = path.endswith((".br", ".gz")) and not is_page
        if exchange.method not in ("GET", "HEAD") or _NOT_OURS.match(path) or is_sibling:
            return False
        file = _FIRST_PAGE if path == "/" else path
        answer = await self._encoded(file, exchange)
        if answer is None and is_page:
            file = _FIRST_PAGE
            answer = await self._encoded(file, exchange)
        if answer is None:
            return False
        exchange.route = "console"
        kept = b"public, max-age=31536000, immutable" if _NAMED_BY_CONTENT.search(path) else b"no-cache"
        nonce = ""
        if file == _FIRST_PAGE and (named := await self._with_nonce(exchange)) is not None:
            answer, nonce = named
            kept = b"no-store"  # a nonce is not to be seen twice
        policy = POLICY.format(nonce=f" 'nonce-{nonce}'" if nonce else "").encode()

        async def send(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                guards = [(b"content-security-policy", policy), (b"cache-control", kept)]
                await exchange.begin(message["status"], [*message["headers"], *guards])
            else:
                await exchange.send(message)

        await answer(exchange.scope, exchange.receive, send)
        return True

    async def _with_nonce(self, exchange: Exchange) -> tuple[Response, str] | None:
        """The first page with a nonce of its own; None if it asks for none."""
        found = await self._file(_FIRST_PAGE, {**exchange.scope, "headers": []})
        if not isinstance(found, FileResponse):
            return None
        page = await asyncio.to_thread(Path(found.path).read_bytes)
        if NONCE not in page:
            return None
        nonce = secrets.token_urlsafe(16)
        return Response(page.replace(NONCE, nonce.encode()), media_type="text/html"), nonce

    async def _encoded(self, path: str, exchange: Exchange) -> Response | None:
        """A file as the browser likes it best."""
        for coding, suffix in _accepted(exchange.headers.get("accept-encoding", "")):
            answer = await self._file(path + suffix, exchange.scope)
            if answer is not None:
                answer.headers["content-encoding"] = coding
                answer.headers.add_vary_header("accept-encoding")
                return answer
        answer = await self._file(path, exchange.scope)
        if answer is not None:
            answer.headers.add_vary_header("accept-encoding")
        return answer

    async def _file(self, path: str, scope: Any) -> Response | None:
        wanted = self._files.get_path({**scope, "path": path, "root_path": ""})
        try:
            return await self._files.get_response(wanted, scope)
        except HTTPException:
            return None


def _accepted(header: str) -> Iterator[tuple[str, str]]:
    """Which codings may be sent (RFC 9110, 12.5.3): what is named, unless its weight is 0."""
    named = {}
    for part in header.lower().split(","):
        coding, _, weight = part.strip().partition(";")
        named[coding.strip()] = not re.fullmatch(r"\s*q\s*=\s*0(\.0*)?\s*", weight)
    return (each for each in _CODINGS if named.get(each[0]))
