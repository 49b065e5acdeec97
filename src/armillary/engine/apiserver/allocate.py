"""Addresses and node ports of Services: given at random, or as asked, never twice.

What is in use is remembered with the Service that uses it, and believed only while that Service says so too:
an allocation whose write was refused, or whose Service is gone, is free again without anybody giving it back.
"""

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

from armillary.engine.apiserver.ports import AdmissionRequest, Objects, Operation
from armillary.engine.kinds.faults import invalid, refusal
from armillary.engine.kinds.resource import Json

HEADLESS = "None"
SERVICES = "services"
WITH_NODE_PORTS = ("NodePort", "LoadBalancer")
DEFAULT_NODE_PORTS = range(30000, 32768)

_Name = tuple[str, str]


@dataclass(frozen=True, slots=True)
class ServiceRanges:
    """What may be given out. `reserved` addresses are never given at random (the API's own, cluster DNS)."""

    addresses: ipaddress.IPv4Network
    node_ports: range = DEFAULT_NODE_PORTS

    @property
    def first_dynamic(self) -> int:
        """Offset where random allocation begins: the lower part is kept for those who ask by number (KEP-3070)."""
        size = self.addresses.num_addresses
        return min(max(16, size // 16), 256) if size > 16 else 1


class ServiceAllocator:
    """An admission plugin; `random` chooses."""

    def __init__(self, objects: Objects, ranges: ServiceRanges, random: Random) -> None:
        self._objects, self._ranges, self._random = objects, ranges, random
        self._addresses: dict[str, _Name] | None = None
        self._ports: dict[tuple[str, int], _Name] = {}

    def admit(self, request: AdmissionRequest) -> None:
        service = request.object
        if request.resource.name != SERVICES or request.subresource or service is None:
            return
        spec = service.setdefault("spec", {})
        old = (request.old or {}).get("spec", {})
        if request.operation is Operation.UPDATE:
            _carry_over(spec, old)
        self._load()
        name = (request.namespace, request.name)
        self._families(service, spec)
        self._address(service, spec, name)
        self._node_ports(service, spec, name)

    def validate(self, request: AdmissionRequest) -> None:
        """Everything is said in `admit`."""

    def _load(self) -> None:
        if self._addresses is not None:
            return
        self._addresses = {}
        for service in self._objects.list(SERVICES):
            name = (service["metadata"]["namespace"], service["metadata"]["name"])
            spec = service.get("spec", {})
            self._addresses |= {address: name for address in spec.get("clusterIPs") or () if address != HEADLESS}
            self._ports |= dict.fromkeys(_node_ports(spec), name)

    def _families(self, service: Json, spec: Json) -> None:
        if spec.get("type") == "ExternalName":
            for field in ("clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy", "internalTrafficPolicy"):
                spec.pop(field, None)
            return
        if spec.get("ipFamilyPolicy") == "RequireDualStack":
            said = "this cluster is not configured for dual-stack services"
            raise _refused(service, "spec.ipFamilyPolicy", "RequireDualStack", said)
        for number, family in enumerate(spec.get("ipFamilies") or ()):
            if family != "IPv4":
                raise _refused(service, f"spec.ipFamilies[{number}]", family, "not configured on this cluster")
        if not spec.get("selector") and spec.get("clusterIP") == HEADLESS and not spec.get("ipFamilyPolicy"):
            # A headless Service without selector may have endpoints of any family.
            spec["ipFamilyPolicy"] = "RequireDualStack" if len(spec.get("ipFamilies") or ()) > 1 else "SingleStack"
        spec.setdefault("ipFamilyPolicy", "SingleStack")
        spec["ipFamilies"] = ["IPv4"]

    def _address(self, service: Json, spec: Json, name: _Name) -> None:
        if spec.get("type") == "ExternalName":
            return
        asked = spec.get("clusterIP") or next(iter(spec.get("clusterIPs") or ()), "")
        if asked == HEADLESS:
            spec["clusterIP"], spec["clusterIPs"] = HEADLESS, [HEADLESS]
            return
        address = self._take(service, asked, name) if asked else self._any_address(service, name)
        spec["clusterIP"], spec["clusterIPs"] = address, [address]

    def _uses_address(self, address: str, name: _Name) -> bool:
        """Whether another Service than `name` has that address."""
        holder = (self._addresses or {}).get(address)
        if holder is None or holder == name:
            return False
        found = self._objects.get(SERVICES, *holder)
        return found is not None and address in (found.get("spec", {}).get("clusterIPs") or ())

    def _take(self, service: Json, address: str, name: _Name) -> str:
        known = (self._addresses or {}).get(address) == name
        said = ""
        try:
            inside = ipaddress.IPv4Address(address) in self._ranges.addresses
        except ValueError:
            return address  # not an address at all: validation says so
        if not inside:
            said = f"the provided IP ({address}) is not in the valid range. "
            said += f"The range of valid IPs is {self._ranges.addresses}"
        elif not known and self._uses_address(address, name):
            said = "provided IP is already allocated"
        if said:
            raise _refused(service, "spec.clusterIPs", [address], f"failed to allocate IP {address}: {said}")
        self._remember(address, name)
        return address

    def _any_address(self, service: Json, name: _Name) -> str:
        network = self._ranges.addresses
        for offset in _shuffled(range(self._ranges.first_dynamic, network.num_addresses - 1), self._random):
            if not self._uses_address(address := str(network[offset]), name):
                self._remember(address, name)
                return address
        for offset in range(1, self._ranges.first_dynamic):
            if not self._uses_address(address := str(network[offset]), name):
                self._remember(address, name)
                return address
        raise _refused(service, "spec.clusterIPs", [], f"failed to allocate a serviceIP: range {network} is full")

    def _remember(self, address: str, name: _Name) -> None:
        if self._addresses is not None:
            self._addresses[address] = name

    def _node_ports(self, service: Json, spec: Json, name: _Name) -> None:
        wanted = spec.get("type") in WITH_NODE_PORTS
        if wanted and spec.get("type") == "LoadBalancer" and spec.get("allocateLoadBalancerNodePorts") is False:
            wanted = False
        given: dict[tuple[str, int], str] = {}
        for number, port in enumerate(spec.get("ports") or ()):
            protocol, asked = port.get("protocol", "TCP"), port.get("nodePort", 0)
            field = f"spec.ports[{number}].nodePort"
            if asked:
                self._take_port(service, field, protocol, asked, name, given)
            elif wanted:
                port["nodePort"] = self._any_port(service, field, protocol, name, given)
        self._health_port(service, spec, name, given)

    def _health_port(self, service: Json, spec: Json, name: _Name, given: dict[tuple[str, int], str]) -> None:
        if spec.get("type") == "LoadBalancer" and spec.get("externalTrafficPolicy") == "Local":
            field, asked = "spec.healthCheckNodePort", spec.get("healthCheckNodePort", 0)
            if asked:
                self._take_port(service, field, "TCP", asked, name, given)
            else:
                spec["healthCheckNodePort"] = self._any_port(service, field, "TCP", name, given)

    def _uses_port(self, key: tuple[str, int], name: _Name) -> bool:
        holder = self._ports.get(key)
        if holder is None or holder == name:
            return False
        found = self._objects.get(SERVICES, *holder)
        return found is not None and key in set(_node_ports(found.get("spec", {})))

    def _take_port(
        self, service: Json, field: str, protocol: str, port: int, name: _Name, given: dict[tuple[str, int], str]
    ) -> None:
        allowed, key = self._ranges.node_ports, (protocol, port)
        if port not in allowed:
            said = "provided port is not in the valid range. "
            said += f"The range of valid ports is {allowed.start}-{allowed.stop - 1}"
            raise _refused(service, field, port, said)
        if key in given or self._uses_port(key, name):
            raise _refused(service, field, port, "provided port is already allocated")
        given[key] = field
        self._ports[key] = name

    def _any_port(
        self, service: Json, field: str, protocol: str, name: _Name, given: dict[tuple[str, int], str]
    ) -> int:
        # A Service of several protocols on one port gets one node port for all, where that is free.
        same = [port for (other, port) in given if other != protocol and (protocol, port) not in given]
        for port in (*same, *_shuffled(self._ranges.node_ports, self._random)):
            key = (protocol, port)
            if key not in given and not self._uses_port(key, name):
                given[key] = field
                self._ports[key] = name
                return port
        raise _refused(service, field, 0, "failed to allocate a nodePort: range is full")


def _shuffled(numbers: range, random: Random) -> Iterator[int]:
    """All of them, in an order that begins anywhere: few are looked at, so a full shuffle would be waste."""
    start = random.randrange(len(numbers))
    yield from numbers[start:]
    yield from numbers[:start]


def _node_ports(spec: Json) -> Iterator[tuple[str, int]]:
    for port in spec.get("ports") or ():
        if port.get("nodePort"):
            yield port.get("protocol", "TCP"), port["nodePort"]
    if spec.get("healthCheckNodePort"):
        yield "TCP", spec["healthCheckNodePort"]


def _carry_over(spec: Json, old: Json) -> None:
    """An update that leaves out what was allocated keeps it (upstream: patchAllocatedValues)."""
    kinds = (old.get("type", "ClusterIP"), spec.get("type", "ClusterIP"))
    if "ExternalName" not in kinds:
        if not spec.get("clusterIP") and not spec.get("clusterIPs"):
            for field in ("clusterIP", "clusterIPs"):
                if field in old:
                    spec[field] = old[field]
        elif not spec.get("clusterIPs"):
            spec["clusterIPs"] = [spec["clusterIP"]]
    if all(kind in WITH_NODE_PORTS for kind in kinds):
        _carry_over_ports(spec, old)
    elif kinds[0] in WITH_NODE_PORTS and kinds[1] == "ClusterIP":
        # What was allocated for the old type goes with it, unless the update says otherwise.
        before = {(p.get("protocol", "TCP"), p.get("port")): p.get("nodePort") for p in old.get("ports") or ()}
        for port in spec.get("ports") or ():
            if port.get("nodePort") == before.get((port.get("protocol", "TCP"), port.get("port"))):
                port.pop("nodePort", None)
    balanced = all(kind == "LoadBalancer" for kind in kinds) and spec.get("externalTrafficPolicy") == "Local"
    if balanced and old.get("healthCheckNodePort") and not spec.get("healthCheckNodePort"):
        spec["healthCheckNodePort"] = old["healthCheckNodePort"]


def _carry_over_ports(spec: Json, old: Json) -> None:
    taken = {port["nodePort"] for port in spec.get("ports") or () if port.get("nodePort")}
    before = {(p.get("protocol", "TCP"), p.get("port")): p.get("nodePort") for p in old.get("ports") or ()}
    for port in spec.get("ports") or ():
        known = before.get((port.get("protocol", "TCP"), port.get("port")))
        if known and not port.get("nodePort") and known not in taken:
            port["nodePort"] = known


def _refused(service: Json, field: str, value: Any, detail: str) -> Exception:
    name = service.get("metadata", {}).get("name", "")
    return refusal("", "Service", name, [invalid(field, value, detail)])
