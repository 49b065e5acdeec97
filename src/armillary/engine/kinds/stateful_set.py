"""StatefulSets: rules, defaults, columns.

Rules: k8s.io/kubernetes, pkg/apis/apps/v1/defaults.go, pkg/apis/apps/validation, pkg/registry/apps/statefulset.
"""

from collections.abc import Sequence

from armillary.base.errors import Cause
from armillary.engine.kinds import names
from armillary.engine.kinds.cells import CONTAINERS, IMAGES
from armillary.engine.kinds.checks import (
    check_choice,
    check_counts,
    check_not_above,
    int_or_percent,
)
from armillary.engine.kinds.claim import check_claim_spec, default_claim_spec
from armillary.engine.kinds.columns import AGE
from armillary.engine.kinds.deployment import ABOVE_REPLICAS, READY
from armillary.engine.kinds.faults import forbidden, invalid, required, shown, under, wrong
from armillary.engine.kinds.fields import fill, fill_empty, part, spec_of, status_of
from armillary.engine.kinds.meta import check_label_selector, status_validator, validator
from armillary.engine.kinds.pod.template import default_pod_template, validate_pod_template
from armillary.engine.kinds.resource import Json, Resource
from armillary.engine.kinds.values import check_at_most_100_percent, check_int_or_percent, same
from armillary.engine.kinds.workload import (
    SCALE,
    check_always_running,
    check_collisions,
    check_selector,
    check_status_counts,
    check_template_labels,
    starts_with,
)

_CHANGEABLE = frozenset(
    {
        "replicas",
        "template",
        "updateStrategy",
        "minReadySeconds",
        "ordinals",
        "revisionHistoryLimit",
        "persistentVolumeClaimRetentionPolicy",
    }
)
_UNCHANGEABLE_FAULT = (
    "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', "
    "'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden"
)
_RETENTION = ("Retain", "Delete")


def _default(obj: Json) -> None:
    spec = part(obj, "spec")
    fill_empty(spec, podManagementPolicy="OrderedReady")
    strategy = part(spec, "updateStrategy")
    if not strategy.get("type"):
        strategy["type"] = "RollingUpdate"
        part(strategy, "rollingUpdate")
    if strategy["type"] == "RollingUpdate" and (rolling := strategy.get("rollingUpdate")) is not None:
        fill(rolling, partition=0)
    retention = part(spec, "persistentVolumeClaimRetentionPolicy")
    fill_empty(retention, whenDeleted="Retain", whenScaled="Retain")
    fill(spec, replicas=1, revisionHistoryLimit=10)
    default_pod_template(part(spec, "template"))
    for claim in spec.get("volumeClaimTemplates") or ():
        claim["apiVersion"], claim["kind"] = "v1", "PersistentVolumeClaim"
        default_claim_spec(part(claim, "spec"))
        fill_empty(part(claim, "status"), phase="Pending")


def _drop_disabled(new: Json, old: Json | None) -> None:
    """`maxUnavailable` is behind a feature gate (MaxUnavailableStatefulSet) that is off."""
    rolling = (spec_of(new).get("updateStrategy") or {}).get("rollingUpdate")
    if not rolling or "maxUnavailable" not in rolling:
        return
    before = (spec_of(old).get("updateStrategy") or {}).get("rollingUpdate") if old else None
    if not before or before.get("maxUnavailable") is None:
        del rolling["maxUnavailable"]


_start = starts_with("replicas", "availableReplicas")


def _prepare_create(obj: Json) -> None:
    _start(obj)
    _drop_disabled(obj, None)


def _validate(new: Json, old: Json | None) -> Sequence[Cause]:
    if old is None:
        return list(under("spec", _check_spec(spec_of(new))))
    before, after = spec_of(old), spec_of(new)
    # A set that stands with a template that newer rules refuse can still be scaled.
    judged = not _check_spec(before, created=False)
    found = list(under("spec", _check_spec(after, created=False, template=judged)))
    fields = (after.keys() | before.keys()) - _CHANGEABLE
    if not all(same(after.get(field), before.get(field)) for field in fields):
        found.append(forbidden("spec", _UNCHANGEABLE_FAULT))
    return found


def _check_spec(spec: Json, *, created: bool = True, template: bool = True) -> list[Cause]:
    found: list[Cause] = []
    policy = spec.get("podManagementPolicy") or ""
    if not policy:
        found.append(required("podManagementPolicy"))
    elif policy not in ("OrderedReady", "Parallel"):
        found.append(invalid("podManagementPolicy", policy, "must be 'OrderedReady' or 'Parallel'"))
    found += _check_strategy(spec.get("updateStrategy") or {})
    if (retention := spec.get("persistentVolumeClaimRetentionPolicy")) is not None:
        for field in ("whenDeleted", "whenScaled"):
            value = retention.get(field) or ""
            found += check_choice(f"persistentVolumeClaimRetentionPolicy.{field}", value, _RETENTION)
    if created:
        for i, claim in enumerate(spec.get("volumeClaimTemplates") or ()):
            found += under(f"volumeClaimTemplates[{i}].spec", check_claim_spec(claim.get("spec") or {}))
    found += check_counts(spec, "replicas", "minReadySeconds")
    found += under("ordinals", check_counts(spec.get("ordinals") or {}, "start"))
    if created and (service := spec.get("serviceName")):
        found += wrong("serviceName", service, names.dns_label(service))
    found += check_selector(spec, "empty selector is invalid for statefulset")
    found += _check_template(spec, judged=template)
    return found


def _check_strategy(strategy: Json) -> Sequence[Cause]:
    rolling = strategy.get("rollingUpdate")
    match strategy.get("type"):
        case "OnDelete":
            fault = "only allowed for updateStrategy 'RollingUpdate'"
            return [] if rolling is None else [invalid("updateStrategy.rollingUpdate", rolling, fault)]
        case "RollingUpdate":
            return [] if rolling is None else list(under("updateStrategy.rollingUpdate", _check_rolling(rolling)))
        case "" | None:
            return [required("updateStrategy")]
    value = {"Type": strategy["type"], "RollingUpdate": rolling}
    return [invalid("updateStrategy", value, "must be 'RollingUpdate' or 'OnDelete'")]


def _check_rolling(rolling: Json) -> Sequence[Cause]:
    found = list(check_counts(rolling, "partition"))
    unavailable = rolling.get("maxUnavailable")
    if unavailable is None:
        return found
    found += check_int_or_percent("maxUnavailable", unavailable)
    if int_or_percent(unavailable) == 0:
        found.append(invalid("maxUnavailable", unavailable, "cannot be 0"))
    return found + check_at_most_100_percent("maxUnavailable", unavailable)


def _check_template(spec: Json, *, judged: bool) -> list[Cause]:
    template, selector = spec.get("template") or {}, spec.get("selector")
    found: list[Cause] = []
    if selector and check_label_selector(selector, "selector"):
        found.append(Cause("FieldValueInvalid", "selector", f"Invalid value: {shown(selector)}"))
    else:
        found += check_template_labels(spec)
        if judged:
            found += validate_pod_template(_as_made(spec, template), "template")
    return found + check_always_running(template, "StatefulSet")


def _as_made(spec: Json, template: Json) -> Json:
    """The template as the controller fills it in: claims as volumes, host names of its own."""
    claims = {(c.get("metadata") or {}).get("name") or "" for c in spec.get("volumeClaimTemplates") or ()}
    pod = template.get("spec") or {}
    if not claims and not pod.get("subdomain") and not pod.get("hostname"):
        return template
    volumes = [{"name": c, "persistentVolumeClaim": {"claimName": c}} for c in sorted(claims)]
    volumes += [v for v in pod.get("volumes") or () if v.get("name") not in claims]
    return {**template, "spec": {**pod, "volumes": volumes, "subdomain": "", "hostname": ""}}


def _check_status(new: Json, old: Json) -> Sequence[Cause]:
    status = status_of(new)
    parts = ("readyReplicas", "currentReplicas", "updatedReplicas", "availableReplicas")
    found = check_status_counts(status, "replicas", *parts, "observedGeneration", "collisionCount")
    found += check_not_above(status, status.get("replicas") or 0, ABOVE_REPLICAS, *parts)
    ready = status.get("readyReplicas") or 0
    found += check_not_above(status, ready, "cannot be greater than status.readyReplicas", "availableReplicas")
    return list(under("status", [*found, *check_collisions(status, status_of(old))]))


STATEFUL_SETS = Resource(
    group="apps",
    version="v1",
    kind="StatefulSet",
    plural="statefulsets",
    schema="io.k8s.api.apps.v1.StatefulSet",
    singular="statefulset",
    short_names=("sts",),
    categories=("all",),
    subresources=("status", "scale"),
    scale=SCALE,
    columns=(READY, AGE, CONTAINERS, IMAGES),
    default=_default,
    prepare_create=_prepare_create,
    prepare_update=_drop_disabled,
    validate=validator(names.dns_label, _validate),
    validate_status=status_validator(_check_status),
)
