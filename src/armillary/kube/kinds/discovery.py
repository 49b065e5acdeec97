"""discovery: typed views of its kinds. Made by tools/gen_kinds.py; do not edit."""

from __future__ import annotations

from msgspec import Struct, field

from armillary.kube.kind import Kind
from armillary.kube.kinds.core import ObjectReference
from armillary.kube.kinds.meta import ObjectMeta
from armillary.kube.wire import wire_name


class Endpoint(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    addresses: tuple[str, ...]
    conditions: EndpointConditions | None = None
    deprecated_topology: dict[str, str] = field(default_factory=dict)
    hints: EndpointHints | None = None
    hostname: str = ""
    node_name: str = ""
    target_ref: ObjectReference | None = None
    zone: str = ""


class EndpointConditions(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    ready: bool | None = None
    serving: bool | None = None
    terminating: bool | None = None


class EndpointHints(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    for_nodes: tuple[ForNode, ...] = ()
    for_zones: tuple[ForZone, ...] = ()


class EndpointPort(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    app_protocol: str = ""
    name: str = ""
    port: int | None = None
    protocol: str = ""


class EndpointSlice(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    address_type: str = ""
    endpoints: tuple[Endpoint, ...] = ()
    metadata: ObjectMeta = field(default_factory=lambda: ObjectMeta())
    ports: tuple[EndpointPort, ...] = ()


class ForNode(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    name: str


class ForZone(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    name: str


ENDPOINT_SLICE = Kind("discovery.k8s.io", "v1", "EndpointSlice", "endpointslices", True, EndpointSlice)
