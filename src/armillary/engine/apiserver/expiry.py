"""Events vanish an hour after their last change, as kube-apiserver's --event-ttl has it."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

import orjson

from armillary.base.clock import Clock, parse_time
from armillary.base.errors import ApiError
from armillary.engine.apiserver.bootstrap import SYSTEM
from armillary.engine.apiserver.ports import Verbs
from armillary.engine.kinds.resource import Json
from armillary.engine.store.port import Entry, Key, Store

log = logging.getLogger(__name__)

EVENTS = "events"
KEPT = timedelta(hours=1)
LOOK_SECONDS = 60.0


class Expiry:
    """Remembers when each event was last written, so that hardly any has to be decoded."""

    def __init__(self) -> None:
        self._written: dict[Key, tuple[int, datetime]] = {}

    def expired(self, entries: Sequence[Entry], now: datetime) -> list[Key]:
        """Which are due. `entries` are all events there are."""
        before, self._written = self._written, {}
        due = []
        for entry in entries:
            known = before.get(entry.key)
            if known is None:
                known = (entry.revision, min(now, _last_written(orjson.loads(entry.body))))
            elif known[0] != entry.revision:
                known = (entry.revision, now)
            self._written[entry.key] = known
            if now - known[1] >= KEPT:
                due.append(entry.key)
        return due


def _last_written(event: Json) -> datetime:
    """As far as the event tells: made by us, and counted up since by whoever reports it."""
    told = [event["metadata"]["creationTimestamp"], event.get("lastTimestamp"), event.get("eventTime")]
    told.append((event.get("series") or {}).get("lastObservedTime"))
    return max(parse_time(text) for text in told if text)


async def expire_events(store: Store, verbs: Verbs, clock: Clock) -> None:
    """Until cancelled."""
    expiry = Expiry()
    while True:
        for key in expiry.expired(store.page(EVENTS).entries, clock.now()):
            try:
                await verbs.delete(SYSTEM, verbs.resource(EVENTS), key.namespace, key.name, {})
            except ApiError as exc:
                log.info("event not removed", extra={"event": key.name, "error": str(exc)})
        await clock.sleep(LOOK_SECONDS)
