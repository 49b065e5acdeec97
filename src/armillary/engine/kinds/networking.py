"""The resources of the API group networking.

Rules: k8s.io/kubernetes, pkg/apis/networking/v1/defaults.go, pkg/apis/networking/validation.
"""

import ipaddress
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime

from armillary.base.errors import Cause
from armillary.engine.kinds import names
from armillary.engine.kinds.cells import selector
from armillary.engine.kinds.checks import check_choice, check_same, check_segment, each
from armillary.engine.kinds.columns import AGE, NONE
from armillary.engine.kinds.faults import forbidden, immutable, invalid, required, under, wrong
from armillary.engine.kinds.fields import fill, fill_empty, part, spec_of
from armillary.engine.kinds.ingress import INGRESS_CLASSES, INGRESSES
from armillary.engine.kinds.meta import check_label_selector, validator
from armillary.engine.kinds.resource import Column, Json, Resource
from armillary.engine.kinds.values import check_cidr, check_ip
from armillary.engine.kinds.workload import start_empty

_PROTOCOLS = ("TCP", "UDP", "SCTP")
_POLICY_TYPES = ("Ingress", "Egress")


def _rules(spec: Json) -> Iterator[tuple[str, str, Json]]:
    """Each rule of a network policy: its field, the field of its peers, and the rule."""
    for field, peers in (("ingress", "from"), ("egress", "to")):
        for i, rule in enumerate(spec.get(field) or ()):
            yield f"{field}[{i}]", peers, rule


def _default_policy(obj: Json) -> None:
    spec = part(obj, "spec")
    for _, _, rule in _rules(spec):
        for port in rule.get("ports") or ():
            fill(port, protocol="TCP")
    fill_empty(spec, policyTypes=["Ingress", "Egress"] if spec.get("egress") else ["Ingress"])


def _validate_policy(new: Json, old: Json | None) -> Sequence[Cause]:
    spec = spec_of(new)
    known = set(_cidrs(spec_of(old))) if old is not None else set()
    found = check_label_selector(spec.get("podSelector"), "podSelector")
    for field, peers, rule in _rules(spec):
        found += under(field, each("ports", rule.get("ports"), _check_port))
        found += under(field, each(peers, rule.get(peers), lambda peer: _check_peer(peer, known)))
    types = spec.get("policyTypes") or ()
    if len(types) > len(_POLICY_TYPES):
        found.append(invalid("policyTypes", types, "may not specify more than two policyTypes"))
    else:
        for i, kind in enumerate(types):
            found += check_choice(f"policyTypes[{i}]", kind, _POLICY_TYPES)
    return list(under("spec", found))


def _cidrs(spec: Json) -> Iterator[str]:
    """The address ranges that a policy names."""
    for _, peers, rule in _rules(spec):
        for peer in rule.get(peers) or ():
            block = peer.get("ipBlock") or {}
            yield block.get("cidr") or ""
            yield from block.get("except") or ()


def _check_port(port: Json) -> Iterator[Cause]:
    yield from check_choice("protocol", port.get("protocol"), _PROTOCOLS)
    first, last = port.get("port"), port.get("endPort")
    if isinstance(first, int):
        yield from wrong("port", first, names.port_number(first))
        if last is not None:
            if last < first:
                yield invalid("endPort", first, "must be greater than or equal to `port`")
            yield from wrong("endPort", last, names.port_number(last))
        return
    if last is not None:
        why = "not specified" if first is None else "non-numeric"
        yield invalid("endPort", last, f"may not be specified when `port` is {why}")
    if first is not None:
        yield from wrong("port", first, names.port_name(first))


def _check_peer(peer: Json, known: Collection[str]) -> Iterator[Cause]:
    block, given = peer.get("ipBlock"), 0
    for field in ("podSelector", "namespaceSelector"):
        if (chosen := peer.get(field)) is not None:
            given += 1
            yield from check_label_selector(chosen, field)
    if block is not None:
        yield from under("ipBlock", _check_block(block, known))
        if given:
            yield forbidden("", "may not specify both ipBlock and another peer")
    elif not given:
        yield required("", "must specify a peer")


def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None


def _check_block(block: Json, known: Collection[str]) -> Iterator[Cause]:
    cidr = block.get("cidr") or ""
    if not cidr:
        yield required("cidr")
        return
    if cidr not in known:
        yield from check_cidr("cidr", cidr)
    around = _network(cidr)
    for i, text in enumerate(block.get("except") or () if around else ()):
        if text not in known:
            yield from check_cidr(f"except[{i}]", text)
        hole = _network(text)
        if hole is not None and not _is_inside(hole, around):
            yield invalid(f"except[{i}]", text, "must be a strict subset of `cidr`")


def _is_inside(
    hole: ipaddress.IPv4Network | ipaddress.IPv6Network,
    around: ipaddress.IPv4Network | ipaddress.IPv6Network | None,
) -> bool:
    return around is not None and around.prefixlen < hole.prefixlen and hole.network_address in around


def _ip_name(name: str) -> Sequence[str]:
    return [cause.message.partition(": ")[2].partition(": ")[2] for cause in check_ip("", name, canonical_form=True)]


def _validate_ip_address(new: Json, old: Json | None) -> Sequence[Cause]:
    if old is not None:
        return list(under("spec", check_same(spec_of(new), spec_of(old), "parentRef")))
    ref = spec_of(new).get("parentRef")
    return [required("spec.parentRef")] if ref is None else list(under("spec.parentRef", _check_parent(ref)))


def _check_parent(ref: Json) -> Iterator[Cause]:
    if group := ref.get("group"):
        yield from wrong("group", group, names.dns_subdomain(group))
    yield from check_segment("resource", ref.get("resource"))
    yield from check_segment("name", ref.get("name"))
    if namespace := ref.get("namespace"):
        yield from wrong("namespace", namespace, names.path_segment(namespace))


def _validate_service_cidr(new: Json, old: Json | None) -> Sequence[Cause]:
    cidrs = spec_of(new).get("cidrs") or []
    if old is None:
        return list(under("spec", _check_cidrs(cidrs)))
    before, field = spec_of(old).get("cidrs") or [], "spec.cidrs"
    if len(before) == len(cidrs):
        return [immutable(f"{field}[{i}]", c) for i, c in enumerate(cidrs) if c != before[i]]
    if len(before) != 1 or len(cidrs) != 2:
        return [immutable(field, cidrs)]
    found = [immutable(f"{field}[0]", cidrs[0])] if cidrs[0] != before[0] else []
    return [*found, *under("spec", _check_cidrs(cidrs))]


def _check_cidrs(cidrs: Sequence[str]) -> Iterator[Cause]:
    if not cidrs:
        yield required("cidrs", "at least one CIDR required")
        return
    if len(cidrs) > 2:
        yield invalid("cidrs", {"CIDRs": cidrs}, "may only hold up to 2 values")
        return
    for i, cidr in enumerate(cidrs):
        yield from check_cidr(f"cidrs[{i}]", cidr)
    families = [network.version for cidr in cidrs if (network := _network(cidr))]
    if len(families) == 2 and families[0] == families[1]:
        fault = "may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64"
        yield invalid("cidrs", cidrs, fault)


def _parent(obj: Json, now: datetime) -> str:
    ref = spec_of(obj).get("parentRef")
    if ref is None:
        return NONE
    group, resource = ref.get("group"), ref.get("resource") or ""
    full = f"{resource}.{group}" if group else resource
    namespace = ref.get("namespace")
    return f"{full.lower()}/{f'{namespace}/' if namespace else ''}{ref.get('name') or ''}"


def _default_spec(obj: Json) -> None:
    part(obj, "spec")


NETWORK_POLICIES = Resource(
    group="networking.k8s.io",
    version="v1",
    kind="NetworkPolicy",
    plural="networkpolicies",
    schema="io.k8s.api.networking.v1.NetworkPolicy",
    singular="networkpolicy",
    short_names=("netpol",),
    columns=(selector("Pod-Selector", "spec", "podSelector"), AGE),
    default=_default_policy,
    validate=validator(names.dns_subdomain, _validate_policy),
    has_status=False,
)

IP_ADDRESSES = Resource(
    group="networking.k8s.io",
    version="v1",
    kind="IPAddress",
    plural="ipaddresses",
    schema="io.k8s.api.networking.v1.IPAddress",
    singular="ipaddress",
    namespaced=False,
    short_names=("ip",),
    columns=(Column("ParentRef", "string", _parent, "Who uses the address."), AGE),
    default=_default_spec,
    validate=validator(_ip_name, _validate_ip_address, namespaced=False),
    counts_generation=False,
    has_status=False,
)

SERVICE_CIDRS = Resource(
    group="networking.k8s.io",
    version="v1",
    kind="ServiceCIDR",
    plural="servicecidrs",
    schema="io.k8s.api.networking.v1.ServiceCIDR",
    singular="servicecidr",
    namespaced=False,
    subresources=("status",),
    columns=(Column("CIDRs", "string", lambda obj, now: ",".join(spec_of(obj).get("cidrs") or ())), AGE),
    default=_default_spec,
    prepare_create=start_empty,
    validate=validator(names.dns_subdomain, _validate_service_cidr, namespaced=False),
    validate_status=validator(names.dns_subdomain, namespaced=False),
    counts_generation=False,
)

RESOURCES: tuple[Resource, ...] = (
    INGRESSES,
    INGRESS_CLASSES,
    NETWORK_POLICIES,
    IP_ADDRESSES,
    SERVICE_CIDRS,
)
