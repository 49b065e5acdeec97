"""An API server in memory, with nothing around it: everybody is an administrator, nothing is admitted but as sent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import orjson

from armillary.base.clock import Clock, SystemClock
from armillary.engine.apiserver.app import ApiServer
from armillary.engine.apiserver.ports import Admission, Attributes, Handler, User, Verdict
from armillary.engine.apiserver.schemas import Schemas
from armillary.engine.kinds.metrics import SCHEMAS as METRICS_SCHEMAS
from armillary.engine.kinds.registry import BUILT_IN
from armillary.engine.kinds.resource import Resource
from armillary.engine.store.memory import memory_store
from armillary.engine.store.port import Store
from armillary.kube.client import Client
from armillary.kube.transport.inprocess import InProcess
from armillary.kube.transport.port import Response

ADMIN = User("admin", ("system:masters", "system:authenticated"))
Json = dict[str, Any]


@cache
def schemas() -> Schemas:
    return Schemas(extra=METRICS_SCHEMAS)


class Everybody:
    """Whoever comes is the administrator."""

    def authenticate(self, headers: Mapping[str, str], certificate: bytes | None) -> User:
        return ADMIN


class Allow:
    """Allows everything but what it was told to refuse; remembers what was asked."""

    def __init__(self) -> None:
        self.asked: list[Attributes] = []
        self.refused: set[str] = set()  # verbs

    def authorize(self, attributes: Attributes) -> Verdict:
        self.asked.append(attributes)
        return Verdict(attributes.verb not in self.refused)


@dataclass(slots=True)
class Api:
    """A server, its store, and short ways to ask it."""

    server: ApiServer
    store: Store
    client: Client
    authorizer: Allow

    async def ask(
        self, method: str, path: str, body: Any = None, *, headers: Mapping[str, str] | None = None, **query: str
    ) -> Response:
        sent = body if isinstance(body, bytes) or body is None else orjson.dumps(body)
        named = {"content-type": "application/json"} if sent is not None else {}
        named |= headers or {}
        transport = self.client.transport
        return await transport.request(method, path, query=query, body=sent, headers=named)

    async def get(self, path: str, **query: str) -> Json:
        return loads(await self.ask("GET", path, **query), 200)

    async def create(self, path: str, body: Any, **query: str) -> Json:
        return loads(await self.ask("POST", path, body, **query), 201)

    async def put(self, path: str, body: Any, **query: str) -> Json:
        return loads(await self.ask("PUT", path, body, **query), 200)

    async def patch(self, path: str, body: Any, form: str = "merge-patch+json", **query: str) -> Json:
        return loads(await self.ask("PATCH", path, body, headers={"content-type": f"application/{form}"}, **query), 200)

    async def delete(self, path: str, body: Any = None, **query: str) -> Json:
        return loads(await self.ask("DELETE", path, body, **query), 200)

    async def refused(self, code: int, method: str, path: str, body: Any = None, **query: Any) -> Json:
        """The Status of a request that fails with that code."""
        return loads(await self.ask(method, path, body, **query), code)


def loads(answer: Response, status: int) -> Json:
    assert answer.status == status, answer.body.decode()
    found: Json = orjson.loads(answer.body)
    return found


def api(
    resources: Sequence[Resource] = BUILT_IN,
    admission: Sequence[Admission] = (),
    handlers: Mapping[tuple[str, str], Handler] | None = None,
    *,
    clock: Clock | None = None,
    store: Store | None = None,
) -> Api:
    moment = clock or SystemClock()
    kept = store or memory_store(moment)
    authorizer = Allow()
    server = ApiServer(kept, resources, schemas(), Everybody(), authorizer, admission, handlers, clock=moment)
    return Api(server, kept, Client(InProcess(server)), authorizer)
