"""Which containers run when, which start again, and how long a crashing one waits. Pure.

Rules as kubelet's: computePodActions, ContainerShouldRestart, the crash-loop back-off.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from armillary.engine.node.containers import AnyContainer
from armillary.engine.node.record import ContainerRecord, CrashBackoff, PodRecord, Run
from armillary.kube.kinds.core import Container, Pod

FIRST_BACKOFF_SECONDS, MOST_BACKOFF_SECONDS = 10.0, 300.0
FORGIVEN_AFTER = timedelta(minutes=10)


def is_sidecar(container: Container) -> bool:
    """Of an init container: it keeps running beside the main containers."""
    return container.restart_policy == "Always"


def sidecars(pod: Pod) -> tuple[Container, ...]:
    return tuple(c for c in pod.spec.init_containers if is_sidecar(c))


def restarts_after(pod: Pod, container: AnyContainer, exit_code: int) -> bool:
    """Whether a main or init container that ended so is started again."""
    policy = container.restart_policy
    if policy:
        for rule in container.restart_policy_rules:
            codes = rule.exit_codes
            if codes is not None and (exit_code in codes.values) == (codes.operator == "In"):
                return rule.action == "Restart"
    match policy or pod.spec.restart_policy or "Always":
        case "Always":
            return True
        case "OnFailure":
            return exit_code != 0
    return False


def restarts_at_all(pod: Pod, container: AnyContainer) -> bool:
    """Whether one that must be killed while it runs is meant to come back."""
    return (container.restart_policy or pod.spec.restart_policy or "Always") != "Never"


def is_finished(record: PodRecord, container: Container) -> bool:
    """A main container that ran and will not run again."""
    found = record.containers[container.name]
    run = found.current
    if run is None or not run.ended or found.restart_anyway:
        return False
    return not restarts_after(record.pod, container, run.exit_code)


def is_initialized(record: PodRecord) -> bool:
    """In this sandbox, the init containers are through (it stays so: sidecars may restart)."""
    sandbox = record.sandbox.id
    if any(_ran_in(record.containers[c.name], sandbox) for c in record.pod.spec.containers):
        return True
    return all(init_is_through(record, container) for container in record.pod.spec.init_containers)


def init_is_through(record: PodRecord, container: Container) -> bool:
    """What comes after this init container may start."""
    found = record.containers[container.name]
    run = found.current
    if run is None or run.sandbox_id != record.sandbox.id:
        return False
    if is_sidecar(container):
        return found.is_running and found.started
    return run.ended and run.exit_code == 0


def init_failed(record: PodRecord) -> bool:
    """An init container failed and will not be tried again."""
    for container in record.pod.spec.init_containers:
        run = record.containers[container.name].current
        if is_sidecar(container) or run is None or not run.ended or run.exit_code == 0:
            continue
        if not restarts_after(record.pod, container, run.exit_code):
            return True
    return False


def is_complete(record: PodRecord) -> bool:
    """Nothing is left to run: the pod has succeeded or failed."""
    return init_failed(record) or all(is_finished(record, c) for c in record.pod.spec.containers)


def crash_wait(found: ContainerRecord, run: Run, now: datetime) -> datetime | None:
    """When a container that ended may start again; None for now."""
    crash, finished = found.crash, run.finished_at or now
    if crash is None or finished - crash.decided_at > FORGIVEN_AFTER:
        return None
    due = finished + timedelta(seconds=crash.seconds)
    return due if now < due else None


def next_crash(found: ContainerRecord, run: Run | None, now: datetime) -> ContainerRecord:
    """It starts again now: the wait after the next end is longer."""
    if run is None:
        return found
    crash = found.crash
    if crash is None or (run.finished_at or now) - crash.decided_at > FORGIVEN_AFTER:
        seconds = FIRST_BACKOFF_SECONDS
    else:
        seconds = min(crash.seconds * 2, MOST_BACKOFF_SECONDS)
    return replace(found, crash=CrashBackoff(seconds, now))


def format_seconds(seconds: float) -> str:
    """Whole seconds as Go prints a duration: `10s`, `1m20s`, `5m0s`."""
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}m{rest}s" if minutes else f"{rest}s"


def _ran_in(found: ContainerRecord, sandbox: str) -> bool:
    return found.current is not None and bool(sandbox) and found.current.sandbox_id == sandbox
