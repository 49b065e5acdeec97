"""What every verb stands on, and what it gives back."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from armillary.base.clock import Clock, format_time
from armillary.engine.apiserver.objects import Decoded, draft
from armillary.engine.apiserver.ports import Admission, AdmissionRequest, Observer, User
from armillary.engine.apiserver.registry import Served, Table
from armillary.engine.apiserver.schema.node import Form, Node
from armillary.engine.apiserver.schemas import Schemas
from armillary.engine.kinds.resource import Json, Resource
from armillary.engine.store.port import Entry, Key, Store


@dataclass(slots=True)
class Core:
    """The hands of the verbs. `table` may be replaced at any moment: look at it once for each request."""

    store: Store
    schemas: Schemas
    table: Table
    admission: Sequence[Admission]
    clock: Clock
    new_uid: Callable[[], str]
    new_suffix: Callable[[], str]  # for generateName
    objects: Decoded
    observers: Sequence[Observer] = ()

    def __post_init__(self) -> None:
        self.store.on_failure(self._tell_again)

    def node(self, resource: Resource) -> Node:
        return self.schemas.node(resource.schema)

    def now(self) -> datetime:
        return self.clock.now()

    def timestamp(self) -> str:
        return format_time(self.clock.now())

    def put(self, resource: Resource, key: Key, obj: Json) -> Awaitable[Entry]:
        """Submit an object; observers are told in the same step."""
        write = self.store.put(key, draft(resource, obj))
        self._tell(key, obj)
        return write

    def remove(self, resource: Resource, key: Key, obj: Json) -> Awaitable[Entry]:
        """Submit a removal; `obj` is the last state."""
        write = self.store.delete(key, draft(resource, obj))
        self._tell(key, None)
        return write

    def _tell(self, key: Key, obj: Json | None) -> None:
        for observer in self.observers:
            observer.observe(key.resource, key.namespace, key.name, obj)

    def _tell_again(self, keys: Sequence[Key]) -> None:
        """These writes failed: observers must not go on believing them."""
        for key in keys:
            entry = self.store.head(key)
            self._tell(key, None if entry is None else self.objects.of(entry))

    def admit(self, request: AdmissionRequest) -> None:
        for plugin in self.admission:
            plugin.admit(request)

    def validate(self, request: AdmissionRequest) -> None:
        for plugin in self.admission:
            plugin.validate(request)


@dataclass(slots=True)
class Request:
    """One write: who, on what, and how. `subresource` is "", "status", "finalize" or what a handler says."""

    user: User
    served: Served
    namespace: str
    name: str = ""
    subresource: str = ""
    dry_run: bool = False
    warnings: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Result:
    """An object as it is stored, and whether this request made it."""

    body: bytes
    created: bool = False
    deleted: bool = False


def has_status(node: Node) -> bool:
    status = node.fields.get("status")
    return status is not None and status.form is Form.STRUCT
