"""The console's files: a single-page application, so that what is no file of it is its first page."""

import re
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.staticfiles import StaticFiles

from armillary.platform.frame.exchange import Exchange

POLICY = (
    b"default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; object-src 'none'; "
    b"frame-ancestors 'none'; base-uri 'self'; form-action 'self'"
)
_NOT_OURS = re.compile(r"/(platform|clusters|oauth|\.well-known|docs|admission)(/|$)")
_NAMED_BY_CONTENT = re.compile(r"/assets/.*[.-][0-9A-Za-z_-]{8,}\.\w+$")  # as bundlers name what never changes


class Console:
    """Files of one directory."""

    def __init__(self, directory: Path) -> None:
        self._files = StaticFiles(directory=directory)

    async def __call__(self, exchange: Exchange) -> bool:
        path = exchange.path
        if exchange.method not in ("GET", "HEAD") or _NOT_OURS.match(path):
            return False
        answer = await self._file(path, exchange.scope)
        if answer is None and "." not in path.rpartition("/")[2]:
            answer = await self._file("/index.html", exchange.scope)
        if answer is None:
            return False
        exchange.route = "console"
        kept = b"public, max-age=31536000, immutable" if _NAMED_BY_CONTENT.search(path) else b"no-cache"

        async def send(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                guards = [(b"content-security-policy", POLICY), (b"cache-control", kept)]
                await exchange.begin(message["status"], [*message["headers"], *guards])
            else:
                await exchange.send(message)

        await answer(exchange.scope, exchange.receive, send)
        return True

    async def _file(self, path: str, scope: Any) -> Response | None:
        wanted = self._files.get_path({**scope, "path": "/index.html" if path == "/" else path, "root_path": ""})
        try:
            return await self._files.get_response(wanted, scope)
        except HTTPException:
            return None
