"""exec and attach in the protocol `v5.channel.k8s.io`: streams as channels of one WebSocket, ended here.

First byte of a message: the channel. Channel 255 closes the channel that its second byte names: that is how a
client ends stdin (KEP-4006).
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import orjson
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from armillary.base.serving.websocket import WebSocket
from armillary.engine.node.runtime.port import Process, Runtime, RuntimeFault
from armillary.engine.node.server.http import Request
from armillary.engine.node.server.websocket import accept
from armillary.engine.node.together import first_of

V5 = "v5.channel.k8s.io"
V4 = "v4.channel.k8s.io"
STDIN, STDOUT, STDERR, ERROR, RESIZE, CLOSE = 0, 1, 2, 3, 4, 255
CHUNK = 32 << 10
Json = dict[str, Any]


async def exec_v5(
    request: Request, runtime: Runtime, id: str, command: Sequence[str], *, stdin: bool, tty: bool
) -> None:
    """Run a command with its streams on the WebSocket; its exit code goes to the error channel."""
    socket = await accept(request, [V5])
    try:
        async with runtime.process(id, command, stdin=stdin, tty=tty) as process:
            code = await _converse(socket, process)
        if code is not None:
            await _say(socket, exit_status(code, command))
    except RuntimeFault as exc:
        await _say(socket, fault_status(f"error executing command in container: {exc.message}"))
    finally:
        await socket.close()


async def _converse(socket: WebSocket, process: Process) -> int | None:
    """The exit code; None if the client went away before."""
    saying, _ = await first_of(_say_all(socket, process), _hear(socket, process))
    code: int | None = None if saying.cancelled() else saying.result()
    return code


async def _say_all(socket: WebSocket, process: Process) -> int:
    async with asyncio.TaskGroup() as group:
        group.create_task(_speak(socket, STDOUT, process.stdout))
        if process.stderr is not None:
            group.create_task(_speak(socket, STDERR, process.stderr))
        return await process.wait()


async def _hear(socket: WebSocket, process: Process) -> None:
    while (message := await socket.receive()) is not None:
        match message[:1]:
            case b"\x00":
                await process.write(message[1:])
            case b"\x04":
                width, height = size_of(message[1:])
                if width and height:
                    await process.resize(width, height)
            case b"\xff" if message[1:2] == b"\x00":
                await process.close_stdin()


async def _speak(socket: WebSocket, channel: int, stream: asyncio.StreamReader) -> None:
    prefix = bytes([channel])
    with suppress(ConnectionError):  # the client left: who listens to it notices
        while data := await stream.read(CHUNK):
            await socket.send(prefix + data)


async def attach_v5(
    request: Request, runtime: Runtime, id: str, *, stdin: bool, output: bool, error: bool, tty: bool
) -> None:
    """The runtime's streams speak v4, which has no end of stdin: so stdin has a connection of its own, to be closed.

    The other one claims stdin too and never uses it: containerd takes an attach without stdin for its end, and
    closes the stdin of a container that has `stdinOnce`.
    """
    outputs = await runtime.attach_url(id, stdin=True, stdout=output or not error, stderr=error and not tty, tty=tty)
    inputs = await runtime.attach_url(id, stdin=True, stdout=False, stderr=False, tty=tty) if stdin else ""
    socket = await accept(request, [V5])
    async with _dial(outputs) as far:
        if inputs:
            async with _dial(inputs) as near:
                await _bridge(socket, far, near)
        else:
            await _bridge(socket, far, None)
    await socket.close()


def _dial(url: str) -> connect:
    address = url.replace("http://", "ws://", 1)
    return connect(address, subprotocols=[Subprotocol(V4)], proxy=None, max_size=None, compression=None)


async def _bridge(socket: WebSocket, far: ClientConnection, near: ClientConnection | None) -> None:
    # Whoever is done first: the container ended, or the client left. An input that is closed ends nothing.
    await first_of(_up(socket, far, near), _down(socket, far))


async def _up(socket: WebSocket, far: ClientConnection, near: ClientConnection | None) -> None:
    while (message := await socket.receive()) is not None:
        try:
            if message[:1] == b"\x04":
                await far.send(message)
            elif message[:1] == b"\x00" and near is not None:
                await near.send(message)
            elif message[:2] == b"\xff\x00" and near is not None:
                await near.close()
                near = None
        except ConnectionClosed:
            continue  # the container reads no more; what it says is still to come


async def _down(socket: WebSocket, far: ClientConnection) -> None:
    try:
        async for message in far:
            data = message if isinstance(message, bytes) else message.encode()
            if len(data) > 1:  # the empty ones only open their channels
                await socket.send(data)
    except ConnectionClosed:
        return


async def _say(socket: WebSocket, status: Json) -> None:
    try:
        await socket.send(bytes([ERROR]) + orjson.dumps(status))
    except ConnectionError:
        return


def size_of(message: bytes) -> tuple[int, int]:
    """Of a terminal; zeros if it can't be read."""
    try:
        size = orjson.loads(message)
        return int(size["Width"]), int(size["Height"])
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError):
        return 0, 0


def exit_status(code: int, command: Sequence[str]) -> Json:
    if code == 0:
        return {"metadata": {}, "status": "Success"}
    words = " ".join(command)
    return {
        "metadata": {},
        "status": "Failure",
        "message": (f"command terminated with non-zero exit code: error executing command [{words}], exit code {code}"),
        "reason": "NonZeroExitCode",
        "details": {"causes": [{"reason": "ExitCode", "message": str(code)}]},
    }


def fault_status(message: str) -> Json:
    return {
        "metadata": {},
        "status": "Failure",
        "message": f"Internal error occurred: {message}",
        "reason": "InternalError",
        "details": {"causes": [{"message": message}]},
        "code": 500,
    }
