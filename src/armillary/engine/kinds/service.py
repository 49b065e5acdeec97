"""Services: defaults, what an update keeps, columns, and the resource. The rules are in `service_rules`.

Addresses and node ports are the allocator's: nothing here chooses any.

Strategy: k8s.io/kubernetes, pkg/registry/core/service; pkg/apis/core/v1 "SetDefaults_Service".
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from armillary.engine.kinds import names
from armillary.engine.kinds.columns import AGE, NONE, UNKNOWN, format_labels
from armillary.engine.kinds.fields import fill_empty, part, spec_of, status_of
from armillary.engine.kinds.meta import status_validator, validator
from armillary.engine.kinds.resource import Column, Json, Resource
from armillary.engine.kinds.service_rules import (
    check_load_balancer,
    check_service,
    is_externally_accessible,
    needs_health_check,
)


def default_service(service: Json) -> None:
    """Defaults of a Service, in place."""
    spec = part(service, "spec")
    fill_empty(spec, sessionAffinity="None", type="ClusterIP")
    if spec["sessionAffinity"] == "None":
        spec.pop("sessionAffinityConfig", None)
    elif spec["sessionAffinity"] == "ClientIP":
        config: Json = (spec.get("sessionAffinityConfig") or {}).get("clientIP") or {}
        if config.get("timeoutSeconds") is None:
            spec["sessionAffinityConfig"] = {"clientIP": {"timeoutSeconds": 10800}}
    for port in spec.get("ports") or ():
        fill_empty(port, protocol="TCP")
        if not port.get("targetPort"):
            port["targetPort"] = port.get("port") or 0
    if is_externally_accessible(spec):
        fill_empty(spec, externalTrafficPolicy="Cluster")
    if spec["type"] in ("ClusterIP", "NodePort", "LoadBalancer") and spec.get("internalTrafficPolicy") is None:
        spec["internalTrafficPolicy"] = "Cluster"
    status = part(service, "status")
    balancer = part(status, "loadBalancer")
    if spec["type"] == "LoadBalancer":
        if spec.get("allocateLoadBalancerNodePorts") is None:
            spec["allocateLoadBalancerNodePorts"] = True
        for ingress in balancer.get("ingress") or ():
            if ingress.get("ip") and ingress.get("ipMode") is None:
                ingress["ipMode"] = "VIP"


def _prepare_create(service: Json) -> None:
    service["status"] = {"loadBalancer": {}}
    spec = spec_of(service)
    if spec.get("clusterIP") and not spec.get("clusterIPs"):
        spec["clusterIPs"] = [spec["clusterIP"]]


def _prepare_update(new: Json, old: Json) -> None:
    after, before = spec_of(new), spec_of(old)
    keep_allocated(after, before)
    _drop_of_other_types(after, before)
    if after.get("type") != "LoadBalancer" and new.get("status"):
        new["status"]["loadBalancer"] = {}


def keep_allocated(after: Json, before: Json) -> None:
    """What the cluster has chosen stays when an update does not mention it."""
    _carry_allocated(after, before)
    _agree_on_addresses(after, before)


def _carry_allocated(after: Json, before: Json) -> None:
    if _has_cluster_ip(after) and _has_cluster_ip(before):
        for field in ("clusterIP", "clusterIPs"):
            if not after.get(field) and before.get(field):
                after[field] = before[field]
    if allocates_node_ports(after) and allocates_node_ports(before):
        chosen = {p.get("name") or "": p.get("nodePort") or 0 for p in before.get("ports") or ()}
        used = {p["nodePort"] for p in after.get("ports") or () if p.get("nodePort")} & set(chosen.values())
        for port in after.get("ports") or ():
            number = chosen.get(port.get("name") or "") or 0
            if not port.get("nodePort") and number and number not in used:
                port["nodePort"] = number
    if needs_health_check(after) and needs_health_check(before) and not after.get("healthCheckNodePort"):
        _keep(after, before, "healthCheckNodePort")


def _keep(after: Json, before: Json, field: str) -> None:
    if before.get(field):
        after[field] = before[field]


def _agree_on_addresses(after: Json, before: Json) -> None:
    """`clusterIP` and `clusterIPs` are made to agree when a client knows only the first."""
    one, many = after.get("clusterIP") or "", after.get("clusterIPs") or []
    old_one, old_many = before.get("clusterIP") or "", before.get("clusterIPs") or []
    if old_many and not many and one == old_one:
        after["clusterIPs"] = many = old_many
    if one != old_one and many == old_many:
        after["clusterIPs"] = [one] if one else []


def _drop_of_other_types(after: Json, before: Json) -> None:
    """What the old type had and the new one may not have goes, unless the client has changed it."""
    if _has_cluster_ip(before) and not _has_cluster_ip(after):
        if _same(after, before, "clusterIP") and _same(after, before, "clusterIPs"):
            _drop(after, "clusterIP", "clusterIPs")
        for field in ("ipFamilies", "ipFamilyPolicy"):
            if _same(after, before, field):
                _drop(after, field)
    exposed = ("NodePort", "LoadBalancer")
    if before.get("type") in exposed and after.get("type") not in exposed:
        had = {p.get("nodePort") or 0 for p in before.get("ports") or ()} | {0}
        if had >= {p.get("nodePort") or 0 for p in after.get("ports") or ()}:
            for port in after.get("ports") or ():
                _drop(port, "nodePort")
    for field, may_have in _TYPE_DEPENDENT:
        if may_have(before) and not may_have(after) and _same(after, before, field):
            _drop(after, field)


def _has_cluster_ip(spec: Json) -> bool:
    return bool(spec.get("type") != "ExternalName")


def allocates_node_ports(spec: Json) -> bool:
    """Whether its ports are given node ports that it does not ask for."""
    kind = spec.get("type")
    return kind == "NodePort" or (kind == "LoadBalancer" and spec.get("allocateLoadBalancerNodePorts") is not False)


def _is_balanced(spec: Json) -> bool:
    return bool(spec.get("type") == "LoadBalancer")


_TYPE_DEPENDENT = (
    ("healthCheckNodePort", needs_health_check),
    ("allocateLoadBalancerNodePorts", _is_balanced),
    ("loadBalancerClass", _is_balanced),
    ("externalTrafficPolicy", is_externally_accessible),
)


def _same(after: Json, before: Json, field: str) -> bool:
    return (after.get(field) or None) == (before.get(field) or None)


def _drop(holder: Json, *fields: str) -> None:
    for field in fields:
        holder.pop(field, None)


def _fields(service: Json) -> Mapping[str, str]:
    spec = spec_of(service)
    return {"spec.clusterIP": spec.get("clusterIP") or "", "spec.type": spec.get("type") or ""}


def _cluster_ip(service: Json, now: datetime) -> str:
    addresses: list[str] = spec_of(service).get("clusterIPs") or [NONE]
    return addresses[0]


def _external_ip(service: Json, now: datetime) -> str:
    spec = spec_of(service)
    external = spec.get("externalIPs") or []
    match spec.get("type"):
        case "ClusterIP" | "NodePort":
            return ",".join(external) or NONE
        case "ExternalName":
            return spec.get("externalName") or ""
        case "LoadBalancer":
            balancer: Json = status_of(service).get("loadBalancer") or {}
            ingress = balancer.get("ingress") or ()
            known = ",".join(sorted({i.get("ip") or i.get("hostname") or "" for i in ingress} - {""}))
            return ",".join([known, *external] if known else external) or "<pending>"
    return UNKNOWN


def _ports(service: Json, now: datetime) -> str:
    return ",".join(map(_port, spec_of(service).get("ports") or ())) or NONE


def _port(port: Json) -> str:
    node = f":{port['nodePort']}" if port.get("nodePort") else ""
    return f"{port.get('port') or 0}{node}/{port.get('protocol') or ''}"


def _type(service: Json, now: datetime) -> Any:
    return spec_of(service).get("type") or ""


SERVICES = Resource(
    group="",
    version="v1",
    kind="Service",
    plural="services",
    schema="io.k8s.api.core.v1.Service",
    singular="service",
    short_names=("svc",),
    categories=("all",),
    subresources=("status", "proxy"),
    default=default_service,
    validate=validator(names.dns_label, check_service),
    validate_status=status_validator(check_load_balancer),
    prepare_create=_prepare_create,
    prepare_update=_prepare_update,
    fields=_fields,
    selectable=("spec.clusterIP", "spec.type"),
    counts_generation=False,
    columns=(
        Column("Type", "string", _type, "How the service is exposed."),
        Column("Cluster-IP", "string", _cluster_ip, "The address inside the cluster."),
        Column("External-IP", "string", _external_ip, "Addresses outside the cluster."),
        Column("Port(s)", "string", _ports, "The ports that the service answers on."),
        AGE,
        Column(
            "Selector",
            "string",
            lambda service, now: format_labels(spec_of(service).get("selector")),
            "The pods behind the service.",
            priority=1,
        ),
    ),
)
