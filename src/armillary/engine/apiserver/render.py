"""Stored objects in the form that was asked for: as they are, in another version, metadata alone, or as a table."""

from collections.abc import Sequence
from dataclasses import dataclass

import orjson
import yaml

from armillary.base.clock import Clock
from armillary.base.errors import Cause
from armillary.engine.apiserver.negotiation import JSON, YAML, Shape, Wanted
from armillary.engine.apiserver.options import META_GROUP
from armillary.engine.apiserver.ports import Listing
from armillary.engine.apiserver.registry import Served, from_stored
from armillary.engine.apiserver.routes import Query, first
from armillary.engine.apiserver.table import columns_of, definitions, make_table, partial, row
from armillary.engine.apiserver.verbs.listing import Listed, list_body, list_meta
from armillary.engine.kinds.faults import not_supported, refusal
from armillary.engine.kinds.resource import Json
from armillary.engine.store.port import Entry

OBJECT_SHAPES = frozenset({Shape.TABLE, Shape.PARTIAL})
LIST_SHAPES = frozenset({Shape.TABLE, Shape.PARTIAL_LIST})
WATCH_SHAPES = frozenset({Shape.TABLE, Shape.PARTIAL})


@dataclass(frozen=True, slots=True)
class View:
    """How one request wants to see the objects of one resource."""

    served: Served
    wanted: Wanted
    include: str  # of a table's rows
    clock: Clock

    @property
    def as_stored(self) -> bool:
        """Whether the stored bytes are the answer."""
        return self.wanted.shape is Shape.OBJECT and not self.served.converts

    def object(self, body: bytes) -> Json:
        """In the served version."""
        return from_stored(self.served, orjson.loads(body))

    def bytes_of(self, body: bytes) -> bytes:
        """One object's answer, as JSON."""
        if self.as_stored:
            return body
        obj = self.object(body)
        match self.wanted.shape:
            case Shape.TABLE:
                meta = {"resourceVersion": obj["metadata"].get("resourceVersion", "")}
                return orjson.dumps(self.table(meta, [obj]))
            case Shape.PARTIAL | Shape.PARTIAL_LIST:
                return orjson.dumps(partial(obj, self.wanted.version))
        return orjson.dumps(obj)

    def list(self, found: Listed) -> Listing:
        resource = self.served.resource
        match self.wanted.shape:
            case Shape.TABLE:
                return self._table_of(found)
            case Shape.PARTIAL | Shape.PARTIAL_LIST:
                version = self.wanted.version
                bodies = [orjson.dumps(partial(orjson.loads(e.body), version)) for e in found.entries]
                return list_body("PartialObjectMetadataList", f"meta.k8s.io/{version}", found, bodies)
        if self.as_stored:
            bodies = [e.body for e in found.entries]
        else:
            bodies = [orjson.dumps(self.object(e.body)) for e in found.entries]
        return list_body(f"{resource.kind}List", resource.api_version, found, bodies)

    def _table_of(self, found: Listed) -> Listing:
        """Each object becomes its row before the next is read: so many at once would keep the collector busy."""
        columns = columns_of(self.served.resource)
        now, version = self.clock.now(), self.wanted.version
        rows = [orjson.dumps(row(columns, self.object(e.body), now, self.include, version)) for e in found.entries]
        head = orjson.dumps(make_table(version, list_meta(found), definitions(columns), []))
        return Listing(head.removesuffix(b"]}"), rows, b"]}")

    def table(self, meta: Json, objects: Sequence[Json], *, headed: bool = True) -> Json:
        columns = columns_of(self.served.resource)
        now, version = self.clock.now(), self.wanted.version
        rows = [row(columns, obj, now, self.include, version) for obj in objects]
        return make_table(version, meta, definitions(columns) if headed else None, rows)

    def bookmark(self, revision: int, initial_end: bool) -> bytes:
        """A bookmark's object in the wanted shape."""
        meta: Json = {"resourceVersion": str(revision), "creationTimestamp": None}
        if initial_end:
            meta["annotations"] = {"k8s.io/initial-events-end": "true"}
        mark = partial({"metadata": meta}, self.wanted.version)
        if self.wanted.shape is Shape.TABLE:
            inner = [{"cells": [], "object": mark}]
            return orjson.dumps(make_table(self.wanted.version, {"resourceVersion": str(revision)}, None, inner))
        return orjson.dumps(mark)


class WatchView:
    """As a view, for a stream: a table's columns are told once."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._headed = True

    def __call__(self, entry: Entry) -> bytes:
        view = self._view
        if view.wanted.shape is not Shape.TABLE:
            return view.bytes_of(entry.body)
        obj = view.object(entry.body)
        meta = {"resourceVersion": obj["metadata"].get("resourceVersion", "")}
        body = orjson.dumps(view.table(meta, [obj], headed=self._headed))
        self._headed = False
        return body


def include_of(query: Query) -> str:
    """What a table's rows shall carry. Raises Invalid."""
    include = first(query, "includeObject") or "Metadata"
    if include not in ("None", "Metadata", "Object"):
        fault: Cause = not_supported("includeObject", include, ("Metadata", "None", "Object"))
        raise refusal(META_GROUP, "TableOptions", "", [fault])
    return include


def encoded(body: bytes | Listing, wanted: Wanted) -> tuple[bytes | Listing, str]:
    """A JSON body in the wanted encoding, with its media type."""
    if not wanted.yaml:
        return body, JSON
    whole = body if isinstance(body, bytes) else body.joined()
    return yaml.safe_dump(orjson.loads(whole), sort_keys=False, allow_unicode=True).encode(), YAML
