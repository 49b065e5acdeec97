"""Addresses and node ports of Services: given at random, or as asked, never twice.

What is in use is what the submitted Services say: the allocator is told of every write in the step of the write, and
again if the write fails. So a request that is refused after it was given something has taken nothing.

Rules: k8s.io/kubernetes, pkg/registry/core/service/storage "alloc.go", ipallocator and portallocator.
"""

import ipaddress
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

from armillary.base.errors import Internal, Invalid
from armillary.engine.apiserver.ports import AdmissionRequest, Objects
from armillary.engine.apiserver.service_families import settle_families
from armillary.engine.kinds.faults import invalid, refusal
from armillary.engine.kinds.fields import part, spec_of
from armillary.engine.kinds.resource import Json
from armillary.engine.kinds.service import allocates_node_ports, keep_allocated
from armillary.engine.kinds.service_rules import is_headless, needs_health_check

SERVICES = "services"
WITH_NODE_PORTS = ("NodePort", "LoadBalancer")
DEFAULT_NODE_PORTS = range(30000, 32768)

ADDRESS_TAKEN = "provided IP is already allocated"
PORT_TAKEN = "provided port is already allocated"


@dataclass(frozen=True, slots=True)
class ServiceRanges:
    """What may be given out. The lower part of each range is given only when the rest is used up (KEP-3070)."""

    addresses: ipaddress.IPv4Network
    node_ports: range = DEFAULT_NODE_PORTS

    @property
    def hosts(self) -> range:
        """Where an address may stand in the network: not first, nor last."""
        return range(1, self.addresses.num_addresses - 1)

    def may_give(self, address: str) -> bool:
        try:
            return int(ipaddress.IPv4Address(address)) - int(self.addresses.network_address) in self.hosts
        except ValueError:
            return False

    @property
    def kept_addresses(self) -> int:
        size = self.addresses.num_addresses
        return min(max(16, size // 16), 256) if size > 16 else 0

    @property
    def kept_ports(self) -> int:
        size = len(self.node_ports)
        return min(max(16, size // 32), 128) if size > 16 else 0


class ServiceAllocator:
    """An admission plugin, and the observer of what comes of it; `random` chooses."""

    def __init__(self, objects: Objects, ranges: ServiceRanges, random: Random) -> None:
        self._ranges, self._random = ranges, random
        self._held: dict[tuple[str, str], tuple[str | int, ...]] = {}
        self._in_use: Counter[str | int] = Counter()  # addresses, and numbers of node ports
        for service in objects.list(SERVICES):
            self.observe(SERVICES, service["metadata"]["namespace"], service["metadata"]["name"], service)

    def observe(self, resource: str, namespace: str, name: str, obj: Json | None) -> None:
        """A Service was submitted, or is gone when `obj` is None."""
        if resource != SERVICES:
            return
        for held in self._held.pop((namespace, name), ()):
            self._in_use[held] -= 1
            if not self._in_use[held]:
                del self._in_use[held]
        if obj is not None:
            self._held[namespace, name] = tuple(_holds(spec_of(obj)))
            self._in_use.update(self._held[namespace, name])

    def admit(self, request: AdmissionRequest) -> None:
        service = request.object
        if request.resource.name != SERVICES or request.subresource or service is None:
            return
        spec, name = part(service, "spec"), service["metadata"].get("name") or ""
        before = None if request.old is None else spec_of(request.old)
        if before is not None:
            keep_allocated(spec, before)
        elif spec.get("clusterIP") and not spec.get("clusterIPs"):
            spec["clusterIPs"] = [spec["clusterIP"]]
        if spec.get("type") == "ExternalName":
            spec.pop("internalTrafficPolicy", None)  # upstream leaves it out of every answer
        if found := settle_families(spec, before or {}):
            raise refusal("", "Service", name, found)
        asked = _Asked(name, spec, self._in_use, self._ranges, self._random)
        if before is not None:
            asked.follow_update(before)
        else:
            asked.give_address()
            asked.give_ports()
            asked.give_health_port()

    def validate(self, request: AdmissionRequest) -> None:
        """Whether others were given the same since `admit`: it may be long ago, if webhooks were asked."""
        service = request.object
        if request.resource.name != SERVICES or request.subresource or service is None:
            return
        meta = service["metadata"]
        own = self._held.get((request.namespace, meta.get("name") or ""), ())
        for held in _holds(spec_of(service)):
            if held not in own and held in self._in_use:
                field, what = ("clusterIPs", ADDRESS_TAKEN) if isinstance(held, str) else ("ports", PORT_TAKEN)
                causes = [invalid(f"spec.{field}", held, what)]
                raise refusal("", "Service", meta.get("name") or "", causes)


class _Asked:
    """One Service on its way: what it is given is written into it."""

    def __init__(
        self, name: str, spec: Json, in_use: Counter[str | int], ranges: ServiceRanges, random: Random
    ) -> None:
        self._name, self._spec = name, spec
        self._in_use, self._ranges, self._random = in_use, ranges, random
        self._given: set[int] = set()  # node ports, by this request

    def follow_update(self, old: Json) -> None:
        """What it has it keeps, and validation refuses another address: only what is new is given."""
        if old.get("type") == "ExternalName":
            self.give_address()
        if self._spec.get("type") in WITH_NODE_PORTS:
            self._give_new_ports({port.get("nodePort") or 0 for port in old.get("ports") or ()})
        if not needs_health_check(old):
            self.give_health_port()

    def give_address(self) -> None:
        spec = self._spec
        if spec.get("type") != "ExternalName" and not is_headless(spec):
            asked = next(iter(spec.get("clusterIPs") or ()), "")
            address = self._take_address(asked) if asked else self._any_address()
            spec["clusterIP"], spec["clusterIPs"] = address, [address]

    def _take_address(self, asked: str) -> str:
        said = ""
        if not self._ranges.may_give(asked):
            said = "the provided network does not match the current range"
        elif asked in self._in_use:
            said = ADDRESS_TAKEN
        if said:
            raise self._refused("spec.clusterIPs", [asked], f"failed to allocate IP {asked}: {said}")
        return asked

    def _any_address(self) -> str:
        network = self._ranges.addresses

        def is_free(host: int) -> bool:
            return str(network[host]) not in self._in_use

        host = self._choose(self._ranges.hosts, self._ranges.kept_addresses, is_free)
        if host is None:
            raise _failed(f'failed to allocate a serviceIP for Service "{self._name}": range is full')
        return str(network[host])

    def give_ports(self) -> None:
        """Ports of one number under several protocols share a node port."""
        spec, shared = self._spec, dict[int, int]()
        if spec.get("type") not in WITH_NODE_PORTS:
            return
        for i, port in enumerate(ports := spec.get("ports") or ()):
            number, asked = port.get("port") or 0, port.get("nodePort") or 0
            if not asked and not allocates_node_ports(spec):
                continue
            if number in shared:
                if not asked:
                    port["nodePort"] = shared[number]
                elif asked != shared[number]:
                    self._take_port(f"spec.ports[{i}].nodePort", asked)
                continue
            asked = asked or next((p["nodePort"] for p in ports if p.get("port") == number and p.get("nodePort")), 0)
            if asked:
                self._take_port(f"spec.ports[{i}].nodePort", asked)
            port["nodePort"] = shared[number] = asked or self._any_port()

    def _give_new_ports(self, had: set[int]) -> None:
        for i, port in enumerate(self._spec.get("ports") or ()):
            asked = port.get("nodePort") or 0
            if asked and asked not in had and asked not in self._given:
                self._take_port(f"spec.ports[{i}].nodePort", asked)
            elif not asked and allocates_node_ports(self._spec):
                port["nodePort"] = self._any_port()

    def give_health_port(self) -> None:
        spec = self._spec
        if not needs_health_check(spec):
            return
        if asked := spec.get("healthCheckNodePort"):
            # Upstream answers 500 here; what a client asks for is the client's fault.
            self._take_port(
                "spec.healthCheckNodePort", asked, f"failed to allocate requested HealthCheck NodePort {asked}: "
            )
        else:
            spec["healthCheckNodePort"] = self._any_port("a HealthCheck NodePort 0")

    def _take_port(self, field: str, port: int, saying: str = "") -> None:
        allowed = self._ranges.node_ports
        if port not in allowed:
            said = "provided port is not in the valid range. The range of valid ports is "
            raise self._refused(field, port, f"{saying}{said}{allowed.start}-{allowed.stop - 1}")
        if not self._is_free(port):
            raise self._refused(field, port, saying + PORT_TAKEN)
        self._given.add(port)

    def _any_port(self, what: str = "a nodePort") -> int:
        port = self._choose(self._ranges.node_ports, self._ranges.kept_ports, self._is_free)
        if port is None:
            raise _failed(f"failed to allocate {what}: range is full")
        self._given.add(port)
        return port

    def _is_free(self, port: int) -> bool:
        return port not in self._in_use and port not in self._given

    def _choose(self, numbers: range, kept: int, is_free: Callable[[int], bool]) -> int | None:
        """One of them, those after the first `kept` before the others; None when all are in use."""
        for piece in (numbers[kept:], numbers[:kept]):
            # From anywhere onwards: few are looked at, so a full shuffle would be waste.
            start = self._random.randrange(len(piece)) if piece else 0
            for run in (piece[start:], piece[:start]):
                for number in run:
                    if is_free(number):
                        return number
        return None

    def _refused(self, field: str, value: Any, detail: str) -> Invalid:
        return refusal("", "Service", self._name, [invalid(field, value, detail)])


def _failed(said: str) -> Internal:
    return Internal(f"Internal error occurred: {said}")


def _holds(spec: Json) -> Iterator[str | int]:
    if spec.get("type") != "ExternalName" and not is_headless(spec):
        yield from spec.get("clusterIPs") or ()
    for port in spec.get("ports") or ():
        if port.get("nodePort"):
            yield port["nodePort"]
    if needs_health_check(spec) and spec.get("healthCheckNodePort"):
        yield spec["healthCheckNodePort"]
