"""A pod on its way up: volumes, sandbox, init containers in order, then all others; and what must start again. Pure."""

from dataclasses import replace
from datetime import datetime, timedelta

from armillary.engine.node import record as r
from armillary.engine.node.absorb import PULL, PULL_FAULTS
from armillary.engine.node.containers import AnyContainer
from armillary.engine.node.record import ContainerRecord, Doing, SandboxRecord, Step
from armillary.engine.node.restarts import (
    crash_wait,
    format_seconds,
    init_is_through,
    is_finished,
    is_initialized,
    is_sidecar,
    next_crash,
    sidecars,
)
from armillary.engine.node.turn import Turn, grace_of, is_main
from armillary.kube.kinds.core import Container, EphemeralContainer

_PULL_SHOWN = timedelta(seconds=2)  # how long a pull's failure is shown before it turns into waiting


def turns_at(found: ContainerRecord) -> datetime | None:
    """When a failed pull is shown as a wait for the next one."""
    if found.waiting is None or found.waiting.reason not in PULL_FAULTS or found.retry_at is None:
        return None
    return found.retry_at - timedelta(seconds=PULL.after(found.failures)) + _PULL_SHOWN


def bring_up(turn: Turn) -> None:
    record = turn.record
    if record.prepared is not Step.DONE:
        if record.prepared is Step.TO_DO and turn.due(record.retry_at):
            turn.record = replace(record, prepared=Step.DOING, unmounted=Step.TO_DO)
            turn.orders.append(r.Prepare())
        return
    if not _sandbox_is_up(turn):
        return
    _stop_changed(turn)
    for ephemeral in record.pod.spec.ephemeral_containers:
        found = turn.record.containers[ephemeral.name]
        if found.current is None:
            _try_start(turn, ephemeral)
    if _inits_are_through(turn):
        for container in record.pod.spec.containers:
            found = turn.record.containers[container.name]
            if not found.is_running and not is_finished(turn.record, container):
                _try_start(turn, container)


def _sandbox_is_up(turn: Turn) -> bool:
    known = turn.record.sandbox
    if known.busy or known.ready:
        return known.ready
    if known.id:
        _replace_sandbox(turn, known)
    elif turn.due(known.retry_at):
        turn.record = replace(turn.record, sandbox=replace(known, busy=True))
        turn.orders.append(r.StartSandbox(known.attempt))
    return False


def _replace_sandbox(turn: Turn, known: SandboxRecord) -> None:
    """A lost sandbox takes its containers with it."""
    for found in turn.record.containers.values():
        if found.is_running and found.doing in (Doing.NOTHING, Doing.POST_START):
            turn.stop(found.name, f"Stopping container {found.name}", grace_of(turn.record.pod))
    if not turn.anything_alive() and turn.due(known.retry_at):
        turn.record = replace(turn.record, sandbox=replace(known, busy=True))
        turn.orders.append(r.StopSandbox(known.id))


def _stop_changed(turn: Turn) -> None:
    """Containers whose image is another one now are started anew."""
    pod = turn.record.pod
    for container in (*sidecars(pod), *pod.spec.containers):
        found = turn.record.containers[container.name]
        run = found.current
        if run is None or run.ended or found.doing is not Doing.NOTHING or run.asked_image == container.image:
            continue
        turn.put(replace(found, restart_anyway=True))
        if is_main(pod, container.name):
            message = f"Container {container.name} definition changed, will be restarted"
        else:
            message = f"Init container {container.name} definition changed"
        turn.stop(container.name, message, grace_of(pod))


def _inits_are_through(turn: Turn) -> bool:
    record, inits = turn.record, turn.record.pod.spec.init_containers
    if is_initialized(record):
        for container in sidecars(record.pod):
            if not turn.record.containers[container.name].is_running:
                _try_start(turn, container)
        return True
    ran = [_has_run(turn, container) for container in inits]
    reached = max((number for number, did in enumerate(ran) if did), default=0)
    for number, container in enumerate(inits):
        if init_is_through(turn.record, container):
            continue
        if not turn.record.containers[container.name].is_running and (number >= reached or is_sidecar(container)):
            _try_start(turn, container)
        if number >= reached:
            return False
    return False


def _has_run(turn: Turn, container: Container) -> bool:
    run = turn.record.containers[container.name].current
    return run is not None and run.sandbox_id == turn.record.sandbox.id


def _try_start(turn: Turn, container: AnyContainer) -> None:
    found = turn.record.containers[container.name]
    if found.doing is not Doing.NOTHING:
        return
    if not turn.due(found.retry_at):
        _show_pull_wait(turn, found, container)
        return
    run = found.current
    if run is not None and run.ended and not found.failures:
        due = crash_wait(found, run, turn.now)
        if due is not None:
            _show_crash_wait(turn, found, due)
            return
    if _is_starting(turn) and not isinstance(container, EphemeralContainer):
        return  # one after the other, as a hook of the first may be what the second counts on
    if not found.failures:
        found = next_crash(found, run, turn.now)
    turn.put(replace(found, doing=Doing.STARTING, retry_at=None))
    turn.orders.append(r.StartContainer(container.name, found.attempt))


def _show_pull_wait(turn: Turn, found: ContainerRecord, container: AnyContainer) -> None:
    due = turns_at(found)
    if due is None or found.waiting is None or turn.now < due:
        return
    text = f'Back-off pulling image "{container.image}"'
    turn.tell("Normal", "BackOff", text, found.name)
    turn.tell("Warning", "Failed", "Error: ImagePullBackOff", found.name)
    full = f"{text}: {found.waiting.reason}: {found.waiting.message}"
    turn.put(replace(found, waiting=r.Waiting("ImagePullBackOff", full)))


def _show_crash_wait(turn: Turn, found: ContainerRecord, due: datetime) -> None:
    assert found.crash is not None  # noqa: S101  # else there is nothing to wait for
    key = turn.record.key
    message = f"back-off {format_seconds(found.crash.seconds)} restarting failed container={found.name} pod={key}"
    turn.put(replace(found, waiting=r.Waiting("CrashLoopBackOff", message), retry_at=due))
    turn.tell("Warning", "BackOff", f"Back-off restarting failed container {found.name} in pod {key}", found.name)


def _is_starting(turn: Turn) -> bool:
    ephemeral = {c.name for c in turn.record.pod.spec.ephemeral_containers}
    return any(
        found.doing in (Doing.STARTING, Doing.POST_START)
        for found in turn.record.containers.values()
        if found.name not in ephemeral
    )
