"""A window on a list, as it is and as it becomes."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from armillary.kube.discovery import Served
from armillary.platform.capabilities.resources.asking import Deps, counted, name_of, wanted, where, within
from armillary.platform.capabilities.resources.decide.rows import Columns, Row
from armillary.platform.capabilities.resources.decide.select import Page, Wanted, select
from armillary.platform.capabilities.resources.decide.window import change, concerns
from armillary.platform.capabilities.resources.live.messages import Delta, ListAsk, Snapshot
from armillary.platform.capabilities.resources.live.view import Following, Permitted
from armillary.platform.capabilities.resources.shelf import Shelf
from armillary.platform.capabilities.resources.shown import shown_columns, shown_row
from armillary.platform.frame.caller import Caller


@dataclass(frozen=True, slots=True)
class _Where:
    """Namespaces; None is everywhere."""

    allowed: frozenset[str] | None


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the client has."""

    columns: Columns
    wanted: Wanted
    page: Page


class ListView:
    def __init__(self, ask: ListAsk, deps: Deps, wake: Callable[[], None]) -> None:
        self._ask, self._deps = ask, deps
        self._name = name_of(ask.group, ask.version, ask.plural)
        self._permitted = Permitted(deps, ask.cluster, self._where)
        self._following = Following(deps, ask.cluster, self._name, self._concerns, wake)
        self._served: Served | None = None
        self._seen: _Seen | None = None
        self.spent = 0.0

    async def _where(self, caller: Caller) -> _Where:
        ask = self._ask
        self._served = self._served or await self._deps.library.served(ask.cluster, self._name)
        return _Where(await where(self._deps, caller, ask.cluster, self._served, ask.query.namespace))

    async def look(self, caller: Caller) -> Snapshot | Delta | None:
        self.spent = 0.0
        allowed = (await self._permitted.of(caller)).allowed
        shelf = await self._following.shelf()
        namespaces = within(self._deps, allowed, self._ask.query.workspace)
        seen = self._seen
        is_same = seen is not None and seen.wanted.namespaces == namespaces
        if not self._following.take_changed() and is_same:
            return None
        began = self._deps.clock.monotonic()
        try:
            if seen is None or seen.columns != shelf.rows.columns:
                return self._snapshot(shelf, namespaces)
            return self._delta(shelf, replace(seen.wanted, namespaces=namespaces), seen)
        finally:
            self.spent = self._deps.clock.monotonic() - began

    def _snapshot(self, shelf: Shelf, namespaces: frozenset[str] | None) -> Snapshot:
        query, columns = self._ask.query, shelf.rows.columns
        asked = wanted(query, columns, namespaces, query.offset, query.limit)
        page = select(shelf.rows, asked, counted(query, columns))
        self._seen = _Seen(columns, asked, page)
        return Snapshot(
            id=self._ask.id,
            columns=shown_columns(columns),
            items=tuple(shown_row(row, full=query.full) for row in page.rows),
            offset=query.offset,
            total=page.total,
            counts=page.counts,
            resource_version=shelf.revision,
        )

    def _delta(self, shelf: Shelf, asked: Wanted, seen: _Seen) -> Delta | None:
        query = self._ask.query
        page = select(shelf.rows, asked, counted(query, seen.columns))
        self._seen = _Seen(seen.columns, asked, page)
        found = change(seen.page, page, whole=query.full)
        if found is None:
            return None
        rows = tuple(shown_row(row, full=query.full) for row in found.rows)
        return Delta(id=self._ask.id, order=found.order, set=rows, total=page.total, counts=page.counts)

    def _concerns(self, old: Row | None, new: Row | None) -> bool:
        if self._seen is None:
            return True
        return concerns(old, new, self._seen.wanted, self._seen.columns.index, whole=self._ask.query.full)

    def forget(self) -> None:
        self._served = self._seen = None
        self._following.mark_changed()

    def leave(self) -> None:
        self._following.leave()
