"""The resources of the API group discovery.

Rules: k8s.io/kubernetes, pkg/apis/discovery/v1/defaults.go, pkg/apis/discovery/validation, pkg/registry/discovery.
"""

import ipaddress
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime

from armillary.base.errors import Cause
from armillary.engine.kinds import names
from armillary.engine.kinds.cells import some, text
from armillary.engine.kinds.checks import check_required_choice, check_same, each
from armillary.engine.kinds.columns import AGE
from armillary.engine.kinds.faults import duplicate, invalid, required, too_many, under, wrong
from armillary.engine.kinds.fields import fill
from armillary.engine.kinds.meta import check_labels, validator
from armillary.engine.kinds.resource import Column, Json, Resource
from armillary.engine.kinds.values import check_ip, same
from armillary.engine.kinds.workload import count_change

_MOST_ENDPOINTS = 1000
_MOST_ADDRESSES = 100
_MOST_PORTS = 20000
_MOST_HINTS = 8
_MOST_TOPOLOGY = 16
_MOST_SHOWN = 3
_ADDRESS_TYPES = ("FQDN", "IPv4", "IPv6")
_PROTOCOLS = ("SCTP", "TCP", "UDP")


def _default(obj: Json) -> None:
    for port in obj.get("ports") or ():
        fill(port, name="", protocol="TCP")


def _prepare_create(obj: Json) -> None:
    for endpoint in obj.get("endpoints") or ():
        endpoint.pop("deprecatedTopology", None)


def _prepare_update(new: Json, old: Json) -> None:
    if not same(new.get("endpoints"), old.get("endpoints")):
        _prepare_create(new)
    fields = (new.keys() | old.keys()) - {"metadata"}
    labels = [(obj.get("metadata") or {}).get("labels") for obj in (new, old)]
    if not same(*labels) or not all(same(new.get(field), old.get(field)) for field in fields):
        count_change(new, old)


def _validate(new: Json, old: Json | None) -> Sequence[Cause]:
    kind = new.get("addressType") or ""
    found = [*check_required_choice("addressType", kind, _ADDRESS_TYPES), *_check_ports(new.get("ports") or ())]
    endpoints = new.get("endpoints") or ()
    if old is None or endpoints != (old.get("endpoints") or ()):
        found += _check_endpoints(endpoints, kind)
    return found if old is None else found + check_same(new, old, "addressType")


def _check_ports(ports: Sequence[Json]) -> Iterator[Cause]:
    if len(ports) > _MOST_PORTS:
        yield too_many("ports", len(ports), _MOST_PORTS)
        return
    seen: set[str] = set()
    for i, port in enumerate(ports):
        name = port.get("name") or ""
        if name and (problems := names.dns_label(name)):
            yield from wrong(f"ports[{i}].name", name, problems)
        if name in seen:
            yield duplicate(f"ports[{i}].name", name)
        seen.add(name)
        if (protocol := port.get("protocol")) not in _PROTOCOLS:
            yield from under(f"ports[{i}]", check_required_choice("protocol", protocol, _PROTOCOLS))
        if (application := port.get("appProtocol")) is not None:
            yield from wrong(f"ports[{i}].appProtocol", application, names.label_key(application))


def _check_endpoints(endpoints: Sequence[Json], kind: str) -> Iterable[Cause]:
    if len(endpoints) > _MOST_ENDPOINTS:
        return [too_many("endpoints", len(endpoints), _MOST_ENDPOINTS)]
    return each("endpoints", endpoints, lambda endpoint: _check_endpoint(endpoint, kind))


def _check_endpoint(endpoint: Json, kind: str) -> Iterator[Cause]:
    addresses = endpoint.get("addresses") or ()
    if not addresses:
        yield required("addresses", "must contain at least 1 address")
    elif len(addresses) > _MOST_ADDRESSES:
        yield too_many("addresses", len(addresses), _MOST_ADDRESSES)
    check = _check_domain if kind == "FQDN" else _check_address
    for i, address in enumerate(addresses if kind in _ADDRESS_TYPES else ()):
        yield from check(address, kind, i)
    if (node := endpoint.get("nodeName")) is not None:
        yield from wrong("nodeName", node, names.dns_subdomain(node))
    if topology := endpoint.get("deprecatedTopology"):
        if len(topology) > _MOST_TOPOLOGY:
            yield too_many("deprecatedTopology", len(topology), _MOST_TOPOLOGY)
        yield from check_labels(topology, "deprecatedTopology")
    if (host := endpoint.get("hostname")) is not None:
        yield from wrong("hostname", host, names.dns_label(host))
    if hints := endpoint.get("hints"):
        yield from under("hints", _check_hints(hints))


def _check_address(address: str, kind: str, i: int) -> Iterator[Cause]:
    field = f"addresses[{i}]"
    if faults := check_ip(field, address, canonical_form=kind == "IPv6"):
        yield from faults
        return
    found = ipaddress.ip_address(address)
    if found.version != (4 if kind == "IPv4" else 6):
        yield invalid("addresses", address, f"must be an {kind} address")
    if found.is_unspecified:
        yield invalid(field, address, f"may not be unspecified ({address})")
    if found.is_loopback:
        yield invalid(field, address, "may not be in the loopback range (127.0.0.0/8, ::1/128)")
    if found.is_link_local:
        yield invalid(field, address, "may not be in the link-local range (169.254.0.0/16, fe80::/10)")
    if _is_link_local_multicast(found):
        fault = "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)"
        yield invalid(field, address, fault)


def _is_link_local_multicast(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    if isinstance(address, ipaddress.IPv4Address):
        return address.packed[:3] == b"\xe0\x00\x00"
    return address.packed[0] == 0xFF and address.packed[1] & 0x0F == 2


def _check_domain(address: str, kind: str, i: int) -> Iterator[Cause]:
    field = f"addresses[{i}]"
    if not address:
        yield required(field)
        return
    bare = address.removesuffix(".")
    if problems := names.dns_subdomain(bare):
        yield invalid(field, bare, ",".join(problems))
    elif "." not in bare:
        yield invalid(field, bare, "should be a domain with at least two segments separated by dots")
    elif bad := next((label for label in bare.split(".") if names.dns_label(label)), None):
        yield invalid(field, bad, ",".join(names.dns_label(bad)))


def _check_hints(hints: Json) -> Iterator[Cause]:
    checks: tuple[tuple[str, Callable[[str], Sequence[str]]], ...] = (
        ("forZones", names.label_value),
        ("forNodes", names.dns_subdomain),
    )
    for field, rule in checks:
        places = hints.get(field) or ()
        if len(places) > _MOST_HINTS:
            yield too_many(field, len(places), _MOST_HINTS)
            return
        seen: set[str] = set()
        for i, place in enumerate(places):
            name = place.get("name") or ""
            if name in seen:
                yield duplicate(f"{field}[{i}].name", name)
            seen.add(name)
            yield from wrong(f"{field}[{i}].name", name, rule(name))


def _ports(obj: Json, now: datetime) -> str:
    ports = obj.get("ports") or ()
    shown = [str(p["port"]) if p.get("port") is not None else p.get("name", "*") for p in ports]
    return some(shown, _MOST_SHOWN)


def _endpoints(obj: Json, now: datetime) -> str:
    return some([a for e in obj.get("endpoints") or () for a in e.get("addresses") or ()], _MOST_SHOWN)


RESOURCES: tuple[Resource, ...] = (
    Resource(
        group="discovery.k8s.io",
        version="v1",
        kind="EndpointSlice",
        plural="endpointslices",
        schema="io.k8s.api.discovery.v1.EndpointSlice",
        singular="endpointslice",
        columns=(
            text("AddressType", "addressType"),
            Column("Ports", "string", _ports, "The ports of every endpoint."),
            Column("Endpoints", "string", _endpoints, "The addresses."),
            AGE,
        ),
        default=_default,
        prepare_create=_prepare_create,
        prepare_update=_prepare_update,
        validate=validator(names.dns_subdomain, _validate),
        has_status=False,
    ),
)
