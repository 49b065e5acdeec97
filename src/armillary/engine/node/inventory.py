"""What the runtime has, sorted by pod; and what of it nobody needs any more. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from armillary.engine.node.record import PodRecord, Run
from armillary.engine.node.runtime.port import Container, Sandbox, State

# A container younger than this may be one that its pod's worker has not heard of yet.
LEAST_AGE = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Inventory:
    """As the runtime listed it at one moment."""

    sandboxes: tuple[Sandbox, ...]
    containers: tuple[Container, ...]

    def of_pod(self, uid: str) -> tuple[tuple[Sandbox, ...], tuple[Container, ...]]:
        sandboxes = tuple(s for s in self.sandboxes if s.pod.uid == uid)
        ids = {sandbox.id for sandbox in sandboxes}
        return sandboxes, tuple(c for c in self.containers if c.sandbox_id in ids)


@dataclass(frozen=True, slots=True)
class Garbage:
    """What may be removed."""

    containers: tuple[str, ...]
    sandboxes: tuple[str, ...]
    orphans: tuple[Sandbox, ...]  # of pods that this node does not have


def garbage(found: Inventory, records: Mapping[str, PodRecord], now: datetime) -> Garbage:
    """Dead containers but for the two newest runs of each, sandboxes that were replaced, and orphans.

    `records` are by the pod's uid.
    """
    kept = {run.id for record in records.values() for run in _known_runs(record)}
    current = {record.sandbox.id for record in records.values()}
    dead = tuple(
        c.id
        for c in found.containers
        if c.state is State.EXITED and c.id not in kept and now - c.created_at > LEAST_AGE
    )
    in_use = {c.sandbox_id for c in found.containers if c.id not in dead}
    replaced = tuple(
        s.id
        for s in found.sandboxes
        if s.pod.uid in records
        and not s.ready
        and s.id not in current
        and s.id not in in_use
        and now - s.created_at > LEAST_AGE
    )
    orphans = tuple(s for s in found.sandboxes if s.pod.uid not in records)
    return Garbage(dead, replaced, orphans)


def _known_runs(record: PodRecord) -> Iterable[Run]:
    for found in record.containers.values():
        yield from (run for run in (found.current, found.last) if run is not None)


def ended_runs(found: Inventory, record: PodRecord) -> Sequence[str]:
    """Names of containers that the record takes for running and the runtime does not."""
    alive = {c.id for c in found.containers if c.state is not State.EXITED}
    return [
        name
        for name, known in record.containers.items()
        if known.is_running and known.current is not None and known.current.id not in alive
    ]


def sandbox_is_lost(found: Inventory, record: PodRecord) -> bool:
    sandbox = record.sandbox
    return sandbox.ready and not any(s.id == sandbox.id and s.ready for s in found.sandboxes)
