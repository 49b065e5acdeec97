"""PodSecurity: what a namespace's labels ask of its pods is enforced, or warned about.

Semantics: k8s.io/pod-security-admission. Every version label is judged by the newest version's checks.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from armillary.base.errors import Cause
from armillary.engine.apiserver.admission.plugin import CREATE, UPDATE, Plugin, written
from armillary.engine.apiserver.admission.pod_security_checks import Complaint, complaints
from armillary.engine.apiserver.auth.refusal import not_admitted
from armillary.engine.apiserver.ports import AdmissionRequest, Objects
from armillary.engine.kinds.faults import invalid, refusal
from armillary.engine.kinds.resource import Json

LEVELS = ("privileged", "baseline", "restricted")
_PREFIX = "pod-security.kubernetes.io/"
_VERSION = re.compile(r"latest|v1\.(0|[1-9][0-9]*)")
MOST_PODS = 3000  # how many of a namespace's pods are looked at when its labels change

_TEMPLATES = {
    "podtemplates": "template",
    "replicationcontrollers": "spec.template",
    "replicasets.apps": "spec.template",
    "deployments.apps": "spec.template",
    "statefulsets.apps": "spec.template",
    "daemonsets.apps": "spec.template",
    "jobs.batch": "spec.template",
    "cronjobs.batch": "spec.jobTemplate.spec.template",
}


@dataclass(frozen=True, slots=True)
class Policy:
    """A level, and the version it was asked for in."""

    level: str = "privileged"
    version: str = "latest"

    def __str__(self) -> str:
        return f"{self.level}:{self.version}"


def pod_security(objects: Objects) -> Plugin:
    def check(request: AdmissionRequest) -> None:
        name = request.resource.name
        if name == "namespaces":
            _check_namespace(request, objects)
        elif name == "pods" and request.subresource in ("", "ephemeralcontainers", "resize"):
            _check_pod(request, objects)
        elif name in _TEMPLATES:
            _check_template(request, objects, _TEMPLATES[name])

    return Plugin("PodSecurity", check=check)


def policies(labels: Mapping[str, str]) -> tuple[Policy, Policy, list[Cause]]:
    """What is enforced, what is warned about, and what is wrong with the labels."""
    faults: list[Cause] = []
    found: dict[str, Policy] = {}
    for mode in ("enforce", "audit", "warn"):
        level = labels.get(_PREFIX + mode)
        version = labels.get(f"{_PREFIX}{mode}-version")
        if level is not None and level not in LEVELS:
            field, why = f"metadata.labels[{_PREFIX}{mode}]", f"must be one of {', '.join(LEVELS)}"
            faults.append(invalid(field, level, why))
            level = "restricted" if mode == "enforce" else "privileged"
        if version is not None and not _VERSION.fullmatch(version):
            field, why = f"metadata.labels[{_PREFIX}{mode}-version]", 'must be "latest" or "v1.x"'
            faults.append(invalid(field, version, why))
            version = "latest"
        found[mode] = Policy(level or "privileged", version or "latest")
    enforce, warn = found["enforce"], found["warn"]
    if _PREFIX + "warn" not in labels and labels.get(_PREFIX + "enforce") in LEVELS:
        version = warn.version if f"{_PREFIX}warn-version" in labels else enforce.version
        warn = Policy(enforce.level, version)
    return enforce, warn, faults


def _policies_of(objects: Objects, namespace: str) -> tuple[Policy, Policy]:
    found = objects.get("namespaces", "", namespace)
    labels = (found or {"metadata": {}})["metadata"].get("labels") or {}
    enforce, warn, _ = policies(labels)
    return enforce, warn


def _check_pod(request: AdmissionRequest, objects: Objects) -> None:
    pod = request.object
    if pod is None or request.operation not in (CREATE, UPDATE):
        return
    enforce, warn = _policies_of(objects, request.namespace)
    if enforce.level == warn.level == "privileged":
        return
    if request.operation is UPDATE and request.old is not None and _images(pod) == _images(request.old):
        return
    found = complaints(enforce.level, pod["metadata"], pod["spec"])
    if found:
        raise not_admitted(request, f'violates PodSecurity "{enforce}": {_details(found)}')
    _warn(request, warn, pod)


def _check_template(request: AdmissionRequest, objects: Objects, path: str) -> None:
    obj = written(request, request.resource.name, CREATE, UPDATE)
    if obj is None:
        return
    _, warn = _policies_of(objects, request.namespace)
    template: Json = obj
    for name in path.split("."):
        template = template.get(name) or {}
    if warn.level != "privileged" and template.get("spec"):
        _warn(request, warn, template)


def _warn(request: AdmissionRequest, policy: Policy, pod: Json) -> None:
    found = complaints(policy.level, pod.get("metadata") or {}, pod["spec"])
    if found:
        request.warnings.append(f'would violate PodSecurity "{policy}": {_details(found)}')


def _check_namespace(request: AdmissionRequest, objects: Objects) -> None:
    namespace = written(request, "namespaces", CREATE, UPDATE)
    if namespace is None:
        return
    enforce, _, faults = policies(namespace["metadata"].get("labels") or {})
    old = (request.old or {"metadata": {}})["metadata"].get("labels") or {}
    before, _, old_faults = policies(old)
    if faults and (request.operation is CREATE or faults != old_faults):
        raise refusal("", "Namespace", namespace["metadata"].get("name", ""), faults)
    if request.operation is CREATE or enforce == before or enforce.level == "privileged":
        return
    if enforce.version == before.version and LEVELS.index(enforce.level) <= LEVELS.index(before.level):
        return
    request.warnings += _existing(objects, namespace["metadata"]["name"], enforce)


def _existing(objects: Objects, namespace: str, policy: Policy) -> list[str]:
    """Warnings about pods that are there already; those with the same faults taken together."""
    pods: dict[str, list[str]] = {}
    every = objects.list("pods", namespace)
    for pod in every[:MOST_PODS]:
        found = complaints(policy.level, pod["metadata"], pod["spec"])
        if found:
            pods.setdefault(", ".join(c.reason for c in found), []).append(pod["metadata"]["name"])
    warnings = []
    if len(every) > MOST_PODS:
        warnings.append(
            f"new PodSecurity enforce level only checked against the first {MOST_PODS} of {len(every)} existing pods"
        )
    if pods:
        warnings.append(
            f'existing pods in namespace "{namespace}" violate the new PodSecurity enforce level "{policy}"'
        )
    lines = []
    for reason, names in pods.items():
        others = len(names) - 1
        also = f" (and {others} other pod{'s' if others > 1 else ''})" if others else ""
        lines.append(f"{min(names)}{also}: {reason}")
    return warnings + sorted(lines)


def _details(found: list[Complaint]) -> str:
    return ", ".join(f"{c.reason} ({c.detail})" if c.detail else c.reason for c in found)


def _images(pod: Json) -> list[tuple[str, str, str]]:
    """All that may change in a pod and matter here."""
    return [
        (sort, container["name"], container.get("image", ""))
        for sort in ("containers", "initContainers", "ephemeralContainers")
        for container in pod["spec"].get(sort) or ()
    ]
