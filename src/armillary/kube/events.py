"""Events for people: what happened to an object, repeated ones counted instead of written again.

Counting rule as client-go's EventCorrelator: the same object, reason, message and source make one Event.
"""

import logging
import uuid
from collections import OrderedDict
from dataclasses import dataclass
from typing import Literal

from armillary.base.clock import Clock, format_time
from armillary.base.errors import ApiError, NotFound
from armillary.kube.client import Client
from armillary.kube.kinds.core import EVENT, Event, EventSource, ObjectReference
from armillary.kube.kinds.meta import ObjectMeta

log = logging.getLogger(__name__)

REMEMBERED = 4096  # distinct events whose count goes on, as client-go has it


@dataclass(frozen=True, slots=True)
class Record:
    """An event to be written. `reason` is one CamelCase word, `message` a sentence."""

    regarding: ObjectReference
    type: Literal["Normal", "Warning"]
    reason: str
    message: str


class Recorder:
    """Writes records for one component; a failure to write is logged and forgotten."""

    def __init__(self, client: Client, clock: Clock, component: str, host: str = "") -> None:
        self._client, self._clock = client, clock
        self._source = EventSource(component=component, host=host)
        self._known: OrderedDict[Record, tuple[str, int]] = OrderedDict()  # -> name of its Event, count

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
        record = Record(ref, record.type, record.reason, record.message)
        namespace = ref.namespace or "default"
        try:
            known = self._known.get(record)
            if known is not None and await self._count(record, namespace, *known):
                return
            await self._create(record, namespace)
        except ApiError as exc:
            log.info("event not written", extra={"regarding": ref.name, "reason": record.reason, "error": str(exc)})

    async def _count(self, record: Record, namespace: str, name: str, count: int) -> bool:
        patch = {"count": count + 1, "lastTimestamp": format_time(self._clock.now())}
        try:
            await self._client.patch(EVENT, name, namespace, patch)
        except NotFound:  # it was kept for an hour and is gone
            return False
        self._remember(record, name, count + 1)
        return True

    async def _create(self, record: Record, namespace: str) -> None:
        name = f"{record.regarding.name}.{uuid.uuid4().hex[:16]}"
        now = format_time(self._clock.now())
        event = Event(
            metadata=ObjectMeta(name=name, namespace=namespace),
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
        await self._client.create(EVENT, event, namespace)
        self._remember(record, name, 1)

    def _remember(self, record: Record, name: str, count: int) -> None:
        self._known[record] = (name, count)
        self._known.move_to_end(record)
        while len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
