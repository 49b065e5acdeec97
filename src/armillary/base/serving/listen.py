"""An ASGI application on sockets: TLS on TCP, and plain HTTP on a Unix socket that only its owner may use.

Run it on uvloop (`asyncio.Runner(loop_factory=uvloop.new_event_loop)`).
"""

import asyncio
import contextlib
import logging
import socket
import ssl
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from email.utils import format_datetime
from pathlib import Path
from typing import Any, Protocol

from uvicorn.config import Config
from uvicorn.server import ServerState

from armillary.base.clock import Clock
from armillary.base.serving.connection import Connection

log = logging.getLogger(__name__)

BACKLOG = 2048
KEEP_ALIVE_SECONDS = 180
DRAIN_SECONDS = 5.0
SOCKET_MODE = 0o600


class Served(Protocol):
    """An application that can be told to end."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None: ...

    async def leave(self) -> None:
        """Be not ready from now on, and end what would go on for ever: watches, terminals."""
        ...


def tls_context(certificate: Path, key: Path, client_ca: Path | None = None) -> ssl.SSLContext:
    """TLS for a server; with `client_ca` clients may present a certificate of that CA."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(certificate, key)
    if client_ca is not None:
        context.load_verify_locations(client_ca)
        context.verify_mode = ssl.CERT_OPTIONAL
    context.set_alpn_protocols(["http/1.1"])
    return context


@dataclass(frozen=True, slots=True)
class Listening:
    """Where it answers."""

    addresses: tuple[tuple[str, int], ...]
    socket: Path | None


@contextlib.asynccontextmanager
async def listen(
    server: Served,
    clock: Clock,
    *,
    addresses: Sequence[tuple[str, int]] = (),
    tls: ssl.SSLContext | None = None,
    socket_path: Path | None = None,
) -> AsyncIterator[Listening]:
    """Answer until the context ends; then be not ready, end the streams, let requests finish, hang up.

    Port 0 is any free one. Without `tls` the addresses speak plain HTTP: for tests.
    """
    config = Config(
        server, http=Connection, ws="none", lifespan="off", log_config=None, access_log=False, proxy_headers=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
    )  # fmt: skip
    config.load()
    state = ServerState()
    loop = asyncio.get_running_loop()

    def connection() -> Connection:
        return Connection(config=config, server_state=state, app_state={}, _loop=loop)

    dates = _Dates(state, clock)
    dates.tick()
    listeners: list[asyncio.Server] = []
    try:
        bound = []
        for host, port in addresses:
            listener = await loop.create_server(connection, host, port, ssl=tls, backlog=BACKLOG)
            listeners.append(listener)
            bound += [name.getsockname()[:2] for name in listener.sockets]
        if socket_path is not None:
            bound_socket = _unix_socket(socket_path)
            listeners.append(await loop.create_unix_server(connection, sock=bound_socket, backlog=BACKLOG))
        yield Listening(tuple(bound), socket_path)
    finally:
        for listener in listeners:
            listener.close()
        await _drain(server, state)
        dates.stop()
        _remove(socket_path)


def _remove(path: Path | None) -> None:
    if path is not None:
        path.unlink(missing_ok=True)


def _unix_socket(path: Path) -> socket.socket:
    path.unlink(missing_ok=True)
    found = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    found.bind(str(path))
    path.chmod(SOCKET_MODE)  # before anybody can connect: it does not listen yet
    return found


async def _drain(server: Served, state: ServerState) -> None:
    await server.leave()
    for connection in list(state.connections):
        connection.shutdown()
    if state.tasks:
        _, late = await asyncio.wait(set(state.tasks), timeout=DRAIN_SECONDS)
        for task in late:
            task.cancel()
        if late:
            log.warning("requests were cut off", extra={"requests": len(late)})
    for connection in list(state.connections):
        if connection.transport is not None:
            connection.transport.close()


class _Dates:
    """The Date header, made once a second."""

    def __init__(self, state: ServerState, clock: Clock) -> None:
        self._state, self._clock = state, clock
        self._next: asyncio.TimerHandle | None = None

    def tick(self) -> None:
        self._state.default_headers = [(b"date", format_datetime(self._clock.now(), usegmt=True).encode())]
        self._next = asyncio.get_running_loop().call_later(1.0, self.tick)

    def stop(self) -> None:
        if self._next is not None:
            self._next.cancel()
