"""Watches: from a change to the news of it, and changes told to many watchers at once."""

import asyncio
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from armillary.kube.kubeconfig import Access, access_of
from benchmarks.direct import NAMESPACES, Direct, own_namespace
from benchmarks.report import Figure, percentile

WATCHERS = 100
CHANGES = 200
DEADLINE_SECONDS = 60.0


def measure(kubeconfig: Path) -> list[Figure]:
    direct, access = Direct(kubeconfig), access_of(kubeconfig)
    with own_namespace(direct) as namespace:
        maps = f"{NAMESPACES}/{namespace}/configmaps"
        direct.call("POST", maps, _config_map(-1))
        return asyncio.run(_measure(access, direct, maps))


async def _measure(access: Access, direct: Direct, maps: str) -> list[Figure]:
    loop, server = asyncio.get_running_loop(), urlsplit(access.server)
    since = direct.call("GET", f"{maps}/one")["metadata"]["resourceVersion"]
    query = f"watch=true&fieldSelector=metadata.name%3Done&resourceVersion={since}"
    headers = "".join(f"{name}: {value}\r\n" for name, value in access.headers.items())
    request = f"GET {maps}?{query} HTTP/1.1\r\nhost: {server.netloc}\r\n{headers}\r\n".encode()
    news = asyncio.Event()

    async def watcher() -> "_Watcher":
        _, made = await loop.create_connection(
            lambda: _Watcher(request, news), server.hostname, server.port, ssl=access.tls
        )
        return made

    one = await watcher()
    delays = []
    for number in range(CHANGES):
        began = time.perf_counter()
        await asyncio.to_thread(direct.call, "PUT", f"{maps}/one", _config_map(number))
        await _told([one], number + 1, news)
        delays.append((one.last - began) * 1000)
    many = [one, *await asyncio.gather(*(watcher() for _ in range(WATCHERS - 1)))]
    await _told(many, CHANGES, news)  # whoever comes later is told what was before
    began = time.perf_counter()
    await asyncio.to_thread(_change, direct, maps)
    await _told(many, 2 * CHANGES, news)
    rate = WATCHERS * CHANGES / (max(each.last for each in many) - began)
    for each in many:
        each.transport.abort()
    return [
        Figure("change to news of it, median", percentile(delays, 0.5), "ms", "less"),
        Figure(f"news told to {WATCHERS} watchers", rate, "/s", "more"),
    ]


def _config_map(number: int) -> dict[str, Any]:
    return {"metadata": {"name": "one"}, "data": {"n": str(number), "text": "v" * 500}}


def _change(direct: Direct, maps: str) -> None:
    for number in range(CHANGES):
        direct.call("PUT", f"{maps}/one", _config_map(CHANGES + number))


async def _told(watchers: list["_Watcher"], lines: int, news: asyncio.Event) -> None:
    """Until each has had so many lines."""
    while any(each.lines < lines for each in watchers):
        news.clear()
        await asyncio.wait_for(news.wait(), DEADLINE_SECONDS)


class _Watcher(asyncio.Protocol):
    """Counts lines as they come, and knows when the last one came."""

    transport: asyncio.Transport

    def __init__(self, request: bytes, news: asyncio.Event) -> None:
        self._request, self._news = request, news
        self._before = b""
        self.lines = 0
        self.last = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        self.lines += (self._before + data).count(b"}\n")
        self._before = b"}" if data.endswith(b"}") else b""
        self.last = time.perf_counter()
        self._news.set()
