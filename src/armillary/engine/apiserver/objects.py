"""Objects of the store decoded, for whoever decides over a write; and how an object is made ready for the store."""

from collections.abc import Sequence
from typing import Any

import orjson

from armillary.base.errors import BadRequest, TooLarge
from armillary.engine.kinds.resource import Json, Resource
from armillary.engine.store.port import Build, Draft, Entry, Key, Store

MOST_BYTES = 1_572_864  # of one object: etcd's default limit on a request, 1.5 MiB
MOST_CACHED = 4096
_MARK = "\x00revision"
_MARK_JSON = orjson.dumps(_MARK)


class Decoded:
    """The objects of a store, each version decoded once while it is in demand. Do not change what it gives."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._kept: dict[Key, tuple[int, Json]] = {}

    def get(self, resource: str, namespace: str, name: str) -> Json | None:
        entry = self._store.head(Key(resource, namespace, name))
        return None if entry is None else self.of(entry)

    def list(self, resource: str, namespace: str = "") -> Sequence[Json]:
        return [self.of(entry) for entry in self._store.heads(resource, namespace)]

    def of(self, entry: Entry) -> Json:
        """An entry's object."""
        kept = self._kept.get(entry.key)
        if kept is not None and kept[0] == entry.revision:
            return kept[1]
        decoded: Json = orjson.loads(entry.body)
        while len(self._kept) >= MOST_CACHED:
            del self._kept[next(iter(self._kept))]
        self._kept[entry.key] = (entry.revision, decoded)
        return decoded


def key_of(resource: Resource, namespace: str, name: str) -> Key:
    return Key(resource.name, namespace if resource.namespaced else "", name)


def encode(obj: Json) -> bytes:
    """An object's JSON. Raises BadRequest for what no JSON encoder takes (it is nested too deeply)."""
    try:
        return orjson.dumps(obj)
    except (orjson.JSONEncodeError, RecursionError) as exc:
        raise BadRequest(f"the object can't be encoded: {exc}") from exc


def draft(resource: Resource, obj: Json) -> Build:
    """What the store calls with the revision: the object is encoded here, once, and only the number is put in.

    Raises TooLarge, BadRequest: nothing can fail once the write was submitted.
    """
    meta: dict[str, Any] = {"resourceVersion": _MARK} | {
        k: v for k, v in obj["metadata"].items() if k != "resourceVersion"
    }
    # What a client chose stands after the mark, so the first mark is ours.
    head = {"kind": obj["kind"], "apiVersion": obj["apiVersion"], "metadata": meta}
    before, _, after = encode(head | {k: v for k, v in obj.items() if k not in head}).partition(_MARK_JSON)
    if len(before) + len(after) > MOST_BYTES:
        raise TooLarge("etcdserver: request is too large")
    labels = meta.get("labels") or {}
    fields = resource.fields(obj)

    def build(revision: int) -> Draft:
        return Draft(b'%b"%d"%b' % (before, revision, after), labels, fields)

    return build
