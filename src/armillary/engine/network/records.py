"""Cluster DNS: which records a name has. Pure.

Names: Kubernetes' "DNS-Based Service Discovery" specification, schema version 1.1.0.
"""

import ipaddress
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from armillary.engine.network.balancers import HEADLESS, SERVICE_NAME
from armillary.kube.kinds.core import Service
from armillary.kube.kinds.discovery import Endpoint, EndpointSlice

POD_NAME = re.compile(r"^(\d{1,3})-(\d{1,3})-(\d{1,3})-(\d{1,3})$")


@dataclass(frozen=True, slots=True)
class Srv:
    """Where a named port of a service is (RFC 2782)."""

    port: int
    target: str


@dataclass(slots=True)
class Node:
    """What stands at one name. A name without any record of its own may still have names below it."""

    addresses: list[str] = field(default_factory=list)
    alias: str = ""
    services: list[Srv] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Zone:
    """All names of the cluster, in lower case, without the last dot; `pointers` maps an address to its name."""

    domain: str
    nodes: Mapping[str, Node]
    pointers: Mapping[str, str]

    def find(self, name: str) -> Node | None:
        """The records of a name inside the zone; None if it does not exist."""
        known = self.nodes.get(name)
        return known if known is not None else self._pod(name)

    def _pod(self, name: str) -> Node | None:
        """`1-2-3-4.namespace.pod.domain` is the address 1.2.3.4, whoever has it."""
        parts = name.removesuffix(f".{self.domain}").split(".")
        if len(parts) != 3 or parts[2] != "pod":
            return None
        found = POD_NAME.match(parts[0])
        address = ".".join(found.groups()) if found else ""
        return Node(addresses=[address]) if _is_address(address) else None


def _is_address(text: str) -> bool:
    try:
        ipaddress.IPv4Address(text)
    except ValueError:
        return False
    return True


class _Builder:
    """Collects records, and makes every name above them exist."""

    def __init__(self, domain: str) -> None:
        self.domain = domain
        self.nodes: dict[str, Node] = defaultdict(Node)
        self.pointers: dict[str, str] = {}
        self.nodes[f"dns-version.{domain}"] = Node()

    def at(self, name: str) -> Node:
        above = name
        while above != self.domain and above not in self.nodes:
            self.nodes[above] = Node()
            above = above.partition(".")[2]
        return self.nodes[name]

    def add_port(self, name: str, port_name: str, protocol: str, port: int, target: str) -> None:
        if port_name:
            self.at(f"_{port_name}._{protocol.lower()}.{name}").services.append(Srv(port, target))


def zone(domain: str, services: Iterable[Service], slices: Iterable[EndpointSlice]) -> Zone:
    """The whole zone of a cluster."""
    by_service: dict[tuple[str, str], list[EndpointSlice]] = defaultdict(list)
    for piece in slices:
        if piece.address_type == "IPv4":
            by_service[piece.metadata.namespace, piece.metadata.labels.get(SERVICE_NAME, "")].append(piece)
    build = _Builder(domain)
    build.at(domain)
    build.at(f"svc.{domain}")
    build.at(f"pod.{domain}")
    for service in services:
        meta, spec = service.metadata, service.spec
        name = f"{meta.name}.{meta.namespace}.svc.{domain}"
        if spec.type == "ExternalName":
            build.at(name).alias = spec.external_name.lower().rstrip(".")
        elif spec.cluster_ip == HEADLESS:
            _headless(build, service, name, by_service.get((meta.namespace, meta.name), []))
        elif spec.cluster_ip:
            _cluster_ip(build, service, name)
    return Zone(domain, dict(build.nodes), build.pointers)


def _cluster_ip(build: _Builder, service: Service, name: str) -> None:
    addresses = [a for a in (service.spec.cluster_ips or (service.spec.cluster_ip,)) if ":" not in a]
    build.at(name).addresses = addresses
    for address in addresses:
        build.pointers[address] = name
    for port in service.spec.ports:
        build.add_port(name, port.name, port.protocol or "TCP", port.port, name)


def _headless(build: _Builder, service: Service, name: str, pieces: Iterable[EndpointSlice]) -> None:
    build.at(name)
    for piece in pieces:
        for endpoint in piece.endpoints:
            if not _is_published(endpoint, service):
                continue
            for address in endpoint.addresses:
                host = f"{endpoint.hostname or address.replace('.', '-')}.{name}"
                _append(build.at(name).addresses, address)
                _append(build.at(host).addresses, address)
                if endpoint.hostname or address not in build.pointers:
                    build.pointers[address] = host
                for port in piece.ports:
                    if port.port:
                        build.add_port(name, port.name, port.protocol or "TCP", port.port, host)


def _append(addresses: list[str], address: str) -> None:
    if address not in addresses:
        addresses.append(address)


def _is_published(endpoint: Endpoint, service: Service) -> bool:
    ready = endpoint.conditions is None or endpoint.conditions.ready is not False
    return ready or bool(service.spec.publish_not_ready_addresses)
