"""A pod's status as kubelet writes it: told from the record, with what others wrote kept. Pure.

Phase: kubelet's getPhase. Conditions: pkg/kubelet/status/generate.go. Container states: convertToAPIContainerStatuses.
"""

from collections.abc import Sequence
from datetime import datetime

from msgspec.structs import replace

from armillary.base.clock import format_time
from armillary.engine.node.conditions import Told, conditions_of
from armillary.engine.node.containers import AnyContainer
from armillary.engine.node.record import ContainerRecord, Doing, PodRecord, Run, Step
from armillary.engine.node.resources import qos_class
from armillary.engine.node.restarts import init_failed, is_finished, is_sidecar, restarts_after
from armillary.kube.kinds.core import (
    Container,
    ContainerState,
    ContainerStateRunning,
    ContainerStateTerminated,
    ContainerStateWaiting,
    ContainerStatus,
    EphemeralContainer,
    HostIP,
    PodIP,
    PodStatus,
    ResourceRequirements,
    VolumeMountStatus,
)

RUNTIME = "containerd"


def pod_status(record: PodRecord, previous: PodStatus, host_ips: Sequence[str], now: datetime) -> PodStatus:
    """`previous` is the status last written: moments of change and what is not ours come from there."""
    pod, ending = record.pod, record.ending
    inits = tuple(_init_status(record, c) for c in pod.spec.init_containers)
    mains = tuple(_main_status(record, c) for c in sorted(pod.spec.containers, key=lambda c: c.name))
    phase = _phase(record, inits, mains)
    ips = tuple(host_ips[:1]) if pod.spec.host_network else record.sandbox.ips
    reason, message = (ending.reason, ending.message) if ending and phase == "Failed" else ("", "")
    told = Told(pod, phase, inits, mains, has_sandbox=record.sandbox.ready)
    return PodStatus(
        phase=phase,
        reason=reason,
        message=message,
        conditions=conditions_of(told, previous.conditions, now),
        start_time=format_time(record.started_at),
        host_ip=host_ips[0] if host_ips else "",
        host_ips=tuple(HostIP(ip=ip) for ip in host_ips),
        pod_ip=ips[0] if ips else "",
        pod_ips=tuple(PodIP(ip=ip) for ip in ips),
        qos_class=qos_class(pod),
        observed_generation=pod.metadata.generation,
        init_container_statuses=inits,
        container_statuses=mains,
        ephemeral_container_statuses=tuple(_status(record, c) for c in pod.spec.ephemeral_containers),
    )


def _phase(record: PodRecord, inits: Sequence[ContainerStatus], mains: Sequence[ContainerStatus]) -> str:
    pod, ending = record.pod, record.ending
    if pod.status.phase in ("Succeeded", "Failed"):
        return pod.status.phase  # there is no way back
    if ending is not None and ending.reason:
        return "Failed"
    if init_failed(record):
        return "Failed"
    declared = {c.name: c for c in pod.spec.init_containers}
    begun = any(s.state and s.state.running for s in mains)
    if any(_is_pending(declared[s.name], s, begun) for s in inits) or any(_never_ran(s) for s in mains):
        return "Pending"
    if any(s.state and s.state.running for s in mains) or _any_sidecar_runs(record, inits):
        return "Running"
    return _phase_of_stopped(record, mains)


def _phase_of_stopped(record: PodRecord, mains: Sequence[ContainerStatus]) -> str:
    """No container runs, each has run."""
    is_over = record.ending is not None and record.unmounted is Step.DONE
    codes = [(_last_end(s).exit_code, s.name) for s in mains]
    declared = {c.name: c for c in record.pod.spec.containers}
    if not is_over and any(restarts_after(record.pod, declared[name], code) for code, name in codes):
        return "Running"
    return "Succeeded" if all(code == 0 for code, _ in codes) else "Failed"


def _any_sidecar_runs(record: PodRecord, inits: Sequence[ContainerStatus]) -> bool:
    names = {c.name for c in record.pod.spec.init_containers if is_sidecar(c)}
    return any(s.name in names and s.state and s.state.running for s in inits)


def _is_pending(container: Container, status: ContainerStatus, begun: bool) -> bool:
    """An init container that others still wait for."""
    state = status.state or ContainerState()
    if is_sidecar(container):
        return not begun and (_never_ran(status) or bool(state.running and not status.started))
    return bool(state.running) or _never_ran(status)


def _never_ran(status: ContainerStatus) -> bool:
    state, last = status.state or ContainerState(), status.last_state
    return bool(state.waiting) and not (last and last.terminated)


def _last_end(status: ContainerStatus) -> ContainerStateTerminated:
    state, last = status.state, status.last_state
    found = (state.terminated if state else None) or (last.terminated if last else None)
    return found or ContainerStateTerminated(exit_code=137)


def _init_status(record: PodRecord, container: Container) -> ContainerStatus:
    found = record.containers[container.name]
    status = _status(record, container)
    if is_sidecar(container):
        return _with_health(found, status)
    # A plain init container is ready when it is through; "started" while it runs.
    through = found.current is not None and found.current.ended and found.current.exit_code == 0
    running = status.state is not None and status.state.running is not None
    return replace(status, ready=through, started=running)


def _main_status(record: PodRecord, container: Container) -> ContainerStatus:
    return _with_health(record.containers[container.name], _status(record, container))


def _with_health(found: ContainerRecord, status: ContainerStatus) -> ContainerStatus:
    running = status.state is not None and status.state.running is not None
    started = running and found.started
    return replace(status, started=started, ready=started and found.ready)


def _status(record: PodRecord, container: AnyContainer) -> ContainerStatus:
    found = record.containers[container.name]
    run = found.current
    state, last = _states(record, container, found)
    shown = run or Run("", 0, "", container.image)
    declared = None
    if run is not None and not isinstance(container, EphemeralContainer):
        declared = container.resources or ResourceRequirements()
    return ContainerStatus(
        name=container.name,
        state=state,
        last_state=last,
        ready=False,
        started=False if not isinstance(container, EphemeralContainer) else None,
        restart_count=max(0, found.attempt - 1),
        image=shown.image or container.image,
        image_id=shown.image_ref,
        container_id=f"{RUNTIME}://{shown.id}" if shown.id else "",
        volume_mounts=_mounts(container),
        resources=declared,
        allocated_resources=declared.requests if declared else {},
    )


def _states(
    record: PodRecord, container: AnyContainer, found: ContainerRecord
) -> tuple[ContainerState, ContainerState | None]:
    """State and last state."""
    run, last = found.current, _ended(found.last)
    if found.waiting is not None and not _is_final(record, container, found) and not _runs_visibly(found):
        waiting = ContainerStateWaiting(reason=found.waiting.reason, message=found.waiting.message)
        return ContainerState(waiting=waiting), _ended(run) or last
    if run is None or (found.doing is Doing.POST_START and not run.ended):
        reason = "PodInitializing" if record.pod.spec.init_containers else "ContainerCreating"
        return ContainerState(waiting=ContainerStateWaiting(reason=reason)), last
    ended = _ended(run)
    if ended is not None:
        return ended, last
    started = format_time(run.started_at) if run.started_at else ""
    return ContainerState(running=ContainerStateRunning(started_at=started)), last


def _runs_visibly(found: ContainerRecord) -> bool:
    return found.is_running and found.doing is not Doing.POST_START


def _is_final(record: PodRecord, container: AnyContainer, found: ContainerRecord) -> bool:
    """It ended, and will not be started again: that is what its state tells."""
    run = found.current
    if run is None or not run.ended:
        return False
    if record.ending is not None or isinstance(container, EphemeralContainer):
        return True
    if any(c.name == container.name for c in record.pod.spec.containers):
        return is_finished(record, container)
    return not is_sidecar(container) and (
        run.exit_code == 0 or not restarts_after(record.pod, container, run.exit_code)
    )


def _ended(run: Run | None) -> ContainerState | None:
    if run is None or run.finished_at is None:
        return None
    ended = ContainerStateTerminated(
        exit_code=run.exit_code,
        reason=run.reason,
        message=run.message,
        started_at=format_time(run.started_at or run.finished_at),
        finished_at=format_time(run.finished_at),
        container_id=f"{RUNTIME}://{run.id}",
    )
    return ContainerState(terminated=ended)


def _mounts(container: AnyContainer) -> tuple[VolumeMountStatus, ...]:
    return tuple(
        VolumeMountStatus(
            name=mount.name,
            mount_path=mount.mount_path,
            read_only=mount.read_only,
            recursive_read_only="Disabled" if mount.read_only else "",
        )
        for mount in container.volume_mounts
    )
