"""One object, as it is and as it becomes."""

from collections.abc import Callable
from typing import Any

import orjson

from armillary.base.errors import BadRequest, Cause, NotFound
from armillary.kube.discovery import Partial
from armillary.kube.kind import Kind
from armillary.platform.capabilities.resources.asking import Deps, name_of
from armillary.platform.capabilities.resources.decide.rows import Row, object_of
from armillary.platform.capabilities.resources.live.messages import ObjectAsk, Whole
from armillary.platform.capabilities.resources.live.view import Following, Permitted
from armillary.platform.capabilities.resources.shelf import Shelf
from armillary.platform.frame.caller import Caller
from armillary.platform.frame.gate import check_scopes
from armillary.platform.frame.parts import Asked


class ObjectView:
    """Secrets are read as the caller, whenever they change: their data is nowhere kept."""

    def __init__(self, ask: ObjectAsk, deps: Deps, wake: Callable[[], None]) -> None:
        self._ask, self._deps = ask, deps
        self._name = name_of(ask.group, ask.version, ask.plural)
        self._permitted = Permitted(deps, ask.cluster, self._may_get)
        self._following = Following(deps, ask.cluster, self._name, self._concerns, wake)
        self._kind: Kind[Partial] | None = None
        self._told: bytes | None = None  # what the client has, packed; nothing if it has not been told yet
        self._was_told = False
        self.spent = 0.0

    async def _may_get(self, caller: Caller) -> Kind[Partial]:
        ask = self._ask
        self._kind = self._kind or (await self._deps.library.served(ask.cluster, self._name)).kind
        kind = self._kind
        if kind.namespaced and not ask.namespace:
            cause = Cause("FieldValueRequired", "namespace", "required value")
            raise BadRequest(f"namespace: {kind.plural} are in namespaces; say in which", causes=[cause])
        namespace = ask.namespace if kind.namespaced else ""
        asked = Asked("get", kind.group, kind.plural, namespace, ask.name)
        await self._deps.rights.demand(caller, asked, cluster=ask.cluster)
        return kind

    async def look(self, caller: Caller) -> Whole | None:
        kind = await self._permitted.of(caller)
        shelf = await self._following.shelf()
        if not self._following.take_changed() and self._was_told:
            return None
        row = shelf.rows.get(self._ask.namespace if kind.namespaced else "", self._ask.name)
        packed = row.packed if row is not None else None
        if self._was_told and packed == self._told:
            return None
        found = None if row is None else await self._whole(kind, shelf, row, caller)
        self._told, self._was_told = packed, True
        return Whole(id=self._ask.id, object=found)

    async def _whole(self, kind: Kind[Partial], shelf: Shelf, row: Row, caller: Caller) -> Any:
        if not shelf.is_secret:
            return object_of(row)
        check_scopes(caller, "kubernetes", is_read=True)
        client = self._deps.clusters.client_as(caller, self._ask.cluster)
        try:
            found = orjson.loads((await client.call("GET", kind.path(row.namespace, row.name))).body)
        except NotFound:
            return None
        found["metadata"].pop("managedFields", None)
        return found

    def _concerns(self, old: Row | None, new: Row | None) -> bool:
        row = new or old
        ask = self._ask
        return row is not None and row.name == ask.name and row.namespace in (ask.namespace, "")

    def forget(self) -> None:
        self._was_told, self._kind = False, None

    def leave(self) -> None:
        self._following.leave()
