"""Pod templates: what workloads hold and make pods from."""

from armillary.base.errors import Cause
from armillary.engine.kinds.faults import forbidden, under
from armillary.engine.kinds.meta import check_annotations, check_labels
from armillary.engine.kinds.pod.defaults import default_pod_template
from armillary.engine.kinds.pod.security import check_profiles_match
from armillary.engine.kinds.pod.spec import check_pod_annotations, check_pod_spec
from armillary.engine.kinds.resource import Json

__all__ = ["default_pod_template", "validate_pod_template"]


def validate_pod_template(template: Json, path: str) -> list[Cause]:
    """The faults of a PodTemplateSpec that stands at `path` (`spec.template`).

    What a workload asks of its own templates (its selector, restart policies) is the workload's to check.
    """
    meta: Json = template.get("metadata") or {}
    spec: Json = template.get("spec") or {}
    annotations: Json = meta.get("annotations") or {}
    found: list[Cause] = []
    if labels := meta.get("labels"):
        found += check_labels(labels, "labels")
    if annotations:
        found += check_annotations(annotations, "annotations")
        found += check_pod_annotations(annotations, spec, "annotations")
    found += under("spec", check_pod_spec(spec))
    if annotations:
        found += under("spec", check_profiles_match(annotations, spec))
    if spec.get("ephemeralContainers"):
        found.append(forbidden("spec.ephemeralContainers", "ephemeral containers not allowed in pod template"))
    return list(under(path, found))
