"""Writes a pod's status: only what changed, the newest only, again until it is through."""

import asyncio
import logging
from typing import Any

import msgspec

from armillary.base.backoff import Backoff
from armillary.base.clock import Clock
from armillary.base.errors import ApiError, Conflict, NotFound
from armillary.engine.node.conditions import OURS
from armillary.kube.client import Client, PatchType
from armillary.kube.kinds.core import POD, Pod, PodStatus

log = logging.getLogger(__name__)

_AGAIN = Backoff(first_seconds=0.1, most_seconds=10.0)
# Lists that strategic merge would add to instead of replacing them.
_REPLACED = ("podIPs", "hostIPs")

Json = dict[str, Any]


class StatusWriter:
    """For one pod. `put` never waits; `run` writes."""

    def __init__(self, client: Client, clock: Clock, gate: asyncio.Semaphore, pod: Pod) -> None:
        self._client, self._clock, self._gate = client, clock, gate
        self._meta = pod.metadata
        self.written = pod.status
        self._wanted = pod.status
        self._changed = asyncio.Event()
        self._settled = asyncio.Event()
        self._settled.set()
        self._gone = False

    def put(self, status: PodStatus) -> None:
        """From now on this is what should stand there."""
        self._wanted = status
        if not self._gone and status_patch(self.written, status):
            self._settled.clear()
            self._changed.set()

    async def settled(self) -> None:
        """Until the newest status is written (or the pod is gone)."""
        await self._settled.wait()

    async def run(self) -> None:
        """Until cancelled, or the object is gone."""
        failures = 0
        while not self._gone:
            await self._changed.wait()
            self._changed.clear()
            status = self._wanted
            patch = status_patch(self.written, status)
            try:
                if patch:
                    await self._write(patch)
                self.written, failures = status, 0
            except ApiError as exc:
                failures += 1
                log.info("status not written", extra={"pod": self._meta.name, "error": str(exc)})
                await self._clock.sleep(_AGAIN.after(failures))
                self._changed.set()
                continue
            if not self._changed.is_set() or self._gone:
                self._settled.set()

    async def _write(self, patch: Json) -> None:
        body = {"metadata": {"uid": self._meta.uid}, "status": patch}
        async with self._gate:
            try:
                await self._client.patch(
                    POD,
                    self._meta.name,
                    self._meta.namespace,
                    body,
                    type=PatchType.STRATEGIC,
                    subresource="status",
                )
            except (NotFound, Conflict):  # it is gone, or another pod has its name
                self._gone = True


def status_patch(before: PodStatus, after: PodStatus) -> Json:
    """A strategic merge patch of the status; empty if nothing changed. Others' conditions are left alone."""
    old: Json = msgspec.to_builtins(before)
    new: Json = msgspec.to_builtins(after)
    patch: Json = {}
    for key in {**old, **new}:
        if key == "conditions":
            changed = _changed_conditions(old.get(key, []), new.get(key, []))
            patch |= {key: changed} if changed else {}
        elif old.get(key) != new.get(key):
            patch[key] = _value(key, new.get(key))
    return patch


def _value(key: str, value: Any) -> Any:
    return [{"$patch": "replace"}, *value] if key in _REPLACED and value else value


def _changed_conditions(before: list[Json], after: list[Json]) -> list[Json]:
    known = {condition["type"]: condition for condition in before}
    changed = []
    for condition in after:
        old = known.get(condition["type"])
        if condition["type"] not in OURS or condition == old:
            continue
        # What is left out of a merge stays: an old reason must be taken away.
        changed.append({**{key: None for key in old or {} if key not in condition}, **condition})
    return changed
