"""Endpoints of services with a selector: the older form of endpoint slices, still read by many clients.

Upstream: pkg/controller/endpoint.
"""

import ipaddress
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from msgspec import structs

from armillary.base.errors import ApiError
from armillary.engine.controllers import pods as of_pods
from armillary.engine.controllers import service_pods as behind
from armillary.kube.events import Record
from armillary.kube.kinds.core import (
    ENDPOINTS,
    POD,
    SERVICE,
    EndpointAddress,
    EndpointPort,
    Endpoints,
    EndpointSubset,
    ObjectReference,
    Pod,
    Service,
)
from armillary.kube.kinds.meta import ObjectMeta
from armillary.kube.object import Key, key_of, reference
from armillary.kube.reconcile import Action, Controller, Create, Decision, Delete, Reads, Update, Watch
from armillary.kube.selectors import selector_of_map

MANAGED_BY = "endpoints.kubernetes.io/managed-by"
MANAGER = "endpoint-controller"
OVER_CAPACITY = "endpoints.kubernetes.io/over-capacity"
MOST = 1000  # addresses; more are cut off, ready ones last


@dataclass(frozen=True, slots=True)
class Seen:
    """A service (None once it is gone), its pods and its endpoints."""

    service: Service | None
    pods: tuple[Pod, ...]
    endpoints: Endpoints | None


async def observe(key: Key, reads: Reads) -> Seen | None:
    service, endpoints = reads.get(SERVICE, key[1], key[0]), reads.get(ENDPOINTS, key[1], key[0])
    if service is None:
        return Seen(None, (), endpoints) if endpoints is not None else None
    if not behind.has_endpoints(service):
        return None
    everyone = bool(service.spec.publish_not_ready_addresses)
    pods = of_pods.selected(reads, key[0], selector_of_map(service.spec.selector))
    return Seen(service, tuple(p for p in pods if behind.may_serve(p, ending_too=everyone)), endpoints)


def decide(seen: Seen) -> Decision:
    service, old = seen.service, seen.endpoints
    if service is None:
        if old is None:
            return Decision("is gone")
        return Decision("is gone; its endpoints go too", (Delete(ENDPOINTS, key_of(old), old.metadata.uid),))
    subsets, was_cut = _cut(subsets_of(service, seen.pods))
    labels = {k: v for k, v in service.metadata.labels.items() if k != behind.HEADLESS}
    labels |= {behind.HEADLESS: ""} if behind.is_headless(service) else {}
    labels[MANAGED_BY] = MANAGER
    if old is None:
        meta = ObjectMeta(name=service.metadata.name, namespace=service.metadata.namespace, labels=labels)
        made = Endpoints(metadata=_noted(meta, was_cut), subsets=subsets)
        return Decision("lacks endpoints; makes them", (Create(ENDPOINTS, made),))
    meta = _noted(structs.replace(old.metadata, labels=labels), was_cut)
    if meta == old.metadata and subsets == old.subsets:
        return Decision("has its endpoints")
    return Decision("brings its endpoints up to date", (Update(ENDPOINTS, Endpoints(metadata=meta, subsets=subsets)),))


def _noted(meta: ObjectMeta, was_cut: bool) -> ObjectMeta:
    rest = {k: v for k, v in meta.annotations.items() if k != OVER_CAPACITY}
    return structs.replace(meta, annotations=rest | ({OVER_CAPACITY: "truncated"} if was_cut else {}))


def subsets_of(service: Service, pods: Iterable[Pod]) -> tuple[EndpointSubset, ...]:
    """Addresses grouped by the ports they serve, in a fixed order."""
    ready: dict[str, list[EndpointPort]] = {}
    waiting: dict[str, list[EndpointPort]] = {}
    known: dict[str, EndpointAddress] = {}
    family = behind.families(service)[0]
    for pod in pods:
        ip = next((a for a in behind.addresses(pod) if behind.family(a) == family), None)
        ports = _ports(service, pod)
        if ip is None or ports is None:
            continue
        is_ready = bool(service.spec.publish_not_ready_addresses) or of_pods.is_ready(pod)
        known[ip] = _address(service, pod, ip)
        (ready if is_ready else waiting).setdefault(ip, []).extend(ports)
    return _grouped(known, ready, waiting)


def _ports(service: Service, pod: Pod) -> list[EndpointPort] | None:
    """None if the pod serves nothing that the service offers; a headless one may have no ports at all."""
    ports = [
        EndpointPort(name=port.name, port=number, protocol=port.protocol or "TCP", app_protocol=port.app_protocol)
        for port in service.spec.ports
        if (number := behind.target_port(pod, port)) is not None
    ]
    if ports or (not service.spec.ports and service.spec.cluster_ip == "None"):
        return ports
    return None


def _address(service: Service, pod: Pod, ip: str) -> EndpointAddress:
    meta = pod.metadata
    return EndpointAddress(
        ip=ip,
        hostname=behind.hostname(pod, service),
        node_name=pod.spec.node_name,
        target_ref=ObjectReference(kind="Pod", namespace=meta.namespace, name=meta.name, uid=meta.uid),
    )


def _grouped(
    known: Mapping[str, EndpointAddress],
    ready: Mapping[str, list[EndpointPort]],
    waiting: Mapping[str, list[EndpointPort]],
) -> tuple[EndpointSubset, ...]:
    groups: dict[tuple[EndpointPort, ...], tuple[list[str], list[str]]] = {}
    for which, addresses in enumerate((ready, waiting)):
        for ip, ports in addresses.items():
            shape = tuple(sorted(set(ports), key=lambda p: (p.name, p.port, p.protocol)))
            groups.setdefault(shape, ([], []))[which].append(ip)

    def listed(ips: list[str]) -> tuple[EndpointAddress, ...]:
        return tuple(known[ip] for ip in sorted(ips, key=lambda ip: int(ipaddress.ip_address(ip))))

    ordered = sorted(groups.items(), key=lambda group: [(p.name, p.port, p.protocol) for p in group[0]])
    return tuple(
        EndpointSubset(addresses=listed(good), not_ready_addresses=listed(bad), ports=shape)
        for shape, (good, bad) in ordered
    )


def _cut(subsets: tuple[EndpointSubset, ...]) -> tuple[tuple[EndpointSubset, ...], bool]:
    total = sum(len(s.addresses) + len(s.not_ready_addresses) for s in subsets)
    if total <= MOST:
        return subsets, False
    ready_left = MOST
    waiting_left = max(0, MOST - sum(len(s.addresses) for s in subsets))
    kept = []
    for subset in subsets:
        addresses = subset.addresses[:ready_left]
        waiting = subset.not_ready_addresses[:waiting_left]
        ready_left, waiting_left = ready_left - len(addresses), waiting_left - len(waiting)
        if addresses or waiting:
            kept.append(structs.replace(subset, addresses=addresses, not_ready_addresses=waiting))
    return tuple(kept), True


def failed(seen: Seen, action: Action, exc: ApiError) -> tuple[Action, ...]:
    service = seen.service
    if service is None or not isinstance(action, Create | Update):
        return ()
    about, where = reference(ENDPOINTS, action.item), f"{service.metadata.namespace}/{service.metadata.name}"
    if isinstance(action, Create):
        words = f"Failed to create endpoint for service {where}: {exc}"
        return (Record(about, "Warning", "FailedToCreateEndpoint", words),)
    return (Record(about, "Warning", "FailedToUpdateEndpoint", f"Failed to update endpoint {where}: {exc}"),)


def _of_endpoints(item: Endpoints, reads: Reads) -> Iterable[Key]:
    """Those somebody made by hand wait for a service of their name; they are not ours to clear away."""
    made_here = item.metadata.labels.get(MANAGED_BY) == MANAGER
    if made_here or reads.get(SERVICE, item.metadata.name, item.metadata.namespace) is not None:
        yield key_of(item)


ENDPOINTS_OF_SERVICES = Controller(
    name="endpoint-controller",
    root=SERVICE,
    observe=observe,
    decide=decide,
    watches=(Watch(POD, behind.services_of), Watch(ENDPOINTS, _of_endpoints)),
    indexes=(of_pods.BY_LABEL, behind.BY_SELECTOR),
    failed=failed,
)
