"""apps: typed views of its kinds. Made by tools/gen_kinds.py; do not edit."""

from __future__ import annotations

from typing import Any

from msgspec import Struct, field

from armillary.kube.kind import Kind
from armillary.kube.kinds.core import PersistentVolumeClaim, PodTemplateSpec
from armillary.kube.kinds.meta import LabelSelector, ObjectMeta
from armillary.kube.wire import wire_name


class ControllerRevision(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    data: Any = None
    metadata: ObjectMeta = field(default_factory=lambda: ObjectMeta())
    revision: int | None = None


class DaemonSet(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    metadata: ObjectMeta = field(default_factory=lambda: ObjectMeta())
    spec: DaemonSetSpec = field(default_factory=lambda: DaemonSetSpec())
    status: DaemonSetStatus = field(default_factory=lambda: DaemonSetStatus())


class DaemonSetCondition(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    last_transition_time: str = ""
    message: str = ""
    reason: str = ""
    status: str
    type: str


class DaemonSetSpec(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    min_ready_seconds: int | None = None
    revision_history_limit: int | None = None
    selector: LabelSelector | None = None
    template: PodTemplateSpec = field(default_factory=lambda: PodTemplateSpec())
    update_strategy: DaemonSetUpdateStrategy | None = None


class DaemonSetStatus(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    collision_count: int | None = None
    conditions: tuple[DaemonSetCondition, ...] = ()
    current_number_scheduled: int | None = None
    desired_number_scheduled: int | None = None
    number_available: int | None = None
    number_misscheduled: int | None = None
    number_ready: int | None = None
    number_unavailable: int | None = None
    observed_generation: int | None = None
    updated_number_scheduled: int | None = None


class DaemonSetUpdateStrategy(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    rolling_update: RollingUpdateDaemonSet | None = None
    type: str = ""


class Deployment(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    metadata: ObjectMeta = field(default_factory=lambda: ObjectMeta())
    spec: DeploymentSpec = field(default_factory=lambda: DeploymentSpec())
    status: DeploymentStatus = field(default_factory=lambda: DeploymentStatus())


class DeploymentCondition(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    last_transition_time: str = ""
    last_update_time: str = ""
    message: str = ""
    reason: str = ""
    status: str
    type: str


class DeploymentSpec(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    min_ready_seconds: int | None = None
    paused: bool | None = None
    progress_deadline_seconds: int | None = None
    replicas: int | None = None
    revision_history_limit: int | None = None
    selector: LabelSelector | None = None
    strategy: DeploymentStrategy | None = None
    template: PodTemplateSpec = field(default_factory=lambda: PodTemplateSpec())


class DeploymentStatus(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    available_replicas: int | None = None
    collision_count: int | None = None
    conditions: tuple[DeploymentCondition, ...] = ()
    observed_generation: int | None = None
    ready_replicas: int | None = None
    replicas: int | None = None
    terminating_replicas: int | None = None
    unavailable_replicas: int | None = None
    updated_replicas: int | None = None


class DeploymentStrategy(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    rolling_update: RollingUpdateDeployment | None = None
    type: str = ""


class ReplicaSet(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    metadata: ObjectMeta = field(default_factory=lambda: ObjectMeta())
    spec: ReplicaSetSpec = field(default_factory=lambda: ReplicaSetSpec())
    status: ReplicaSetStatus = field(default_factory=lambda: ReplicaSetStatus())


class ReplicaSetCondition(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    last_transition_time: str = ""
    message: str = ""
    reason: str = ""
    status: str
    type: str


class ReplicaSetSpec(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    min_ready_seconds: int | None = None
    replicas: int | None = None
    selector: LabelSelector | None = None
    template: PodTemplateSpec = field(default_factory=lambda: PodTemplateSpec())


class ReplicaSetStatus(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    available_replicas: int | None = None
    conditions: tuple[ReplicaSetCondition, ...] = ()
    fully_labeled_replicas: int | None = None
    observed_generation: int | None = None
    ready_replicas: int | None = None
    replicas: int | None = None
    terminating_replicas: int | None = None


class RollingUpdateDaemonSet(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    max_surge: int | str | None = None
    max_unavailable: int | str | None = None


class RollingUpdateDeployment(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    max_surge: int | str | None = None
    max_unavailable: int | str | None = None


class RollingUpdateStatefulSetStrategy(
    Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name
):
    max_unavailable: int | str | None = None
    partition: int | None = None


class StatefulSet(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    metadata: ObjectMeta = field(default_factory=lambda: ObjectMeta())
    spec: StatefulSetSpec = field(default_factory=lambda: StatefulSetSpec())
    status: StatefulSetStatus = field(default_factory=lambda: StatefulSetStatus())


class StatefulSetCondition(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    last_transition_time: str = ""
    message: str = ""
    reason: str = ""
    status: str
    type: str


class StatefulSetOrdinals(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    start: int | None = None


class StatefulSetPersistentVolumeClaimRetentionPolicy(
    Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name
):
    when_deleted: str = ""
    when_scaled: str = ""


class StatefulSetSpec(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    min_ready_seconds: int | None = None
    ordinals: StatefulSetOrdinals | None = None
    persistent_volume_claim_retention_policy: StatefulSetPersistentVolumeClaimRetentionPolicy | None = None
    pod_management_policy: str = ""
    replicas: int | None = None
    revision_history_limit: int | None = None
    selector: LabelSelector | None = None
    service_name: str = ""
    template: PodTemplateSpec = field(default_factory=lambda: PodTemplateSpec())
    update_strategy: StatefulSetUpdateStrategy | None = None
    volume_claim_templates: tuple[PersistentVolumeClaim, ...] = ()


class StatefulSetStatus(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    available_replicas: int | None = None
    collision_count: int | None = None
    conditions: tuple[StatefulSetCondition, ...] = ()
    current_replicas: int | None = None
    current_revision: str = ""
    observed_generation: int | None = None
    ready_replicas: int | None = None
    replicas: int | None = None
    update_revision: str = ""
    updated_replicas: int | None = None


class StatefulSetUpdateStrategy(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    rolling_update: RollingUpdateStatefulSetStrategy | None = None
    type: str = ""


CONTROLLER_REVISION = Kind(
    "apps", "v1", "ControllerRevision", "controllerrevisions", True, ControllerRevision
)
DAEMON_SET = Kind("apps", "v1", "DaemonSet", "daemonsets", True, DaemonSet)
DEPLOYMENT = Kind("apps", "v1", "Deployment", "deployments", True, Deployment)
REPLICA_SET = Kind("apps", "v1", "ReplicaSet", "replicasets", True, ReplicaSet)
STATEFUL_SET = Kind("apps", "v1", "StatefulSet", "statefulsets", True, StatefulSet)
