"""DaemonSets: rules, defaults, columns.

Rules: k8s.io/kubernetes, pkg/apis/apps/v1/defaults.go, pkg/apis/apps/validation, pkg/registry/apps/daemonset.
"""

from collections.abc import Sequence
from datetime import datetime

from armillary.base.errors import Cause
from armillary.engine.kinds import names
from armillary.engine.kinds.cells import CONTAINERS, IMAGES, number, selector
from armillary.engine.kinds.checks import check_counts, check_same, int_or_percent
from armillary.engine.kinds.columns import AGE, format_labels
from armillary.engine.kinds.faults import invalid, required, under, unsupported
from armillary.engine.kinds.fields import dig, fill, fill_empty, part, spec_of, status_of
from armillary.engine.kinds.meta import check_label_selector, is_empty_selector, status_validator, validator
from armillary.engine.kinds.pod.template import default_pod_template, validate_pod_template
from armillary.engine.kinds.resource import Column, Json, Resource
from armillary.engine.kinds.values import check_at_most_100_percent, check_int_or_percent, same
from armillary.engine.kinds.workload import (
    check_always_running,
    check_collisions,
    check_status_counts,
    check_template_labels,
    starts_with,
)

# A count of the template's versions, kept from an API that is gone; controllers and kubectl still read it.
_TEMPLATE_GENERATION = "deprecated.daemonset.template.generation"


def _default(obj: Json) -> None:
    spec = part(obj, "spec")
    fill(spec, revisionHistoryLimit=10)
    strategy = part(spec, "updateStrategy")
    fill_empty(strategy, type="RollingUpdate")
    if strategy["type"] == "RollingUpdate":
        fill(part(strategy, "rollingUpdate"), maxUnavailable=1, maxSurge=0)
    default_pod_template(part(spec, "template"))


def _template_generation(obj: Json) -> int:
    text = dig(obj, "metadata", "annotations", _TEMPLATE_GENERATION) or ""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0


def _set_template_generation(obj: Json, generation: int) -> None:
    part(part(obj, "metadata"), "annotations")[_TEMPLATE_GENERATION] = str(generation)


_start = starts_with("currentNumberScheduled", "numberMisscheduled", "desiredNumberScheduled", "numberReady")


def _prepare_create(obj: Json) -> None:
    _start(obj)
    _set_template_generation(obj, max(1, _template_generation(obj)))


def _prepare_update(new: Json, old: Json) -> None:
    changed = not same(spec_of(new).get("template"), spec_of(old).get("template"))
    _set_template_generation(new, _template_generation(old) + changed)


def _validate(new: Json, old: Json | None) -> Sequence[Cause]:
    spec = spec_of(new)
    chosen, template = spec.get("selector"), spec.get("template") or {}
    found = check_same(spec, spec_of(old), "selector") if old is not None else []
    faults = check_label_selector(chosen, "selector")
    found += faults or check_template_labels(spec)
    if chosen is not None and is_empty_selector(chosen):
        found.append(invalid("selector", chosen, "empty selector is invalid for daemonset"))
    found += validate_pod_template(template, "template")
    found += check_always_running(template, "DaemonSet")
    found += check_counts(spec, "minReadySeconds")
    found += under("updateStrategy", _check_strategy(spec.get("updateStrategy") or {}))
    found += check_counts(spec, "revisionHistoryLimit")
    return list(under("spec", found))


def _check_strategy(strategy: Json) -> Sequence[Cause]:
    rolling = strategy.get("rollingUpdate")
    match strategy.get("type"):
        case "OnDelete":
            return []
        case "RollingUpdate":
            if rolling is None:
                return [required("rollingUpdate")]
            return list(under("rollingUpdate", _check_rolling(rolling)))
    counts = {"MaxUnavailable": 0, "MaxSurge": 0}
    for field, value in (rolling or {}).items():
        counts[field[:1].upper() + field[1:]] = value
    shown = {"Type": strategy.get("type") or "", "RollingUpdate": None if rolling is None else counts}
    return [unsupported("", shown, ("RollingUpdate", "OnDelete"))]


def _check_rolling(rolling: Json) -> Sequence[Cause]:
    unavailable, surge = rolling.get("maxUnavailable") or 0, rolling.get("maxSurge") or 0
    found = [*check_int_or_percent("maxUnavailable", unavailable), *check_int_or_percent("maxSurge", surge)]
    found += check_at_most_100_percent("maxUnavailable", unavailable)
    found += check_at_most_100_percent("maxSurge", surge)
    match int_or_percent(unavailable) != 0, int_or_percent(surge) != 0:
        case True, True:
            found.append(invalid("maxSurge", surge, "may not be set when maxUnavailable is non-zero"))
        case False, False:
            found.append(required("maxUnavailable", "cannot be 0 when maxSurge is 0"))
    return found


def _check_status(new: Json, old: Json) -> Sequence[Cause]:
    status = status_of(new)
    found = check_status_counts(
        status,
        "currentNumberScheduled",
        "numberMisscheduled",
        "desiredNumberScheduled",
        "numberReady",
        "observedGeneration",
        "updatedNumberScheduled",
        "numberAvailable",
        "numberUnavailable",
        "collisionCount",
    )
    return list(under("status", [*found, *check_collisions(status, status_of(old))]))


def _node_selector(obj: Json, now: datetime) -> str:
    return format_labels(dig(obj, "spec", "template", "spec", "nodeSelector"))


DAEMON_SETS = Resource(
    group="apps",
    version="v1",
    kind="DaemonSet",
    plural="daemonsets",
    schema="io.k8s.api.apps.v1.DaemonSet",
    singular="daemonset",
    short_names=("ds",),
    categories=("all",),
    subresources=("status",),
    columns=(
        number("Desired", "status", "desiredNumberScheduled"),
        number("Current", "status", "currentNumberScheduled"),
        number("Ready", "status", "numberReady"),
        number("Up-to-date", "status", "updatedNumberScheduled"),
        number("Available", "status", "numberAvailable"),
        Column("Node Selector", "string", _node_selector, "The nodes that get a pod."),
        AGE,
        CONTAINERS,
        IMAGES,
        selector("Selector", "spec", "selector", priority=1),
    ),
    default=_default,
    prepare_create=_prepare_create,
    prepare_update=_prepare_update,
    validate=validator(names.dns_subdomain, _validate),
    validate_status=status_validator(_check_status),
)
