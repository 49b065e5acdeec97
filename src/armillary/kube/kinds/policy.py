"""policy: typed views of its kinds. Made by tools/gen_kinds.py; do not edit."""

from __future__ import annotations

from msgspec import Struct, field

from armillary.kube.kind import Kind
from armillary.kube.kinds.meta import Condition, DeleteOptions, LabelSelector, ObjectMeta
from armillary.kube.wire import wire_name


class Eviction(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    delete_options: DeleteOptions | None = None
    metadata: ObjectMeta = field(default_factory=lambda: ObjectMeta())


class PodDisruptionBudget(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    metadata: ObjectMeta = field(default_factory=lambda: ObjectMeta())
    spec: PodDisruptionBudgetSpec = field(default_factory=lambda: PodDisruptionBudgetSpec())
    status: PodDisruptionBudgetStatus = field(default_factory=lambda: PodDisruptionBudgetStatus())


class PodDisruptionBudgetSpec(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    max_unavailable: int | str | None = None
    min_available: int | str | None = None
    selector: LabelSelector | None = None
    unhealthy_pod_eviction_policy: str = ""


class PodDisruptionBudgetStatus(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    conditions: tuple[Condition, ...] = ()
    current_healthy: int | None = None
    desired_healthy: int | None = None
    disrupted_pods: dict[str, str] = field(default_factory=dict)
    disruptions_allowed: int | None = None
    expected_pods: int | None = None
    observed_generation: int | None = None


EVICTION = Kind("policy", "v1", "Eviction", "evictions", True, Eviction)
POD_DISRUPTION_BUDGET = Kind(
    "policy", "v1", "PodDisruptionBudget", "poddisruptionbudgets", True, PodDisruptionBudget
)
