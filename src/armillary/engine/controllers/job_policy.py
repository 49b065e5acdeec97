"""What failures and successes of pods mean for their job: pod failure policy, success policy, back-off. Pure.

Upstream: pkg/controller/job/{pod_failure_policy,success_policy,backoff_utils}.go.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from armillary.base.clock import parse_time
from armillary.engine.controllers.job_indexes import parse_indexes, required_met
from armillary.engine.controllers.pods import ready_condition
from armillary.kube.kinds.batch import (
    Job,
    PodFailurePolicyOnExitCodesRequirement,
    PodFailurePolicyRule,
    SuccessPolicy,
)
from armillary.kube.kinds.core import ContainerStatus, Pod
from armillary.kube.object import is_ending

FIRST_BACKOFF, MOST_BACKOFF = timedelta(seconds=10), timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the policy says of a failed pod: whether it counts, the rule's action, and why the job fails, if it does."""

    counts: bool = True
    action: str = ""
    message: str = ""


def verdict(job: Job, pod: Pod) -> Verdict:
    policy = job.spec.pod_failure_policy
    for position, rule in enumerate(policy.rules if policy else ()):
        because = _matches(rule, pod)
        if because:
            message = f"{because} matching {rule.action} rule at index {position}" if rule.action == "FailJob" else ""
            return Verdict(rule.action != "Ignore", rule.action, message)
    return Verdict()


def _matches(rule: PodFailurePolicyRule, pod: Pod) -> str:
    where = f"{pod.metadata.namespace}/{pod.metadata.name}"
    if rule.on_exit_codes is not None:
        for statuses in (pod.status.container_statuses, pod.status.init_container_statuses):
            for status in statuses:
                code = _exit_code(status)
                if code and _code_matches(rule.on_exit_codes, status, code):
                    return f"Container {status.name} for pod {where} failed with exit code {code}"
        return ""
    for condition in pod.status.conditions:
        for pattern in rule.on_pod_conditions:
            if (condition.type, condition.status) == (pattern.type, pattern.status or "True"):
                return f"Pod {where} has condition {condition.type}"
    return ""


def _exit_code(status: ContainerStatus) -> int:
    """0 while it runs."""
    ended = status.state.terminated if status.state else None
    return ended.exit_code if ended else 0


def _code_matches(wanted: PodFailurePolicyOnExitCodesRequirement, status: ContainerStatus, code: int) -> bool:
    if wanted.container_name not in ("", status.name):
        return False
    return (code in wanted.values) is (wanted.operator == "In")


def success_rule(policy: SuccessPolicy | None, completions: int, succeeded: Collection[int]) -> str:
    """Which rule is met, in words; "" if none."""
    for position, rule in enumerate(policy.rules if policy and succeeded else ()):
        if rule.succeeded_indexes:
            required = parse_indexes(rule.succeeded_indexes, completions)
            met = bool(required) and required_met(required, succeeded, rule.succeeded_count)
        else:
            met = rule.succeeded_count is not None and len(succeeded) >= rule.succeeded_count
        if met:
            return f"Matched rules at index {position}"
    return ""


# Back-off


def finished_at(pod: Pod) -> datetime:
    """When a pod ended, as well as can be told."""
    ends = [s.state.terminated.finished_at if s.state and s.state.terminated else "" for s in _main_statuses(pod)]
    if ends and all(ends):
        return max(map(parse_time, ends))
    ready = ready_condition(pod)
    if ready is not None and ready.status == "False" and ready.last_transition_time:
        return parse_time(ready.last_transition_time)
    if is_ending(pod):
        grace = timedelta(seconds=pod.metadata.deletion_grace_period_seconds or 0)
        return parse_time(pod.metadata.deletion_timestamp) - grace
    return parse_time(pod.metadata.creation_timestamp)


def _main_statuses(pod: Pod) -> list[ContainerStatus]:
    sidecars = {c.name for c in pod.spec.init_containers if c.restart_policy == "Always"}
    return [*pod.status.container_statuses, *(s for s in pod.status.init_container_statuses if s.name in sidecars)]


def backoff(failures: int, last: datetime | None, now: datetime) -> timedelta:
    """How long to wait yet before a pod is started, after so many failures in a row."""
    if not failures or last is None:
        return timedelta()
    wait = min(MOST_BACKOFF, FIRST_BACKOFF * (1 << min(failures - 1, 10)))
    return max(timedelta(), wait - (now - last))


def backoff_of(pods: Iterable[Pod], failed: Sequence[Pod], now: datetime) -> timedelta:
    """For a job whose failures count together: those after its last success."""
    successes = [finished_at(pod) for pod in pods if pod.status.phase == "Succeeded"]
    last_success = max(successes, default=None)
    later = [at for at in map(finished_at, failed) if last_success is None or at > last_success]
    return backoff(len(later), max(later, default=None), now)


def restarts_exceed(job: Job, pods: Iterable[Pod]) -> bool:
    """For pods whose containers restart in place, restarts count against the limit."""
    if job.spec.template.spec.restart_policy != "OnFailure":
        return False
    total = sum(
        status.restart_count
        for pod in pods
        if pod.status.phase in ("Running", "Pending")
        for status in (*pod.status.init_container_statuses, *pod.status.container_statuses)
    )
    limit = 6 if job.spec.backoff_limit is None else job.spec.backoff_limit
    return total > 0 if limit == 0 else total >= limit
