"""What a pod asks of a node, summed over its containers. Pure.

Rule: Kubernetes documentation, "Resource requests and limits" and "Sidecar containers: resource sharing".
"""

from collections.abc import Iterable, Mapping
from typing import Literal

from armillary.base.quantity import milli, whole
from armillary.kube.kinds.core import Container, PodSpec, ResourceRequirements

Amounts = dict[str, int]  # CPU in thousandths of a core, everything else in units (bytes)

Side = Literal["requests", "limits"]


def amounts(quantities: Mapping[str, str]) -> Amounts:
    """Quantities as numbers."""
    return {name: milli(value) if name == "cpu" else whole(value) for name, value in quantities.items()}


def _of(resources: ResourceRequirements | None, side: Side) -> Amounts:
    if resources is None:
        return {}
    return amounts(resources.requests if side == "requests" else resources.limits)


def add(total: Amounts, more: Mapping[str, int]) -> None:
    """Add to `total` in place."""
    for name, value in more.items():
        total[name] = total.get(name, 0) + value


def _raise_to(total: Amounts, least: Mapping[str, int]) -> None:
    for name, value in least.items():
        if value > total.get(name, 0):
            total[name] = value


def pod_amounts(spec: PodSpec, side: Side = "requests") -> Amounts:
    """The larger of what runs together for good and what any init container needs while it runs; plus overhead.

    Sidecars (init containers that always restart) count as running from their turn on. Pod-level resources
    (KEP-2837), where given, stand in place of the sum.
    """
    total = _sum(spec.containers, side)
    sidecars: Amounts = {}
    start: Amounts = {}
    for container in spec.init_containers:
        own = _of(container.resources, side)
        if container.restart_policy == "Always":
            add(sidecars, own)
            _raise_to(start, sidecars)
        else:
            add(own, sidecars)
            _raise_to(start, own)
    add(total, sidecars)
    _raise_to(total, start)
    total |= _of(spec.resources, side)
    add(total, amounts(spec.overhead))
    return total


def _sum(containers: Iterable[Container], side: Side) -> Amounts:
    total: Amounts = {}
    for container in containers:
        add(total, _of(container.resources, side))
    return total
