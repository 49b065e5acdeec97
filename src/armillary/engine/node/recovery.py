"""A pod's record from what the runtime still has of it: nothing is restarted because the agent was. Pure."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from armillary.base.clock import parse_time
from armillary.engine.node.containers import AnyContainer
from armillary.engine.node.machine import new_record
from armillary.engine.node.record import ContainerRecord, PodRecord, Run, SandboxRecord, Step
from armillary.engine.node.runtime.port import Sandbox
from armillary.engine.node.turn import container_of
from armillary.kube.kinds.core import ContainerStatus, Pod


def recovered(pod: Pod, sandboxes: Iterable[Sandbox], runs: Iterable[tuple[str, Run]], now: datetime) -> PodRecord:
    """`runs` are (container, run) of all the pod's sandboxes; `sandboxes` tell their addresses."""
    record = new_record(pod, parse_time(pod.status.start_time) if pod.status.start_time else now)
    newest = max(sandboxes, key=lambda s: (s.created_at, s.attempt), default=None)
    record = replace(record, unmounted=Step.TO_DO)
    if newest is not None:
        # A sandbox without an address was never finished: it is made anew.
        ready = newest.ready and (bool(newest.ips) or pod.spec.host_network is True)
        record = replace(record, sandbox=SandboxRecord(newest.attempt, newest.id, newest.ips, newest.pid, ready=ready))
    by_name: dict[str, list[Run]] = {}
    for name, run in runs:
        by_name.setdefault(name, []).append(run)
    statuses = pod.status
    known = {
        s.name: s
        for s in (
            *statuses.init_container_statuses,
            *statuses.container_statuses,
            *statuses.ephemeral_container_statuses,
        )
    }
    containers = {
        name: _container(found, sorted(by_name.get(name, ()), key=lambda run: run.attempt), known.get(name), pod)
        for name, found in record.containers.items()
    }
    return replace(record, containers=containers)


def _container(found: ContainerRecord, runs: list[Run], status: ContainerStatus | None, pod: Pod) -> ContainerRecord:
    container = container_of(pod, found.name)
    counted = status.restart_count if status else 0
    if not runs and status is not None:
        told = _told_run(status, container)
        runs = [told] if told else []
    if not runs:
        return found
    current = runs[-1]
    same = status is not None and status.container_id.endswith(current.id)
    # What was found before by probing holds until a probe says otherwise.
    started = container.startup_probe is None or bool(same and status and status.started)
    ready = container.readiness_probe is None or bool(same and status and status.ready)
    return replace(
        found,
        attempt=max(current.attempt, counted) + 1,
        current=current,
        last=runs[-2] if len(runs) > 1 else None,
        started=started,
        ready=ready,
    )


def _told_run(status: ContainerStatus, container: AnyContainer) -> Run | None:
    """The end that the status tells of a run which the runtime has forgotten."""
    ended = status.state.terminated if status.state else None
    if ended is None:
        ended = status.last_state.terminated if status.last_state else None
    if ended is None or not ended.finished_at:
        return None
    return Run(
        id=ended.container_id.rpartition("/")[2],
        attempt=status.restart_count,
        sandbox_id="",
        asked_image=container.image,
        image=status.image,
        image_ref=status.image_id,
        started_at=parse_time(ended.started_at) if ended.started_at else None,
        finished_at=parse_time(ended.finished_at),
        exit_code=ended.exit_code,
        reason=ended.reason,
        message=ended.message,
    )
