"""What objects use of a resource quota. Pure. Upstream: pkg/quota/v1/evaluator/core."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from armillary.base.quantity import canonical, whole
from armillary.engine.controllers.pods import is_finished
from armillary.kube.kinds.core import (
    PersistentVolumeClaim,
    Pod,
    PodSpec,
    ResourceQuotaSpec,
    ScopedResourceSelectorRequirement,
    Service,
)
from armillary.kube.requests import pod_amounts

COMPUTE = ("cpu", "memory", "ephemeral-storage")
BY_CLASS = ".storageclass.storage.k8s.io/"
_ALIASED = ("configmaps", "secrets", "replicationcontrollers", "resourcequotas")


def pod_usage(pod: Pod) -> Counter[str]:
    """CPU in thousandths, everything else in units. What has finished uses its place among objects only."""
    used: Counter[str] = Counter({"count/pods": 1})
    if is_finished(pod):
        return used
    used["pods"] = 1
    for name, amount in pod_amounts(pod.spec, "requests").items():
        if name in COMPUTE or name.startswith("hugepages-"):
            used[name] = amount
        used[f"requests.{name}"] = amount
    for name, amount in pod_amounts(pod.spec, "limits").items():
        if name in COMPUTE:
            used[f"limits.{name}"] = amount
    return used


def service_usage(service: Service) -> Counter[str]:
    balanced = service.spec.type == "LoadBalancer"
    ports = len(service.spec.ports) if balanced or service.spec.type == "NodePort" else 0
    if balanced and service.spec.allocate_load_balancer_node_ports is False:
        ports = sum(1 for port in service.spec.ports if port.node_port)
    return Counter(
        {"count/services": 1, "services": 1, "services.nodeports": ports, "services.loadbalancers": int(balanced)}
    )


def claim_usage(claim: PersistentVolumeClaim) -> Counter[str]:
    asked = claim.spec.resources.requests.get("storage", "0") if claim.spec.resources else "0"
    size = max(whole(asked), whole(claim.status.allocated_resources.get("storage", "0")))
    used = Counter({"count/persistentvolumeclaims": 1, "persistentvolumeclaims": 1, "requests.storage": size})
    name = claim.spec.storage_class_name
    if name:
        used[f"{name}{BY_CLASS}persistentvolumeclaims"] = 1
        used[f"{name}{BY_CLASS}requests.storage"] = size
    return used


_USAGE: dict[str, Callable[[Any], Counter[str]]] = {
    "pods": pod_usage,
    "services": service_usage,
    "persistentvolumeclaims": claim_usage,
}


def usage(resource: str, item: Any) -> Counter[str]:
    """What an object of that resource (`deployments.apps`) uses."""
    known = _USAGE.get(resource)
    if known is not None:
        return known(item)
    return Counter({f"count/{resource}": 1} | ({resource: 1} if resource in _ALIASED else {}))


def resource_of(name: str) -> str:
    """The resource whose objects count in a quota's name."""
    if name.startswith("count/"):
        return name.removeprefix("count/")
    plain = name.partition(BY_CLASS)[2] or name
    if plain in ("persistentvolumeclaims", "requests.storage"):
        return "persistentvolumeclaims"
    if name.startswith("services"):
        return "services"
    return name if name in _ALIASED else "pods"


def total(names: Iterable[str], objects: Mapping[str, Iterable[Any]], spec: ResourceQuotaSpec) -> dict[str, str]:
    """Of these names, how much is used, as quantities; names of resources that were not read are left out."""
    sums: Counter[str] = Counter()
    for resource, items in objects.items():
        for item in items:
            if in_scopes(spec, resource, item):
                sums += usage(resource, item)
    return {name: _quantity(name, sums[name]) for name in names if resource_of(name) in objects}


def _quantity(name: str, amount: int) -> str:
    plain = name.removeprefix("requests.").removeprefix("limits.")
    if plain == "cpu":
        return canonical(f"{amount}m")
    in_bytes = plain in ("memory", "ephemeral-storage") or plain.endswith("storage") or plain.startswith("hugepages-")
    return canonical(f"{amount // 1024}Ki") if in_bytes and amount and amount % 1024 == 0 else str(amount)


# Scopes


def in_scopes(spec: ResourceQuotaSpec, resource: str, item: Any) -> bool:
    """Whether a quota counts an object."""
    selectors = [ScopedResourceSelectorRequirement(scope_name=s, operator="Exists") for s in spec.scopes]
    selectors += spec.scope_selector.match_expressions if spec.scope_selector else ()
    if not selectors:
        return True
    return resource == "pods" and all(_in_scope(selector, item.spec) for selector in selectors)


def _in_scope(selector: ScopedResourceSelectorRequirement, spec: PodSpec) -> bool:
    limited = spec.active_deadline_seconds is not None
    match selector.scope_name:
        case "Terminating":
            return limited
        case "NotTerminating":
            return not limited
        case "BestEffort":
            return not _asks_for_anything(spec)
        case "NotBestEffort":
            return _asks_for_anything(spec)
        case "CrossNamespacePodAffinity":
            return _reaches_other_namespaces(spec)
        case "PriorityClass":
            match selector.operator:
                case "In":
                    return spec.priority_class_name in selector.values
                case "NotIn":
                    return spec.priority_class_name not in selector.values
                case "DoesNotExist":
                    return not spec.priority_class_name
            return bool(spec.priority_class_name)
    return False


def _asks_for_anything(spec: PodSpec) -> bool:
    sides = (pod_amounts(spec, "requests"), pod_amounts(spec, "limits"))
    return any(side.get(name) for side in sides for name in ("cpu", "memory"))


def _reaches_other_namespaces(spec: PodSpec) -> bool:
    affinity = spec.affinity
    for sort in (affinity.pod_affinity, affinity.pod_anti_affinity) if affinity else ():
        if sort is None:
            continue
        weighted = sort.preferred_during_scheduling_ignored_during_execution
        terms = [*sort.required_during_scheduling_ignored_during_execution, *(w.pod_affinity_term for w in weighted)]
        if any(term.namespaces or term.namespace_selector is not None for term in terms):
            return True
    return False
