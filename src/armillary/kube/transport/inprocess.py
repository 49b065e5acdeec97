"""To an ASGI application in this process: no socket, no TLS. What tests and single-process set-ups use."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, MutableMapping
from typing import Any
from urllib.parse import urlencode

import orjson

from armillary.base.errors import error_of
from armillary.kube.transport.port import Response, joined

Message = MutableMapping[str, Any]
Application = Callable[
    [MutableMapping[str, Any], Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]],
    Awaitable[None],
]


class InProcess:
    """Calls an ASGI application.

    `headers` go with every request (an `authorization`, for one); `state` is what a server would know of the
    connection (the client's certificate).
    """

    def __init__(
        self,
        application: Application,
        headers: Mapping[str, str] | None = None,
        state: Mapping[str, Any] | None = None,
    ) -> None:
        self._application = application
        self._headers = dict(headers or {})
        self._state = dict(state or {})

    def _scope(self, method: str, path: str, query: Mapping[str, str], headers: Mapping[str, str]) -> dict[str, Any]:
        # Not one dictionary: a header may be given more than once (Impersonate-Group).
        sent = [(k, v) for k, v in self._headers.items() if k not in headers] + list(headers.items())
        return {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "https",
            "path": path,
            "raw_path": path.encode(),
            "query_string": urlencode(query).encode(),
            "headers": [(k.lower().encode(), v.encode()) for k, v in sent],
            "client": ("127.0.0.1", 0),
            "server": ("127.0.0.1", 443),
            "state": dict(self._state),
        }

    async def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str],
        body: bytes | None,
        headers: Mapping[str, str],
    ) -> Response:
        sent = False
        start: Message = {}
        chunks: list[bytes] = []
        forever = asyncio.Event()

        async def receive() -> Message:
            nonlocal sent
            if sent:
                await forever.wait()  # a server may listen for a disconnect that never comes
            sent = True
            return {"type": "http.request", "body": body or b"", "more_body": False}

        async def send(message: Message) -> None:
            if message["type"] == "http.response.start":
                start.update(message)
            elif message["type"] == "http.response.body":
                chunks.append(bytes(message.get("body", b"")))

        await self._application(self._scope(method, path, query, headers), receive, send)
        names = joined((k.decode(), v.decode()) for k, v in start["headers"])
        return Response(int(start["status"]), names, b"".join(chunks))

    async def lines(
        self, method: str, path: str, *, query: Mapping[str, str], headers: Mapping[str, str] | None = None
    ) -> AsyncGenerator[bytes, None]:
        messages: asyncio.Queue[Message] = asyncio.Queue(maxsize=64)
        gone = asyncio.Event()
        sent = False

        async def receive() -> Message:
            nonlocal sent
            if sent:
                await gone.wait()
                return {"type": "http.disconnect"}
            sent = True
            return {"type": "http.request", "body": b"", "more_body": False}

        async def run() -> None:
            try:
                await self._application(self._scope(method, path, query, headers or {}), receive, messages.put)
            finally:
                # Nobody may be taking messages any more.
                with contextlib.suppress(asyncio.QueueFull):
                    messages.put_nowait({"type": "end"})

        # No task group: a generator is closed by an exception at its `yield`, which a group would wrap.
        task = asyncio.get_running_loop().create_task(run(), name=f"stream {path}")
        try:
            start = await messages.get()
            buffer, more = b"", True
            while more:
                message = await messages.get()
                more = message["type"] == "http.response.body" and message.get("more_body", False)
                buffer += message.get("body", b"")
                if start["status"] >= 400:
                    continue
                *whole, buffer = buffer.split(b"\n")
                for line in whole:
                    yield line
            if start["status"] >= 400:
                raise error_of(int(start["status"]), orjson.loads(buffer or b"{}"))
        finally:
            gone.set()
            task.cancel()
            await asyncio.wait((task,))

    async def close(self) -> None:
        """Nothing is held."""
