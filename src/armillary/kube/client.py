"""The one client: verbs of the Kubernetes API over a transport, on typed objects.

Works the same on the embedded engine (in process, by socket) and on any Kubernetes.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from enum import Enum
from typing import Any, Generic, Literal, TypeVar

import msgspec
import orjson

from armillary.base.errors import ApiError, NotFound, error_of
from armillary.kube.kind import Kind
from armillary.kube.transport.port import Response, Transport

T = TypeVar("T")


class PatchType(Enum):
    """How a patch is to be read."""

    MERGE = "application/merge-patch+json"  # RFC 7386
    JSON = "application/json-patch+json"  # RFC 6902
    STRATEGIC = "application/strategic-merge-patch+json"
    APPLY = "application/apply-patch+yaml"  # server-side apply; JSON is YAML


@dataclass(frozen=True, slots=True)
class Listing(Generic[T]):
    """A list as of one revision. `continue_token` is "" on the last page."""

    items: tuple[T, ...]
    resource_version: str
    continue_token: str = ""


@dataclass(frozen=True, slots=True)
class WatchEvent(Generic[T]):
    """One change. A BOOKMARK has no object, only the revision that was reached.

    `initial_end` marks the bookmark after the last initial event (KEP-3157).
    """

    type: Literal["ADDED", "MODIFIED", "DELETED", "BOOKMARK"]
    object: T | None
    resource_version: str
    initial_end: bool = False


class _Envelope(msgspec.Struct):
    type: str
    object: msgspec.Raw


class _BareMeta(msgspec.Struct, rename="camel"):
    resource_version: str = ""
    annotations: dict[str, str] = {}


class _Bare(msgspec.Struct):
    metadata: _BareMeta


class _RawListMeta(msgspec.Struct, rename="camel"):
    resource_version: str = ""
    continue_: str = msgspec.field(default="", name="continue")


class _RawList(msgspec.Struct):
    metadata: _RawListMeta
    items: list[msgspec.Raw] | None = None


def decode(kind: Kind[T], body: bytes | msgspec.Raw) -> T:
    """An object from JSON. Unknown fields are dropped; nulls count as absent."""
    try:
        return msgspec.json.decode(body, type=kind.type)
    except msgspec.ValidationError:
        # Some servers write null for an empty list; our types have no null there.
        return msgspec.convert(_without_nulls(orjson.loads(bytes(body))), type=kind.type)


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _without_nulls(v) for k, v in value.items() if v is not None}
    return [_without_nulls(v) for v in value] if isinstance(value, list) else value


def encode(kind: Kind[T], item: T) -> bytes:
    """An object as JSON, with its apiVersion and kind."""
    body = msgspec.json.encode(item)
    head = f'{{"apiVersion":"{kind.api_version}","kind":"{kind.name}"'.encode()
    return head + (b"," + body[1:] if len(body) > 2 else b"}")


class Client:
    """Verbs over a transport. Raises an ApiError of `armillary.base.errors` for what is not success."""

    def __init__(self, transport: Transport) -> None:
        self.transport = transport

    async def call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: bytes | None = None,
        content_type: str = "application/json",
    ) -> Response:
        """One request and its whole answer; raises for every status of 400 and above."""
        headers = {"accept": "application/json"} | ({"content-type": content_type} if body is not None else {})
        answer = await self.transport.request(method, path, query=query or {}, body=body, headers=headers)
        if answer.status >= 400:
            raise _error(answer)
        return answer

    async def get(self, kind: Kind[T], name: str, namespace: str = "") -> T:
        return decode(kind, (await self.call("GET", kind.path(namespace, name))).body)

    async def find(self, kind: Kind[T], name: str, namespace: str = "") -> T | None:
        """The object, or None if it is not there."""
        try:
            return await self.get(kind, name, namespace)
        except NotFound:
            return None

    async def list(
        self,
        kind: Kind[T],
        namespace: str = "",
        *,
        labels: str = "",
        fields: str = "",
        limit: int = 0,
        continue_token: str = "",
        resource_version: str = "",
    ) -> Listing[T]:
        query = _query(labelSelector=labels, fieldSelector=fields, resourceVersion=resource_version)
        query |= _query(limit=str(limit or ""), **{"continue": continue_token})
        raw = msgspec.json.decode((await self.call("GET", kind.path(namespace), query=query)).body, type=_RawList)
        items = tuple(decode(kind, item) for item in raw.items or ())
        return Listing(items, raw.metadata.resource_version, raw.metadata.continue_)

    async def create(self, kind: Kind[T], item: T, namespace: str = "") -> T:
        body = encode(kind, item)
        return decode(kind, (await self.call("POST", kind.path(namespace), body=body)).body)

    async def update(self, kind: Kind[T], item: T, name: str, namespace: str = "", *, subresource: str = "") -> T:
        """Replace; a `resourceVersion` in `item` makes it fail with Conflict if someone wrote since."""
        path = kind.path(namespace, name, subresource)
        return decode(kind, (await self.call("PUT", path, body=encode(kind, item))).body)

    async def patch(
        self,
        kind: Kind[T],
        name: str,
        namespace: str,
        patch: Any,
        *,
        type: PatchType = PatchType.MERGE,
        subresource: str = "",
        manager: str = "",
        force: bool = False,
    ) -> T:
        query = _query(fieldManager=manager, force="true" if force else "")
        path = kind.path(namespace, name, subresource)
        body = orjson.dumps(patch)
        return decode(kind, (await self.call("PATCH", path, query=query, body=body, content_type=type.value)).body)

    async def delete(
        self,
        kind: Kind[T],
        name: str,
        namespace: str = "",
        *,
        uid: str = "",
        resource_version: str = "",
        grace_seconds: int | None = None,
        propagation: str = "",
    ) -> None:
        """Delete; with `uid` or `resource_version`, only that very object (else Conflict)."""
        preconditions = _query(uid=uid, resourceVersion=resource_version)
        options: dict[str, Any] = {"preconditions": preconditions} if preconditions else {}
        options |= {"propagationPolicy": propagation} if propagation else {}
        options |= {"gracePeriodSeconds": grace_seconds} if grace_seconds is not None else {}
        body = orjson.dumps({"apiVersion": "v1", "kind": "DeleteOptions", **options})
        await self.call("DELETE", kind.path(namespace, name), body=body)

    async def post(self, kind: Kind[Any], name: str, namespace: str, subresource: str, body: bytes) -> bytes:
        """Create a subresource (binding, eviction, token); gives the answer's body."""
        return (await self.call("POST", kind.path(namespace, name, subresource), body=body)).body

    async def watch(
        self,
        kind: Kind[T],
        namespace: str = "",
        *,
        resource_version: str = "",
        labels: str = "",
        fields: str = "",
        initial_events: bool = False,
    ) -> AsyncIterator[WatchEvent[T]]:
        """Changes since `resource_version`, with bookmarks, until the server ends the stream.

        With `initial_events`, first everything that exists, then a bookmark with `initial_end`.
        Raises Expired if that revision is no longer kept.
        """
        query = _query(labelSelector=labels, fieldSelector=fields, resourceVersion=resource_version)
        query |= {"watch": "true", "allowWatchBookmarks": "true"}
        if initial_events:
            query |= {"sendInitialEvents": "true", "resourceVersionMatch": "NotOlderThan"}
        stream = self.transport.lines("GET", kind.path(namespace), query=query)
        async with aclosing(stream) as lines:
            async for line in lines:
                yield _event(kind, line)


def _event(kind: Kind[T], line: bytes) -> WatchEvent[T]:
    envelope = msgspec.json.decode(line, type=_Envelope)
    if envelope.type == "ERROR":
        status = orjson.loads(bytes(envelope.object))
        raise error_of(int(status.get("code") or 500), status)
    meta = msgspec.json.decode(envelope.object, type=_Bare).metadata
    if envelope.type == "BOOKMARK":
        end = meta.annotations.get("k8s.io/initial-events-end") == "true"
        return WatchEvent("BOOKMARK", None, meta.resource_version, end)
    item = decode(kind, envelope.object)
    return WatchEvent(envelope.type, item, meta.resource_version)  # type: ignore[arg-type]  # one of the three left


def _query(**values: str) -> dict[str, str]:
    return {key: value for key, value in values.items() if value}


def _error(answer: Response) -> ApiError:
    try:
        status = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        status = None
    text = answer.body.decode(errors="replace")
    return error_of(answer.status, status if isinstance(status, dict) else None, text)
