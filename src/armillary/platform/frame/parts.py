"""What the platform gives to its capabilities: everything they may hold, passed in and nothing else."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, Protocol

from armillary.base.clock import Clock
from armillary.kube.client import Client
from armillary.kube.runner import Caches
from armillary.platform.frame.caller import Caller

HOST = "host"  # the cluster that the platform keeps its state in


@dataclass(frozen=True, slots=True)
class PlatformSettings:
    """What an administrator decides."""

    origin: str  # https://host:port, as browsers know it
    data_dir: Path
    namespace: str = "armillary-system"  # for Secrets and Leases
    database: str = ""  # SQLAlchemy URL; a file in `data_dir` if empty
    session_hours: int = 24 * 7
    idle_minutes: int = 30 * 24  # without use a session ends; for the console's cookie
    access_token_seconds: int = 600
    history_days: int = 30
    audit_days: int = 180
    console_dir: Path | None = None
    # Origins at which images may be read, by the registry in their names; `*` is for all.
    registries: Mapping[str, Sequence[str]] = field(default_factory=dict)
    shell_image: str = ""  # for kubectl in the browser; none without
    shell_server: str = ""  # the origin at which pods reach the platform, where it is another


@dataclass(frozen=True, slots=True)
class Verdict:
    """A cluster's answer to "may they?"; `reason` is its own words."""

    allowed: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question of rights, as a SubjectAccessReview has it. `resource` may be `pods/exec`."""

    verb: str
    group: str
    resource: str
    namespace: str = ""
    name: str = ""


class Rights(Protocol):
    """What a caller may do in a cluster. The cluster decides; answers are kept until its RBAC changes."""

    async def may(self, caller: Caller, asked: Asked, *, cluster: str = HOST) -> Verdict: ...

    async def demand(self, caller: Caller, asked: Asked, *, cluster: str = HOST) -> None:
        """Raises Denied, in the cluster's own words, unless they may."""
        ...

    async def namespaces(self, caller: Caller, asked: Asked, *, cluster: str = HOST) -> frozenset[str] | None:
        """Where they may; None means everywhere. `asked.namespace` is ignored."""
        ...

    def generation(self, cluster: str = HOST) -> int:
        """Another number after each change of that cluster's RBAC: whoever keeps an answer asks again then."""
        ...


class Clusters(Protocol):
    """The clusters that the platform manages."""

    def names(self) -> Sequence[str]: ...

    def client(self, cluster: str = HOST) -> Client:
        """As the platform itself. Raises NotFound for a cluster there is not, Unavailable for one not connected."""
        ...

    def client_as(self, caller: Caller, cluster: str = HOST) -> Client:
        """As the caller: the cluster's RBAC decides. Raises as `client`."""
        ...


class Streams(Protocol):
    """Open watches, terminals and sockets, by what they were opened with."""

    def opened(self, caller: Caller, end: Callable[[], None]) -> AbstractContextManager[None]:
        """While the context lasts, `end` is called once when the caller's session or account ends."""
        ...

    def end_session(self, session: str) -> None: ...

    def end_user(self, user: str) -> None: ...

    def end_all(self) -> None:
        """When the server leaves."""
        ...

    def __len__(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Deed:
    """One line of the audit log."""

    action: str  # a verb (create, update, patch, delete, exec) or an event of signing in (login, logout, ...)
    user: str
    outcome: str  # "success", "denied", "failed"
    address: str = ""
    agent: str = ""
    session: str = ""
    cluster: str = ""
    workspace: str = ""
    namespace: str = ""
    group: str = ""
    resource: str = ""
    subresource: str = ""
    name: str = ""
    code: int = 0
    reason: str = ""
    request_id: str = ""
    before: bytes = b""  # the object's JSON before and after a write: the log keeps which fields changed
    after: bytes = b""


class Audit(Protocol):
    """Where deeds are noted. Never waits and never raises: a full queue is told by a metric."""

    def note(self, deed: Deed) -> None: ...


class Authenticator(Protocol):
    """Tells who asks, from a bearer token or the console's cookie."""

    async def authenticate(self, headers: Mapping[str, str], cookies: Mapping[str, str]) -> Caller | None:
        """None if nothing was shown. Raises Unauthorized for what is shown and not valid."""
        ...


class Database(Protocol):
    """Where audit and history are kept: SQLAlchemy Core, on SQLite or PostgreSQL."""

    def begin(self, schema: Any) -> Any:
        """An `AsyncConnection` in a transaction that writes, as a context; `schema` has the tables."""
        ...

    def read(self, schema: Any) -> Any:
        """The same in a transaction that only reads."""
        ...


@dataclass(frozen=True, slots=True)
class Parts:
    """`reads` holds what capabilities named in `Capability.reads`, of the host cluster, as the platform sees it."""

    settings: PlatformSettings
    clock: Clock
    random: Random
    client: Client  # the host cluster, as the platform
    reads: Caches
    clusters: Clusters
    rights: Rights
    streams: Streams
    audit: Audit
    database: Database
