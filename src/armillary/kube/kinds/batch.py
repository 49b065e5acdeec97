"""batch: typed views of its kinds. Made by tools/gen_kinds.py; do not edit."""

from __future__ import annotations

from msgspec import Struct, field

from armillary.kube.kind import Kind
from armillary.kube.kinds.core import ObjectReference, PodTemplateSpec
from armillary.kube.kinds.meta import LabelSelector, ObjectMeta
from armillary.kube.wire import wire_name


class CronJob(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    metadata: ObjectMeta = field(default_factory=lambda: ObjectMeta())
    spec: CronJobSpec = field(default_factory=lambda: CronJobSpec())
    status: CronJobStatus = field(default_factory=lambda: CronJobStatus())


class CronJobSpec(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    concurrency_policy: str = ""
    failed_jobs_history_limit: int | None = None
    job_template: JobTemplateSpec = field(default_factory=lambda: JobTemplateSpec())
    schedule: str = ""
    starting_deadline_seconds: int | None = None
    successful_jobs_history_limit: int | None = None
    suspend: bool | None = None
    time_zone: str = ""


class CronJobStatus(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    active: tuple[ObjectReference, ...] = ()
    last_schedule_time: str = ""
    last_successful_time: str = ""


class Job(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    metadata: ObjectMeta = field(default_factory=lambda: ObjectMeta())
    spec: JobSpec = field(default_factory=lambda: JobSpec())
    status: JobStatus = field(default_factory=lambda: JobStatus())


class JobCondition(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    last_probe_time: str = ""
    last_transition_time: str = ""
    message: str = ""
    reason: str = ""
    status: str
    type: str


class JobSpec(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    active_deadline_seconds: int | None = None
    backoff_limit: int | None = None
    backoff_limit_per_index: int | None = None
    completion_mode: str = ""
    completions: int | None = None
    managed_by: str = ""
    manual_selector: bool | None = None
    max_failed_indexes: int | None = None
    parallelism: int | None = None
    pod_failure_policy: PodFailurePolicy | None = None
    pod_replacement_policy: str = ""
    selector: LabelSelector | None = None
    success_policy: SuccessPolicy | None = None
    suspend: bool | None = None
    template: PodTemplateSpec = field(default_factory=lambda: PodTemplateSpec())
    ttl_seconds_after_finished: int | None = None


class JobStatus(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    active: int | None = None
    completed_indexes: str = ""
    completion_time: str = ""
    conditions: tuple[JobCondition, ...] = ()
    failed: int | None = None
    failed_indexes: str = ""
    ready: int | None = None
    start_time: str = ""
    succeeded: int | None = None
    terminating: int | None = None
    uncounted_terminated_pods: UncountedTerminatedPods | None = None


class JobTemplateSpec(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    metadata: ObjectMeta = field(default_factory=lambda: ObjectMeta())
    spec: JobSpec = field(default_factory=lambda: JobSpec())


class PodFailurePolicy(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    rules: tuple[PodFailurePolicyRule, ...]


class PodFailurePolicyOnExitCodesRequirement(
    Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name
):
    container_name: str = ""
    operator: str
    values: tuple[int, ...]


class PodFailurePolicyOnPodConditionsPattern(
    Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name
):
    status: str = ""
    type: str


class PodFailurePolicyRule(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    action: str
    on_exit_codes: PodFailurePolicyOnExitCodesRequirement | None = None
    on_pod_conditions: tuple[PodFailurePolicyOnPodConditionsPattern, ...] = ()


class SuccessPolicy(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    rules: tuple[SuccessPolicyRule, ...]


class SuccessPolicyRule(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    succeeded_count: int | None = None
    succeeded_indexes: str = ""


class UncountedTerminatedPods(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    failed: tuple[str, ...] = ()
    succeeded: tuple[str, ...] = ()


CRON_JOB = Kind("batch", "v1", "CronJob", "cronjobs", True, CronJob)
JOB = Kind("batch", "v1", "Job", "jobs", True, Job)
