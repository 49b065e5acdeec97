"""What the node agent asks of a container runtime.

containerd over CRI stands behind it today; an engine of our own may stand there later. Words as in CRI.
"""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Literal, Protocol

from armillary.base.errors import ArmillaryError
from armillary.engine.node.images import ImageService
from armillary.engine.node.naming import Resolver
from armillary.engine.node.resources import ContainerResources
from armillary.engine.node.security import ContainerSecurity, SandboxSecurity

Propagation = Literal["private", "host-to-container", "bidirectional"]


class RuntimeFault(ArmillaryError):
    """The runtime refused. `code` is gRPC's: NOT_FOUND, UNAVAILABLE, DEADLINE_EXCEEDED, UNKNOWN, ..."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


class State(Enum):
    """Of a container."""

    CREATED = "created"
    RUNNING = "running"
    EXITED = "exited"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class PodName:
    """Which pod a sandbox is for."""

    namespace: str
    name: str
    uid: str


@dataclass(frozen=True, slots=True)
class SandboxSpec:
    """A pod's shared namespaces. `attempt` counts the sandboxes that this pod has had."""

    pod: PodName
    attempt: int
    hostname: str  # "" on the host's network
    log_directory: str
    cgroup_parent: str
    security: SandboxSecurity
    dns: Resolver | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)
    handler: str = ""  # the runtime's configured handler; "" for its default


@dataclass(frozen=True, slots=True)
class Mount:
    """A path of the host shown in a container."""

    container_path: str
    host_path: str
    read_only: bool = False
    propagation: Propagation = "private"


@dataclass(frozen=True, slots=True)
class ContainerSpec:
    """One run of a container. `attempt` counts the runs before it."""

    name: str
    attempt: int
    image: str  # an id or digest that the runtime has
    log_path: str  # below the sandbox's log directory
    resources: ContainerResources
    security: ContainerSecurity
    command: tuple[str, ...] = ()
    args: tuple[str, ...] = ()
    working_dir: str = ""
    env: tuple[tuple[str, str], ...] = ()
    mounts: tuple[Mount, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)
    stdin: bool = False
    stdin_once: bool = False
    tty: bool = False
    pid_target: str = ""  # id of the container whose processes it shall see (ephemeral containers)


@dataclass(frozen=True, slots=True)
class Sandbox:
    """A sandbox as it is."""

    id: str
    pod: PodName
    attempt: int
    ready: bool
    created_at: datetime
    ips: tuple[str, ...] = ()  # told by `sandbox`, not by `sandboxes`
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)
    pid: int = 0  # of the sandbox's own process; told by `sandbox`


@dataclass(frozen=True, slots=True)
class Container:
    """A container as it is. Lists tell less: times, exit and log path come with `container`."""

    id: str
    sandbox_id: str  # told by `containers`
    name: str
    attempt: int
    state: State
    created_at: datetime
    image: str = ""  # as asked for
    image_ref: str = ""  # what that turned out to be
    started_at: datetime | None = None
    finished_at: datetime | None = None
    exit_code: int = 0
    reason: str = ""  # OOMKilled, Completed, Error, StartError, ...
    message: str = ""
    log_path: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Executed:
    """A command that ran to its end in a container."""

    exit_code: int
    stdout: bytes
    stderr: bytes


class Process(Protocol):
    """A command that runs in a container, and its streams. With a terminal, all output is on `stdout`."""

    @property
    def stdout(self) -> asyncio.StreamReader: ...

    @property
    def stderr(self) -> asyncio.StreamReader | None: ...

    async def write(self, data: bytes) -> None:
        """To its stdin; what nobody reads any more is dropped."""
        ...

    async def close_stdin(self) -> None: ...

    async def resize(self, width: int, height: int) -> None:
        """Its terminal."""
        ...

    async def wait(self) -> int:
        """Its exit code."""
        ...


@dataclass(frozen=True, slots=True)
class Version:
    name: str
    version: str


@dataclass(frozen=True, slots=True)
class Health:
    """Whether pods can be started; `message` says what is missing."""

    runtime_ready: bool
    network_ready: bool
    message: str = ""


@dataclass(frozen=True, slots=True)
class Exit:
    """A container (or a sandbox, by its own id) has ended."""

    id: str


class Runtime(ImageService, Protocol):
    """A container runtime, with its images. Every method raises RuntimeFault.

    Removing or stopping what is gone does nothing.
    """

    async def version(self) -> Version: ...

    async def health(self) -> Health: ...

    # Sandboxes

    async def run_sandbox(self, spec: SandboxSpec) -> str:
        """Start a pod's sandbox with its network; its id."""
        ...

    async def stop_sandbox(self, id: str) -> None:
        """Kill what runs in it and take its network away."""
        ...

    async def remove_sandbox(self, id: str) -> None:
        """Remove it with its containers; kills what still runs."""
        ...

    async def sandbox(self, id: str) -> Sandbox | None: ...

    async def sandboxes(self) -> Sequence[Sandbox]: ...

    # Containers

    async def create_container(self, sandbox_id: str, spec: ContainerSpec, sandbox: SandboxSpec) -> str:
        """Its id. `sandbox` is what the sandbox was started with."""
        ...

    async def start_container(self, id: str) -> None: ...

    async def stop_container(self, id: str, grace_seconds: int) -> None:
        """Ask it to end, and kill it when the grace is over; returns when it has ended."""
        ...

    async def remove_container(self, id: str) -> None:
        """Remove it; kills what still runs."""
        ...

    async def container(self, id: str) -> Container | None: ...

    async def containers(self) -> Sequence[Container]: ...

    async def reopen_log(self, id: str) -> None:
        """After its log file was renamed."""
        ...

    async def execute(self, id: str, command: Sequence[str], timeout_seconds: float) -> Executed:
        """Run a command in it to its end; code DEADLINE_EXCEEDED if that took too long (0: no limit)."""
        ...

    def process(
        self, id: str, command: Sequence[str], *, stdin: bool, tty: bool
    ) -> AbstractAsyncContextManager[Process]:
        """Run a command in it, with its streams in our hands; killed if it still runs at the end."""
        ...

    def exits(self) -> AsyncGenerator[Exit, None]:
        """What ends from now on. Ends or fails when the runtime goes away; then look at everything again."""
        ...

    # Streams: an address that speaks the kubelet's streaming protocols, good for one connection

    async def exec_url(
        self, id: str, command: Sequence[str], *, stdin: bool, stdout: bool, stderr: bool, tty: bool
    ) -> str: ...

    async def attach_url(self, id: str, *, stdin: bool, stdout: bool, stderr: bool, tty: bool) -> str: ...

    async def port_forward_url(self, sandbox_id: str, ports: Sequence[int]) -> str:
        """`ports` are for WebSocket clients; SPDY names them by stream."""
        ...
