"""Deployments and ReplicaSets: rules, defaults, columns.

Rules: k8s.io/kubernetes, pkg/apis/apps/v1/defaults.go, pkg/apis/apps/validation, pkg/registry/apps.
"""

from collections.abc import Sequence
from datetime import datetime

from armillary.base.errors import Cause
from armillary.engine.kinds import names
from armillary.engine.kinds.cells import CONTAINERS, IMAGES, number, selector
from armillary.engine.kinds.checks import check_counts, check_not_above, check_same
from armillary.engine.kinds.columns import AGE
from armillary.engine.kinds.faults import forbidden, invalid, required, under, unsupported
from armillary.engine.kinds.fields import fill, fill_empty, part, spec_of, status_of
from armillary.engine.kinds.meta import status_validator, validator
from armillary.engine.kinds.pod.template import default_pod_template
from armillary.engine.kinds.resource import Column, Json, Resource
from armillary.engine.kinds.values import same
from armillary.engine.kinds.workload import (
    SCALE,
    check_collisions,
    check_replicated_spec,
    check_status_counts,
    check_surge,
    count_change,
    start_empty,
    starts_with,
)

ABOVE_REPLICAS = "cannot be greater than status.replicas"


def _default_deployment(obj: Json) -> None:
    spec = part(obj, "spec")
    fill(spec, replicas=1, revisionHistoryLimit=10, progressDeadlineSeconds=600)
    strategy = part(spec, "strategy")
    fill_empty(strategy, type="RollingUpdate")
    if strategy["type"] == "RollingUpdate":
        fill(part(strategy, "rollingUpdate"), maxUnavailable="25%", maxSurge="25%")
    default_pod_template(part(spec, "template"))


def _update_deployment(new: Json, old: Json) -> None:
    # What kubectl notes of a rollout stands in annotations, so those count as changes too.
    if not same((new.get("metadata") or {}).get("annotations"), (old.get("metadata") or {}).get("annotations")):
        count_change(new, old)


def _validate_deployment(new: Json, old: Json | None) -> Sequence[Cause]:
    spec = spec_of(new)
    found = [*check_counts(spec, "replicas"), *check_replicated_spec(spec)]
    found += under("strategy", _check_strategy(spec.get("strategy") or {}))
    found += check_counts(spec, "minReadySeconds", "revisionHistoryLimit", "progressDeadlineSeconds")
    deadline = spec.get("progressDeadlineSeconds")
    if deadline is not None and deadline <= (spec.get("minReadySeconds") or 0):
        found.append(invalid("progressDeadlineSeconds", deadline, "must be greater than minReadySeconds"))
    if old is not None:
        found += check_same(spec, spec_of(old), "selector")
    return list(under("spec", found))


def _check_strategy(strategy: Json) -> Sequence[Cause]:
    rolling = strategy.get("rollingUpdate")
    match strategy.get("type"):
        case "Recreate":
            fault = "may not be specified when strategy `type` is 'Recreate'"
            return [] if rolling is None else [forbidden("rollingUpdate", fault)]
        case "RollingUpdate":
            if rolling is None:
                return [required("rollingUpdate", "this should be defaulted and never be nil")]
            return list(under("rollingUpdate", check_surge(rolling)))
    counts = {"MaxUnavailable": 0, "MaxSurge": 0}
    for field, value in (rolling or {}).items():
        counts[field[:1].upper() + field[1:]] = value
    shown = {"Type": strategy.get("type") or "", "RollingUpdate": None if rolling is None else counts}
    return [unsupported("", shown, ("Recreate", "RollingUpdate"))]


def _check_deployment_status(new: Json, old: Json) -> Sequence[Cause]:
    status = status_of(new)
    found = check_status_counts(
        status,
        "observedGeneration",
        "replicas",
        "updatedReplicas",
        "readyReplicas",
        "availableReplicas",
        "unavailableReplicas",
        "terminatingReplicas",
        "collisionCount",
    )
    parts = ("updatedReplicas", "readyReplicas", "availableReplicas")
    found += check_not_above(status, status.get("replicas") or 0, ABOVE_REPLICAS, *parts)
    ready = status.get("readyReplicas") or 0
    found += check_not_above(status, ready, "cannot be greater than readyReplicas", "availableReplicas")
    found += check_collisions(status, status_of(old))
    return list(under("status", found))


def _default_replica_set(obj: Json) -> None:
    spec = part(obj, "spec")
    fill(spec, replicas=1)
    default_pod_template(part(spec, "template"))


def _validate_replica_set(new: Json, old: Json | None) -> Sequence[Cause]:
    spec = spec_of(new)
    found = [*check_counts(spec, "replicas", "minReadySeconds"), *check_replicated_spec(spec)]
    if old is not None:
        found += check_same(spec, spec_of(old), "selector")
    return list(under("spec", found))


def _check_replica_set_status(new: Json, old: Json) -> Sequence[Cause]:
    status = status_of(new)
    found = check_status_counts(
        status,
        "replicas",
        "fullyLabeledReplicas",
        "readyReplicas",
        "availableReplicas",
        "observedGeneration",
        "terminatingReplicas",
    )
    parts = ("fullyLabeledReplicas", "readyReplicas", "availableReplicas")
    found += check_not_above(status, status.get("replicas") or 0, ABOVE_REPLICAS, *parts)
    ready = status.get("readyReplicas") or 0
    found += check_not_above(status, ready, "cannot be greater than readyReplicas", "availableReplicas")
    return list(under("status", found))


def _ready(obj: Json, now: datetime) -> str:
    return f"{status_of(obj).get('readyReplicas') or 0}/{spec_of(obj).get('replicas') or 0}"


READY = Column("Ready", "string", _ready, "How many pods are ready, of how many are wanted.")


DEPLOYMENTS = Resource(
    group="apps",
    version="v1",
    kind="Deployment",
    plural="deployments",
    schema="io.k8s.api.apps.v1.Deployment",
    singular="deployment",
    short_names=("deploy",),
    categories=("all",),
    subresources=("status", "scale"),
    scale=SCALE,
    columns=(
        READY,
        number("Up-to-date", "status", "updatedReplicas", type="string"),
        number("Available", "status", "availableReplicas", type="string"),
        AGE,
        CONTAINERS,
        IMAGES,
        selector("Selector", "spec", "selector", absent="", priority=1),
    ),
    default=_default_deployment,
    prepare_create=start_empty,
    prepare_update=_update_deployment,
    validate=validator(names.dns_subdomain, _validate_deployment),
    validate_status=status_validator(_check_deployment_status),
)

REPLICA_SETS = Resource(
    group="apps",
    version="v1",
    kind="ReplicaSet",
    plural="replicasets",
    schema="io.k8s.api.apps.v1.ReplicaSet",
    singular="replicaset",
    short_names=("rs",),
    categories=("all",),
    subresources=("status", "scale"),
    scale=SCALE,
    columns=(
        number("Desired", "spec", "replicas"),
        number("Current", "status", "replicas"),
        number("Ready", "status", "readyReplicas"),
        AGE,
        CONTAINERS,
        IMAGES,
        selector("Selector", "spec", "selector", priority=1),
    ),
    default=_default_replica_set,
    prepare_create=starts_with("replicas"),
    validate=validator(names.dns_subdomain, _validate_replica_set),
    validate_status=status_validator(_check_replica_set_status),
)
