"""What kinds that make pods from a template have in common.

Rules: k8s.io/kubernetes, pkg/apis/apps/validation.
"""

from collections.abc import Callable

from armillary.base.errors import Cause
from armillary.engine.kinds.checks import check_counts, int_or_percent
from armillary.engine.kinds.faults import forbidden, invalid, required, unsupported
from armillary.engine.kinds.fields import part
from armillary.engine.kinds.meta import check_label_selector, is_empty_selector, selector_matches
from armillary.engine.kinds.pod.template import validate_pod_template
from armillary.engine.kinds.resource import Json
from armillary.engine.kinds.values import check_at_most_100_percent, check_int_or_percent

SCALE = ("spec.replicas", "status.replicas", "spec.selector")


def start_empty(obj: Json) -> None:
    """A new object has a status that says nothing."""
    obj["status"] = {}


def starts_with(*counts: str) -> Callable[[Json], None]:
    """A new object's status has these counts at 0: fields that are written even then."""

    def start(obj: Json) -> None:
        obj["status"] = dict.fromkeys(counts, 0)

    return start


def count_change(new: Json, old: Json) -> None:
    """Count a change that lies outside of `spec` in the generation."""
    part(new, "metadata")["generation"] = ((old.get("metadata") or {}).get("generation") or 0) + 1


def check_selector(spec: Json, empty: str) -> list[Cause]:
    """The selector of a workload, which must be there and ask for something."""
    selector = spec.get("selector")
    if selector is None:
        return [required("selector")]
    found = check_label_selector(selector, "selector")
    return [*found, invalid("selector", selector, empty)] if is_empty_selector(selector) else found


def check_template_labels(spec: Json) -> list[Cause]:
    """That the workload selects the pods it makes."""
    labels = ((spec.get("template") or {}).get("metadata") or {}).get("labels")
    selector = spec.get("selector")
    if selector_matches(selector, labels):
        return []
    return [invalid("template.metadata.labels", labels, "`selector` does not match template `labels`")]


def check_always_running(template: Json, kind: str) -> list[Cause]:
    """What templates of pods that are meant to run for ever may not say."""
    spec = template.get("spec") or {}
    found: list[Cause] = []
    if spec.get("restartPolicy") != "Always":
        policy = spec.get("restartPolicy") or ""
        found.append(unsupported("template.spec.restartPolicy", policy, ("Always",)))
    if spec.get("activeDeadlineSeconds") is not None:
        fault = f"activeDeadlineSeconds in {kind} is not Supported"
        found.append(forbidden("template.spec.activeDeadlineSeconds", fault))
    return found


def check_replicated_spec(spec: Json) -> list[Cause]:
    """What Deployments and ReplicaSets share; relative to the spec."""
    found = check_selector(spec, "empty selector is invalid for deployment")
    selector, template = spec.get("selector"), spec.get("template") or {}
    if selector and check_label_selector(selector, "selector"):
        return [*found, invalid("selector", selector, "invalid label selector")]
    found += check_template_labels(spec)
    found += validate_pod_template(template, "template")
    found += check_always_running(template, "ReplicaSet")
    return found


def check_surge(rolling: Json) -> list[Cause]:
    """`maxUnavailable` and `maxSurge` of a Deployment."""
    unavailable, surge = rolling.get("maxUnavailable") or 0, rolling.get("maxSurge") or 0
    found = [*check_int_or_percent("maxUnavailable", unavailable), *check_int_or_percent("maxSurge", surge)]
    if int_or_percent(unavailable) == 0 and int_or_percent(surge) == 0:
        found.append(invalid("maxUnavailable", unavailable, "may not be 0 when `maxSurge` is 0"))
    return found + check_at_most_100_percent("maxUnavailable", unavailable)


def check_collisions(new: Json, old: Json) -> list[Cause]:
    """`status.collisionCount`, which only grows; relative to the object."""
    after, before = new.get("collisionCount"), old.get("collisionCount")
    if before is None or (after is not None and after >= before):
        return []
    return [invalid("collisionCount", after or 0, "cannot be decremented")]


def check_status_counts(status: Json, *fields: str) -> list[Cause]:
    """Counts of a status, none of which may be negative."""
    return list(check_counts(status, *fields))
