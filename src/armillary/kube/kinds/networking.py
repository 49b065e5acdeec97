"""networking: typed views of its kinds. Made by tools/gen_kinds.py; do not edit."""

from __future__ import annotations

from msgspec import Struct, field

from armillary.kube.kind import Kind
from armillary.kube.kinds.core import TypedLocalObjectReference
from armillary.kube.kinds.meta import Condition, LabelSelector, ObjectMeta
from armillary.kube.wire import wire_name


class HTTPIngressPath(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    backend: IngressBackend
    path: str = ""
    path_type: str


class HTTPIngressRuleValue(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    paths: tuple[HTTPIngressPath, ...]


class IPAddress(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    metadata: ObjectMeta = field(default_factory=lambda: ObjectMeta())
    spec: IPAddressSpec = field(default_factory=lambda: IPAddressSpec())


class IPAddressSpec(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    parent_ref: ParentReference | None = None


class IPBlock(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    cidr: str
    except_: tuple[str, ...] = ()


class Ingress(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    metadata: ObjectMeta = field(default_factory=lambda: ObjectMeta())
    spec: IngressSpec = field(default_factory=lambda: IngressSpec())
    status: IngressStatus = field(default_factory=lambda: IngressStatus())


class IngressBackend(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    resource: TypedLocalObjectReference | None = None
    service: IngressServiceBackend | None = None


class IngressClass(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    metadata: ObjectMeta = field(default_factory=lambda: ObjectMeta())
    spec: IngressClassSpec = field(default_factory=lambda: IngressClassSpec())


class IngressClassParametersReference(
    Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name
):
    api_group: str = ""
    kind: str
    name: str
    namespace: str = ""
    scope: str = ""


class IngressClassSpec(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    controller: str = ""
    parameters: IngressClassParametersReference | None = None


class IngressLoadBalancerIngress(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    hostname: str = ""
    ip: str = ""
    ports: tuple[IngressPortStatus, ...] = ()


class IngressLoadBalancerStatus(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    ingress: tuple[IngressLoadBalancerIngress, ...] = ()


class IngressPortStatus(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    error: str = ""
    port: int | None = None
    protocol: str = ""


class IngressRule(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    host: str = ""
    http: HTTPIngressRuleValue | None = None


class IngressServiceBackend(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    name: str
    port: ServiceBackendPort | None = None


class IngressSpec(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    default_backend: IngressBackend | None = None
    ingress_class_name: str = ""
    rules: tuple[IngressRule, ...] = ()
    tls: tuple[IngressTLS, ...] = ()


class IngressStatus(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    load_balancer: IngressLoadBalancerStatus | None = None


class IngressTLS(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    hosts: tuple[str, ...] = ()
    secret_name: str = ""


class NetworkPolicy(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    metadata: ObjectMeta = field(default_factory=lambda: ObjectMeta())
    spec: NetworkPolicySpec = field(default_factory=lambda: NetworkPolicySpec())


class NetworkPolicyEgressRule(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    ports: tuple[NetworkPolicyPort, ...] = ()
    to: tuple[NetworkPolicyPeer, ...] = ()


class NetworkPolicyIngressRule(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    from_: tuple[NetworkPolicyPeer, ...] = ()
    ports: tuple[NetworkPolicyPort, ...] = ()


class NetworkPolicyPeer(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    ip_block: IPBlock | None = None
    namespace_selector: LabelSelector | None = None
    pod_selector: LabelSelector | None = None


class NetworkPolicyPort(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    end_port: int | None = None
    port: int | str | None = None
    protocol: str = ""


class NetworkPolicySpec(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    egress: tuple[NetworkPolicyEgressRule, ...] = ()
    ingress: tuple[NetworkPolicyIngressRule, ...] = ()
    pod_selector: LabelSelector | None = None
    policy_types: tuple[str, ...] = ()


class ParentReference(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    group: str = ""
    name: str
    namespace: str = ""
    resource: str


class ServiceBackendPort(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    name: str = ""
    number: int | None = None


class ServiceCIDR(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    metadata: ObjectMeta = field(default_factory=lambda: ObjectMeta())
    spec: ServiceCIDRSpec = field(default_factory=lambda: ServiceCIDRSpec())
    status: ServiceCIDRStatus = field(default_factory=lambda: ServiceCIDRStatus())


class ServiceCIDRSpec(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    cidrs: tuple[str, ...] = ()


class ServiceCIDRStatus(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    conditions: tuple[Condition, ...] = ()


IP_ADDRESS = Kind("networking.k8s.io", "v1", "IPAddress", "ipaddresses", False, IPAddress)
INGRESS = Kind("networking.k8s.io", "v1", "Ingress", "ingresses", True, Ingress)
INGRESS_CLASS = Kind("networking.k8s.io", "v1", "IngressClass", "ingressclasses", False, IngressClass)
NETWORK_POLICY = Kind("networking.k8s.io", "v1", "NetworkPolicy", "networkpolicies", True, NetworkPolicy)
SERVICE_CIDR = Kind("networking.k8s.io", "v1", "ServiceCIDR", "servicecidrs", False, ServiceCIDR)
