"""The API server as an ASGI application: who asks, may they, and who answers."""

import asyncio
import logging
import secrets
import uuid
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import aclosing
from typing import Any

import orjson

from armillary.base.clock import Clock
from armillary.base.errors import ApiError, Internal
from armillary.engine.apiserver import calls, faults
from armillary.engine.apiserver.auth.impersonate import impersonate
from armillary.engine.apiserver.auth.refusal import forbidden_request
from armillary.engine.apiserver.decode import decode
from armillary.engine.apiserver.discovery import subresource_verbs
from armillary.engine.apiserver.exchange import Asked, error_answer, headers_of, send_answer, warning_header
from armillary.engine.apiserver.health import Check, Health
from armillary.engine.apiserver.metrics import Metrics
from armillary.engine.apiserver.negotiation import Shape, wanted
from armillary.engine.apiserver.objects import Decoded
from armillary.engine.apiserver.operations import Operations
from armillary.engine.apiserver.options import list_options, write_options
from armillary.engine.apiserver.paths import Paths
from armillary.engine.apiserver.ports import (
    Admission,
    Answer,
    Attributes,
    Authenticator,
    Authorizer,
    Call,
    Handler,
    Observer,
    Receive,
    Send,
    User,
)
from armillary.engine.apiserver.registry import Served, Table, table_of
from armillary.engine.apiserver.render import WATCH_SHAPES, View, WatchView, include_of
from armillary.engine.apiserver.routes import Target, query_of, target_of, verb_of
from armillary.engine.apiserver.schema.body import JSON_TYPE
from armillary.engine.apiserver.schemas import Schemas
from armillary.engine.apiserver.selection import selection_of
from armillary.engine.apiserver.subresources.connect import connection_of
from armillary.engine.apiserver.subresources.sent import sent_as
from armillary.engine.apiserver.verbs.core import Consulted, Core
from armillary.engine.apiserver.watch import Lines, Start, Watch, start, stream
from armillary.engine.kinds.resource import Resource
from armillary.engine.store.port import Store

log = logging.getLogger(__name__)

Scope = Any
# Who a request is made as: the user itself, or whom its impersonation headers name.
Impersonate = Callable[[User, Iterable[tuple[bytes, bytes]], Authorizer], User]

SUFFIX_ALPHABET = "bcdfghjklmnpqrstvwxz2456789"  # k8s.io/apimachinery, util/rand: no vowels, no words


def _suffix() -> str:
    return "".join(secrets.choice(SUFFIX_ALPHABET) for _ in range(5))


class ApiServer:
    """One server. `handlers` answer for (resource name, subresource), `virtual` for whole resources by name.

    `documents` are answers that never change, by path.

    `table` may be given anew at any time with `serve_resources`; requests under way keep the one they began with.
    """

    def __init__(
        self,
        store: Store,
        resources: Sequence[Resource],
        schemas: Schemas,
        authenticator: Authenticator,
        authorizer: Authorizer,
        admission: Sequence[Admission] = (),
        handlers: Mapping[tuple[str, str], Handler] | None = None,
        virtual: Mapping[str, Handler] | None = None,
        *,
        clock: Clock,
        observers: Sequence[Observer] = (),
        impersonate: Impersonate = impersonate,
        checks: Mapping[str, Check] | None = None,
        documents: Mapping[str, Answer] | None = None,
        webhooks: Consulted | None = None,
    ) -> None:
        self._core = Core(
            store=store,
            schemas=schemas,
            table=table_of(resources),
            admission=admission,
            clock=clock,
            new_uid=lambda: str(uuid.uuid4()),
            new_suffix=_suffix,
            objects=Decoded(store),
            observers=observers,
            webhooks=webhooks,
        )
        self._authenticator, self._authorizer, self._impersonate = authenticator, authorizer, impersonate
        self._handlers, self._virtual = dict(handlers or {}), dict(virtual or {})
        self._lines = Lines()
        self._streams: dict[asyncio.Task[None], str] = {}  # watches, by the name of what they follow
        self.verbs = Operations(self._core)
        self.health = Health(dict(checks or {}))
        self.metrics = Metrics({"apiserver_storage_revision": ("Last acknowledged write.", lambda: store.revision)})
        self._paths = Paths(self._core, self.health, self.metrics, dict(documents or {}))

    @property
    def table(self) -> Table:
        return self._core.table

    def serve_resources(self, resources: Sequence[Resource]) -> None:
        """Serve these from now on, and no others."""
        self._core.table = table_of(resources)

    def end_watches(self, names: Collection[str]) -> None:
        """Of these resources (`crontabs.stable.example.com`): what they told of is not served so any more."""
        for task, name in self._streams.items():
            if name in names:
                task.cancel()

    async def leave(self) -> None:
        """End every watch; clients come back elsewhere, or later."""
        self.health.leaving = True
        for task in list(self._streams):
            task.cancel()
        while self._streams:
            await asyncio.wait(set(self._streams), timeout=1)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise ValueError(f"no answer to {scope['type']}")
        began = self._core.clock.monotonic()
        path = scope["raw_path"].decode("latin-1").partition("?")[0]
        target = target_of(path)
        query = query_of(scope.get("query_string", b""))
        method: str = scope["method"]
        verb = verb_of(method, target, query) if target else method.lower()
        sent = _Sent(send)
        asked = Asked(method, path, query, {}, scope, receive, sent, _NOBODY)
        try:
            answer = await self._answer(asked, target, verb)
        except ApiError as error:
            answer = error_answer(error)
        except Exception:  # boundary: a bug is answered as one and the server goes on
            log.exception("request failed", extra={"method": method, "path": path})
            answer = error_answer(Internal("Internal error occurred: see the server's log"))
        if answer is not None and not sent.status:
            await send_answer(sent, answer, asked.warnings, bodyless=method == "HEAD")
        self._count(target, verb, sent.status, began)

    def _count(self, target: Target | None, verb: str, status: int, began: float) -> None:
        if target is None:
            return
        served = self._core.table.paths.get((target.group, target.version, target.plural))
        if served is None:
            return
        resource = served.resource
        subresource = target.subresource if target.subresource in resource.subresources else ""
        scope = "resource" if target.name else "namespace" if target.namespace else "cluster"
        name = "CONNECT" if subresource in ("exec", "attach", "portforward", "proxy", "log") else verb.upper()
        labels = (name, resource.group, resource.version, resource.plural, subresource, scope, status)
        self.metrics.count(labels, self._core.clock.monotonic() - began)

    async def _answer(self, asked: Asked, target: Target | None, verb: str) -> Answer | None:
        asked.headers = headers = headers_of(asked.scope)
        user = self._authenticator.authenticate(headers, asked.scope["state"].get("certificate"))
        if any(name.startswith("impersonate-") for name in headers):
            user = self._impersonate(user, asked.scope["headers"], self._authorizer)
        asked.user = user
        if target is None:
            self._check(Attributes(asked.user, verb, path=asked.path))
            return await self._paths.answer(asked)
        table = self._core.table
        served = table.paths.get((target.group, target.version, target.plural))
        name = target.name or (_selected_name(asked) if verb in ("list", "watch") else "")
        self._check(_attributes(asked.user, verb, target, name))
        if target.group not in table.groups:
            return Answer(b"404 page not found\n", 404, "text/plain; charset=utf-8")
        if served is None or not _fits(target, served.resource):
            raise faults.no_resource()
        if served.resource.deprecation:
            asked.warnings.append(served.resource.deprecation)
        if verb == "watch" and "watch" in served.resource.verbs:
            return await self._watch(asked, served, target)
        handler = self._handler(served.resource, target)
        if handler is not None:
            if verb not in _verbs_of(served.resource, target):
                raise faults.no_method()
            return await self._handle(handler, asked, served, target)

        async def may(other: str) -> None:
            self._check(_attributes(asked.user, other, target, target.name))

        return await calls.serve(calls.Call(self._core, asked, served, target, verb, may))

    def _check(self, attributes: Attributes) -> None:
        verdict = self._authorizer.authorize(attributes)
        if not verdict.allowed:
            raise forbidden_request(attributes, verdict.reason)

    def _handler(self, resource: Resource, target: Target) -> Handler | None:
        return self._handlers.get((resource.name, target.subresource)) or self._virtual.get(resource.name)

    async def _handle(self, handler: Handler, asked: Asked, served: Served, target: Target) -> Answer | None:
        upgrades = "upgrade" in asked.headers.get("connection", "").lower()
        body = b"" if upgrades else await asked.body()
        sent = sent_as(served.resource, target.subresource)
        if sent is not None and asked.method == "POST":
            options = write_options(asked.query, "CreateOptions")
            content_type = asked.headers.get("content-type", "")
            body = orjson.dumps(decode(self._core, sent, body, content_type, options, asked.warnings))
            asked.headers["content-type"] = JSON_TYPE
        call = Call(
            user=asked.user,
            method=asked.method,
            resource=served.resource,
            subresource=target.subresource,
            namespace=target.namespace if served.resource.namespaced else "",
            name=target.name,
            rest=target.rest,
            query=asked.query,
            headers=asked.headers,
            body=body,
            receive=asked.receive,
            send=asked.send,
            scope=asked.scope,
            server=self.verbs,
        )
        connection = connection_of(call)
        if connection is not None:
            await self.verbs.admit(connection)
        return await handler(call)

    async def _watch(self, asked: Asked, served: Served, target: Target) -> Answer | None:
        resource = served.resource
        form = wanted(asked.headers.get("accept", ""), WATCH_SHAPES)
        include = include_of(asked.query) if form.shape is Shape.TABLE else ""
        view = View(served, form, include, self._core.clock)
        options = list_options(asked.query, watch=True)
        watch = Watch(
            resource,
            served.stored,
            target.namespace if resource.namespaced else "",
            options,
            selection_of(asked.query, resource, target.name),
            None if view.as_stored else WatchView(view),
            None if form.shape is Shape.OBJECT else view.bookmark,
        )
        begun = start(self._core.store, watch)
        self.metrics.watchers[resource.name] += 1
        try:
            await self._stream(asked, watch, begun)
        finally:
            begun.watcher.close()
            self.metrics.watchers[resource.name] -= 1
        return None

    async def _stream(self, asked: Asked, watch: Watch, begun: Start) -> None:
        headers = [(b"content-type", b"application/json"), (b"cache-control", b"no-cache, private")]
        if asked.warnings:
            headers.append(warning_header(asked.warnings))
        await asked.send({"type": "http.response.start", "status": 200, "headers": headers})

        async def pump() -> None:
            async with aclosing(stream(watch, begun, self._lines, self._core.clock)) as chunks:
                async for chunk in chunks:
                    await asked.send({"type": "http.response.body", "body": chunk, "more_body": True})

        async def listen() -> None:
            while (await asked.receive())["type"] != "http.disconnect":
                pass

        async with asyncio.TaskGroup() as group:
            pumping = group.create_task(pump(), name=f"watch {asked.path}")
            listening = group.create_task(listen(), name=f"watch {asked.path}: client")
            self._streams[pumping] = watch.resource.name
            try:
                await asyncio.wait((pumping, listening), return_when=asyncio.FIRST_COMPLETED)
            finally:
                self._streams.pop(pumping, None)
                pumping.cancel()
                listening.cancel()
        await asked.send({"type": "http.response.body", "body": b""})


_NOBODY = User("")


class _Sent:
    """Sends, and knows the status that was sent."""

    __slots__ = ("_send", "status")

    def __init__(self, send: Send) -> None:
        self._send = send
        self.status = 0

    async def __call__(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        await self._send(message)


def _attributes(user: User, verb: str, target: Target, name: str) -> Attributes:
    return Attributes(
        user=user,
        verb=verb,
        group=target.group,
        version=target.version,
        resource=target.plural,
        subresource=target.subresource,
        namespace=target.namespace,
        name=name,
    )


def _selected_name(asked: Asked) -> str:
    """The name that a field selector names: permission for that one object is enough."""
    values = asked.query.get("fieldSelector")
    if not values:
        return ""
    terms = [term.strip() for term in values[0].split(",")]
    for term in terms:
        path, equals, name = term.replace("==", "=").partition("=")
        if equals and path == "metadata.name":
            return name
    return ""


def _verbs_of(resource: Resource, target: Target) -> tuple[str, ...]:
    return subresource_verbs(resource, target.subresource) if target.subresource else resource.verbs


def _fits(target: Target, resource: Resource) -> bool:
    """Whether a path has a namespace exactly where the resource wants one."""
    if not resource.namespaced:
        return not target.namespace or resource.plural == "namespaces"
    return bool(target.namespace) or not target.name
