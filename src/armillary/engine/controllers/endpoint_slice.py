"""Endpoint slices of services with a selector: their pods' addresses, ports and conditions.

Upstream: pkg/controller/endpointslice and staging/src/k8s.io/endpointslice.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from armillary.engine.controllers import pods as of_pods
from armillary.engine.controllers import service_pods as behind
from armillary.engine.controllers.slices import MANAGED_BY, SERVICE_NAME, Shape, Wanted, arrange, by_service, names
from armillary.kube.kinds.core import NODE, POD, SERVICE, Node, ObjectReference, Pod, Service
from armillary.kube.kinds.discovery import ENDPOINT_SLICE, Endpoint, EndpointConditions, EndpointPort, EndpointSlice
from armillary.kube.kinds.meta import ObjectMeta
from armillary.kube.object import Key, is_ending, owned_by
from armillary.kube.reconcile import Controller, Decision, Index, Reads, Watch
from armillary.kube.selectors import selector_of_map

MANAGER = "endpointslice-controller.k8s.io"
ZONE = "topology.kubernetes.io/zone"
_RESERVED = {SERVICE_NAME, MANAGED_BY, behind.HEADLESS}

BY_SERVICE = Index(ENDPOINT_SLICE, "service", by_service)


@dataclass(frozen=True, slots=True)
class Seen:
    """A service, the pods it selects with their nodes' zones, and its slices."""

    service: Service
    pods: tuple[Pod, ...]
    zones: dict[str, str]  # by node
    slices: tuple[EndpointSlice, ...]
    now: datetime


async def observe(key: Key, reads: Reads) -> Seen | None:
    service = reads.get(SERVICE, key[1], key[0])
    if service is None or not behind.has_endpoints(service):
        return None
    pods = of_pods.selected(reads, key[0], selector_of_map(service.spec.selector))
    serving = tuple(sorted((p for p in pods if behind.may_serve(p, ending_too=True)), key=lambda p: p.metadata.name))
    nodes = {p.spec.node_name: reads.get(NODE, p.spec.node_name) for p in serving}
    slices = reads.by(ENDPOINT_SLICE, BY_SERVICE.name, f"{MANAGER}/{key[0]}/{key[1]}")
    return Seen(service, serving, {name: _zone(node) for name, node in nodes.items()}, tuple(slices), reads.now())


def _zone(node: Node | None) -> str:
    return node.metadata.labels.get(ZONE, "") if node else ""


def decide(seen: Seen) -> Decision:
    service = seen.service
    if is_ending(service):
        return Decision("is being deleted; its slices go with it")
    endpoints: dict[Shape, list[Endpoint]] = {}
    for family in behind.families(service):
        for pod in seen.pods:
            made = endpoint_of(service, pod, family, seen.zones.get(pod.spec.node_name, ""))
            if made is not None:
                endpoints.setdefault((family, ports_of(service, pod)), []).append(made)
        if not any(shape[0] == family for shape in endpoints):
            endpoints[family, ()] = []  # an empty slice says that there is nobody, which no slice would not
    prefix = of_pods.prefix(service.metadata.name)
    free = names(prefix, service.metadata.uid, seen.now.isoformat(), endpoints=endpoints)
    actions = arrange(Wanted(_meta(service), endpoints, free), seen.slices)
    number = sum(map(len, endpoints.values()))
    return Decision(f"has {number} endpoints" if not actions else f"brings its slices to {number} endpoints", actions)


def endpoint_of(service: Service, pod: Pod, family: str, zone: str) -> Endpoint | None:
    addresses = tuple(a for a in behind.addresses(pod) if behind.family(a) == family)
    if not addresses:
        return None
    serving, ending = of_pods.is_ready(pod), is_ending(pod)
    # A pod that ends is not ready, whatever its probes say; but for services that want everyone.
    ready = bool(service.spec.publish_not_ready_addresses) or (serving and not ending)
    meta = pod.metadata
    return Endpoint(
        addresses=addresses,
        conditions=EndpointConditions(ready=ready, serving=serving, terminating=ending),
        hostname=behind.hostname(pod, service),
        node_name=pod.spec.node_name,
        target_ref=ObjectReference(kind="Pod", namespace=meta.namespace, name=meta.name, uid=meta.uid),
        zone=zone,
    )


def ports_of(service: Service, pod: Pod) -> tuple[EndpointPort, ...]:
    return tuple(
        EndpointPort(name=port.name, port=number, protocol=port.protocol or "TCP", app_protocol=port.app_protocol)
        for port in service.spec.ports
        if (number := behind.target_port(pod, port)) is not None
    )


def _meta(service: Service) -> ObjectMeta:
    labels = {k: v for k, v in service.metadata.labels.items() if k not in _RESERVED}
    if behind.is_headless(service):
        labels[behind.HEADLESS] = ""
    return ObjectMeta(
        namespace=service.metadata.namespace,
        generate_name=of_pods.prefix(service.metadata.name),
        labels=labels | {SERVICE_NAME: service.metadata.name, MANAGED_BY: MANAGER},
        owner_references=(owned_by(SERVICE, service),),
    )


def _of_slice(item: EndpointSlice, reads: Reads) -> Iterable[Key]:
    if item.metadata.labels.get(MANAGED_BY) == MANAGER and item.metadata.labels.get(SERVICE_NAME):
        yield item.metadata.namespace, item.metadata.labels[SERVICE_NAME]


ENDPOINT_SLICES = Controller(
    name="endpoint-slice-controller",
    root=SERVICE,
    observe=observe,
    decide=decide,
    watches=(Watch(POD, behind.services_of), Watch(ENDPOINT_SLICE, _of_slice)),
    reads=(NODE,),
    indexes=(of_pods.BY_LABEL, behind.BY_SELECTOR, BY_SERVICE),
)
