"""Events for people: what happened to an object, repeated ones counted instead of written again.

Counting, combining and limiting as client-go's EventCorrelator: the same object, reason, message and source
make one Event; many messages of one reason are combined; an object that never stops talking is cut short.
"""

import asyncio
import logging
from collections import OrderedDict
from dataclasses import dataclass, field, replace
from typing import Generic, Literal, TypeVar

import msgspec

from armillary.base.clock import Clock, format_time
from armillary.base.errors import AlreadyExists, ApiError, NotFound
from armillary.kube.client import Client
from armillary.kube.kinds.core import EVENT, Event, EventSource, ObjectReference
from armillary.kube.kinds.meta import ObjectMeta

log = logging.getLogger(__name__)

# The figures are client-go's defaults (tools/record/events_cache.go).
REMEMBERED = 4096  # distinct events whose count goes on
SIMILAR = 10  # from so many different messages of one reason on, they are combined
SIMILAR_SECONDS = 600.0
BURST = 25.0  # events of one object at once, ...
REFILL_SECONDS = 300.0  # ... and then one in so long
WAITING = 1000  # events handed over and not written yet

V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Record:
    """An event to be written. `reason` is one CamelCase word, `message` a sentence."""

    regarding: ObjectReference
    type: Literal["Normal", "Warning"]
    reason: str
    message: str


class _Recent(OrderedDict[Record, V], Generic[V]):
    """The values used last, so many of them."""

    def put(self, key: Record, value: V) -> V:
        self[key] = value
        self.move_to_end(key)
        while len(self) > REMEMBERED:
            self.popitem(last=False)
        return value


@dataclass(slots=True)
class _Similar:
    """Messages seen under one reason."""

    last: float
    messages: set[str] = field(default_factory=set)


@dataclass(slots=True)
class _Bucket:
    """What an object may still say."""

    last: float
    tokens: float = BURST


class Recorder:
    """Writes records for one component; a failure to write is logged and forgotten."""

    def __init__(self, client: Client, clock: Clock, component: str, host: str = "") -> None:
        self._client, self._clock = client, clock
        self._source = EventSource(component=component, host=host)
        self._known: _Recent[tuple[str, int]] = _Recent()  # -> name of its Event, count
        self._similar: _Recent[_Similar] = _Recent()
        self._buckets: _Recent[_Bucket] = _Recent()
        self._waiting: asyncio.Queue[Record] = asyncio.Queue(WAITING)
        self._last = 0  # what the last name ended in

    def post(self, record: Record) -> None:
        """Hand over for `run` to write; dropped when too many wait."""
        try:
            self._waiting.put_nowait(record)
        except asyncio.QueueFull:
            log.info("event dropped", extra={"regarding": record.regarding.name, "reason": record.reason})

    async def run(self) -> None:
        """Write what was posted, in order, until cancelled."""
        while True:
            await self.write(await self._waiting.get())

    async def write(self, record: Record) -> None:
        # The revision differs from event to event of the same object: it must not split the count.
        ref = ObjectReference(
            api_version=record.regarding.api_version,
            kind=record.regarding.kind,
            namespace=record.regarding.namespace,
            name=record.regarding.name,
            uid=record.regarding.uid,
            field_path=record.regarding.field_path,
        )
        shown, key = self._combined(Record(ref, record.type, record.reason, record.message))
        if not self._may_speak(ref):
            return
        namespace = ref.namespace or "default"
        try:
            known = self._known.get(key)
            if known is not None and await self._count(shown, key, namespace, *known):
                return
            await self._create(shown, key, namespace)
        except ApiError as exc:
            log.info("event not written", extra={"regarding": ref.name, "reason": record.reason, "error": str(exc)})

    def _combined(self, record: Record) -> tuple[Record, Record]:
        """The record to show and the key it is counted under."""
        now, group = self._clock.monotonic(), replace(record, message="")
        seen = self._similar.get(group)
        if seen is None or now - seen.last > SIMILAR_SECONDS:
            seen = _Similar(now)
        seen.last = now
        seen.messages.add(record.message)
        self._similar.put(group, seen)
        if len(seen.messages) < SIMILAR:
            return record, record
        seen.messages.pop()
        return replace(record, message=f"(combined from similar events): {record.message}"), group

    def _may_speak(self, ref: ObjectReference) -> bool:
        now, key = self._clock.monotonic(), Record(ref, "Normal", "", "")
        bucket = self._buckets.put(key, self._buckets.get(key) or _Bucket(now))
        bucket.tokens = min(BURST, bucket.tokens + (now - bucket.last) / REFILL_SECONDS)
        bucket.last = now
        if bucket.tokens < 1:
            return False
        bucket.tokens -= 1
        return True

    async def _count(self, record: Record, key: Record, namespace: str, name: str, count: int) -> bool:
        patch = {"count": count + 1, "lastTimestamp": format_time(self._clock.now()), "message": record.message}
        try:
            await self._client.patch(EVENT, name, namespace, patch)
        except NotFound:  # it was kept for an hour and is gone
            return False
        self._known.put(key, (name, count + 1))
        return True

    async def _create(self, record: Record, key: Record, namespace: str) -> None:
        now = format_time(self._clock.now())
        event = Event(
            involved_object=record.regarding,
            type=record.type,
            reason=record.reason,
            message=record.message,
            source=self._source,
            reporting_component=self._source.component,
            reporting_instance=self._source.host,
            first_timestamp=now,
            last_timestamp=now,
            count=1,
        )
        while True:
            name = f"{record.regarding.name}.{self._stamp():x}"
            named = msgspec.structs.replace(event, metadata=ObjectMeta(name=name, namespace=namespace))
            try:
                await self._client.create(EVENT, named, namespace)
            except AlreadyExists:  # another recorder's, of the same moment
                continue
            self._known.put(key, (name, 1))
            return

    def _stamp(self) -> int:
        """The time in nanoseconds, and never the same twice: events of one second are listed by their names."""
        nanoseconds = int(self._clock.now().timestamp() * 1_000_000) * 1000
        self._last = max(nanoseconds, self._last + 1)
        return self._last
