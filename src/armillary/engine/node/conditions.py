"""A pod's conditions as kubelet writes them; those of others are kept. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from armillary.base.clock import format_time
from armillary.engine.node.restarts import is_sidecar
from armillary.kube.kinds.core import ContainerStatus, Pod, PodCondition

OURS = ("PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled")


@dataclass(frozen=True, slots=True)
class Told:
    """What conditions are made of."""

    pod: Pod
    phase: str
    inits: tuple[ContainerStatus, ...]
    mains: tuple[ContainerStatus, ...]
    has_sandbox: bool


@dataclass(frozen=True, slots=True)
class _Condition:
    type: str
    holds: bool
    reason: str = ""
    message: str = ""


def conditions_of(told: Told, previous: Sequence[PodCondition], now: datetime) -> tuple[PodCondition, ...]:
    """Others' conditions as the object has them now, then ours."""
    before = {condition.type: condition for condition in previous}
    others = tuple(c for c in told.pod.status.conditions if c.type not in OURS)
    containers_ready = _containers_ready(told)
    ours = (
        _Condition("PodReadyToStartContainers", told.has_sandbox),
        _initialized(told),
        _ready(told, containers_ready, others),
        containers_ready,
        _Condition("PodScheduled", True),
    )
    return others + tuple(_write(c, before.get(c.type), told.pod.metadata.generation, now) for c in ours)


def _write(told: _Condition, before: PodCondition | None, generation: int | None, now: datetime) -> PodCondition:
    status = "True" if told.holds else "False"
    changed = before is None or before.status != status or not before.last_transition_time
    return PodCondition(
        type=told.type,
        status=status,
        reason=told.reason,
        message=told.message,
        observed_generation=generation,
        last_transition_time=format_time(now) if changed or before is None else before.last_transition_time,
    )


def _initialized(told: Told) -> _Condition:
    if told.phase == "Succeeded":
        return _Condition("Initialized", True, "PodCompleted")
    if any(s.state and (s.state.running or s.state.terminated) for s in told.mains):
        return _Condition("Initialized", True)
    declared = {c.name: c for c in told.pod.spec.init_containers}
    missing = [s.name for s in told.inits if not (s.started if is_sidecar(declared[s.name]) else s.ready)]
    if missing:
        message = f"containers with incomplete status: [{' '.join(missing)}]"
        return _Condition("Initialized", False, "ContainersNotInitialized", message)
    return _Condition("Initialized", True)


def _containers_ready(told: Told, type: str = "ContainersReady") -> _Condition:
    if told.phase in ("Succeeded", "Failed"):
        return _Condition(type, False, "PodCompleted" if told.phase == "Succeeded" else "PodFailed")
    sidecars = {c.name for c in told.pod.spec.init_containers if is_sidecar(c)}
    by_name = {s.name: s for s in told.mains}
    ordered = [s for s in told.inits if s.name in sidecars] + [by_name[c.name] for c in told.pod.spec.containers]
    missing = [s.name for s in ordered if not s.ready]
    if missing:
        return _Condition(type, False, "ContainersNotReady", f"containers with unready status: [{' '.join(missing)}]")
    return _Condition(type, True)


def _ready(told: Told, containers: _Condition, others: Sequence[PodCondition]) -> _Condition:
    if not containers.holds:
        return _containers_ready(told, "Ready")
    by_type = {c.type: c for c in others}
    faults = []
    for gate in told.pod.spec.readiness_gates:
        found = by_type.get(gate.condition_type)
        if found is None:
            faults.append(f'corresponding condition of pod readiness gate "{gate.condition_type}" does not exist.')
        elif found.status != "True":
            faults.append(f'the status of pod readiness gate "{gate.condition_type}" is not "True", but {found.status}')
    if faults:
        return _Condition("Ready", False, "ReadinessGatesNotReady", ", ".join(faults))
    return _Condition("Ready", True)
