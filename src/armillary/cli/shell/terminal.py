"""This terminal, or what is piped into the command, joined to a command in a container."""

import asyncio
import os
import shutil
import signal
import ssl
import termios
import threading
import tty
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress

import orjson
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Subprotocol

from armillary.base.errors import ApiError, Unavailable, error_of
from armillary.cli.shell.frames import (
    ERROR,
    PROTOCOLS,
    STDERR,
    STDOUT,
    ended,
    exit_code_of,
    resized,
    typed,
)

CHUNK = 1 << 15
IN, OUT, ERR = 0, 1, 2


def is_terminal() -> bool:
    return os.isatty(IN) and os.isatty(OUT)


async def joined(url: str, token: str, tls: ssl.SSLContext) -> int:
    """The command's exit code. Raises Unavailable when the connection breaks, ApiError for a refusal."""
    headers = {"authorization": f"Bearer {token}"}
    protocols = [Subprotocol(name) for name in PROTOCOLS]
    try:
        async with connect(
            url, ssl=tls, additional_headers=headers, subprotocols=protocols, max_size=None, proxy=None
        ) as socket:
            return await _talk(socket)
    except InvalidStatus as exc:
        raise _refusal(exc.response.status_code, bytes(exc.response.body or b"")) from exc


def _refusal(code: int, body: bytes) -> ApiError:
    try:
        return error_of(code, orjson.loads(body))
    except orjson.JSONDecodeError:
        return error_of(code, None, body.decode(errors="replace"))


async def _talk(socket: ClientConnection) -> int:
    sending = _keys(socket) if is_terminal() else _piped(socket)
    async with sending:
        return await _heard(socket)


async def _heard(socket: ClientConnection) -> int:
    with suppress(ConnectionClosed):
        async for frame in socket:
            content = frame.encode() if isinstance(frame, str) else frame
            if content[0] in (STDOUT, STDERR):
                _write(OUT if content[0] == STDOUT else ERR, content[1:])
            elif content[0] == ERROR:
                code, said = exit_code_of(content[1:])
                if said:
                    raise Unavailable(said)
                return code
    raise Unavailable("the connection broke")


def _write(descriptor: int, content: bytes) -> None:
    while content:
        content = content[os.write(descriptor, content) :]


@asynccontextmanager
async def _keys(socket: ClientConnection) -> AsyncIterator[None]:
    """Every key as it is pressed, and the terminal's size whenever it changes."""
    loop, queue = asyncio.get_running_loop(), asyncio.Queue[bytes]()

    def size() -> None:
        columns, rows = shutil.get_terminal_size()
        queue.put_nowait(resized(columns, rows))

    async def send() -> None:
        with suppress(ConnectionClosed):
            while True:
                await socket.send(await queue.get())

    with _raw():
        size()
        loop.add_signal_handler(signal.SIGWINCH, size)
        loop.add_reader(IN, lambda: queue.put_nowait(typed(os.read(IN, CHUNK))))
        task = loop.create_task(send(), name="keys")
        try:
            yield
        finally:
            loop.remove_reader(IN)
            loop.remove_signal_handler(signal.SIGWINCH)
            task.cancel()


@contextmanager
def _raw() -> Iterator[None]:
    before = termios.tcgetattr(IN)
    tty.setraw(IN, termios.TCSADRAIN)  # what was typed ahead stays
    try:
        yield
    finally:
        termios.tcsetattr(IN, termios.TCSADRAIN, before)


@asynccontextmanager
async def _piped(socket: ClientConnection) -> AsyncIterator[None]:
    """What stands on standard input, to its end."""
    loop, queue = asyncio.get_running_loop(), asyncio.Queue[bytes]()

    def read() -> None:
        with suppress(RuntimeError):  # the loop is closed: nobody is interested any more
            while content := os.read(IN, CHUNK):
                loop.call_soon_threadsafe(queue.put_nowait, typed(content))
            loop.call_soon_threadsafe(queue.put_nowait, ended())

    async def send() -> None:
        with suppress(ConnectionClosed):
            while (frame := await queue.get()) != ended():
                await socket.send(frame)
            if socket.subprotocol == PROTOCOLS[0]:
                await socket.send(frame)

    # A read can't be called off: the thread must not keep the process from ending.
    threading.Thread(target=read, name="standard input", daemon=True).start()
    task = loop.create_task(send(), name="input")
    try:
        yield
    finally:
        task.cancel()
