"""One kind of one cluster, kept as rows: listed, then watched, for as long as somebody asks for it."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from contextlib import aclosing
from typing import Any

import orjson
from multidict import CIMultiDict

from armillary.base.backoff import Backoff
from armillary.base.clock import Clock
from armillary.base.errors import ApiError, Expired, Unavailable, error_of
from armillary.kube.client import Client
from armillary.kube.discovery import Served
from armillary.platform.capabilities.resources.decide.moments import Lasting, moments_of
from armillary.platform.capabilities.resources.decide.ordered import Rows
from armillary.platform.capabilities.resources.decide.rows import Columns, Row, columns_of, row_of

log = logging.getLogger(__name__)

PAGE = 500
RETRY = Backoff(first_seconds=0.1, most_seconds=10.0)
FIRST_LIST_SECONDS = 60.0
WATCH_SECONDS = "300"  # then another begins: a stream says only once what columns there are
PASSING_SECONDS = 30.0  # how long a server may be away before lists say so
_AS_TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"
_NO_COLUMNS = Columns((), (), ())
# Called for each row that changed, with the one before and the one after, None where there is none; and with neither
# when everything may be another.
Listener = Callable[[Row | None, Row | None], None]


class Shelf:
    """`run` keeps it current until cancelled. Read `rows` at any time: it is the state that arrived last."""

    def __init__(self, client: Callable[[], Client], served: Served, clock: Clock) -> None:
        self.served = served
        self.rows = Rows(_NO_COLUMNS)
        self.revision = ""
        self.used_at = clock.monotonic()
        self._client, self._clock = client, clock
        self.is_secret = served.kind.group == "" and served.kind.plural == "secrets"
        self._listed = asyncio.Event()
        self._moments: Mapping[str, Lasting] = {}
        self._fault: ApiError | None = None
        self._faulty_since = 0.0
        self._listeners: set[Listener] = set()

    def listen(self, listener: Listener) -> None:
        """It must not wait: note that something has changed, and look later."""
        self._listeners.add(listener)

    def unlisten(self, listener: Listener) -> None:
        self._listeners.discard(listener)

    def _tell(self, old: Row | None, new: Row | None) -> None:
        for listener in self._listeners:
            listener(old, new)

    async def ready(self) -> None:
        """Until the first list is in. Raises what stands in its way."""
        self.used_at = self._clock.monotonic()
        try:
            async with asyncio.timeout(FIRST_LIST_SECONDS):
                await self._listed.wait()
        except TimeoutError as exc:
            raise self._fault or Unavailable(f"{self.served.kind.plural} are still being listed; try again") from exc
        if self._fault is not None and not self._is_passing(self._fault):
            raise self._fault

    def _is_passing(self, fault: ApiError) -> bool:
        """A server that starts again takes nothing away: what was known of it is good for a while."""
        lasts = self._clock.monotonic() - self._faulty_since
        return bool(self.revision) and isinstance(fault, Unavailable) and lasts < PASSING_SECONDS

    async def run(self) -> None:
        failures = 0
        while True:
            try:
                client = self._client()  # a cluster's connection may be another by now
                await self._list(client)
                failures, self._fault = 0, None
                self._listed.set()
                self._tell(None, None)
                await self._watch(client)
            except ApiError as exc:
                failures += 1
                if not isinstance(exc, Expired):
                    self._fail(exc)
                await self._clock.sleep(RETRY.after(failures))

    def _fail(self, fault: ApiError) -> None:
        if self._fault is None:
            self._faulty_since = self._clock.monotonic()
        self._fault = fault
        self._listed.set()  # whoever waits is told what is wrong
        log.info("list or watch failed", extra={"kind": self.served.kind.name, "error": str(fault)})

    async def _list(self, client: Client) -> None:
        """Page by page: never more than one of them is held decoded. Readers see the old rows until the last."""
        path, found, token, columns = self.served.kind.path(), list[Row](), "", _NO_COLUMNS
        self._moments = await self._custom_moments(client)
        while True:
            query = {"limit": str(PAGE), "includeObject": "Object"} | ({"continue": token} if token else {})
            headers = {"accept": _AS_TABLE}
            answer = await client.transport.request("GET", path, query=query, body=None, headers=headers)
            if answer.status >= 400:
                raise _refused(answer.status, answer.body)
            table: dict[str, Any] = orjson.loads(answer.body)
            columns = self._columns(table) or columns
            found += [self._row(columns, sent) for sent in table.get("rows") or ()]
            token = table["metadata"].get("continue") or ""
            if not token:
                break
            await asyncio.sleep(0)  # others' requests in between
        self.rows, self.revision = Rows(columns, found), table["metadata"]["resourceVersion"]

    async def _custom_moments(self, client: Client) -> Mapping[str, Lasting]:
        """Of a kind that a definition has brought; none of another."""
        kind = self.served.kind
        if "." not in kind.group:
            return {}
        path = f"/apis/apiextensions.k8s.io/v1/customresourcedefinitions/{kind.plural}.{kind.group}"
        answer = await client.transport.request("GET", path, query={}, body=None, headers={})
        return moments_of(orjson.loads(answer.body), kind.version) if answer.status == 200 else {}

    def _columns(self, table: Mapping[str, Any]) -> Columns | None:
        """Only the first table of a stream says them."""
        definitions, kind = table.get("columnDefinitions"), self.served.kind
        return columns_of(definitions, (kind.group, kind.plural), self._moments) if definitions else None

    def _row(self, columns: Columns, sent: Mapping[str, Any]) -> Row:
        return row_of(columns, sent, secret=self.is_secret)

    async def _watch(self, client: Client) -> None:
        path = self.served.kind.path()
        while True:
            query = {
                "watch": "true",
                "allowWatchBookmarks": "true",
                "timeoutSeconds": WATCH_SECONDS,
                "resourceVersion": self.revision,
                "includeObject": "Object",
            }
            headers = CIMultiDict({"accept": _AS_TABLE})
            async with aclosing(client.transport.lines("GET", path, query=query, headers=headers)) as lines:
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
        if (columns := self._columns(table)) is not None and columns != self.rows.columns:
            raise Expired("the columns are others now")  # those of every row, then
        for sent in table.get("rows") or ():
            row = self._row(self.rows.columns, sent)
            if event["type"] == "DELETED":
                self._tell(self.rows.drop(row.namespace, row.name), None)
            else:
                self._tell(self.rows.put(row), row)
            self.revision = sent["object"]["metadata"]["resourceVersion"]


def _refused(status: int, body: bytes) -> ApiError:
    try:
        told = orjson.loads(body)
    except orjson.JSONDecodeError:
        told = None
    return error_of(status, told if isinstance(told, dict) else None, body.decode(errors="replace"))
