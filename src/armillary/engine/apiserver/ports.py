"""What the parts of the API server hand each other: who asks, for what, and what may have a say."""

from collections.abc import Awaitable, Callable, Iterator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Protocol

from armillary.engine.kinds.resource import Json, Resource

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class User:
    """Who asks. Names and groups as in Kubernetes' authentication: `system:anonymous`, `system:masters`, ..."""

    name: str
    groups: tuple[str, ...] = ()
    uid: str = ""
    extra: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


class Authenticator(Protocol):
    """Tells who asks."""

    def authenticate(self, headers: Mapping[str, str], certificate: bytes | None) -> User:
        """From headers (names in lower case) and the client's verified certificate (DER), impersonation left out.

        Anonymous when nothing is presented. Raises Unauthorized when what is presented does not hold.
        """
        ...


@dataclass(frozen=True, slots=True)
class Attributes:
    """What is asked for, in RBAC's words. For a path that is no resource only `verb` and `path` are set."""

    user: User
    verb: str  # get list watch create update patch delete deletecollection, impersonate, ...; or lower-case method
    group: str = ""
    version: str = ""
    resource: str = ""  # plural
    subresource: str = ""
    namespace: str = ""
    name: str = ""
    path: str = ""  # set for non-resource requests


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether it may be done; `reason` is for people."""

    allowed: bool
    reason: str = ""


class Authorizer(Protocol):
    """Says who may do what."""

    def authorize(self, attributes: Attributes) -> Verdict: ...


class Observer(Protocol):
    """Kept current by the writes themselves."""

    def observe(self, resource: str, namespace: str, name: str, obj: Json | None) -> None:
        """A write was submitted, in this step; `obj` is None for a removal.

        When the write fails, what is there again is told in the same way.
        """
        ...


class Operation(Enum):
    """What a request does to an object."""

    CREATE = "CREATE"
    UPDATE = "UPDATE"
    DELETE = "DELETE"
    CONNECT = "CONNECT"


@dataclass(slots=True)
class AdmissionRequest:
    """One write on its way to the store. `object` may be changed in place by `admit`."""

    user: User
    operation: Operation
    resource: Resource
    subresource: str
    namespace: str
    name: str
    object: Json | None  # None for DELETE
    old: Json | None  # None for CREATE
    dry_run: bool = False
    warnings: list[str] = field(default_factory=list)  # what the caller is told beside the answer (Warning headers)
    path_name: str = ""  # the name in the request's path: a POST has none
    asked: Resource | None = None  # the version that the request named, where objects are stored in another
    kind: Resource | None = None  # what `object` is, where it is none of `resource`: a Binding, options of a connection
    options: Json = field(default_factory=dict)  # the request's, as far as they were given
    consults: bool = True  # whether webhooks have a say: not in what the server does by itself, or as part of a request


class Admission(Protocol):
    """A built-in admission plugin. Never waits: it stands between the look at the store and the write.

    Either method raises an ApiError (Denied, mostly) to refuse.
    """

    def admit(self, request: AdmissionRequest) -> None:
        """Change `request.object` in place, or refuse."""
        ...

    def validate(self, request: AdmissionRequest) -> None:
        """Refuse, or let it pass. Everything has been changed that will be."""
        ...


class Objects(Protocol):
    """The acknowledged and submitted state (the store's `head`), decoded. Callers must not change what they get."""

    def get(self, resource: str, namespace: str, name: str) -> Json | None:
        """`resource` is `plural` or `plural.group`."""
        ...

    def list(self, resource: str, namespace: str = "") -> Sequence[Json]: ...


@dataclass(frozen=True, slots=True)
class Listing:
    """A list's JSON in parts, joined only as it is sent: a long one is never held as a whole."""

    head: bytes
    items: Sequence[bytes]
    tail: bytes

    @property
    def size(self) -> int:
        commas = max(0, len(self.items) - 1)
        return len(self.head) + sum(map(len, self.items)) + commas + len(self.tail)

    def pieces(self, most_bytes: int) -> Iterator[bytes]:
        """In pieces of about that size, or of one item where items are larger."""
        count = max(1, most_bytes * len(self.items) // self.size)
        before = self.head
        for i in range(0, len(self.items), count):
            yield b"".join((before, b",".join(self.items[i : i + count])))
            before = b","
        yield self.tail if self.items else self.head + self.tail

    def joined(self) -> bytes:
        return b"".join((self.head, b",".join(self.items), self.tail))


@dataclass(slots=True)
class Answer:
    """A whole answer of a handler. `body` is a JSON object, or a list or bytes with `content_type`."""

    body: Json | bytes | Listing
    status: int = 200
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Call:
    """A request to a subresource or virtual resource with a handler of its own: authorized, and not yet decoded.

    A handler returns an Answer, or streams by itself with `send` and returns None.
    """

    user: User
    method: str
    resource: Resource
    subresource: str
    namespace: str
    name: str
    rest: str  # what follows the subresource in the path (for proxy), without leading slash
    query: Mapping[str, Sequence[str]]
    headers: Mapping[str, str]  # names in lower case
    body: bytes
    receive: Receive
    send: Send
    scope: MutableMapping[str, Any]
    server: "Verbs"


Handler = Callable[[Call], Awaitable[Answer | None]]


class Verbs(Protocol):
    """What handlers may ask of the server: the ordinary verbs with all their steps (defaults, admission, store).

    Webhooks are not asked about these: they are part of a request about which they were, or the server's own doing.
    """

    @property
    def objects(self) -> Objects: ...

    def resource(self, name: str) -> Resource:
        """The resource of that name (`pods`, `deployments.apps`) in its preferred version."""
        ...

    async def admit(self, request: AdmissionRequest) -> None:
        """Ask all of admission about an object that is not stored itself: plugins, and webhooks too."""
        ...

    async def create(self, user: User, resource: Resource, namespace: str, obj: Json, *, dry_run: bool = False) -> Json:
        """As a POST of that user would; authorization is the caller's business."""
        ...

    async def update(
        self,
        user: User,
        resource: Resource,
        namespace: str,
        name: str,
        change: Callable[[Json], Json],
        *,
        subresource: str = "",
        dry_run: bool = False,
    ) -> Json:
        """Read, `change` (a copy it may alter), write; atomic. Raises NotFound, and what `change` raises.

        With a subresource that has a handler (`binding`) what `change` did is kept as it is: neither spec nor status
        is restored, nor is the resource's validation asked, since the handler has judged it.
        """
        ...

    async def delete(
        self, user: User, resource: Resource, namespace: str, name: str, options: Json, *, dry_run: bool = False
    ) -> Json:
        """As a DELETE with these DeleteOptions would."""
        ...
