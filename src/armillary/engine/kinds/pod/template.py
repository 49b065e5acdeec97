"""Pod templates: what workloads hold and make pods from."""

from armillary.base.errors import Cause
from armillary.engine.kinds.faults import under
from armillary.engine.kinds.meta import check_annotations, check_labels
from armillary.engine.kinds.resource import Json


def default_pod_template(template: Json) -> None:
    """Defaults of a template, in place. Those that only pods have (requests from limits, ...) are left out."""


def validate_pod_template(template: Json, path: str) -> list[Cause]:
    """The faults of a PodTemplateSpec that stands at `path` (`spec.template`).

    What a workload asks of its own templates (its selector, restart policies) is the workload's to check.
    """
    meta = template.get("metadata") or {}
    found = check_labels(meta.get("labels") or {}, "labels")
    found += check_annotations(meta.get("annotations") or {}, "annotations")
    return list(under(path, under("metadata", found)))
