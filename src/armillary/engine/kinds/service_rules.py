"""What a Service may say.

Rules: k8s.io/kubernetes, pkg/apis/core/validation "ValidateServiceCreate", "ValidateServiceUpdate".
"""

import ipaddress
from collections.abc import Sequence

from armillary.base.errors import Cause
from armillary.engine.kinds import names
from armillary.engine.kinds.faults import (
    duplicate,
    forbidden,
    invalid,
    not_supported,
    required,
    under,
    unsupported,
    wrong,
)
from armillary.engine.kinds.fields import spec_of, status_of
from armillary.engine.kinds.meta import check_labels
from armillary.engine.kinds.pod.containers import PROTOCOLS
from armillary.engine.kinds.resource import Json
from armillary.engine.kinds.values import check_cidr, check_ip, check_port_number_or_name, is_ip, is_ipv6

_TYPES = ("ClusterIP", "ExternalName", "LoadBalancer", "NodePort")
_FAMILIES = ("IPv4", "IPv6")
_FAMILY_POLICIES = ("PreferDualStack", "RequireDualStack", "SingleStack")
_DISTRIBUTIONS = ("PreferClose", "PreferSameZone", "PreferSameNode")
_RANGES = "service.beta.kubernetes.io/load-balancer-source-ranges"
_HINTS, _MODE = "service.kubernetes.io/topology-aware-hints", "service.kubernetes.io/topology-mode"
_DAY = 86400


def is_headless(spec: Json) -> bool:
    return (spec.get("clusterIPs") or []) == ["None"]


def is_externally_accessible(spec: Json) -> bool:
    kind = spec.get("type")
    return kind in ("LoadBalancer", "NodePort") or (kind == "ClusterIP" and bool(spec.get("externalIPs")))


def needs_health_check(spec: Json) -> bool:
    return bool(spec.get("type") == "LoadBalancer" and spec.get("externalTrafficPolicy") == "Local")


def check_service(new: Json, old: Json | None) -> Sequence[Cause]:
    """The faults of a Service, metadata left out."""
    spec = spec_of(new)
    before = spec_of(old) if old is not None else None
    annotations: Json = (new.get("metadata") or {}).get("annotations") or {}
    found: list[Cause] = []
    if before is not None:
        found += under("spec", _check_update(spec, before))
    if _MODE in annotations and annotations.get(_HINTS, annotations[_MODE]) != annotations[_MODE]:
        fault = f"must match annotations[{_HINTS}] when both are specified"
        found.append(invalid(f"metadata.annotations[{_MODE}]", annotations[_MODE], fault))
    found += under("spec", _check_spec(spec, before or {}))
    if annotations and not spec.get("loadBalancerSourceRanges"):
        found += _check_ranges_annotation(annotations, spec)
    if spec.get("type") == "LoadBalancer" and spec.get("allocateLoadBalancerNodePorts") is None:
        found.append(required("allocateLoadBalancerNodePorts"))
    return found


def _check_spec(spec: Json, before: Json) -> list[Cause]:
    kind, ports = spec.get("type") or "", spec.get("ports") or ()
    found: list[Cause] = []
    if not ports and not is_headless(spec) and kind != "ExternalName":
        found.append(required("ports"))
    if kind in ("LoadBalancer", "NodePort") and is_headless(spec):
        found.append(invalid("clusterIPs[0]", "None", f"may not be set to 'None' for {kind} services"))
    if kind == "ExternalName":
        found += _check_external_name(spec)
    found += _check_ports(ports, kind)
    if selector := spec.get("selector"):
        found += check_labels(selector, "selector")
    found += _check_affinity(spec)
    if kind != "ExternalName":
        found += check_cluster_ips(spec, before)
    for i, address in enumerate(spec.get("externalIPs") or ()):
        known = address in (before.get("externalIPs") or ())
        found += ([] if known else check_ip(f"externalIPs[{i}]", address)) or check_endpoint_ip(
            f"externalIPs[{i}]", address
        )
    if kind not in _TYPES:
        found.append(not_supported("type", kind, _TYPES) if kind else required("type"))
    found += _check_balancer_fields(spec, before)
    return found + _check_traffic(spec)


def _check_external_name(spec: Json) -> list[Cause]:
    fields = ("clusterIPs", "ipFamilies", "ipFamilyPolicy")
    found = [forbidden(f, "may not be set for ExternalName services") for f in fields if spec.get(f)]
    name = (spec.get("externalName") or "").removesuffix(".")
    return found + (wrong("externalName", name, names.dns_subdomain(name)) if name else [required("externalName")])


def _check_ports(ports: Sequence[Json], kind: str) -> list[Cause]:
    found: list[Cause] = []
    seen: set[str] = set()
    for i, port in enumerate(ports):
        faults = _check_port(port, seen, named=len(ports) > 1)
        if kind == "ClusterIP" and port.get("nodePort"):
            faults.append(forbidden("nodePort", "may not be used when `type` is 'ClusterIP'"))
        found += under(f"ports[{i}]", faults)
    pairs: set[tuple[str, str, int]] = set()
    for i, port in enumerate(ports):
        protocol = port.get("protocol") or ""
        node, own = ("node", protocol, port.get("nodePort") or 0), ("own", protocol, port.get("port") or 0)
        if node[2] and node in pairs:
            found.append(duplicate(f"ports[{i}].nodePort", node[2]))
        if own in pairs:
            found.append(duplicate(f"ports[{i}]", {"protocol": protocol, "port": own[2]}))
        pairs |= {node, own}
    return found


def _check_port(port: Json, seen: set[str], *, named: bool) -> list[Cause]:
    name, number, protocol = port.get("name") or "", port.get("port") or 0, port.get("protocol") or ""
    found: list[Cause] = []
    if name:
        found += wrong("name", name, names.dns_label(name))
        if name in seen:
            found.append(duplicate("name", name))
        seen.add(name)
    elif named:
        found.append(required("name"))
    found += wrong("port", number, names.port_number(number))
    if protocol not in PROTOCOLS:
        found.append(not_supported("protocol", protocol, PROTOCOLS) if protocol else required("protocol"))
    found += check_port_number_or_name("targetPort", port.get("targetPort") or 0)
    if (spoken := port.get("appProtocol")) is not None:
        found += wrong("appProtocol", spoken, names.label_key(spoken))
    return found


def _check_affinity(spec: Json) -> list[Cause]:
    kind, config = spec.get("sessionAffinity") or "", spec.get("sessionAffinityConfig")
    if not kind:
        return [required("sessionAffinity")]
    if kind == "None":
        fault = "must not be set when session affinity is None"
        return [] if config is None else [forbidden("sessionAffinityConfig", fault)]
    if kind != "ClientIP":
        return [not_supported("sessionAffinity", kind, ("ClientIP", "None"))]
    fault = "when session affinity type is ClientIP"
    if config is None:
        return [required("sessionAffinityConfig", fault)]
    if config.get("clientIP") is None:
        return [required("sessionAffinityConfig.clientIP", fault)]
    seconds, field = config["clientIP"].get("timeoutSeconds"), "sessionAffinityConfig.clientIP.timeoutSeconds"
    if seconds is None:
        return [required(field, fault)]
    fault = f"must be greater than 0 and less than {_DAY}"
    return [] if 0 < seconds <= _DAY else [invalid(field, seconds, fault)]


def check_cluster_ips(spec: Json, before: Json) -> list[Cause]:
    """Addresses and their families, by themselves and beside each other."""
    one, many = spec.get("clusterIP") or "", spec.get("clusterIPs") or []
    families = spec.get("ipFamilies") or []
    found: list[Cause] = []
    if one and not many:
        found.append(required("clusterIPs"))
    elif one and many[0] != one:
        found.append(invalid("clusterIPs", many, "first value must match `clusterIP`"))
    elif many and not one:
        found.append(invalid("clusterIPs", many, "must be empty when `clusterIP` is not specified"))
    for i, family in enumerate(families):
        if family not in _FAMILIES:
            found.append(not_supported(f"ipFamilies[{i}]", family, _FAMILIES))
        if family in families[:i]:
            found.append(duplicate(f"ipFamilies[{i}]", family))
    if (policy := spec.get("ipFamilyPolicy")) is not None and policy not in _FAMILY_POLICIES:
        found.append(not_supported("ipFamilyPolicy", policy, _FAMILY_POLICIES))
    bad = _check_addresses(many, before.get("clusterIPs") or ())
    found += bad
    if len(many) > 2:
        found.append(invalid("clusterIPs", many, "may only hold up to 2 values"))
    return found if bad else found + _check_families(many, families)


def _check_addresses(addresses: list[str], known: Sequence[str]) -> list[Cause]:
    found: list[Cause] = []
    for i, address in enumerate(addresses):
        if i == 0 and address == "None":
            if len(addresses) > 1:
                found.append(invalid("clusterIPs", addresses, "'None' must be the first and only value"))
        elif address not in known:
            found += check_ip(f"clusterIPs[{i}]", address)
    return found


def _check_families(addresses: list[str], families: Sequence[str]) -> list[Cause]:
    found: list[Cause] = []
    if len(addresses) > 1 and {is_ipv6(a) for a in addresses} != {True, False}:
        fault = "may specify no more than one IP for each IP family"
        found.append(invalid("clusterIPs", addresses, fault))
    for i, (address, family) in enumerate(zip(addresses, families, strict=False)):
        if address != "None" and family in _FAMILIES and is_ipv6(address) != (family == "IPv6"):
            fault = f"expected an {family} value as indicated by `ipFamilies[{i}]`"
            found.append(invalid(f"clusterIPs[{i}]", address, fault))
    return found


def check_endpoint_ip(field: str, value: str) -> list[Cause]:
    """An address that traffic may be sent to."""
    if not is_ip(value):
        return [invalid(field, value, "must be a valid IP address")]
    address = ipaddress.ip_address(value)
    if address.is_unspecified:
        return [invalid(field, value, f"may not be unspecified ({value})")]
    if address.is_loopback:
        return [invalid(field, value, "may not be in the loopback range (127.0.0.0/8, ::1/128)")]
    if address.is_link_local:
        return [invalid(field, value, "may not be in the link-local range (169.254.0.0/16, fe80::/10)")]
    if value.startswith("224.0.0.") or value.lower().startswith("ff02:"):
        return [invalid(field, value, "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)")]
    return []


def _check_balancer_fields(spec: Json, before: Json) -> list[Cause]:
    balanced = spec.get("type") == "LoadBalancer"
    only = "may only be used when `type` is 'LoadBalancer'"
    found: list[Cause] = []
    if ranges := spec.get("loadBalancerSourceRanges"):
        if not balanced:
            found.append(forbidden("LoadBalancerSourceRanges", only))
        known = [r.strip() for r in before.get("loadBalancerSourceRanges") or ()]
        for i, value in enumerate(ranges):
            if value.strip() not in known:
                found += check_cidr(f"LoadBalancerSourceRanges[{i}]", value.strip())
    if spec.get("allocateLoadBalancerNodePorts") is not None and not balanced:
        found.append(forbidden("allocateLoadBalancerNodePorts", only))
    if (name := spec.get("loadBalancerClass")) is not None:
        found += wrong("loadBalancerClass", name, names.label_key(name)) if balanced else []
        found += [] if balanced else [forbidden("loadBalancerClass", only)]
    return found


def _check_ranges_annotation(annotations: Json, spec: Json) -> list[Cause]:
    if _RANGES not in annotations:
        return []
    field = f"metadata.annotations[{_RANGES}]"
    found: list[Cause] = []
    if spec.get("type") != "LoadBalancer":
        found.append(forbidden(field, "may only be used when `type` is 'LoadBalancer'"))
    for value in filter(None, annotations[_RANGES].strip().split(",")):
        found += check_cidr(field, value.strip())
    return found


def _check_traffic(spec: Json) -> list[Cause]:
    found: list[Cause] = []
    policies = ("Cluster", "Local")
    external = spec.get("externalTrafficPolicy") or ""
    if not is_externally_accessible(spec):
        if external:
            fault = "may only be set for externally-accessible services"
            found.append(invalid("externalTrafficPolicy", external, fault))
    elif external not in policies:
        unknown = not_supported("externalTrafficPolicy", external, policies)
        found.append(unknown if external else required("externalTrafficPolicy"))
    port = spec.get("healthCheckNodePort") or 0
    if not needs_health_check(spec):
        if port:
            fault = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'"
            found.append(invalid("healthCheckNodePort", port, fault))
    elif not port:
        found.append(required("healthCheckNodePort"))
    else:
        found += wrong("healthCheckNodePort", port, names.port_number(port))
    internal = spec.get("internalTrafficPolicy")
    if internal is None and spec.get("type") in ("NodePort", "LoadBalancer", "ClusterIP"):
        found.append(required("internalTrafficPolicy"))
    if internal is not None and internal not in policies:
        found.append(not_supported("internalTrafficPolicy", internal, policies))
    if (distribution := spec.get("trafficDistribution")) is not None and distribution not in _DISTRIBUTIONS:
        found.append(unsupported("trafficDistribution", distribution, _DISTRIBUTIONS))
    return found


def _check_update(after: Json, before: Json) -> list[Cause]:
    found: list[Cause] = []
    named = "ExternalName" in (after.get("type"), before.get("type"))
    if not named and not (is_headless(after) and is_headless(before)):
        found += _check_fixed(after, before, "clusterIPs", "clusterIP")
    if not named and not is_headless(after) and not is_headless(before):
        found += _check_fixed(after, before, "ipFamilies", "ipFamily")
    balanced = after.get("type") == before.get("type") == "LoadBalancer"
    if balanced and after.get("loadBalancerClass") != before.get("loadBalancerClass"):
        found.append(invalid("loadBalancerClass", after.get("loadBalancerClass"), "may not change once set"))
    checked = needs_health_check(after) and needs_health_check(before)
    if checked and (after.get("healthCheckNodePort") or 0) != (before.get("healthCheckNodePort") or 0):
        found.append(forbidden("healthCheckNodePort", "field is immutable"))
    return found


def _check_fixed(after: Json, before: Json, field: str, word: str) -> list[Cause]:
    """The first stays for ever, a second may be added and released."""
    now, then = after.get(field) or [], before.get(field) or []
    changed = "may not change once set"
    if len(now) == len(then):
        return [invalid(f"{field}[{i}]", now, changed) for i, value in enumerate(then) if value != now[i]]
    found: list[Cause] = []
    if not now:
        found.append(invalid(f"{field}[0]", now, f"primary {word} can not be unset"))
    elif then and now[0] != then[0]:
        found.append(invalid(f"{field}[0]", now, changed))
    if len(now) == 1 < len(then) and after.get("ipFamilyPolicy") != "SingleStack":
        fault = f"must be set to 'SingleStack' when releasing the secondary {word}"
        found.append(invalid("ipFamilyPolicy", after.get("ipFamilyPolicy"), fault))
    return found


def check_load_balancer(new: Json, old: Json) -> Sequence[Cause]:
    """The status of a Service: where its load balancer answers."""
    ingress = (status_of(new).get("loadBalancer") or {}).get("ingress") or ()
    field = "status.loadBalancer.ingress"
    if ingress and spec_of(new).get("type") != "LoadBalancer":
        return [forbidden(field, "may only be used when `spec.type` is 'LoadBalancer'")]
    known = {i.get("ip") for i in (status_of(old).get("loadBalancer") or {}).get("ingress") or ()}
    return check_ingress_points(ingress, known, field)


def check_ingress_points(ingress: Sequence[Json], known: set[str | None], field: str) -> list[Cause]:
    """Where a load balancer answers; `known` addresses are not judged again."""
    found: list[Cause] = []
    for i, point in enumerate(ingress):
        address, mode, host = point.get("ip") or "", point.get("ipMode"), point.get("hostname") or ""
        if address and address not in known:
            found += check_ip(f"{field}[{i}].ip", address)
        if address and mode is None:
            found.append(required(f"{field}[{i}].ipMode", "must be specified when `ip` is set"))
        elif mode is not None and not address:
            found.append(forbidden(f"{field}[{i}].ipMode", "may not be specified when `ip` is not set"))
        elif mode not in (None, "Proxy", "VIP"):
            found.append(not_supported(f"{field}[{i}].ipMode", mode, ("Proxy", "VIP")))
        if host:
            found += wrong(f"{field}[{i}].hostname", host, names.dns_subdomain(host))
            if is_ip(host):
                fault = "must be a DNS name, not an IP address"
                found.append(invalid(f"{field}[{i}].hostname", host, fault))
    return found
