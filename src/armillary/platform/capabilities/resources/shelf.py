"""One kind of one cluster, kept as rows: listed, then watched, for as long as somebody asks for it."""

import asyncio
import logging
from bisect import bisect_left, insort
from collections.abc import Mapping
from contextlib import aclosing
from typing import Any

import orjson
from multidict import CIMultiDict

from armillary.base.backoff import Backoff
from armillary.base.clock import Clock
from armillary.base.errors import ApiError, Expired, Unavailable, error_of
from armillary.kube.client import Client
from armillary.kube.discovery import Served
from armillary.platform.capabilities.resources.decide.rows import Columns, Row, columns_of, row_of

log = logging.getLogger(__name__)

PAGE = 500
RETRY = Backoff(first_seconds=0.1, most_seconds=10.0)
FIRST_LIST_SECONDS = 60.0
_AS_TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"
_NO_COLUMNS = Columns((), (), ())


Key = tuple[str, str]  # namespace, name


class Shelf:
    """`run` keeps it current until cancelled. Read `rows` at any time: it is the state that arrived last."""

    def __init__(self, client: Client, served: Served, clock: Clock) -> None:
        self.served = served
        self.columns = _NO_COLUMNS
        self._rows: dict[Key, Row] = {}
        self._order: list[Key] = []  # the keys of `_rows`, sorted
        self.revision = ""
        self.used_at = clock.monotonic()
        self._client, self._clock = client, clock
        self._is_secret = served.kind.group == "" and served.kind.plural == "secrets"
        self._listed = asyncio.Event()
        self._fault: ApiError | None = None

    @property
    def rows(self) -> list[Row]:
        """In the order of namespaces and names."""
        rows = self._rows
        return [rows[key] for key in self._order]

    async def ready(self) -> None:
        """Until the first list is in. Raises what stands in its way."""
        self.used_at = self._clock.monotonic()
        try:
            async with asyncio.timeout(FIRST_LIST_SECONDS):
                await self._listed.wait()
        except TimeoutError as exc:
            raise self._fault or Unavailable(f"{self.served.kind.plural} are still being listed; try again") from exc
        if self._fault is not None:
            raise self._fault

    async def run(self) -> None:
        failures = 0
        while True:
            try:
                await self._list()
                failures, self._fault = 0, None
                self._listed.set()
                await self._watch()
            except Expired:
                continue
            except ApiError as exc:
                failures += 1
                self._fault = exc
                self._listed.set()  # whoever waits is told what is wrong
                log.info("list or watch failed", extra={"kind": self.served.kind.name, "error": str(exc)})
                await self._clock.sleep(RETRY.after(failures))

    async def _list(self) -> None:
        """Page by page: never more than one of them is held decoded."""
        path, found, token = self.served.kind.path(), dict[Key, Row](), ""
        while True:
            query = {"limit": str(PAGE), "includeObject": "Object"} | ({"continue": token} if token else {})
            headers = {"accept": _AS_TABLE}
            answer = await self._client.transport.request("GET", path, query=query, body=None, headers=headers)
            if answer.status >= 400:
                raise _refused(answer.status, answer.body)
            table: dict[str, Any] = orjson.loads(answer.body)
            found |= {(row.namespace, row.name): row for row in self._rows_of(table)}
            token = table["metadata"].get("continue") or ""
            if not token:
                break
            await asyncio.sleep(0)  # others' requests in between
        self._rows, self._order = found, sorted(found)
        self.revision = table["metadata"]["resourceVersion"]

    def _rows_of(self, table: Mapping[str, Any]) -> list[Row]:
        if definitions := table.get("columnDefinitions"):
            self.columns = columns_of(definitions)
        return [row_of(self.columns, row, secret=self._is_secret) for row in table.get("rows") or ()]

    async def _watch(self) -> None:
        path = self.served.kind.path()
        while True:
            query = {
                "watch": "true",
                "allowWatchBookmarks": "true",
                "resourceVersion": self.revision,
                "includeObject": "Object",
            }
            headers = CIMultiDict({"accept": _AS_TABLE})
            async with aclosing(self._client.transport.lines("GET", path, query=query, headers=headers)) as lines:
                async for line in lines:
                    self._take(orjson.loads(line))
            await self._clock.sleep(RETRY.first_seconds)

    def _take(self, event: Mapping[str, Any]) -> None:
        table: dict[str, Any] = event["object"]
        if event["type"] == "ERROR":
            raise error_of(int(table.get("code") or 500), table)
        if event["type"] == "BOOKMARK":
            rows = table.get("rows") or ()
            meta = rows[0]["object"]["metadata"] if rows else table["metadata"]
            self.revision = meta.get("resourceVersion") or self.revision
            return
        if definitions := table.get("columnDefinitions"):
            self.columns = columns_of(definitions)
        for sent in table.get("rows") or ():
            self.revision = sent["object"]["metadata"]["resourceVersion"]
            row = row_of(self.columns, sent, secret=self._is_secret)
            self._put((row.namespace, row.name), None if event["type"] == "DELETED" else row)

    def _put(self, key: Key, row: Row | None) -> None:
        if row is None:
            if self._rows.pop(key, None) is not None:
                del self._order[bisect_left(self._order, key)]
            return
        if key not in self._rows:
            insort(self._order, key)
        self._rows[key] = row


def _refused(status: int, body: bytes) -> ApiError:
    try:
        told = orjson.loads(body)
    except orjson.JSONDecodeError:
        told = None
    return error_of(status, told if isinstance(told, dict) else None, body.decode(errors="replace"))
