"""Endpoints: rules, defaults, columns.

Rules: k8s.io/kubernetes, pkg/apis/core/validation "ValidateEndpoints".
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from armillary.base.errors import Cause
from armillary.engine.kinds import names
from armillary.engine.kinds.columns import AGE, NONE
from armillary.engine.kinds.faults import not_supported, required, under, wrong
from armillary.engine.kinds.fields import fill_empty
from armillary.engine.kinds.meta import validator
from armillary.engine.kinds.pod.containers import PROTOCOLS
from armillary.engine.kinds.resource import Column, Json, Resource
from armillary.engine.kinds.service_rules import check_endpoint_ip
from armillary.engine.kinds.values import check_ip, same

_SHOWN = 3


def _validate(new: Json, old: Json | None) -> Sequence[Cause]:
    subsets = new.get("subsets") or ()
    if old is not None and same(subsets, old.get("subsets")):
        return ()  # what was accepted once is not judged again
    found: list[Cause] = []
    for i, subset in enumerate(subsets):
        if faults := _check_subset(subset):
            found += under(f"subsets[{i}]", faults)
    return found


def _check_subset(subset: Json) -> list[Cause]:
    found: list[Cause] = []
    if not subset.get("addresses") and not subset.get("notReadyAddresses"):
        found.append(required("", "must specify `addresses` or `notReadyAddresses`"))
    for kind in ("addresses", "notReadyAddresses"):
        for i, address in enumerate(subset.get(kind) or ()):
            if faults := _check_address(address):
                found += under(f"{kind}[{i}]", faults)
    ports = subset.get("ports") or ()
    for i, port in enumerate(ports):
        found += under(f"ports[{i}]", _check_port(port, named=len(ports) > 1))
    return found


def _check_address(address: Json) -> list[Cause]:
    ip = address.get("ip") or ""
    found = check_ip("ip", ip)
    if host := address.get("hostname"):
        found += wrong("hostname", host, names.dns_label(host))
    if (node := address.get("nodeName")) is not None:
        found += wrong("nodeName", node, names.dns_subdomain(node))
    return found + check_endpoint_ip("ip", ip)


def _check_port(port: Json, *, named: bool) -> list[Cause]:
    name, number, protocol = port.get("name") or "", port.get("port") or 0, port.get("protocol") or ""
    found: list[Cause] = []
    if name:
        found += wrong("name", name, names.dns_label(name))
    elif named:
        found.append(required("name"))
    found += wrong("port", number, names.port_number(number))
    if protocol not in PROTOCOLS:
        found.append(not_supported("protocol", protocol, PROTOCOLS) if protocol else required("protocol"))
    if (spoken := port.get("appProtocol")) is not None:
        found += wrong("appProtocol", spoken, names.label_key(spoken))
    return found


def _default(endpoints: Json) -> None:
    for subset in endpoints.get("subsets") or ():
        for port in subset.get("ports") or ():
            fill_empty(port, protocol="TCP")


def _targets(endpoints: Json) -> Iterator[str]:
    for subset in endpoints.get("subsets") or ():
        addresses = [a.get("ip") or "" for a in subset.get("addresses") or ()]
        if not subset.get("ports"):
            yield from addresses
        for port in subset.get("ports") or ():
            yield from (
                f"[{a}]:{port.get('port') or 0}" if ":" in a else f"{a}:{port.get('port') or 0}" for a in addresses
            )


def _endpoints(endpoints: Json, now: datetime) -> str:
    if not endpoints.get("subsets"):
        return NONE
    targets = list(_targets(endpoints))
    more = f" + {len(targets) - _SHOWN} more..." if len(targets) > _SHOWN else ""
    return ",".join(targets[:_SHOWN]) + more


ENDPOINTS = Resource(
    group="",
    version="v1",
    kind="Endpoints",
    deprecation="v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice",
    plural="endpoints",
    schema="io.k8s.api.core.v1.Endpoints",
    singular="endpoints",
    short_names=("ep",),
    default=_default,
    validate=validator(names.dns_subdomain, _validate),
    counts_generation=False,
    has_status=False,
    columns=(Column("Endpoints", "string", _endpoints, "The addresses and ports behind the service."), AGE),
)
