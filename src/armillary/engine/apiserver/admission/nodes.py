"""Plugins about nodes: NodeRestriction keeps an agent to its own node, TaintNodesByCondition begins it not ready.

Semantics and wording: k8s.io/kubernetes, plugin/pkg/admission/{noderestriction,nodetaint}.
"""

from typing import Any

from armillary.base.errors import NotFound
from armillary.engine.apiserver.admission.plugin import CREATE, DELETE, UPDATE, Plugin, written
from armillary.engine.apiserver.admission.service_accounts import MIRROR
from armillary.engine.apiserver.auth.node import claims_of, config_maps_of, secrets_of
from armillary.engine.apiserver.auth.refusal import not_admitted
from armillary.engine.apiserver.auth.users import node_of
from armillary.engine.apiserver.ports import AdmissionRequest, Objects
from armillary.engine.kinds.faults import shown
from armillary.engine.kinds.resource import Json

# Labels of Kubernetes' own domains that an agent may set on its node.
_AGENTS_LABELS = frozenset(
    (
        "kubernetes.io/hostname", "kubernetes.io/os", "kubernetes.io/arch", "topology.kubernetes.io/zone",
        "topology.kubernetes.io/region", "failure-domain.beta.kubernetes.io/zone",
        "failure-domain.beta.kubernetes.io/region", "beta.kubernetes.io/instance-type", "beta.kubernetes.io/os",
        "beta.kubernetes.io/arch", "node.kubernetes.io/instance-type", "node.kubernetes.io/windows-build",
    )
)  # fmt: skip
_AGENTS_DOMAINS = ("kubelet.kubernetes.io", "node.kubernetes.io")
_RESTRICTED_DOMAIN = "node-restriction.kubernetes.io"


def taint_nodes() -> Plugin:
    def change(request: AdmissionRequest) -> None:
        node = written(request, "nodes", CREATE)
        if node is None:
            return
        taint = {"key": "node.kubernetes.io/not-ready", "effect": "NoSchedule"}
        spec = node.setdefault("spec", {})
        given = spec.get("taints") or []
        if not any(t.get("key") == taint["key"] and t.get("effect") == taint["effect"] for t in given):
            spec["taints"] = [*given, taint]

    return Plugin("TaintNodesByCondition", change)


def node_restriction(objects: Objects) -> Plugin:
    def check(request: AdmissionRequest) -> None:
        node = node_of(request.user)
        if node is None:
            return
        match request.resource.name:
            case "pods":
                _check_pods(request, node, objects)
            case "nodes":
                _check_node(request, node)
            case "persistentvolumeclaims" if request.subresource != "status":
                raise not_admitted(request, "may only update PVC status")
            case "serviceaccounts" if request.subresource == "token" and request.operation is CREATE:
                _check_token(request, node, objects)
            case "leases.coordination.k8s.io":
                _check_own(request, node, "lease")
            case "csinodes.storage.k8s.io":
                _check_own(request, node, "csinode")

    return Plugin("NodeRestriction", check=check)


def _check_pods(request: AdmissionRequest, node: str, objects: Objects) -> None:
    match request.subresource:
        case "":
            _check_pod(request, node, objects)
        case "status":
            _check_pod_status(request, node)
        case "eviction":
            _check_eviction(request, node, objects)
        case other:
            why = f"unexpected pod subresource {shown(other)}, only 'status' and 'eviction' are allowed"
            raise not_admitted(request, why)


def _pod(request: AdmissionRequest, objects: Objects, name: str) -> Json:
    found = objects.get("pods", request.namespace, name)
    if found is None:
        raise NotFound(f"pods {shown(name)} not found", kind="pods", name=name)
    return found


def _check_pod(request: AdmissionRequest, node: str, objects: Objects) -> None:
    if request.operation is DELETE:
        if _pod(request, objects, request.name)["spec"].get("nodeName") != node:
            why = f"node {shown(node)} can only delete pods with spec.nodeName set to itself"
            raise not_admitted(request, why)
        return
    if request.operation is not CREATE or request.object is None:
        operation = request.operation.value
        why = f"unexpected operation {shown(operation)}, node {shown(node)} can only create and delete mirror pods"
        raise not_admitted(request, why)
    complaint = _mirror_complaint(request.object, node, objects)
    if complaint:
        raise not_admitted(request, complaint)


def _mirror_complaint(pod: Json, node: str, objects: Objects) -> str:
    name, meta = shown(node), pod["metadata"]
    if MIRROR not in (meta.get("annotations") or {}):
        return f"pod does not have {shown(MIRROR)} annotation, node {name} can only create mirror pods"
    if pod["spec"].get("nodeName") != node:
        return f"node {name} can only create pods with spec.nodeName set to itself"
    owners = meta.get("ownerReferences") or []
    if len(owners) > 1:
        return f"node {name} can only create pods with a single owner reference set to itself"
    if not owners or (owners[0].get("apiVersion"), owners[0].get("kind"), owners[0].get("name")) != (
        "v1",
        "Node",
        node,
    ):
        return f"node {name} can only create pods with an owner reference set to itself"
    if not owners[0].get("controller"):
        return f"node {name} can only create pods with a controller owner reference set to itself"
    if owners[0].get("blockOwnerDeletion"):
        return f"node {name} must not set blockOwnerDeletion on an owner reference"
    known = objects.get("nodes", "", node)
    if known is None:
        raise NotFound(f"nodes {name} not found", kind="nodes", name=node)
    uid = known["metadata"]["uid"]
    if owners[0].get("uid") != uid:
        return f"node {node} UID mismatch: expected {owners[0].get('uid', '')} got {uid}"
    for word, found in (
        ("secrets", secrets_of(pod["spec"])),
        ("configmaps", config_maps_of(pod["spec"])),
        ("persistentvolumeclaims", claims_of(pod)),
    ):
        if next(found, None) is not None:
            return f"node {name} can not create pods that reference {word}"
    return ""


def _check_pod_status(request: AdmissionRequest, node: str) -> None:
    if request.operation is not UPDATE or request.old is None or request.object is None:
        raise not_admitted(request, f"unexpected operation {shown(request.operation.value)}")
    if request.old["spec"].get("nodeName") != node:
        own = "for pods with spec.nodeName set to itself"
        raise not_admitted(request, f"node {shown(node)} can only update pod status {own}")
    if _meta(request.old, "labels") != _meta(request.object, "labels"):
        raise not_admitted(request, f"node {shown(node)} cannot update labels through pod status")


def _check_eviction(request: AdmissionRequest, node: str, objects: Objects) -> None:
    if _pod(request, objects, request.name)["spec"].get("nodeName") != node:
        raise not_admitted(request, f"node {node} can only evict pods with spec.nodeName set to itself")


def _check_node(request: AdmissionRequest, node: str) -> None:
    new, old = request.object, request.old
    name = request.name or (new or {"metadata": {}})["metadata"].get("name", "")
    if name != node:
        raise not_admitted(request, f"node {shown(node)} is not allowed to modify node {shown(name)}")
    if new is None:
        return
    if request.operation is UPDATE and old is not None:
        if ((new.get("spec") or {}).get("taints") or []) != ((old.get("spec") or {}).get("taints") or []):
            raise not_admitted(request, f"node {shown(node)} is not allowed to modify taints")
        if _meta(new, "ownerReferences") != _meta(old, "ownerReferences"):
            raise not_admitted(request, f"node {shown(node)} is not allowed to modify ownerReferences")
    after, before = _meta(new, "labels") or {}, (_meta(old, "labels") or {}) if old is not None else {}
    changed = {key for key in (*after, *before) if after.get(key) != before.get(key)}
    forbidden = ", ".join(sorted(key for key in changed if _is_forbidden(key)))
    if forbidden and request.operation is CREATE:
        raise not_admitted(request, f"node {shown(node)} is not allowed to set the following labels: {forbidden}")
    if forbidden:
        raise not_admitted(request, f"is not allowed to modify labels: {forbidden}")


def _is_forbidden(label: str) -> bool:
    domain = label.rpartition("/")[0]

    def within(parents: tuple[str, ...]) -> bool:
        return any(domain == parent or domain.endswith(f".{parent}") for parent in parents)

    if within((_RESTRICTED_DOMAIN,)):
        return True
    return within(("kubernetes.io", "k8s.io")) and label not in _AGENTS_LABELS and not within(_AGENTS_DOMAINS)


def _check_token(request: AdmissionRequest, node: str, objects: Objects) -> None:
    spec = (request.object or {}).get("spec") or {}
    ref = spec.get("boundObjectRef") or {}
    if (ref.get("apiVersion"), ref.get("kind")) != ("v1", "Pod") or not ref.get("name"):
        raise not_admitted(request, "node requested token not bound to a pod")
    if not ref.get("uid"):
        raise not_admitted(request, "node requested token with a pod binding without a uid")
    pod = _pod(request, objects, ref["name"])
    if pod["metadata"]["uid"] != ref["uid"]:
        raise not_admitted(
            request,
            f"the UID in the bound object reference ({ref['uid']}) does not match the UID in record. "
            "The object might have been deleted and then recreated",
        )
    if pod["spec"].get("nodeName") != node:
        raise not_admitted(request, "node requested token bound to a pod scheduled on a different node")


def _check_own(request: AdmissionRequest, node: str, what: str) -> None:
    name = request.name or (request.object or {"metadata": {}})["metadata"].get("name", "")
    if name != node:
        raise not_admitted(request, f"can only access {what} with the same name as the requesting node")


def _meta(obj: Json, field: str) -> Any:
    return obj["metadata"].get(field) or None
