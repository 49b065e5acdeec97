"""Jobs: pods until enough have succeeded, or too many failed; each counted exactly once.

A pod that ended is first noted in the job's status by uid, then let go of its finalizer, then counted: so
none is lost or counted twice, wherever the controller dies. Upstream: pkg/controller/job.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from msgspec import structs

from armillary.base.clock import format_time
from armillary.base.errors import ApiError
from armillary.engine.controllers import job_policy as policy
from armillary.engine.controllers import pods as of_pods
from armillary.engine.controllers.adoption import Claim, claim
from armillary.engine.controllers.conditions import condition, without_condition
from armillary.engine.controllers.job_indexes import (
    INDEX,
    format_indexes,
    index_of,
    misplaced,
    pending_indexes,
    sorted_by_index,
)
from armillary.engine.controllers.job_state import (
    COMPLETE,
    FAILED,
    FAILURE_TARGET,
    FAILURES,
    IGNORED,
    SUCCESS_MET,
    SUSPENDED,
    TRACKED,
    State,
    failures,
    is_over,
    is_tracked,
    new_condition,
)
from armillary.engine.controllers.naming import LONGEST_GENERATED, generated
from armillary.kube.events import Record
from armillary.kube.kinds.batch import JOB, Job, JobCondition, JobStatus, UncountedTerminatedPods
from armillary.kube.kinds.core import POD, Container, EnvVar, EnvVarSource, ObjectFieldSelector, Pod, PodTemplateSpec
from armillary.kube.object import Key, controller_of, is_ending, key_of, owned_by, reference
from armillary.kube.reconcile import Action, Controller, Create, Decision, Delete, Patch, Reads, Update, Watch, owned
from armillary.kube.selectors import selector_of

BURST = 500  # pods created, deleted or counted in one go, as upstream
MANAGED_BY = ("", "kubernetes.io/job-controller")


@dataclass(frozen=True, slots=True)
class Seen:
    """A job and its pods."""

    job: Job
    claim: Claim[Pod]
    now: datetime


async def observe(key: Key, reads: Reads) -> Seen | None:
    job = reads.get(JOB, key[1], key[0])
    selector = selector_of(job.spec.selector) if job else None
    if job is None or selector is None:
        return None
    own = reads.by(POD, "controller", job.metadata.uid)
    candidates = (*own, *of_pods.selected(reads, key[0], selector))
    return Seen(job, claim(POD, candidates, JOB, job, selector, finalizer=TRACKED), reads.now())


def decide(seen: Seen) -> Decision:
    job = seen.job
    if job.spec.managed_by not in MANAGED_BY:
        return Decision(f"is managed by {job.spec.managed_by}")
    if is_over(job):
        # What came back after the end is let go all the same.
        late = [_release(pod) for pod in seen.claim.held if is_tracked(pod)]
        return Decision("is over", tuple(late))
    if seen.claim.actions:
        return Decision("adopts and lets go of pods by its selector", seen.claim.actions)
    return _Work(seen).decide()


class _Work:
    """One look at a job that goes on."""

    def __init__(self, seen: Seen) -> None:
        self.job, self.now, self.about = seen.job, seen.now, reference(JOB, seen.job)
        pods = tuple(sorted_by_index(seen.claim.held))
        self.tracked = {pod.metadata.uid for pod in pods if is_tracked(pod)}
        # Pods noted before and let go since are counted now, before anything else is.
        self.job = structs.replace(seen.job, status=_counted(seen.job.status, self.tracked))
        noted = self.job.status.uncounted_terminated_pods or UncountedTerminatedPods()
        self.state = State(self.job, pods, seen.now, noted)
        self.events: list[Action] = []
        self.before = seen.job

    def decide(self) -> Decision:
        verdict = self.state.verdict
        if verdict is not None:
            return self._end(verdict)
        if is_ending(self.job):
            return self._conclude("is being deleted", (), None)
        because, actions, again = self._manage()
        left = self.state.deadline_left
        waits = [wait for wait in (again, left) if wait is not None]
        return self._conclude(because, actions, min(waits, default=None))

    # The end

    def _end(self, verdict: JobCondition) -> Decision:
        """Pods that still run are asked to end; when all are counted and gone, the job is over."""
        doomed = tuple(map(self._delete, self.state.active))
        outcome = "succeeds" if verdict.type == SUCCESS_MET else "fails"
        return self._conclude(f"{outcome}: {verdict.reason}", doomed, None, verdict)

    # Pods

    def _manage(self) -> tuple[str, tuple[Action, ...], timedelta | None]:
        state, active = self.state, self.state.active
        if state.is_suspended:
            return "is suspended", tuple(self._remove(active)), None
        wanted = self._wanted()
        ordered = of_pods.deletion_order(active, (), self.now)
        doomed, rest = misplaced(ordered, state.completions or 0) if state.is_indexed else ([], ordered)
        doomed += rest[: max(0, len(active) - wanted - len(doomed))]
        if doomed:
            return f"has {len(active)} pods for {wanted}", tuple(self._remove(doomed[:BURST])), None
        missing = wanted - len(active) - (len(state.terminating) if state.waits_for_end else 0)
        if missing <= 0:
            return f"has its {len(active)} pods", (), None
        return self._start(min(missing, BURST))

    def _wanted(self) -> int:
        parallelism = 1 if self.job.spec.parallelism is None else self.job.spec.parallelism
        if self.state.completions is None:
            # A work queue: once one has succeeded, the others are left to finish.
            return len(self.state.active) if self.state.succeeded else parallelism
        open_ = self.state.completions - self.state.succeeded - len(self.state.failed_indexes)
        return max(0, min(parallelism, open_))

    def _start(self, number: int) -> tuple[str, tuple[Action, ...], timedelta | None]:
        state = self.state
        if not state.counts_per_index:
            wait = policy.backoff_of(state.pods, state.failed_pods, self.now)
            if wait:
                return f"waits {wait.total_seconds():.0f} s after a failure", (), wait
        if not state.is_indexed:
            return f"starts {number} pods", tuple(self._create(n, None) for n in range(number)), None
        taken = {index_of(pod) for pod in state.active} | state.succeeded_indexes | state.failed_indexes
        if state.waits_for_end:
            taken |= {index_of(pod) for pod in state.terminating}
        known = {index for index in taken if index is not None}
        indexes = pending_indexes(known, state.completions or 0, number)
        waits = {i: self._wait_of(state.held_back[i]) for i in indexes if i in state.held_back}
        now = [i for i in indexes if not waits.get(i)]
        later = min((wait for wait in waits.values() if wait), default=None)
        return f"starts indexes {format_indexes(now)}", tuple(self._create(i, i) for i in now), later

    def _wait_of(self, failed: Pod) -> timedelta:
        count = failures(failed, FAILURES) + failures(failed, IGNORED) + 1
        return policy.backoff(count, policy.finished_at(failed), self.now)

    def _create(self, ordinal: int, index: int | None) -> Create:
        job = self.job
        middle = "" if index is None else f"-{index}"
        prefix = job.metadata.name[: LONGEST_GENERATED - len(middle) - 1] + middle + "-"
        name = generated(prefix, job.metadata.uid, self.now.isoformat(), ordinal)
        template = job.spec.template if index is None else self._indexed(index)
        pod = of_pods.from_template(template, job.metadata.namespace, name, owned_by(JOB, job), generate_name=prefix)
        finalizers = (*(f for f in pod.metadata.finalizers if f != TRACKED), TRACKED)
        pod = structs.replace(pod, metadata=structs.replace(pod.metadata, finalizers=finalizers))
        return Create(POD, pod, Record(self.about, "Normal", "SuccessfulCreate", f"Created pod: {name}"))

    def _indexed(self, index: int) -> PodTemplateSpec:
        template, number = self.job.spec.template, str(index)
        meta, spec = template.metadata, template.spec
        annotations = {**meta.annotations, INDEX: number}
        if self.state.counts_per_index:
            annotations |= self._failures_before(index)
        return PodTemplateSpec(
            metadata=structs.replace(meta, annotations=annotations, labels={**meta.labels, INDEX: number}),
            spec=structs.replace(
                spec,
                hostname=f"{self.job.metadata.name}-{index}",
                containers=tuple(map(_told_its_index, spec.containers)),
                init_containers=tuple(map(_told_its_index, spec.init_containers)),
            ),
        )

    def _failures_before(self, index: int) -> dict[str, str]:
        replaced = self.state.held_back.get(index)
        if replaced is None:
            return {FAILURES: "0"}
        counts = policy.verdict(self.job, replaced).counts
        failed, ignored = failures(replaced, FAILURES) + counts, failures(replaced, IGNORED) + (not counts)
        return {FAILURES: str(failed)} | ({IGNORED: str(ignored)} if ignored else {})

    def _delete(self, pod: Pod) -> Delete:
        words = f"Deleted pod: {pod.metadata.name}"
        event = Record(self.about, "Normal", "SuccessfulDelete", words)
        return Delete(POD, key_of(pod), pod.metadata.uid, event=event)

    def _remove(self, pods: Iterable[Pod]) -> Iterable[Action]:
        """Ended by us for want of use: that is no failure, so they are let go before they are counted."""
        doomed = list(pods)
        yield from (_release(pod) for pod in doomed if is_tracked(pod))
        yield from map(self._delete, doomed)

    # The status

    def _conclude(
        self,
        because: str,
        actions: tuple[Action, ...],
        again: timedelta | None,
        verdict: JobCondition | None = None,
    ) -> Decision:
        leaving = [pod for pod in self.state.pods if is_tracked(pod) and self._may_leave(pod, verdict)][:BURST]
        # Those asked to end just now have changed since they were looked at: their turn is the next look.
        leaving = [pod for pod in leaving if verdict is None or not of_pods.is_active(pod)]
        status = self._status(leaving, verdict)
        if verdict is not None and not self.state.active and not self.state.terminating:
            status = self._final(status, verdict, leaving)
        writes: tuple[Action, ...] = ()
        if status != self.before.status:
            writes = (Update(JOB, structs.replace(self.before, status=status), "status"),)
        released = tuple(map(_release, leaving))
        return Decision(because, (*actions, *writes, *self.events, *released), again)

    def _may_leave(self, pod: Pod, verdict: JobCondition | None) -> bool:
        if is_ending(self.job) or pod.status.phase == "Succeeded" or verdict is not None:
            return True
        if not self.state.has_failed(pod):
            return False
        index = index_of(pod)
        held = self.state.held_back.get(index) if index is not None else None
        return held is None or held.metadata.uid != pod.metadata.uid

    def _status(self, leaving: Iterable[Pod], verdict: JobCondition | None) -> JobStatus:
        state, status = self.state, self.job.status
        succeeded = list(state.uncounted.succeeded)
        failed = list(state.uncounted.failed)
        for pod in leaving:
            uid = pod.metadata.uid
            if pod.status.phase == "Succeeded" and uid not in failed:
                if not state.is_indexed and uid not in succeeded:
                    succeeded.append(uid)
            elif self._counts_as_failure(pod, verdict) and uid not in failed:
                failed.append(uid)
        # Those that are about to be asked to end are told as ending already.
        ending = len(state.active) if verdict is not None else 0
        status = structs.replace(
            status,
            active=(len(state.active) - ending) or None,
            ready=0 if ending else state.ready,
            terminating=len(state.terminating) + ending,
            uncounted_terminated_pods=UncountedTerminatedPods(succeeded=tuple(succeeded), failed=tuple(failed)),
        )
        if state.is_indexed:
            status = structs.replace(
                status,
                succeeded=len(state.succeeded_indexes) or None,
                completed_indexes=format_indexes(state.succeeded_indexes),
                failed_indexes=format_indexes(state.failed_indexes) if state.counts_per_index else "",
            )
        if verdict is not None:
            return _with_condition(status, verdict)
        return self._suspended_or_started(status)

    def _counts_as_failure(self, pod: Pod, verdict: JobCondition | None) -> bool:
        if not self.state.has_index(pod):
            return False
        # With the job's failure every pod that has not ended fails; with its success none does.
        lost = verdict is not None and verdict.type == FAILURE_TARGET
        return (self.state.has_failed(pod) or lost) and policy.verdict(self.job, pod).counts

    def _suspended_or_started(self, status: JobStatus) -> JobStatus:
        at = format_time(self.now)
        known = condition(status.conditions, SUSPENDED)
        if self.state.is_suspended:
            if known is None or known.status != "True":
                self._tell("Normal", "Suspended", "Job suspended")
                new = new_condition(SUSPENDED, "True", "JobSuspended", "Job suspended", self.now)
                status = _with_condition(structs.replace(status, start_time=""), new)
            return status
        if known is not None and known.status == "True":
            self._tell("Normal", "Resumed", "Job resumed")
            new = new_condition(SUSPENDED, "False", "JobResumed", "Job resumed", self.now)
            return _with_condition(structs.replace(status, start_time=at), new)
        return status if status.start_time else structs.replace(status, start_time=at)

    def _final(self, status: JobStatus, verdict: JobCondition, leaving: list[Pod]) -> JobStatus:
        """Over, once nobody is left to be counted."""
        noted = status.uncounted_terminated_pods or UncountedTerminatedPods()
        if noted.succeeded or noted.failed or leaving:
            return status
        kind = COMPLETE if verdict.type == SUCCESS_MET else FAILED
        over = new_condition(kind, "True", verdict.reason, verdict.message, self.now)
        status = _with_condition(status, over)
        if kind == FAILED:
            self._tell("Warning", verdict.reason, verdict.message)
            return status
        completions = self.state.completions
        if completions is not None and (status.succeeded or 0) > completions:
            words = "Too many succeeded pods running after completion count reached"
            self._tell("Warning", "TooManySucceededPods", words)
        self._tell("Normal", "Completed", "Job completed")
        return structs.replace(status, completion_time=over.last_transition_time)

    def _tell(self, type: str, reason: str, words: str) -> None:
        self.events.append(Record(self.about, "Warning" if type == "Warning" else "Normal", reason, words))


def _counted(status: JobStatus, tracked: set[str]) -> JobStatus:
    """Uids noted whose pods were let go become counts."""
    noted = status.uncounted_terminated_pods or UncountedTerminatedPods()
    succeeded = tuple(uid for uid in noted.succeeded if uid in tracked)
    failed = tuple(uid for uid in noted.failed if uid in tracked)
    return structs.replace(
        status,
        succeeded=((status.succeeded or 0) + len(noted.succeeded) - len(succeeded)) or None,
        failed=((status.failed or 0) + len(noted.failed) - len(failed)) or None,
        uncounted_terminated_pods=UncountedTerminatedPods(succeeded=succeeded, failed=failed),
    )


def _with_condition(status: JobStatus, new: JobCondition) -> JobStatus:
    known = condition(status.conditions, new.type)
    if known is not None and (known.status, known.reason, known.message) == (new.status, new.reason, new.message):
        return status
    return structs.replace(status, conditions=(*without_condition(status.conditions, new.type), new))


def _told_its_index(container: Container) -> Container:
    name = "JOB_COMPLETION_INDEX"
    if any(variable.name == name for variable in container.env):
        return container
    source = EnvVarSource(field_ref=ObjectFieldSelector(field_path=f"metadata.labels['{INDEX}']"))
    return structs.replace(container, env=(*container.env, EnvVar(name=name, value_from=source)))


def _release(pod: Pod) -> Patch:
    rest = [f for f in pod.metadata.finalizers if f != TRACKED]
    guard = {"uid": pod.metadata.uid, "resourceVersion": pod.metadata.resource_version}
    return Patch(POD, key_of(pod), {"metadata": {**guard, "finalizers": rest}})


def failed(seen: Seen, action: Action, exc: ApiError) -> tuple[Action, ...]:
    about = reference(JOB, seen.job)
    match action:
        case Create():
            return (Record(about, "Warning", "FailedCreate", f"Error creating: {exc}"),)
        case Delete():
            return (Record(about, "Warning", "FailedDelete", f"Error deleting: {exc}"),)
    return ()


def _wanting(pod: Pod, reads: Reads) -> Iterable[Key]:
    if controller_of(pod) is not None or is_ending(pod):
        return
    for job in reads.list(JOB, pod.metadata.namespace):
        selector = selector_of(job.spec.selector)
        if selector is not None and selector.matches(pod.metadata.labels):
            yield key_of(job)


JOBS = Controller(
    name="job-controller",
    root=JOB,
    observe=observe,
    decide=decide,
    watches=(owned(POD, JOB), Watch(POD, _wanting)),
    indexes=(of_pods.BY_LABEL,),
    failed=failed,
)


# Pods whose job is gone


@dataclass(frozen=True, slots=True)
class Orphan:
    """A pod kept for a job to count it, and whether there is such a job."""

    pod: Pod
    has_job: bool


async def observe_orphan(key: Key, reads: Reads) -> Orphan | None:
    pod = reads.get(POD, key[1], key[0])
    if pod is None or not is_tracked(pod):
        return None
    owner = controller_of(pod)
    if owner is None:
        return Orphan(pod, False)
    if owner.kind != JOB.name:
        return None
    job = reads.get(JOB, owner.name, key[0])
    # Memory may know a pod before its job; that the pod is asked to end shows that the job is really gone.
    return Orphan(pod, not is_ending(pod) or (job is not None and job.metadata.uid == owner.uid))


def decide_orphan(seen: Orphan) -> Decision:
    if seen.has_job:
        return Decision("is counted by its job")
    return Decision("has no job to count it; is let go", (_release(seen.pod),))


def _pods_of(job: Job, reads: Reads) -> Iterable[Key]:
    return [key_of(pod) for pod in reads.by(POD, "controller", job.metadata.uid) if is_ending(pod) and is_tracked(pod)]


UNCOUNTED_PODS = Controller(
    name="job-controller",
    root=POD,
    observe=observe_orphan,
    decide=decide_orphan,
    watches=(Watch(JOB, _pods_of),),
    concerns=is_tracked,
)
