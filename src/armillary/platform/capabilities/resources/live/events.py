"""What happened to one object, as the cluster's events tell it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from armillary.base.errors import BadRequest, Cause
from armillary.kube.discovery import Served
from armillary.platform.capabilities.resources.asking import Deps, where
from armillary.platform.capabilities.resources.decide.happened import in_order, is_about
from armillary.platform.capabilities.resources.decide.rows import Row, object_of
from armillary.platform.capabilities.resources.live.messages import EventsAsk, Happened
from armillary.platform.capabilities.resources.live.view import Following, Permitted
from armillary.platform.frame.caller import Caller

MOST = 200
EVENTS = ("", "v1", "events")


@dataclass(frozen=True, slots=True)
class _Where:
    """Namespaces; None is everywhere."""

    allowed: frozenset[str] | None


class EventsView:
    def __init__(self, ask: EventsAsk, deps: Deps, wake: Callable[[], None]) -> None:
        self._ask, self._deps = ask, deps
        self._permitted = Permitted(deps, ask.cluster, self._where)
        self._following = Following(deps, ask.cluster, EVENTS, self._concerns, wake)
        self._served: Served | None = None
        self._allowed: _Where | None = None
        self._index: Mapping[str, int] = {}
        self._told: tuple[bytes, ...] | None = None
        self.spent = 0.0

    async def _where(self, caller: Caller) -> _Where:
        involved = self._ask.involved
        if not involved.uid and not (involved.kind and involved.name):
            cause = Cause("FieldValueRequired", "involved", "required value")
            raise BadRequest("involved: say which object, by its uid or by its kind and name", causes=[cause])
        self._served = self._served or await self._deps.library.served(self._ask.cluster, EVENTS)
        return _Where(await where(self._deps, caller, self._ask.cluster, self._served, self._ask.namespace))

    async def look(self, caller: Caller) -> Happened | None:
        self.spent = 0.0
        allowed = await self._permitted.of(caller)
        shelf = await self._following.shelf()
        if not self._following.take_changed() and allowed == self._allowed and self._told is not None:
            return None
        self._allowed, self._index = allowed, shelf.rows.columns.index
        began = self._deps.clock.monotonic()
        found = [row for row in shelf.rows if self._is_seen(row, allowed) and self._is_about(row)]
        packed = tuple(sorted(row.packed for row in found))
        self.spent = self._deps.clock.monotonic() - began
        if packed == self._told:
            return None
        self._told = packed
        events: list[Any] = in_order(map(object_of, found))
        return Happened(id=self._ask.id, items=tuple(events[:MOST]))

    def _is_about(self, row: Row) -> bool:
        involved = self._ask.involved
        return is_about(row, self._index, involved.uid, involved.kind, involved.name)

    @staticmethod
    def _is_seen(row: Row, where: _Where) -> bool:
        return where.allowed is None or row.namespace in where.allowed

    def _concerns(self, old: Row | None, new: Row | None) -> bool:
        return any(row is not None and self._is_about(row) for row in (old, new))

    def forget(self) -> None:
        self._told = self._served = None

    def leave(self) -> None:
        self._following.leave()
