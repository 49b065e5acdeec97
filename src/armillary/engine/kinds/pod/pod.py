"""The resource `pods`: its strategy, its fields, its rules put together.

Strategy: k8s.io/kubernetes, pkg/registry/core/pod.
"""

from collections.abc import Mapping, Sequence

from armillary.base.errors import Cause
from armillary.engine.kinds import names
from armillary.engine.kinds.faults import forbidden, required, under, unsupported
from armillary.engine.kinds.meta import status_validator, validate_meta, validator
from armillary.engine.kinds.pod.columns import COLUMNS
from armillary.engine.kinds.pod.containers import check_image_spaces
from armillary.engine.kinds.pod.defaults import default_pod
from armillary.engine.kinds.pod.resources import qos_class
from armillary.engine.kinds.pod.security import check_profiles_match
from armillary.engine.kinds.pod.spec import check_pod_annotations, check_pod_spec
from armillary.engine.kinds.pod.status import check_pod_status
from armillary.engine.kinds.pod.update import check_ephemeral_containers_update, check_pod_update, check_resize
from armillary.engine.kinds.resource import Json, Resource


def _check_pod(pod: Json) -> list[Cause]:
    """What holds for a pod at any time, metadata left out."""
    meta: Json = pod.get("metadata") or {}
    spec: Json = pod.get("spec") or {}
    found: list[Cause] = []
    if annotations := meta.get("annotations"):
        found += check_pod_annotations(annotations, spec, "metadata.annotations")
    found += under("spec", check_pod_spec(spec, meta.get("name") or "", is_pod=True))
    if not spec.get("serviceAccountName"):
        found += _check_tokens(spec)
    for kind in ("containers", "initContainers"):
        for i, container in enumerate(spec.get(kind) or ()):
            if faults := check_image_spaces(container):
                found += under(f"spec.{kind}[{i}]", faults)
    return found


def _check_tokens(spec: Json) -> list[Cause]:
    fault = "must not be specified when serviceAccountName is not set"
    return [
        forbidden(f"spec.volumes[{i}].projected.sources[{j}].serviceAccountToken", fault)
        for i, volume in enumerate(spec.get("volumes") or ())
        for j, source in enumerate((volume.get("projected") or {}).get("sources") or ())
        if source.get("serviceAccountToken") is not None
    ]


def _validate(new: Json, old: Json | None) -> Sequence[Cause]:
    found = _check_pod(new)
    return found + (check_pod_update(new, old) if old is not None else _check_creation(new))


def _check_creation(pod: Json) -> list[Cause]:
    spec: Json = pod.get("spec") or {}
    found: list[Cause] = []
    if spec.get("ephemeralContainers"):
        found.append(forbidden("spec.ephemeralContainers", "cannot be set on create"))
    if spec.get("nodeName") and spec.get("schedulingGates"):
        fault = "cannot be set until all schedulingGates have been cleared"
        found.append(forbidden("spec.nodeName", fault))
    if annotations := (pod.get("metadata") or {}).get("annotations"):
        found += under("spec", check_profiles_match(annotations, spec))
    return found


def validate_ephemeral_containers(new: Json, old: Json) -> Sequence[Cause]:
    """For `pods/ephemeralcontainers`; `new` has been through `update.prepare_ephemeral_containers`."""
    return validate_meta(new, old, names.dns_subdomain) + _check_pod(new) + check_ephemeral_containers_update(new, old)


def validate_resize(new: Json, old: Json) -> Sequence[Cause]:
    """For `pods/resize`; `new` has been through `update.prepare_resize`."""
    return validate_meta(new, old, names.dns_subdomain) + _check_pod(new) + check_resize(new, old)


def check_binding(binding: Json) -> list[Cause]:
    """What `pods/binding` is sent: the node that a pod shall run on."""
    target: Json = binding.get("target") or {}
    found = [] if target.get("name") else [required("target.name")]
    kind = target.get("kind") or "Node"
    return found if kind == "Node" else [*found, unsupported("target.kind", kind, ("Node", "<empty>"))]


def prepare_create(pod: Json) -> None:
    """A pod begins with a status of the server's: phase, quality of service, and whether gates hold it back."""
    spec: Json = pod.get("spec") or {}
    status: Json = {"phase": "Pending", "qosClass": qos_class(spec)}
    if spec.get("schedulingGates"):
        status["conditions"] = [
            {
                "type": "PodScheduled",
                "status": "False",
                "lastProbeTime": None,
                "lastTransitionTime": None,
                "reason": "SchedulingGated",
                "message": "Scheduling is blocked due to non-empty scheduling gates",
            }
        ]
    pod["status"] = status
    labels: Mapping[str, str] = (pod.get("metadata") or {}).get("labels") or {}
    for term in _pod_affinity_terms(spec):
        _merge_label_keys(term, labels)
    for constraint in spec.get("topologySpreadConstraints") or ():
        _merge_label_keys(constraint, labels)


def _pod_affinity_terms(spec: Json) -> list[Json]:
    affinity: Json = spec.get("affinity") or {}
    terms: list[Json] = []
    for kind in ("podAffinity", "podAntiAffinity"):
        rules: Json = affinity.get(kind) or {}
        terms += rules.get("requiredDuringSchedulingIgnoredDuringExecution") or ()
        preferred = rules.get("preferredDuringSchedulingIgnoredDuringExecution") or ()
        terms += [term["podAffinityTerm"] for term in preferred if term.get("podAffinityTerm")]
    return terms


def _merge_label_keys(term: Json, labels: Mapping[str, str]) -> None:
    """`matchLabelKeys` become requirements with the pod's own values."""
    selector = term.get("labelSelector")
    if selector is None:
        return
    for field, operator in (("matchLabelKeys", "In"), ("mismatchLabelKeys", "NotIn")):
        for key in term.get(field) or ():
            if key in labels:
                requirement = {"key": key, "operator": operator, "values": [labels[key]]}
                selector["matchExpressions"] = [*(selector.get("matchExpressions") or ()), requirement]


def grace_seconds(pod: Json, asked: int | None) -> int:
    """How long a pod is given to end, `asked` being what the deletion says; 0 when there is nobody to wait for."""
    spec: Json = pod.get("spec") or {}
    if not spec.get("nodeName") or (pod.get("status") or {}).get("phase") in ("Failed", "Succeeded"):
        return 0
    seconds = (spec.get("terminationGracePeriodSeconds") or 0) if asked is None else asked
    return 1 if seconds < 0 else int(seconds)


def _fields(pod: Json) -> Mapping[str, str]:
    spec: Json = pod.get("spec") or {}
    status: Json = pod.get("status") or {}
    addresses = status.get("podIPs") or [{}]
    return {
        "spec.nodeName": spec.get("nodeName") or "",
        "spec.restartPolicy": spec.get("restartPolicy") or "",
        "spec.schedulerName": spec.get("schedulerName") or "",
        "spec.serviceAccountName": spec.get("serviceAccountName") or "",
        "spec.hostNetwork": "true" if spec.get("hostNetwork") else "false",
        "status.phase": status.get("phase") or "",
        "status.podIP": addresses[0].get("ip") or "",
        "status.podIPs": addresses[0].get("ip") or "",
        "status.nominatedNodeName": status.get("nominatedNodeName") or "",
    }


PODS = Resource(
    group="",
    version="v1",
    kind="Pod",
    plural="pods",
    schema="io.k8s.api.core.v1.Pod",
    singular="pod",
    short_names=("po",),
    categories=("all",),
    subresources=(
        "status", "log", "exec", "attach", "portforward", "proxy", "binding", "eviction", "ephemeralcontainers",
        "resize",
    ),
    columns=COLUMNS,
    default=default_pod,
    validate=validator(names.dns_subdomain, _validate),
    validate_status=status_validator(check_pod_status),
    prepare_create=prepare_create,
    fields=_fields,
    selectable=(
        "spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName", "spec.hostNetwork",
        "status.phase", "status.podIP", "status.podIPs", "status.nominatedNodeName",
    ),
    grace_seconds=grace_seconds,
)  # fmt: skip
