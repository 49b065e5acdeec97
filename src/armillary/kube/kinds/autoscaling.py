"""autoscaling: typed views of its kinds. Made by tools/gen_kinds.py; do not edit."""

from __future__ import annotations

from msgspec import Struct, field

from armillary.kube.kind import Kind
from armillary.kube.kinds.meta import LabelSelector, ObjectMeta
from armillary.kube.wire import wire_name


class Scale(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    metadata: ObjectMeta = field(default_factory=lambda: ObjectMeta())
    spec: ScaleSpec = field(default_factory=lambda: ScaleSpec())
    status: ScaleStatus = field(default_factory=lambda: ScaleStatus())


class ScaleSpec(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    replicas: int | None = None


class ScaleStatus(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    replicas: int | None = None
    selector: str = ""


class ContainerResourceMetricSource(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    container: str
    name: str
    target: MetricTarget


class ContainerResourceMetricStatus(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    container: str = ""
    current: MetricValueStatus | None = None
    name: str = ""


class CrossVersionObjectReference(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    api_version: str = ""
    kind: str
    name: str


class ExternalMetricSource(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    metric: MetricIdentifier
    target: MetricTarget


class ExternalMetricStatus(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    current: MetricValueStatus | None = None
    metric: MetricIdentifier | None = None


class HPAScalingPolicy(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    period_seconds: int
    type: str
    value: int


class HPAScalingRules(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    policies: tuple[HPAScalingPolicy, ...] = ()
    select_policy: str = ""
    stabilization_window_seconds: int | None = None
    tolerance: str = ""


class HorizontalPodAutoscaler(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    metadata: ObjectMeta = field(default_factory=lambda: ObjectMeta())
    spec: HorizontalPodAutoscalerSpec = field(default_factory=lambda: HorizontalPodAutoscalerSpec())
    status: HorizontalPodAutoscalerStatus = field(default_factory=lambda: HorizontalPodAutoscalerStatus())


class HorizontalPodAutoscalerBehavior(
    Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name
):
    scale_down: HPAScalingRules | None = None
    scale_up: HPAScalingRules | None = None


class HorizontalPodAutoscalerCondition(
    Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name
):
    last_transition_time: str = ""
    message: str = ""
    reason: str = ""
    status: str
    type: str


class HorizontalPodAutoscalerSpec(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    behavior: HorizontalPodAutoscalerBehavior | None = None
    max_replicas: int | None = None
    metrics: tuple[MetricSpec, ...] = ()
    min_replicas: int | None = None
    scale_target_ref: CrossVersionObjectReference | None = None


class HorizontalPodAutoscalerStatus(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    conditions: tuple[HorizontalPodAutoscalerCondition, ...] = ()
    current_metrics: tuple[MetricStatus, ...] = ()
    current_replicas: int | None = None
    desired_replicas: int | None = None
    last_scale_time: str = ""
    observed_generation: int | None = None


class MetricIdentifier(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    name: str
    selector: LabelSelector | None = None


class MetricSpec(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    container_resource: ContainerResourceMetricSource | None = None
    external: ExternalMetricSource | None = None
    object: ObjectMetricSource | None = None
    pods: PodsMetricSource | None = None
    resource: ResourceMetricSource | None = None
    type: str = ""


class MetricStatus(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    container_resource: ContainerResourceMetricStatus | None = None
    external: ExternalMetricStatus | None = None
    object: ObjectMetricStatus | None = None
    pods: PodsMetricStatus | None = None
    resource: ResourceMetricStatus | None = None
    type: str = ""


class MetricTarget(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    average_utilization: int | None = None
    average_value: str = ""
    type: str
    value: str = ""


class MetricValueStatus(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    average_utilization: int | None = None
    average_value: str = ""
    value: str = ""


class ObjectMetricSource(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    described_object: CrossVersionObjectReference
    metric: MetricIdentifier
    target: MetricTarget


class ObjectMetricStatus(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    current: MetricValueStatus | None = None
    described_object: CrossVersionObjectReference | None = None
    metric: MetricIdentifier | None = None


class PodsMetricSource(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    metric: MetricIdentifier
    target: MetricTarget


class PodsMetricStatus(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    current: MetricValueStatus | None = None
    metric: MetricIdentifier | None = None


class ResourceMetricSource(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    name: str
    target: MetricTarget


class ResourceMetricStatus(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    current: MetricValueStatus | None = None
    name: str = ""


SCALE = Kind("autoscaling", "v1", "Scale", "scales", True, Scale)
HORIZONTAL_POD_AUTOSCALER = Kind(
    "autoscaling", "v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers", True, HorizontalPodAutoscaler
)
