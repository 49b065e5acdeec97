"""Events vanish an hour after their last change, as kube-apiserver's --event-ttl has it."""

import logging

from armillary.base.clock import Clock
from armillary.base.errors import ApiError
from armillary.engine.apiserver.bootstrap import SYSTEM
from armillary.engine.apiserver.ports import Verbs
from armillary.engine.store.port import Entry, Key, Store

log = logging.getLogger(__name__)

EVENTS = "events"
KEPT_SECONDS = 3600.0
LOOK_SECONDS = 60.0


class Expiry:
    """Remembers when each event was first seen in its present version: nothing has to be decoded for that."""

    def __init__(self) -> None:
        self._seen: dict[Key, tuple[int, float]] = {}

    def expired(self, entries: "list[Entry]", now: float) -> list[Key]:
        """Which are due. `entries` are all events there are; `now` is the monotonic clock."""
        seen = self._seen
        self._seen = {}
        due = []
        for entry in entries:
            revision, since = seen.get(entry.key, (entry.revision, now))
            if revision != entry.revision:
                revision, since = entry.revision, now
            self._seen[entry.key] = (revision, since)
            if now - since >= KEPT_SECONDS:
                due.append(entry.key)
        return due


async def expire_events(store: Store, verbs: Verbs, clock: Clock) -> None:
    """Until cancelled."""
    expiry = Expiry()
    while True:
        for key in expiry.expired(list(store.page(EVENTS).entries), clock.monotonic()):
            try:
                await verbs.delete(SYSTEM, verbs.resource(EVENTS), key.namespace, key.name, {})
            except ApiError as exc:
                log.info("event not removed", extra={"event": key.name, "error": str(exc)})
        await clock.sleep(LOOK_SECONDS)
