"""Commands in containers over containerd's task service: unlike CRI's streams, stdin can be closed by itself."""

import asyncio
import json
import os
import secrets
import shutil
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import grpc

from armillary.engine.node.runtime import wire
from armillary.engine.node.runtime.port import RuntimeFault

NAMESPACE = (("containerd-namespace", "k8s.io"),)
_PROCESS_SPEC = "types.containerd.io/opencontainers/runtime-spec/1/Process"
_SIGKILL = 9
_CALL_SECONDS = 120.0


class Tasks:
    """containerd's containers and tasks services, as far as commands need them."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._channel = channel

    async def call(self, path: str, request: Any, answer: str, timeout: float | None = _CALL_SECONDS) -> Any:
        method = self._channel.unary_unary(
            path, request_serializer=wire.serialize, response_deserializer=wire.parser(answer)
        )
        try:
            return await method(request, metadata=NAMESPACE, timeout=timeout)
        except grpc.aio.AioRpcError as exc:
            raise RuntimeFault(exc.code().name, exc.details() or "") from exc

    async def spec(self, id: str) -> dict[str, Any]:
        """The container's OCI runtime specification."""
        found = await self.call(wire.GET_CONTAINER, wire.message("GetContainerRequest", id=id), "GetContainerResponse")
        spec: dict[str, Any] = json.loads(found.container.spec.value)
        return spec

    async def task(self, name: str, answer: str, timeout: float | None = _CALL_SECONDS, /, **fields: Any) -> Any:
        kind = "ExecProcessRequest" if name == "Exec" else f"{name}Request"
        return await self.call(wire.TASKS + name, wire.message(kind, **fields), answer, timeout)


class TaskProcess:
    """See `port.Process`."""

    def __init__(self, tasks: Tasks, id: str, exec_id: str, stdout: asyncio.StreamReader,
                 stderr: asyncio.StreamReader | None) -> None:  # fmt: skip
        self._tasks, self._names = tasks, {"container_id": id, "exec_id": exec_id}
        self.stdout, self.stderr = stdout, stderr
        self.stdin: asyncio.StreamWriter | None = None
        self.exit_code: int | None = None

    async def write(self, data: bytes) -> None:
        if self.stdin is None or self.stdin.is_closing():
            return
        with suppress(ConnectionError, OSError):
            self.stdin.write(data)
            await self.stdin.drain()

    async def close_stdin(self) -> None:
        if self.stdin is None:
            return
        self.stdin.close()
        with suppress(ConnectionError, OSError):
            await self.stdin.wait_closed()
        self.stdin = None
        # The shim holds the other end open as well, until it is told.
        with suppress(RuntimeFault):
            await self._tasks.task("CloseIO", "Empty", **self._names, stdin=True)

    async def resize(self, width: int, height: int) -> None:
        with suppress(RuntimeFault):  # it may have ended
            await self._tasks.task("ResizePty", "Empty", **self._names, width=width, height=height)

    async def wait(self) -> int:
        if self.exit_code is None:
            found = await self._tasks.task("Wait", "WaitResponse", None, **self._names)
            self.exit_code = int(found.exit_status)
        return self.exit_code

    async def end(self) -> None:
        """Let nothing of it remain."""
        with suppress(RuntimeFault):
            if self.exit_code is None:
                await self._tasks.task("Kill", "Empty", **self._names, signal=_SIGKILL)
                await self.wait()
            await self._tasks.task("DeleteProcess", "DeleteResponse", **self._names)


@asynccontextmanager
async def running_process(
    tasks: Tasks, fifos: Path, id: str, command: Sequence[str], *, stdin: bool, tty: bool
) -> AsyncIterator[TaskProcess]:
    exec_id = secrets.token_hex(16)
    spec = _process_spec(await tasks.spec(id), command, tty)
    directory = fifos / exec_id
    directory.mkdir(mode=0o700, parents=True)
    closers: list[Callable[[], None]] = []
    try:
        names = {name: directory / name for name in _streams(stdin, tty)}
        for path in names.values():
            os.mkfifo(path, 0o600)
        readers = {name: await _reader(path, closers) for name, path in names.items() if name != "stdin"}
        process = TaskProcess(tasks, id, exec_id, readers["stdout"], readers.get("stderr"))
        body = wire.message("Any", type_url=_PROCESS_SPEC, value=json.dumps(spec).encode())
        paths = {name: str(path) for name, path in names.items()}
        await tasks.task("Exec", "Empty", container_id=id, exec_id=exec_id, terminal=tty, spec=body, **paths)
        try:
            await _start(tasks, process, id, exec_id, names.get("stdin"), closers)
            yield process
        finally:
            await asyncio.shield(process.end())
    finally:
        for close in closers:
            close()
        shutil.rmtree(directory, ignore_errors=True)


async def _start(tasks: Tasks, process: TaskProcess, id: str, exec_id: str, stdin: Path | None,
                 closers: list[Callable[[], None]]) -> None:  # fmt: skip
    # A pipe without a reader can't be opened for writing: until the shim reads it, we do.
    holder = os.open(stdin, os.O_RDWR | os.O_NONBLOCK) if stdin else None
    try:
        await tasks.task("Start", "StartResponse", container_id=id, exec_id=exec_id)
        if stdin is not None:
            process.stdin = await _writer(stdin, closers)
    finally:
        if holder is not None:
            os.close(holder)


def _streams(stdin: bool, tty: bool) -> tuple[str, ...]:
    return ("stdout", *(("stdin",) if stdin else ()), *(() if tty else ("stderr",)))


def _process_spec(container: dict[str, Any], command: Sequence[str], tty: bool) -> dict[str, Any]:
    """The container's own process with another command: same user, limits, directory, environment."""
    process: dict[str, Any] = {**container["process"], "args": list(command), "terminal": tty}
    if tty:
        env = [entry for entry in process.get("env") or () if not entry.startswith("TERM=")]
        process["env"] = [*env, "TERM=xterm"]
    return process


async def _reader(path: Path, closers: list[Callable[[], None]]) -> asyncio.StreamReader:
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    file = os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb", 0)
    transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), file)
    closers.append(transport.close)
    return reader


async def _writer(path: Path, closers: list[Callable[[], None]]) -> asyncio.StreamWriter:
    loop = asyncio.get_running_loop()
    file = os.fdopen(os.open(path, os.O_WRONLY | os.O_NONBLOCK), "wb", 0)
    reader = asyncio.StreamReader()
    transport, protocol = await loop.connect_write_pipe(lambda: asyncio.StreamReaderProtocol(reader), file)
    closers.append(transport.close)
    return asyncio.StreamWriter(transport, protocol, reader, loop)
