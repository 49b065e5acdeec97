"""How a job stands, read off its pods and its status: counts, indexes, and why it is over. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property

from armillary.base.clock import format_time, parse_time
from armillary.engine.controllers import job_policy as policy
from armillary.engine.controllers.conditions import condition
from armillary.engine.controllers.job_indexes import index_of, parse_indexes
from armillary.engine.controllers.pods import is_active, is_ready
from armillary.kube.kinds.batch import Job, JobCondition, UncountedTerminatedPods
from armillary.kube.kinds.core import Pod
from armillary.kube.object import is_ending

TRACKED = "batch.kubernetes.io/job-tracking"  # the finalizer that keeps a pod until it has been counted
FAILURES = "batch.kubernetes.io/job-index-failure-count"
IGNORED = "batch.kubernetes.io/job-index-ignored-failure-count"
COMPLETE, FAILED, SUSPENDED = "Complete", "Failed", "Suspended"
FAILURE_TARGET, SUCCESS_MET = "FailureTarget", "SuccessCriteriaMet"


def is_tracked(pod: Pod) -> bool:
    return TRACKED in pod.metadata.finalizers


def is_over(job: Job) -> bool:
    return any(c.type in (COMPLETE, FAILED) and c.status == "True" for c in job.status.conditions)


def new_condition(type: str, status: str, reason: str, message: str, now: datetime) -> JobCondition:
    at = format_time(now)
    return JobCondition(
        type=type, status=status, reason=reason, message=message, last_probe_time=at, last_transition_time=at
    )


@dataclass(frozen=True)
class State:
    """A job with its pods at one moment."""

    job: Job
    pods: tuple[Pod, ...]
    now: datetime
    uncounted: UncountedTerminatedPods = field(default_factory=UncountedTerminatedPods)

    @property
    def is_indexed(self) -> bool:
        return self.job.spec.completion_mode == "Indexed"

    @property
    def counts_per_index(self) -> bool:
        return self.job.spec.backoff_limit_per_index is not None

    @property
    def is_suspended(self) -> bool:
        return bool(self.job.spec.suspend)

    @property
    def completions(self) -> int | None:
        return self.job.spec.completions

    @property
    def waits_for_end(self) -> bool:
        """Whether a pod is replaced only when it has ended, not when it is asked to."""
        return self.job.spec.pod_replacement_policy == "Failed" or self.job.spec.pod_failure_policy is not None

    @cached_property
    def active(self) -> list[Pod]:
        return [pod for pod in self.pods if is_active(pod)]

    @cached_property
    def ready(self) -> int:
        return sum(map(is_ready, self.active))

    @cached_property
    def terminating(self) -> list[Pod]:
        return [p for p in self.pods if is_ending(p) and p.status.phase not in ("Succeeded", "Failed")]

    def has_failed(self, pod: Pod) -> bool:
        """A pod asked to end counts as failed at once, unless its replacement waits for its end."""
        if pod.status.phase == "Failed":
            return True
        return not self.waits_for_end and is_ending(pod) and pod.status.phase != "Succeeded"

    def has_index(self, pod: Pod) -> bool:
        index = index_of(pod)
        return not self.is_indexed or (index is not None and index < (self.completions or 0))

    @cached_property
    def failed_pods(self) -> list[Pod]:
        """All that have failed and count, whether they were counted yet or not; those we ended ourselves do not."""
        own = [p for p in self.pods if is_tracked(p) or not is_ending(p)]
        return [p for p in own if self.has_failed(p) and policy.verdict(self.job, p).counts]

    def _fresh(self, pods: Iterable[Pod], known: tuple[str, ...]) -> list[Pod]:
        """Those the status does not tell of yet."""
        return [p for p in pods if is_tracked(p) and p.metadata.uid not in known and self.has_index(p)]

    @cached_property
    def newly_succeeded(self) -> list[Pod]:
        done = [p for p in self.pods if p.status.phase == "Succeeded" and p.metadata.uid not in self.uncounted.failed]
        return self._fresh(done, self.uncounted.succeeded)

    @cached_property
    def newly_failed(self) -> list[Pod]:
        return self._fresh(self.failed_pods, self.uncounted.failed)

    @cached_property
    def failed(self) -> int:
        return (self.job.status.failed or 0) + len(self.newly_failed) + len(self.uncounted.failed)

    @cached_property
    def succeeded(self) -> int:
        if self.is_indexed:
            return len(self.succeeded_indexes)
        return (self.job.status.succeeded or 0) + len(self.newly_succeeded) + len(self.uncounted.succeeded)

    @cached_property
    def succeeded_indexes(self) -> frozenset[int]:
        before = parse_indexes(self.job.status.completed_indexes, self.completions or 0)
        return before | {index for p in self.newly_succeeded if (index := index_of(p)) is not None}

    @cached_property
    def failed_indexes(self) -> frozenset[int]:
        if not self.counts_per_index:
            return frozenset()
        before = parse_indexes(self.job.status.failed_indexes, self.completions or 0)
        fresh = [p for p in self.pods if is_tracked(p) and self.has_index(p) and self._ends_index(p)]
        return before | {index for p in fresh if (index := index_of(p)) is not None}

    def _ends_index(self, pod: Pod) -> bool:
        if not self.has_failed(pod):
            return False
        found = policy.verdict(self.job, pod)
        limit = self.job.spec.backoff_limit_per_index or 0
        return found.action == "FailIndex" or (found.counts and failures(pod, FAILURES) >= limit)

    @cached_property
    def held_back(self) -> dict[int, Pod]:
        """By index, the failed pod that is kept until its replacement has taken over its count of failures."""
        if not self.counts_per_index:
            return {}
        running = {index_of(pod) for pod in self.active}
        found: dict[int, Pod] = {}
        for pod in self.pods:
            index = index_of(pod)
            if index is None or not (is_tracked(pod) and self.has_index(pod) and self.has_failed(pod)):
                continue
            if index in self.succeeded_indexes or index in self.failed_indexes or index in running:
                continue
            known = found.get(index)
            if known is None or _order(pod) >= _order(known):
                found[index] = pod
        return found

    # Is it over?

    @cached_property
    def verdict(self) -> JobCondition | None:
        """The interim condition (FailureTarget or SuccessCriteriaMet) that it has or now gets."""
        for interim in (SUCCESS_MET, FAILURE_TARGET):
            known = condition(self.job.status.conditions, interim)
            if known is not None and known.status == "True":
                return known
        failure = self._failure()
        if failure is not None:
            return new_condition(FAILURE_TARGET, "True", *failure, self.now)
        met = policy.success_rule(self.job.spec.success_policy, self.completions or 0, self._done_indexes())
        if met:
            return new_condition(SUCCESS_MET, "True", "SuccessPolicy", met, self.now)
        if self._is_complete():
            words = "Reached expected number of succeeded pods"
            return new_condition(SUCCESS_MET, "True", "CompletionsReached", words, self.now)
        return None

    def _done_indexes(self) -> frozenset[int]:
        return self.succeeded_indexes if self.is_indexed else frozenset()

    def _failure(self) -> tuple[str, str] | None:
        job, spec = self.job, self.job.spec
        for pod in self.pods:
            message = policy.verdict(job, pod).message if self.has_failed(pod) else ""
            if message:
                return "PodFailurePolicy", message
        limit = 6 if spec.backoff_limit is None else spec.backoff_limit
        if self.failed > limit or policy.restarts_exceed(job, self.pods):
            return "BackoffLimitExceeded", "Job has reached the specified backoff limit"
        left = self.deadline_left
        if left is not None and left <= timedelta():
            return "DeadlineExceeded", "Job was active longer than specified deadline"
        return self._failure_of_indexes()

    def _failure_of_indexes(self) -> tuple[str, str] | None:
        lost = len(self.failed_indexes)
        most = self.job.spec.max_failed_indexes
        if most is not None and lost > most:
            return "MaxFailedIndexesExceeded", "Job has exceeded the specified maximal number of failed indexes"
        if lost and lost + len(self.succeeded_indexes) >= (self.completions or 0):
            return "FailedIndexes", "Job has failed indexes"
        return None

    def _is_complete(self) -> bool:
        if self.active:
            return False
        if self.completions is None:
            return self.succeeded > 0
        return self.succeeded >= self.completions

    @property
    def deadline_left(self) -> timedelta | None:
        seconds, started = self.job.spec.active_deadline_seconds, self.job.status.start_time
        if seconds is None or not started or self.is_suspended:
            return None
        return parse_time(started) + timedelta(seconds=seconds) - self.now


def failures(pod: Pod, annotation: str) -> int:
    text = pod.metadata.annotations.get(annotation, "")
    return int(text) if text.isdigit() else 0


def _order(pod: Pod) -> tuple[int, datetime]:
    return failures(pod, FAILURES) + failures(pod, IGNORED), policy.finished_at(pod)
