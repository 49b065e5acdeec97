"""Jobs that are over, deleted when the time has passed for which they were to be kept.

Upstream: pkg/controller/ttlafterfinished.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from armillary.base.clock import parse_time
from armillary.engine.controllers.job_state import COMPLETE, FAILED
from armillary.kube.kinds.batch import JOB, Job
from armillary.kube.object import Key, is_ending, key_of
from armillary.kube.reconcile import Controller, Decision, Delete, Reads


@dataclass(frozen=True, slots=True)
class Seen:
    """A job with a limit to how long it is kept."""

    job: Job
    now: datetime


async def observe(key: Key, reads: Reads) -> Seen | None:
    job = reads.get(JOB, key[1], key[0])
    if job is None or job.spec.ttl_seconds_after_finished is None:
        return None
    return Seen(job, reads.now())


def decide(seen: Seen) -> Decision:
    job = seen.job
    ends = [c for c in job.status.conditions if c.type in (COMPLETE, FAILED) and c.status == "True"]
    if is_ending(job) or not ends:
        return Decision("is not over, or is being deleted")
    left = parse_time(ends[0].last_transition_time) + _kept(job) - seen.now
    if left > timedelta():
        return Decision(f"is kept for {left.total_seconds():.0f} s more", again_after=left)
    meta = job.metadata
    gone = Delete(JOB, key_of(job), meta.uid, propagation="Foreground", resource_version=meta.resource_version)
    return Decision("has been over for long enough", (gone,))


def _kept(job: Job) -> timedelta:
    return timedelta(seconds=job.spec.ttl_seconds_after_finished or 0)


def _is_limited(job: Job) -> bool:
    return job.spec.ttl_seconds_after_finished is not None


FINISHED_JOBS = Controller(
    name="ttl-after-finished-controller", root=JOB, observe=observe, decide=decide, concerns=_is_limited
)
