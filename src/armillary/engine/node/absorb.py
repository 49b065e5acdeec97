"""What an event changes in what is known of a pod. Pure."""

from dataclasses import replace

from armillary.base.backoff import Backoff
from armillary.engine.node import record as r
from armillary.engine.node.record import Because, ContainerRecord, Doing, Ending, Run, SandboxRecord, Step
from armillary.engine.node.restarts import restarts_at_all
from armillary.engine.node.turn import Turn, container_of, grace_of, taking_in

PULL = Backoff(first_seconds=10.0, most_seconds=300.0)
CREATE = Backoff(first_seconds=1.0, most_seconds=10.0)
SANDBOX = Backoff(first_seconds=1.0, most_seconds=60.0)
MOUNT = Backoff(first_seconds=0.5, most_seconds=30.0)
CLEAR = Backoff(first_seconds=0.5, most_seconds=10.0)

PULL_FAULTS = frozenset({"ErrImagePull", "ImageInspectError", "RegistryUnavailable", "SignatureValidationFailed"})
_FINAL_PULL_FAULTS = frozenset({"ErrImageNeverPull", "InvalidImageName"})


def absorb(turn: Turn, event: r.Event) -> None:
    match event:
        case r.PodChanged(pod):
            turn.record = taking_in(turn.record, pod)
            _shorten(turn)
        case r.PodGone():
            turn.end(Because.GONE, max(1, grace_of(turn.record.pod)))
            _shorten(turn)
        case r.Refused(reason, message):
            turn.record = replace(turn.record, ending=Ending(Because.REFUSED, 0, reason, message))
        case r.Prepared() | r.PrepareFailed():
            _absorb_preparation(turn, event)
        case r.SandboxStarted() | r.SandboxFailed() | r.SandboxEnded() | r.SandboxStopped():
            _absorb_sandbox(turn, event)
        case r.Unmounted(error):
            _absorb_clearing(turn, "unmounted", error)
        case r.Released(error):
            _absorb_clearing(turn, "released", error)
        case r.Removed(error):
            _absorb_clearing(turn, "removed", error)
        case r.Tick():
            pass
        case _:
            _absorb_container(turn, event)


def _absorb_preparation(turn: Turn, event: r.Prepared | r.PrepareFailed) -> None:
    match event:
        case r.Prepared():
            turn.record = replace(turn.record, prepared=Step.DONE, failures=0, retry_at=None)
        case r.PrepareFailed(reason, message):
            failures = turn.record.failures + 1
            retry_at = turn.after(MOUNT.after(failures))
            turn.record = replace(turn.record, prepared=Step.TO_DO, failures=failures, retry_at=retry_at)
            turn.tell("Warning", reason, message)


def _absorb_clearing(turn: Turn, step: str, error: str) -> None:
    failures = turn.record.failures + 1 if error else 0
    retry_at = turn.after(CLEAR.after(failures)) if error else None
    done = Step.TO_DO if error else Step.DONE
    turn.record = replace(turn.record, failures=failures, retry_at=retry_at, **{step: done})  # type: ignore[arg-type]


def _absorb_sandbox(turn: Turn, event: r.SandboxStarted | r.SandboxFailed | r.SandboxEnded | r.SandboxStopped) -> None:
    known = turn.record.sandbox
    match event:
        case r.SandboxStarted(id, ips, pid):
            known = SandboxRecord(known.attempt, id, ips, pid, ready=True)
        case r.SandboxFailed(message):
            failures = known.failures + 1
            retry_at = turn.after(SANDBOX.after(failures))
            known = SandboxRecord(known.attempt + 1, failures=failures, retry_at=retry_at)
            if turn.record.ending is None:  # else it may have failed because the pod was going away
                turn.tell("Warning", "FailedCreatePodSandBox", f"Failed to create pod sandbox: {message}")
        case r.SandboxEnded(id) if id == known.id and known.ready and not known.busy:
            known = replace(known, ready=False)
            if turn.record.ending is None:
                text = "Pod sandbox changed, it will be killed and re-created."
                turn.tell("Normal", "SandboxChanged", text)
        case r.SandboxStopped(id, error) if id == known.id:
            known = _stopped(turn, known, error)
    turn.record = replace(turn.record, sandbox=known)


def _stopped(turn: Turn, known: SandboxRecord, error: str) -> SandboxRecord:
    if error:
        failures = known.failures + 1
        retry_at = turn.after(SANDBOX.after(failures))
        turn.tell("Warning", "FailedKillPod", f"error killing pod: {error}")
        return replace(known, busy=False, ready=False, failures=failures, retry_at=retry_at)
    if turn.record.ending is not None:
        return replace(known, busy=False, ready=False, stopped=True, failures=0, retry_at=None)
    return SandboxRecord(known.attempt + 1)


def _absorb_container(turn: Turn, event: r.Event) -> None:
    match event:
        case r.ContainerStarted(name, run) if name in turn.record.containers:
            _started(turn, turn.record.containers[name], run)
        case r.StartFailed(name) if name in turn.record.containers:
            _start_failed(turn, turn.record.containers[name], event)
        case r.ContainerExited(name, run) if name in turn.record.containers:
            _exited(turn, turn.record.containers[name], run)
        case r.PostStartDone(name, id, error):
            found = turn.running(name, id)
            if found is not None and found.doing is Doing.POST_START:
                waiting = r.Waiting("PostStartHookError", error) if error else None
                turn.put(replace(found, doing=Doing.NOTHING, waiting=waiting))
                if error:
                    turn.tell("Warning", "FailedPostStartHook", "PostStartHook failed", name)
                    turn.stop(name, "FailedPostStartHook", grace_of(turn.record.pod))
        case r.PreStopDone(name, id):
            found = turn.running(name, id)
            if found is not None and found.doing is Doing.PRE_STOP:
                turn.put(replace(found, doing=Doing.AWAITING_TURN))
                if turn.record.ending is None:
                    turn.stop_now(name)
        case r.Probed(name, id, kind, succeeded):
            found = turn.running(name, id)
            if found is not None:
                _probed(turn, found, kind, succeeded)


def _started(turn: Turn, found: ContainerRecord, run: Run) -> None:
    if found.current is not None and found.current.id == run.id:  # its end was seen first
        if found.doing is Doing.STARTING:
            turn.put(replace(found, doing=Doing.NOTHING))
        return
    container = container_of(turn.record.pod, found.name)
    hook = container.lifecycle.post_start if container.lifecycle else None
    started = container.startup_probe is None
    turn.put(
        replace(
            found,
            attempt=run.attempt + 1,
            doing=Doing.POST_START if hook else Doing.NOTHING,
            current=run,
            last=found.current or found.last,
            waiting=found.waiting if hook else None,
            retry_at=None,
            failures=0,
            started=started,
            ready=container.readiness_probe is None,
            restart_anyway=False,
        )
    )
    if hook:
        turn.orders.append(r.PostStart(found.name, run.id))


def _start_failed(turn: Turn, found: ContainerRecord, event: r.StartFailed) -> None:
    failures = found.failures + 1
    if event.run is not None:  # the container was made: this counts as a run
        run = event.run
        known = found.current is not None and found.current.id == run.id
        last = found.last if known else found.current or found.last
        found = replace(found, current=run, last=last, attempt=run.attempt + 1)
        failures, retry_at = 0, None
    elif event.reason in PULL_FAULTS:
        retry_at = turn.after(PULL.after(failures))
    elif event.reason in _FINAL_PULL_FAULTS:
        retry_at = turn.after(PULL.first_seconds)
    else:
        retry_at = turn.after(CREATE.after(failures))
    waiting = r.Waiting(event.reason, event.message)
    turn.put(replace(found, doing=Doing.NOTHING, waiting=waiting, failures=failures, retry_at=retry_at))


def _exited(turn: Turn, found: ContainerRecord, run: Run) -> None:
    current = found.current
    if current is not None and current.id == run.id:
        if current.ended:
            return
        doing = Doing.NOTHING
    elif found.doing is Doing.STARTING and run.attempt == found.attempt:
        # The end came before the word that it began, which is still to come.
        found = replace(found, last=current or found.last, attempt=run.attempt + 1, waiting=None, failures=0)
        doing = Doing.STARTING
    else:
        return
    turn.put(replace(found, doing=doing, current=run, started=False, ready=False, stop_by=None, retry_at=None))


def _probed(turn: Turn, found: ContainerRecord, kind: r.ProbeKind, succeeded: bool) -> None:
    if kind == "readiness":
        turn.put(replace(found, ready=succeeded))
    elif kind == "startup" and succeeded:
        turn.put(replace(found, started=True))
    elif not succeeded and found.doing is Doing.NOTHING and turn.record.ending is None:
        _kill_unhealthy(turn, found, kind)


def _kill_unhealthy(turn: Turn, found: ContainerRecord, kind: r.ProbeKind) -> None:
    pod = turn.record.pod
    container = container_of(pod, found.name)
    probe = container.liveness_probe if kind == "liveness" else container.startup_probe
    own = probe.termination_grace_period_seconds if probe else None
    if any(c.name == found.name for c in pod.spec.init_containers):
        message = f"Init container {found.name} failed {kind} probe"
    else:
        message = f"Container {found.name} failed {kind} probe"
        message += ", will be restarted" if restarts_at_all(pod, container) else ""
    turn.stop(found.name, message, grace_of(pod) if own is None else own)


def _shorten(turn: Turn) -> None:
    """The pod's grace has become shorter: what is being stopped is told so."""
    if turn.record.ending is None:
        return
    stop_by = turn.after(turn.record.ending.grace_seconds)
    for found in turn.record.containers.values():
        if found.is_running and found.stop_by is not None and stop_by < found.stop_by:
            turn.put(replace(found, stop_by=stop_by))
            if found.doing is Doing.STOPPING:
                turn.stop_now(found.name)
