"""What every verb stands on, and what it gives back."""

from collections.abc import Awaitable, Callable, Generator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, TypeVar

from armillary.base.clock import Clock, format_time
from armillary.base.errors import Conflict
from armillary.engine.apiserver.objects import Decoded, draft
from armillary.engine.apiserver.ports import Admission, AdmissionRequest, Observer, Operation, User
from armillary.engine.apiserver.registry import Served, Table
from armillary.engine.apiserver.schema.node import Form, Node
from armillary.engine.apiserver.schemas import Schemas
from armillary.engine.kinds.resource import Json, Resource
from armillary.engine.store.port import Entry, Key, Store

T = TypeVar("T")
# A write step by step: what it yields is awaited by `drive`, which sends back what came of it. Most yield nothing.
Steps = Generator[Awaitable[bool | None], bool | None, T]

ATTEMPTS = 10  # at a write that others overtake while webhooks are asked


class Overtaken(Exception):  # no fault of anybody
    """Somebody wrote the object while webhooks were asked about it: what they judged is not what would be stored."""


class Consulted(Protocol):
    """Who is asked about writes and takes time to answer; see `admission.webhooks`."""

    def mutation(self, request: AdmissionRequest, built_in: Callable[[], None]) -> Awaitable[bool] | None:
        """Have the object changed, and tell whether it was; None if nobody wants to.

        `built_in` has built-in admission look at the object again, which is done once it was changed.
        """
        ...

    def judgement(self, request: AdmissionRequest) -> Awaitable[None] | None:
        """Have it judged, which raises an ApiError for a refusal; None if nobody wants to."""
        ...

    @property
    def any(self) -> bool: ...


async def drive(begin: Callable[[], Steps[T]]) -> T:
    """Take a write through its steps; again from the start when it was overtaken. Raises Conflict in the end."""
    for _ in range(ATTEMPTS):
        steps = begin()
        try:
            waited = next(steps)
            while True:
                waited = steps.send(await waited)
        except StopIteration as done:
            result: T = done.value
            return result
        except Overtaken:
            continue
        finally:
            steps.close()
    raise Conflict("the object is written by others again and again; try once more")


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
    webhooks: Consulted | None = None

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

    def admit(self, request: AdmissionRequest) -> Steps[bool]:
        """Whether webhooks changed the object."""

        def built_in() -> None:
            for plugin in self._plugins(request):
                plugin.admit(request)

        built_in()
        if self.webhooks is None or not request.consults:
            return False
        mutation = self.webhooks.mutation(request, built_in)
        return False if mutation is None else bool((yield mutation))

    def validate(self, request: AdmissionRequest) -> Steps[None]:
        self._validate(request)
        if self.webhooks is None or not request.consults:
            return
        if (judgement := self.webhooks.judgement(request)) is not None:
            yield judgement
            self._validate(request)  # what they looked at may have changed meanwhile

    def _validate(self, request: AdmissionRequest) -> None:
        for plugin in self._plugins(request):
            plugin.validate(request)

    def _plugins(self, request: AdmissionRequest) -> Sequence[Admission]:
        """None of them is about connections."""
        return self.admission if request.operation is not Operation.CONNECT else ()


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
    options: Json = field(default_factory=dict)
    consults: bool = True


@dataclass(frozen=True, slots=True)
class Result:
    """An object as it is stored, and whether this request made it."""

    body: bytes
    created: bool = False
    deleted: bool = False


def has_status(node: Node) -> bool:
    status = node.fields.get("status")
    return status is not None and status.form is Form.STRUCT
