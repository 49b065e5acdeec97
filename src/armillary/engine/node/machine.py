"""A pod's life on this node as a function: what is known, what happened, what is to be done. Pure.

`step` first takes in the event, then looks at the whole record and orders what is missing. So events may come in
any order, and an order is given once: what is under way stands in the record.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from armillary.engine.node import record as r
from armillary.engine.node.absorb import absorb
from armillary.engine.node.bring_up import bring_up, turns_at
from armillary.engine.node.containers import all_containers
from armillary.engine.node.record import Because, ContainerRecord, Ending, PodRecord
from armillary.engine.node.restarts import is_complete
from armillary.engine.node.turn import Turn, grace_of, taking_in
from armillary.engine.node.wind_down import wind_down
from armillary.kube.kinds.core import Pod

DEADLINE = "Pod was active on the node longer than the specified deadline"


def new_record(pod: Pod, now: datetime) -> PodRecord:
    """Of a pod seen for the first time; nothing of it runs."""
    containers = {c.name: ContainerRecord(c.name) for c in all_containers(pod)}
    return taking_in(PodRecord(pod, now, containers), pod)


def step(record: PodRecord, event: r.Event, now: datetime) -> tuple[PodRecord, tuple[r.Instruction, ...]]:
    """What is known after the event, and what is to be done."""
    turn = Turn(record, now)
    absorb(turn, event)
    _plan(turn)
    return turn.record, tuple(turn.orders)


def next_wake(record: PodRecord, now: datetime) -> datetime | None:
    """When to look again although nothing happens."""
    moments = [record.retry_at, record.sandbox.retry_at, _deadline(record)]
    for found in record.containers.values():
        moments += [found.retry_at, turns_at(found), found.stop_by]
    return min((moment for moment in moments if moment is not None and moment > now), default=None)


def _deadline(record: PodRecord) -> datetime | None:
    seconds = record.pod.spec.active_deadline_seconds
    if seconds is None or record.ending is not None:
        return None
    return record.started_at + timedelta(seconds=seconds)


def _plan(turn: Turn) -> None:
    record = turn.record
    due = _deadline(record)
    if due is not None and turn.now >= due:
        turn.record = replace(
            record, ending=Ending(Because.REFUSED, grace_of(record.pod), "DeadlineExceeded", DEADLINE)
        )
        turn.tell("Normal", "DeadlineExceeded", DEADLINE)
    elif record.ending is None and is_complete(record):
        turn.end(Because.COMPLETED, grace_of(record.pod))
    if turn.record.ending is None:
        bring_up(turn)
    else:
        wind_down(turn, turn.record.ending)
