"""ReplicationControllers and PodTemplates.

Rules: k8s.io/kubernetes, pkg/apis/core/validation "ValidateReplicationController*", "ValidatePodTemplate".
"""

from collections.abc import Mapping, Sequence
from typing import Any

from armillary.base.errors import Cause
from armillary.engine.kinds import names
from armillary.engine.kinds.columns import AGE, container_images, container_names, format_labels, template_containers
from armillary.engine.kinds.faults import forbidden, invalid, required, unsupported
from armillary.engine.kinds.fields import fill, part, spec_of, status_of
from armillary.engine.kinds.meta import status_validator, validator
from armillary.engine.kinds.pod.template import default_pod_template, validate_pod_template
from armillary.engine.kinds.resource import Column, Json, Resource
from armillary.engine.kinds.values import check_not_negative

_COUNTS = ("replicas", "fullyLabeledReplicas", "readyReplicas", "availableReplicas", "observedGeneration")


def _check_controller(new: Json, old: Json | None) -> Sequence[Cause]:
    spec = spec_of(new)
    selector: Mapping[str, str] = spec.get("selector") or {}
    found = check_not_negative("spec.minReadySeconds", spec.get("minReadySeconds"))
    if not selector:
        found.append(required("spec.selector"))
    if (replicas := spec.get("replicas")) is None:
        found.append(required("spec.replicas"))
    found += check_not_negative("spec.replicas", replicas)
    template = spec.get("template")
    if template is None:
        return [*found, required("spec.template")]
    labels: Mapping[str, str] = (template.get("metadata") or {}).get("labels") or {}
    if any(labels.get(key) != value for key, value in selector.items()):
        fault = "`selector` does not match template `labels`"
        found.append(invalid("spec.template.metadata.labels", labels, fault))
    found += validate_pod_template(template, "spec.template")
    pod = spec_of(template)
    if (policy := pod.get("restartPolicy") or "") != "Always":
        found.append(unsupported("spec.template.spec.restartPolicy", policy, ("Always",)))
    if pod.get("activeDeadlineSeconds") is not None:
        fault = "activeDeadlineSeconds in ReplicationController is not Supported"
        found.append(forbidden("spec.template.spec.activeDeadlineSeconds", fault))
    return found


def _check_controller_status(new: Json, old: Json) -> Sequence[Cause]:
    status = status_of(new)
    found: list[Cause] = []
    for field in _COUNTS:
        found += check_not_negative(f"status.{field}", status.get(field))
    count = {field: status.get(field) or 0 for field in _COUNTS}
    for field in ("fullyLabeledReplicas", "readyReplicas", "availableReplicas"):
        if count[field] > count["replicas"]:
            found.append(invalid(f"status.{field}", count[field], "cannot be greater than status.replicas"))
    if count["availableReplicas"] > count["readyReplicas"]:
        fault = "cannot be greater than readyReplicas"
        found.append(invalid("status.availableReplicas", count["availableReplicas"], fault))
    return found


def _default_controller(controller: Json) -> None:
    spec = part(controller, "spec")
    fill(spec, replicas=1)
    if (template := spec.get("template")) is not None:
        default_pod_template(template)
        if labels := (template.get("metadata") or {}).get("labels"):
            spec["selector"] = spec.get("selector") or dict(labels)
            meta = part(controller, "metadata")
            meta["labels"] = meta.get("labels") or dict(labels)
    fill(part(controller, "status"), replicas=0)


def _begin(controller: Json) -> None:
    controller["status"] = {"replicas": 0}


def _controller_fields(controller: Json) -> Mapping[str, str]:
    return {"status.replicas": str(status_of(controller).get("replicas") or 0)}


def _count(holder: str, field: str) -> Any:
    return lambda obj, now: (obj.get(holder) or {}).get(field) or 0


REPLICATION_CONTROLLERS = Resource(
    group="",
    version="v1",
    kind="ReplicationController",
    plural="replicationcontrollers",
    schema="io.k8s.api.core.v1.ReplicationController",
    singular="replicationcontroller",
    short_names=("rc",),
    categories=("all",),
    subresources=("status", "scale"),
    default=_default_controller,
    validate=validator(names.dns_subdomain, _check_controller),
    validate_status=status_validator(_check_controller_status),
    prepare_create=_begin,
    fields=_controller_fields,
    selectable=("status.replicas",),
    scale=("spec.replicas", "status.replicas", "spec.selector"),
    columns=(
        Column("Desired", "integer", _count("spec", "replicas"), "How many pods there shall be."),
        Column("Current", "integer", _count("status", "replicas"), "How many pods there are."),
        Column("Ready", "integer", _count("status", "readyReplicas"), "How many of them are ready."),
        AGE,
        Column(
            "Containers",
            "string",
            lambda rc, now: container_names(template_containers(rc)),
            "Names of each container in the template.",
            priority=1,
        ),
        Column(
            "Images",
            "string",
            lambda rc, now: container_images(template_containers(rc)),
            "Images referenced by each container in the template.",
            priority=1,
        ),
        Column(
            "Selector",
            "string",
            lambda rc, now: format_labels(spec_of(rc).get("selector")),
            "The pods that it looks after.",
            priority=1,
        ),
    ),
)


def _template(obj: Json) -> Json:
    template: Json = obj.get("template") or {}
    return template


def _check_template(new: Json, old: Json | None) -> Sequence[Cause]:
    return validate_pod_template(_template(new), "template")


POD_TEMPLATES = Resource(
    group="",
    version="v1",
    kind="PodTemplate",
    plural="podtemplates",
    schema="io.k8s.api.core.v1.PodTemplate",
    singular="podtemplate",
    default=lambda obj: default_pod_template(part(obj, "template")),
    validate=validator(names.dns_subdomain, _check_template),
    has_status=False,
    columns=(
        Column(
            "Containers",
            "string",
            lambda o, now: container_names(spec_of(_template(o)).get("containers")),
            "Names of each container in the template.",
        ),
        Column(
            "Images",
            "string",
            lambda o, now: container_images(spec_of(_template(o)).get("containers")),
            "Images referenced by each container in the template.",
        ),
        Column(
            "Pod Labels",
            "string",
            lambda o, now: format_labels((_template(o).get("metadata") or {}).get("labels")),
            "The labels for the pod template.",
        ),
    ),
)
