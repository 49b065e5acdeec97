"""What a deployment's status says: counts, availability, progress and its deadline.

Pure. Upstream: pkg/controller/deployment/{sync,progress}.go.
"""

from datetime import datetime, timedelta

from msgspec import structs

from armillary.base.clock import format_time, parse_time
from armillary.engine.controllers.conditions import condition, with_condition, without_condition
from armillary.engine.controllers.deployment_sets import UNLIMITED, Sets, available, size, total
from armillary.kube.kinds.apps import Deployment, DeploymentCondition, DeploymentStatus, ReplicaSet

PROGRESSING, AVAILABLE, FAILURE = "Progressing", "Available", "ReplicaFailure"
COMPLETE = "NewReplicaSetAvailable"
TIMED_OUT = "ProgressDeadlineExceeded"
PAUSED, RESUMED = "DeploymentPaused", "DeploymentResumed"


def progress_condition(now: datetime, status: str, reason: str, message: str) -> DeploymentCondition:
    return _condition(PROGRESSING, now, status, reason, message)


def _condition(type: str, now: datetime, status: str, reason: str, message: str) -> DeploymentCondition:
    at = format_time(now)
    return DeploymentCondition(
        type=type, status=status, reason=reason, message=message, last_update_time=at, last_transition_time=at
    )


def has_deadline(deployment: Deployment) -> bool:
    return deployment.spec.progress_deadline_seconds not in (None, UNLIMITED)


def is_complete(sets: Sets, status: DeploymentStatus) -> bool:
    counts = (status.updated_replicas or 0, status.replicas or 0, status.available_replicas or 0)
    seen = (status.observed_generation or 0) >= (sets.deployment.metadata.generation or 0)
    return seen and all(count == sets.wanted for count in counts)


def basic_status(sets: Sets, now: datetime) -> DeploymentStatus:
    """Counts and availability, without judging progress."""
    status, everyone = sets.deployment.status, sets.all
    free = sum(available(s) for s in everyone)
    if free >= sets.wanted - sets.max_unavailable:
        words = "True", "MinimumReplicasAvailable", "Deployment has minimum availability."
    else:
        words = "False", "MinimumReplicasUnavailable", "Deployment does not have minimum availability."
    return DeploymentStatus(
        observed_generation=sets.deployment.metadata.generation,
        replicas=sum(s.status.replicas or 0 for s in everyone) or None,
        updated_replicas=(sets.new.status.replicas or None) if sets.new else None,
        ready_replicas=sum(s.status.ready_replicas or 0 for s in everyone) or None,
        available_replicas=free or None,
        unavailable_replicas=max(0, total(everyone) - free) or None,
        terminating_replicas=_terminating(everyone),
        collision_count=status.collision_count,
        conditions=with_condition(status.conditions, _condition(AVAILABLE, now, *words)),
    )


def _terminating(sets: tuple[ReplicaSet, ...]) -> int | None:
    counts = [s.status.terminating_replicas for s in sets if s.status.observed_generation]
    known = [count for count in counts if count is not None]
    return sum(known) if len(known) == len(counts) else None


def rollout_status(sets: Sets, now: datetime) -> DeploymentStatus:
    """Counts, availability, and whether the rollout gets on."""
    deployment, status = sets.deployment, basic_status(sets, now)
    if not has_deadline(deployment):
        status = _conditions(status, without_condition(status.conditions, PROGRESSING))
    else:
        status = _judged(sets, status, now)
    failure = _replica_failure(sets)
    if failure is None:
        return _conditions(status, without_condition(status.conditions, FAILURE))
    return _conditions(status, with_condition(status.conditions, failure))


def _conditions(status: DeploymentStatus, conditions: tuple[DeploymentCondition, ...]) -> DeploymentStatus:
    return structs.replace(status, conditions=conditions)


def _judged(sets: Sets, status: DeploymentStatus, now: datetime) -> DeploymentStatus:
    deployment = sets.deployment
    current = condition(deployment.status.conditions, PROGRESSING)
    if current and current.reason == COMPLETE and status.replicas == status.updated_replicas:
        return status
    new = sets.new
    about = f'ReplicaSet "{new.metadata.name}"' if new else f'Deployment "{deployment.metadata.name}"'
    if is_complete(sets, status):
        judged = progress_condition(now, "True", COMPLETE, f"{about} has successfully progressed.")
    elif _has_progressed(deployment.status, status):
        judged = progress_condition(now, "True", "ReplicaSetUpdated", f"{about} is progressing.")
        if current is not None and current.status == "True":
            judged = structs.replace(judged, last_transition_time=current.last_transition_time)
        # Each progress moves the update time, from which the deadline counts; hence replaced in any case.
        return _conditions(status, (*without_condition(status.conditions, PROGRESSING), judged))
    elif _has_timed_out(deployment, current, now):
        judged = progress_condition(now, "False", TIMED_OUT, f"{about} has timed out progressing.")
    else:
        return status
    return _conditions(status, with_condition(status.conditions, judged))


def _has_progressed(old: DeploymentStatus, new: DeploymentStatus) -> bool:
    outdated = (old.replicas or 0) - (old.updated_replicas or 0)
    still_outdated = (new.replicas or 0) - (new.updated_replicas or 0)
    return (
        (new.updated_replicas or 0) > (old.updated_replicas or 0)
        or still_outdated < outdated
        or (new.ready_replicas or 0) > (old.ready_replicas or 0)
        or (new.available_replicas or 0) > (old.available_replicas or 0)
    )


def _has_timed_out(deployment: Deployment, current: DeploymentCondition | None, now: datetime) -> bool:
    if current is None or current.reason == COMPLETE:
        return False
    return current.reason == TIMED_OUT or _deadline(deployment, current) < now


def _deadline(deployment: Deployment, current: DeploymentCondition) -> datetime:
    seconds = deployment.spec.progress_deadline_seconds or 0
    return parse_time(current.last_update_time) + timedelta(seconds=seconds)


def next_judgement(sets: Sets, status: DeploymentStatus, now: datetime) -> timedelta | None:
    """When to look again whether the deadline has passed."""
    current = condition(status.conditions, PROGRESSING)
    if not has_deadline(sets.deployment) or current is None or current.reason in (TIMED_OUT, COMPLETE, PAUSED):
        return None
    if is_complete(sets, status):
        return None
    # A second more, so that it has surely passed when it is looked at.
    return max(_deadline(sets.deployment, current) - now, timedelta()) + timedelta(seconds=1)


def _replica_failure(sets: Sets) -> DeploymentCondition | None:
    ordered = (*((sets.new,) if sets.new else ()), *sets.all)
    for found in (c for s in ordered for c in s.status.conditions if c.type == FAILURE):
        return DeploymentCondition(
            type=FAILURE,
            status=found.status,
            reason=found.reason,
            message=found.message,
            last_update_time=found.last_transition_time,
            last_transition_time=found.last_transition_time,
        )
    return None


def paused_or_resumed(deployment: Deployment, now: datetime) -> DeploymentStatus | None:
    """The status that says that it was paused or resumed, if it does not say so yet."""
    status = deployment.status
    current = condition(status.conditions, PROGRESSING)
    if not has_deadline(deployment) or (current and current.reason == TIMED_OUT):
        return None
    said = current is not None and current.reason == PAUSED
    if deployment.spec.paused and not said:
        new = progress_condition(now, "Unknown", PAUSED, "Deployment is paused")
    elif not deployment.spec.paused and said:
        new = progress_condition(now, "Unknown", RESUMED, "Deployment is resumed")
    else:
        return None
    return _conditions(status, with_condition(status.conditions, new))


def empty_old_sets(sets: Sets) -> bool:
    """Whether no old set asks for or has a pod."""
    return not any(size(s) or s.status.replicas for s in sets.old)
