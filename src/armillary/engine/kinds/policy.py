"""The resources of the API group policy.

Rules: k8s.io/kubernetes, pkg/apis/policy/validation, pkg/registry/policy/poddisruptionbudget.
"""

from collections.abc import Sequence
from datetime import datetime

from armillary.base.errors import Cause
from armillary.engine.kinds import names
from armillary.engine.kinds.cells import number
from armillary.engine.kinds.checks import check_choice, check_counts
from armillary.engine.kinds.columns import AGE
from armillary.engine.kinds.faults import invalid, under
from armillary.engine.kinds.fields import part, spec_of, status_of
from armillary.engine.kinds.meta import check_conditions, check_label_selector, status_validator, validator
from armillary.engine.kinds.resource import Column, Json, Resource
from armillary.engine.kinds.values import check_at_most_100_percent, check_int_or_percent
from armillary.engine.kinds.workload import starts_with

_COUNTS = ("disruptionsAllowed", "currentHealthy", "desiredHealthy", "expectedPods")
_EVICTION_POLICIES = ("AlwaysAllow", "IfHealthyBudget")


def _default(obj: Json) -> None:
    part(obj, "spec")


def _validate(new: Json, old: Json | None) -> Sequence[Cause]:
    spec = spec_of(new)
    found: list[Cause] = []
    limits = [f for f in ("minAvailable", "maxUnavailable") if spec.get(f) is not None]
    if len(limits) == 2:
        found.append(invalid("", spec, "minAvailable and maxUnavailable cannot be both set"))
    for field in limits:
        found += check_int_or_percent(field, spec[field])
        found += check_at_most_100_percent(field, spec[field])
    found += check_label_selector(spec.get("selector"), "selector")
    found += check_choice("unhealthyPodEvictionPolicy", spec.get("unhealthyPodEvictionPolicy"), _EVICTION_POLICIES)
    return list(under("spec", found))


def _check_status(new: Json, old: Json) -> Sequence[Cause]:
    status = status_of(new)
    found = check_conditions(status.get("conditions"), "conditions")
    return list(under("status", [*found, *check_counts(status, *_COUNTS)]))


def _limit(name: str, field: str, description: str) -> Column:
    def value(obj: Json, now: datetime) -> str:
        found = spec_of(obj).get(field)
        return "N/A" if found is None else str(found)

    return Column(name, "string", value, description)


RESOURCES: tuple[Resource, ...] = (
    Resource(
        group="policy",
        version="v1",
        kind="PodDisruptionBudget",
        plural="poddisruptionbudgets",
        schema="io.k8s.api.policy.v1.PodDisruptionBudget",
        singular="poddisruptionbudget",
        short_names=("pdb",),
        subresources=("status",),
        columns=(
            _limit("Min Available", "minAvailable", "The fewest pods that must be available."),
            _limit("Max Unavailable", "maxUnavailable", "The most pods that may be unavailable."),
            number("Allowed Disruptions", "status", "disruptionsAllowed"),
            AGE,
        ),
        default=_default,
        prepare_create=starts_with(*_COUNTS),
        validate=validator(names.dns_subdomain, _validate),
        validate_status=status_validator(_check_status),
    ),
)
