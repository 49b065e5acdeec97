"""How a part of the platform is declared: one `Capability` value, from which everything else follows."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Generic, Protocol, TypeVar

from armillary.base.errors import Unauthorized
from armillary.base.words import Words
from armillary.kube.custom import CustomResource
from armillary.kube.reconcile import Controller
from armillary.platform.frame.caller import Caller
from armillary.platform.frame.parts import Parts

Deps = TypeVar("Deps")


class Open(Enum):
    """Who may call, where no permission in a cluster is asked."""

    ANYBODY = "anybody"  # before signing in
    SIGNED_IN = "signed in"  # about oneself, or restricted by the handler to what the caller may see


@dataclass(frozen=True, slots=True)
class Needs:
    """The permission a call needs, asked of the host cluster (SubjectAccessReview) before the handler runs.

    `{name}` in `namespace` and `name` stands for that path parameter. `resource` may have a subresource, which need
    not exist in the API: `workspaces/usage`.
    """

    verb: str
    group: str
    resource: str
    namespace: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """One request, authenticated, authorized and decoded."""

    caller: Caller | None  # None only where Open.ANYBODY
    path: Mapping[str, str]
    query: Any = None  # of the route's `query` type
    body: Any = None  # of the route's `body` type; a dict for FORM; bytes for bytes
    headers: Mapping[str, str] = field(default_factory=dict)  # names in lower case
    cookies: Mapping[str, str] = field(default_factory=dict)
    address: str = ""  # the client's
    request_id: str = ""

    @property
    def user(self) -> Caller:
        """The caller of a route that is not open to anybody."""
        if self.caller is None:
            raise Unauthorized("sign in first")
        return self.caller


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer that is more than a value: other headers, cookies, media types, redirects."""

    body: bytes = b""
    status: int = 200
    content_type: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()


class Socket(Protocol):
    """A WebSocket with one client, in text. `frame/sockets.py` has its limits and close codes."""

    @property
    def caller(self) -> Caller:
        """Who is there: their groups and rights may be others than a moment ago."""
        ...

    async def receive(self) -> bytes | None:
        """The next message; None once the client is gone. To be awaited at all times, by one task."""
        ...

    async def send(self, text: bytes) -> None:
        """Returns when the client has room for more, so that a slow one is waited for. Raises ConnectionError."""
        ...


Conversation = Callable[[Socket], Awaitable[None]]


class FORM:
    """As a route's `body`: application/x-www-form-urlencoded, given as `dict[str, str]`."""


@dataclass(frozen=True, slots=True)
class Route(Generic[Deps]):
    """One call. `path` stands below /platform/v1, unless it begins with "//": then below the origin itself.

    `query` and `body` are msgspec types; what can't be decoded is refused with a Status that names the field. `body`
    may also be FORM, or `bytes` for what came. The handler gives a value of type `returns`, a Reply, or an
    asynchronous iterator of values, which are sent as JSON lines while they come. With `socket` it is a GET that opens
    a WebSocket, and the handler gives a Conversation, which is held until it returns.
    """

    method: str
    path: str
    handler: Callable[[Call, Deps], Awaitable[Any]]
    needs: Needs | Open
    summary: str
    returns: Any = None
    query: Any = None
    body: Any = None
    status: int = 200
    before_password_change: bool = False  # also for a caller who has to change their password first
    socket: bool = False
    scope: str = ""  # a token's scope that is enough for this route, beside those of the scopes' table
    about: str = ""  # more than the summary says, in CommonMark


@dataclass(frozen=True, slots=True)
class Task(Generic[Deps]):
    """Work beside the requests, from start to end. `leads`: only in the one replica that holds the lease."""

    name: str
    run: Callable[[Deps], Awaitable[None]]
    leads: bool = False


@dataclass(frozen=True, slots=True)
class Capability(Generic[Deps]):
    """A part of the platform. `connect` makes what its routes and tasks are given."""

    name: str
    summary: Words
    connect: Callable[[Parts], Deps]
    kinds: tuple[CustomResource, ...] = ()
    controllers: tuple[Controller[Any], ...] = ()
    routes: tuple[Route[Deps], ...] = ()
    tasks: tuple[Task[Deps], ...] = ()
    reads: tuple[Any, ...] = ()  # kinds of the host cluster that `Parts.reads` must hold
