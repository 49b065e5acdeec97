"""A container runtime in memory: containers run until they are stopped or told to end. See tests/contracts/runtime."""

import asyncio
import itertools
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from armillary.engine.node.images import Image
from armillary.engine.node.pause import IMAGE as PAUSE
from armillary.engine.node.runtime.port import (
    Container,
    ContainerSpec,
    Executed,
    Exit,
    Health,
    Process,
    RuntimeFault,
    Sandbox,
    SandboxSpec,
    State,
    Version,
)
from armillary.kube.image_credentials import Credential

ImageName = str
Command = tuple[str, ...]


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass
class FakeRuntime:
    """`images` are those it has, `remote` those it can pull. Set `faults[method]` to have a method refuse."""

    images: dict[ImageName, Image] = field(default_factory=lambda: {PAUSE: Image("sha256:pause", (PAUSE,))})
    remote: set[ImageName] = field(default_factory=set)
    faults: dict[str, RuntimeFault] = field(default_factory=dict)
    commands: Callable[[Command], Executed] = lambda command: Executed(0, b"", b"")
    at_once_ended: int | None = None  # containers end with this exit code as soon as they start
    health_told: Health = field(default_factory=lambda: Health(True, True))
    pods: dict[str, Sandbox] = field(default_factory=dict)
    runs: dict[str, Container] = field(default_factory=dict)
    specs: dict[str, ContainerSpec] = field(default_factory=dict)
    stops: list[tuple[str, int]] = field(default_factory=list)
    executed: list[tuple[str, Command]] = field(default_factory=list)
    _ids: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))
    _listeners: list[asyncio.Queue[Exit]] = field(default_factory=list)

    # For tests

    def exit(self, id: str, code: int = 0, reason: str = "") -> None:
        """The container ends by itself."""
        found = self.runs[id]
        if found.state is State.EXITED:
            return
        told = reason or ("Completed" if code == 0 else "Error")
        self.runs[id] = replace(found, state=State.EXITED, finished_at=_now(), exit_code=code, reason=told)
        for listener in self._listeners:
            listener.put_nowait(Exit(id))

    def running(self, name: str, pod: str = "") -> Container:
        """The one running container of that name."""
        found = [c for c in self.runs.values() if c.name == name and c.state is State.RUNNING]
        found = [c for c in found if not pod or self.pods[c.sandbox_id].pod.name == pod]
        assert len(found) == 1, found
        return found[0]

    def lose_sandbox(self, id: str) -> None:
        """It ends by itself, and all in it."""
        self.pods[id] = replace(self.pods[id], ready=False)
        for listener in self._listeners:
            listener.put_nowait(Exit(id))

    def _check(self, method: str) -> None:
        if method in self.faults:
            raise self.faults[method]

    # The port

    async def version(self) -> Version:
        return Version("fake", "1")

    async def health(self) -> Health:
        return self.health_told

    async def run_sandbox(self, spec: SandboxSpec) -> str:
        self._check("run_sandbox")
        await asyncio.sleep(0)
        number = next(self._ids)
        made = f"s{number}"
        ips = () if not spec.hostname else (f"10.9.{number // 250}.{number % 250 + 1}",)
        self.pods[made] = Sandbox(
            made, spec.pod, spec.attempt, True, _now(), ips=ips, labels=spec.labels, annotations=spec.annotations
        )
        return made

    async def stop_sandbox(self, id: str) -> None:
        self._check("stop_sandbox")
        for container in [c for c in self.runs.values() if c.sandbox_id == id]:
            self.exit(container.id, 137)
        if id in self.pods:
            self.pods[id] = replace(self.pods[id], ready=False)

    async def remove_sandbox(self, id: str) -> None:
        await self.stop_sandbox(id)
        self.pods.pop(id, None)
        for container in [c.id for c in self.runs.values() if c.sandbox_id == id]:
            del self.runs[container]

    async def sandbox(self, id: str) -> Sandbox | None:
        return self.pods.get(id)

    async def sandboxes(self) -> Sequence[Sandbox]:
        return [replace(sandbox, ips=()) for sandbox in self.pods.values()]

    async def create_container(self, sandbox_id: str, spec: ContainerSpec, sandbox: SandboxSpec) -> str:
        self._check("create_container")
        if sandbox_id not in self.pods:
            raise RuntimeFault("NOT_FOUND", f"sandbox {sandbox_id} not found")
        made = f"c{next(self._ids)}"
        self.specs[made] = spec
        self.runs[made] = Container(
            made,
            sandbox_id,
            spec.name,
            spec.attempt,
            State.CREATED,
            _now(),
            image=spec.image,
            image_ref=spec.image,
            labels=spec.labels,
            annotations=spec.annotations,
        )
        return made

    async def start_container(self, id: str) -> None:
        fault = self.faults.get("start_container")
        if fault is not None:
            self.exit(id, 128, "StartError")
            raise fault
        if self.runs[id].state is not State.CREATED:
            raise RuntimeFault("UNKNOWN", f"container {id} is not in created state")
        await asyncio.sleep(0)
        self.runs[id] = replace(self.runs[id], state=State.RUNNING, started_at=_now())
        if self.at_once_ended is not None:
            self.exit(id, self.at_once_ended)

    async def stop_container(self, id: str, grace_seconds: int) -> None:
        self.stops.append((id, grace_seconds))
        self._check("stop_container")
        await asyncio.sleep(0)
        if id in self.runs:
            self.exit(id, 143)

    async def remove_container(self, id: str) -> None:
        if id in self.runs:
            self.exit(id, 137)
            del self.runs[id]

    async def container(self, id: str) -> Container | None:
        return self.runs.get(id)

    async def containers(self) -> Sequence[Container]:
        return list(self.runs.values())

    async def reopen_log(self, id: str) -> None:
        self._running(id)

    async def execute(self, id: str, command: Sequence[str], timeout_seconds: float) -> Executed:
        self._check("execute")
        self._running(id)
        self.executed.append((id, tuple(command)))
        await asyncio.sleep(0)
        return self.commands(tuple(command))

    @asynccontextmanager
    async def process(self, id: str, command: Sequence[str], *, stdin: bool, tty: bool) -> AsyncIterator[Process]:
        raise RuntimeFault("UNIMPLEMENTED", "streams need a real runtime")
        yield

    def _running(self, id: str) -> Container:
        found = self.runs.get(id)
        if found is None:
            raise RuntimeFault("NOT_FOUND", f"container {id} not found")
        if found.state is not State.RUNNING:
            raise RuntimeFault("UNKNOWN", f"container {id} is in {found.state} state")
        return found

    async def exits(self) -> AsyncGenerator[Exit, None]:
        mine: asyncio.Queue[Exit] = asyncio.Queue()
        self._listeners.append(mine)
        try:
            while True:
                yield await mine.get()
        finally:
            self._listeners.remove(mine)

    async def exec_url(
        self, id: str, command: Sequence[str], *, stdin: bool, stdout: bool, stderr: bool, tty: bool
    ) -> str:
        raise RuntimeFault("UNIMPLEMENTED", "streams need a real runtime")

    async def attach_url(self, id: str, *, stdin: bool, stdout: bool, stderr: bool, tty: bool) -> str:
        raise RuntimeFault("UNIMPLEMENTED", "streams need a real runtime")

    async def port_forward_url(self, sandbox_id: str, ports: Sequence[int]) -> str:
        raise RuntimeFault("UNIMPLEMENTED", "streams need a real runtime")

    async def pull(self, image: str, credential: Credential | None) -> str:
        self._check("pull")
        if image not in self.remote:
            raise RuntimeFault("NOT_FOUND", f'failed to pull and unpack image "{image}": not found')
        self.images[image] = Image(f"sha256:{image}", (image,), size_bytes=1000)
        return self.images[image].id

    async def image_status(self, image: str) -> Image | None:
        return next((found for name, found in self.images.items() if image in (name, found.id)), None)

    async def list_images(self) -> Sequence[Image]:
        return list(self.images.values())

    async def remove_image(self, image: str) -> None:
        self.images = {name: found for name, found in self.images.items() if image not in (name, found.id)}
