"""Whether this node takes a pod that was bound to it: the last check, by kubelet's reasons. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from armillary.engine.node.security import forbidden_sysctl
from armillary.kube.kinds.core import Node, Pod
from armillary.kube.placement import node_selected, untolerated
from armillary.kube.requests import Amounts, add, amounts, pod_amounts

_COUNTED = ("cpu", "memory", "ephemeral-storage")
_ANY = ("", "0.0.0.0", "::")  # noqa: S104  # compared, not listened on


@dataclass(frozen=True, slots=True)
class Refusal:
    """As the pod's status tells it."""

    reason: str
    message: str


def refusal_of(pod: Pod, others: Iterable[Pod], node: Node) -> Refusal | None:
    """`others` are the pods that are here already and have not ended."""
    others = tuple(others)
    if pod.spec.os is not None and pod.spec.os.name != "linux":
        return Refusal("PodOSNotSupported", "Failed to admit pod as the OS field doesn't match node OS")
    return _resources(pod, others, node) or _placement(pod, node) or _ports(pod, others) or _sysctls(pod)


def _sysctls(pod: Pod) -> Refusal | None:
    fault = forbidden_sysctl(pod)
    return Refusal("SysctlForbidden", fault) if fault else None


def _resources(pod: Pod, others: tuple[Pod, ...], node: Node) -> Refusal | None:
    allocatable = amounts(node.status.allocatable)
    if len(others) + 1 > allocatable.get("pods", 0):
        return _short("pods", 1, len(others), allocatable.get("pods", 0))
    wanted, used = pod_amounts(pod.spec), Amounts()
    for other in others:
        add(used, pod_amounts(other.spec))
    for name, amount in wanted.items():
        known = name in _COUNTED or name in allocatable
        if known and amount > 0 and used.get(name, 0) + amount > allocatable.get(name, 0):
            return _short(name, amount, used.get(name, 0), allocatable.get(name, 0))
    return None


def _short(name: str, requested: int, used: int, capacity: int) -> Refusal:
    return Refusal(
        f"OutOf{name}",
        f"Node didn't have enough resource: {name}, requested: {requested}, used: {used}, capacity: {capacity}",
    )


def _placement(pod: Pod, node: Node) -> Refusal | None:
    if not node_selected(pod.spec, node):
        return _predicate("NodeAffinity", "node(s) didn't match Pod's node affinity/selector")
    if untolerated(node.spec.taints, pod.spec.tolerations, ["NoExecute"]) is not None:
        return _predicate("TaintToleration", "node(s) had untolerated taint(s)")
    return None


def _ports(pod: Pod, others: tuple[Pod, ...]) -> Refusal | None:
    taken = [port for other in others for port in _host_ports(other)]
    for protocol, address, number in _host_ports(pod):
        for other_protocol, other_address, other_number in taken:
            meet = address == other_address or address in _ANY or other_address in _ANY
            if meet and (protocol, number) == (other_protocol, other_number):
                return _predicate("NodePorts", "node(s) didn't have free ports for the requested pod ports")
    return None


def _predicate(name: str, text: str) -> Refusal:
    return Refusal(name, f"Predicate {name} failed: {text}")


def _host_ports(pod: Pod) -> list[tuple[str, str, int]]:
    sidecars = [c for c in pod.spec.init_containers if c.restart_policy == "Always"]
    return [
        (port.protocol or "TCP", port.host_ip, port.host_port)
        for container in (*pod.spec.containers, *sidecars)
        for port in container.ports
        if port.host_port
    ]
