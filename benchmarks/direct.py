"""A client of a cluster's API that costs next to nothing, so that figures are the server's and not its own."""

import http.client
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import orjson

from armillary.kube.kubeconfig import access_of

BUFFER_BYTES = 1 << 22
NAMESPACES = "/api/v1/namespaces"
GONE_SECONDS = 120.0


class Direct:
    """One connection, one request after the other."""

    def __init__(self, kubeconfig: Path) -> None:
        access = access_of(kubeconfig)
        server = urlsplit(access.server)
        self._connection = http.client.HTTPSConnection(server.hostname or "", server.port, context=access.tls)
        self._headers = {**access.headers, "accept": "application/json"}
        self._buffer = memoryview(bytearray(BUFFER_BYTES))

    def call(self, method: str, path: str, body: Any = None, media: str = "application/json") -> Any:
        """The answer's JSON. Raises RuntimeError when it is not success."""
        status, answer = self.try_call(method, path, body, media)
        if status >= 400:
            raise RuntimeError(f"{method} {path}: {status} {answer.get('message')}")
        return answer

    def try_call(
        self, method: str, path: str, body: Any = None, media: str = "application/json"
    ) -> tuple[int, dict[str, Any]]:
        """The status and the answer's JSON."""
        sent = None if body is None else orjson.dumps(body)
        headers = self._headers | ({"content-type": media} if body is not None else {})
        try:
            answer = self._answer(method, path, sent, headers)
        except http.client.RemoteDisconnected:  # the server has closed what was idle for minutes
            answer = self._answer(method, path, sent, headers)
        return answer.status, orjson.loads(answer.read() or b"{}")

    def _answer(
        self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]
    ) -> http.client.HTTPResponse:
        self._connection.request(method, path, body, headers)
        return self._connection.getresponse()

    def fetch(self, path: str) -> float:
        """Milliseconds until the whole answer was read; it is not looked at."""
        began = time.perf_counter()
        self._connection.request("GET", path, headers=self._headers)
        answer = self._connection.getresponse()
        while answer.readinto(self._buffer):
            pass
        if answer.status >= 400:
            raise RuntimeError(f"GET {path}: {answer.status}")
        return (time.perf_counter() - began) * 1000

    def send(self, method: str, path: str, body: Any) -> float:
        """Milliseconds that a write took."""
        began = time.perf_counter()
        self.call(method, path, body)
        return (time.perf_counter() - began) * 1000

    def wait_for(self, path: str, *, gone: bool) -> None:
        """Until it is there, or until it is gone."""
        deadline = time.monotonic() + GONE_SECONDS
        while (self.try_call("GET", path)[0] == 404) is not gone:
            if time.monotonic() > deadline:
                raise RuntimeError(f"{path}: not {'gone' if gone else 'there'} after {GONE_SECONDS:.0f} s")
            time.sleep(0.05)


@contextmanager
def own_namespace(direct: Direct) -> Iterator[str]:
    """A namespace for what is measured, ready for pods; gone at the end, with all that is in it."""
    name = f"armillary-bench-{time.time_ns() // 1_000_000}"
    direct.call("POST", NAMESPACES, {"metadata": {"name": name}})
    try:
        direct.wait_for(f"{NAMESPACES}/{name}/serviceaccounts/default", gone=False)
        yield name
    finally:
        direct.call("DELETE", f"{NAMESPACES}/{name}")
        direct.wait_for(f"{NAMESPACES}/{name}", gone=True)
