"""What objects use of a quota, in numbers, and numbers as quantities. Pure.

CPU counts in thousandths, everything else in units. Names and rules: Kubernetes documentation, "Resource Quotas";
upstream counts in pkg/quota/v1/evaluator/core.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from armillary.base.quantity import canonical, milli, whole
from armillary.kube.kinds.core import PersistentVolumeClaim, Pod, Service
from armillary.kube.requests import pod_amounts

COMPUTE = ("cpu", "memory", "ephemeral-storage")
BY_CLASS = ".storageclass.storage.k8s.io/"
PLAIN = ("configmaps", "secrets", "replicationcontrollers", "resourcequotas")  # counted by their plain name too
MUST_SPECIFY = ("cpu", "memory", "requests.cpu", "requests.memory", "limits.cpu", "limits.memory")

Amounts = Mapping[str, int]


def resource_of(name: str) -> str:
    """The resource, as `deployments.apps`, whose objects use what a quota calls by that name."""
    if name.startswith("count/"):
        return name.removeprefix("count/")
    plain = name.partition(BY_CLASS)[2] or name
    if plain in ("persistentvolumeclaims", "requests.storage"):
        return "persistentvolumeclaims"
    if name.startswith("services"):
        return "services"
    return name if name in PLAIN else "pods"


def usage(resource: str, item: Any) -> Amounts:
    """What an object of that resource uses. Only pods, claims and services are looked into."""
    match resource:
        case "pods":
            return _pod(item)
        case "persistentvolumeclaims":
            return _claim(item)
        case "services":
            return _service(item)
        case _:
            return {f"count/{resource}": 1} | ({resource: 1} if resource in PLAIN else {})


def _pod(pod: Pod) -> Amounts:
    """What has finished uses its place among objects only."""
    used = {"count/pods": 1}
    if pod.status.phase in ("Succeeded", "Failed"):
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


def _claim(claim: PersistentVolumeClaim) -> Amounts:
    asked = claim.spec.resources.requests.get("storage", "0") if claim.spec.resources else "0"
    size = max(whole(asked), whole(claim.status.allocated_resources.get("storage", "0")))
    used = {"count/persistentvolumeclaims": 1, "persistentvolumeclaims": 1, "requests.storage": size}
    name = claim.spec.storage_class_name
    if name:
        used |= {f"{name}{BY_CLASS}persistentvolumeclaims": 1, f"{name}{BY_CLASS}requests.storage": size}
    return used


def _service(service: Service) -> Amounts:
    balanced = service.spec.type == "LoadBalancer"
    ports = len(service.spec.ports) if balanced or service.spec.type == "NodePort" else 0
    if balanced and service.spec.allocate_load_balancer_node_ports is False:
        ports = sum(1 for port in service.spec.ports if port.node_port)
    return {"count/services": 1, "services": 1, "services.nodeports": ports, "services.loadbalancers": int(balanced)}


def unspecified(names: Iterable[str], pod: Pod) -> str:
    """Which containers do not say what they need of quoted CPU or memory: "requests.cpu for: app,sidecar"; ""."""
    spec = pod.spec
    if spec.resources is not None and (spec.resources.requests or spec.resources.limits):
        return ""
    missing = []
    for name in sorted(set(names) & set(MUST_SPECIFY)):
        side, _, resource = name.rpartition(".")
        lacking = [
            container.name
            for container in (*spec.containers, *spec.init_containers)
            if resource not in _side(container.resources, side)
        ]
        if lacking:
            missing.append(f"{name} for: {','.join(sorted(lacking))}")
    return "; ".join(missing)


def _side(resources: Any, side: str) -> Mapping[str, str]:
    if resources is None:
        return {}
    found: Mapping[str, str] = resources.limits if side == "limits" else resources.requests
    return found


def total(amounts: Iterable[Amounts]) -> Counter[str]:
    sums: Counter[str] = Counter()
    for one in amounts:
        sums.update(one)
    return sums


def number(name: str, text: str) -> int:
    """A quantity of that name as a number."""
    return milli(text) if _is_cpu(name) else whole(text)


def quantity(name: str, amount: int) -> str:
    """A number of that name as a quantity, in the words people use for bytes."""
    if _is_cpu(name):
        return canonical(f"{amount}m")
    plain = name.removeprefix("requests.").removeprefix("limits.")
    in_bytes = plain in ("memory", "ephemeral-storage") or plain.endswith("storage") or plain.startswith("hugepages-")
    return canonical(f"{amount // 1024}Ki") if in_bytes and amount and amount % 1024 == 0 else canonical(amount)


def _is_cpu(name: str) -> bool:
    return name.removeprefix("requests.").removeprefix("limits.") == "cpu"
