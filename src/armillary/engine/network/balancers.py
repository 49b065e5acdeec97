"""What Services ask of the network: for each of their ports, addresses in front and endpoints behind. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from armillary.kube.kinds.core import Pod, Service, ServicePort
from armillary.kube.kinds.discovery import Endpoint, EndpointSlice

SERVICE_NAME = "kubernetes.io/service-name"
PROXY_NAME = "service.kubernetes.io/service-proxy-name"  # names another proxy: not ours to serve
HEADLESS = "None"

Backend = tuple[str, int]  # address, port


@dataclass(frozen=True, slots=True)
class Balancer:
    """One port of one Service. `node_port` is 0 without one; `backends` are in a stable order."""

    service: str  # namespace/name
    protocol: str  # tcp, udp, sctp
    addresses: tuple[str, ...]
    port: int
    node_port: int
    backends: tuple[Backend, ...]
    affinity: bool  # a client keeps its endpoint
    keeps_source: bool  # externalTrafficPolicy Local: endpoints see the client's own address


@dataclass(frozen=True, slots=True)
class HostPort:
    """A port of the node that leads to a pod. `host_address` is "" for every address."""

    protocol: str
    host_address: str
    host_port: int
    address: str
    port: int


def balancers(services: Iterable[Service], slices: Iterable[EndpointSlice]) -> tuple[Balancer, ...]:
    """Headless and ExternalName services have none: they live in DNS only."""
    by_service: dict[tuple[str, str], list[EndpointSlice]] = defaultdict(list)
    for piece in slices:
        if piece.address_type == "IPv4":
            by_service[piece.metadata.namespace, piece.metadata.labels.get(SERVICE_NAME, "")].append(piece)
    found = []
    for service in services:
        spec, meta = service.spec, service.metadata
        if spec.type == "ExternalName" or spec.cluster_ip in ("", HEADLESS) or PROXY_NAME in meta.labels:
            continue
        pieces = by_service.get((meta.namespace, meta.name), [])
        found += [_balancer(service, port, pieces) for port in spec.ports]
    return tuple(found)


def _balancer(service: Service, port: ServicePort, pieces: Sequence[EndpointSlice]) -> Balancer:
    spec = service.spec
    balancer_status = service.status.load_balancer
    ingress = balancer_status.ingress if balancer_status is not None else ()
    addresses = (spec.cluster_ip, *spec.external_ips, *(i.ip for i in ingress if i.ip and i.ip_mode != "Proxy"))
    return Balancer(
        service=f"{service.metadata.namespace}/{service.metadata.name}",
        protocol=(port.protocol or "TCP").lower(),
        addresses=tuple(a for a in addresses if ":" not in a),
        port=port.port,
        node_port=port.node_port or 0,
        backends=_backends(port, pieces),
        affinity=spec.session_affinity == "ClientIP",
        keeps_source=spec.external_traffic_policy == "Local",
    )


def _backends(port: ServicePort, pieces: Sequence[EndpointSlice]) -> tuple[Backend, ...]:
    """Ready endpoints; where there are none, those that end but still serve (KEP-1669)."""
    ready: set[Backend] = set()
    ending: set[Backend] = set()
    for piece in pieces:
        number = next(
            (p.port for p in piece.ports if p.name == port.name and (p.protocol or "TCP") == (port.protocol or "TCP")),
            None,
        )
        if number is None:
            continue
        for endpoint in piece.endpoints:
            where = ready if _is_ready(endpoint) else ending if _still_serves(endpoint) else None
            if where is not None and endpoint.addresses:
                where.add((endpoint.addresses[0], number))
    return tuple(sorted(ready or ending))


def _is_ready(endpoint: Endpoint) -> bool:
    # Absent means ready: EndpointConditions says so.
    return endpoint.conditions is None or endpoint.conditions.ready is not False


def _still_serves(endpoint: Endpoint) -> bool:
    conditions = endpoint.conditions
    return conditions is not None and bool(conditions.serving) and bool(conditions.terminating)


def host_ports(pods: Iterable[Pod]) -> tuple[HostPort, ...]:
    """Of the pods that run on this node with an address of their own."""
    found = []
    for pod in pods:
        if pod.spec.host_network or not pod.status.pod_ip or pod.status.phase in ("Succeeded", "Failed"):
            continue
        sidecars = (c for c in pod.spec.init_containers if c.restart_policy == "Always")
        for container in (*pod.spec.containers, *sidecars):
            for port in container.ports:
                if port.host_port:
                    address = "" if port.host_ip in ("", "0.0.0.0", "::") else port.host_ip  # noqa: S104  # compared
                    protocol = (port.protocol or "TCP").lower()
                    found.append(HostPort(protocol, address, port.host_port, pod.status.pod_ip, port.container_port))
    return tuple(sorted(found, key=lambda h: (h.protocol, h.host_port, h.host_address)))
