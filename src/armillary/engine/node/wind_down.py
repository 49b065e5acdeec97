"""A pod on its way out: containers stop in order, then the sandbox, then all that was made for it goes. Pure."""

from dataclasses import replace

from armillary.engine.node import record as r
from armillary.engine.node.record import Because, Doing, Ending, Step
from armillary.engine.node.restarts import sidecars
from armillary.engine.node.turn import Turn


def wind_down(turn: Turn, ending: Ending) -> None:
    for found in turn.record.containers.values():
        if found.is_running and found.doing in (Doing.NOTHING, Doing.POST_START):
            turn.stop(found.name, f"Stopping container {found.name}", ending.grace_seconds)
    _give_turns(turn)
    if turn.anything_alive() or turn.record.sandbox.busy or turn.record.prepared is Step.DOING:
        return
    known = turn.record.sandbox
    if known.id and not known.stopped:
        if turn.due(known.retry_at):
            turn.record = replace(turn.record, sandbox=replace(known, busy=True, ready=False))
            turn.orders.append(r.StopSandbox(known.id))
        return
    _clear_away(turn, ending)


def _give_turns(turn: Turn) -> None:
    """Sidecars end after the containers that they serve, the last declared first, unless the grace is over."""
    names = [c.name for c in sidecars(turn.record.pod)]
    for found in tuple(turn.record.containers.values()):
        if found.doing is Doing.PRE_STOP and found.stop_by is not None and turn.now >= found.stop_by:
            turn.stop_now(found.name)
        if found.doing is not Doing.AWAITING_TURN:
            continue
        later = names[names.index(found.name) + 1 :] if found.name in names else None
        grace_is_over = found.stop_by is not None and turn.now >= found.stop_by
        if later is None or grace_is_over or not _serves(turn, names, later):
            turn.stop_now(found.name)


def _serves(turn: Turn, every_sidecar: list[str], later: list[str]) -> bool:
    return any(
        found.is_running or found.doing is Doing.STARTING
        for found in turn.record.containers.values()
        if found.name in later or found.name not in every_sidecar
    )


def _clear_away(turn: Turn, ending: Ending) -> None:
    record = turn.record
    if not turn.due(record.retry_at):
        return
    if record.unmounted is not Step.DONE:
        if record.unmounted is Step.TO_DO:
            turn.record = replace(record, unmounted=Step.DOING)
            turn.orders.append(r.Unmount())
        return
    if ending.because is Because.DELETED and record.released is Step.TO_DO:
        turn.record = replace(turn.record, released=Step.DOING)
        turn.orders.append(r.Release())
    if ending.because in (Because.DELETED, Because.GONE) and record.removed is Step.TO_DO:
        turn.record = replace(turn.record, removed=Step.DOING)
        turn.orders.append(r.Remove())
