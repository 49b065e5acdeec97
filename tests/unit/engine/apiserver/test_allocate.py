"""Addresses and node ports of Services."""

import copy
import ipaddress
from collections.abc import Sequence
from random import Random
from typing import Any

import pytest

from armillary.base.errors import Internal, Invalid
from armillary.engine.apiserver.allocate import ServiceAllocator, ServiceRanges
from armillary.engine.apiserver.ports import AdmissionRequest, Operation, User
from armillary.engine.kinds.core import SERVICES

TINY = ServiceRanges(ipaddress.IPv4Network("10.96.0.0/28"), range(30000, 30002))
WIDE = ServiceRanges(ipaddress.IPv4Network("10.96.0.0/16"))
Json = dict[str, Any]


class Kept:
    """Services as the store would have them."""

    def __init__(self) -> None:
        self.services: dict[tuple[str, str], Json] = {}

    def get(self, resource: str, namespace: str, name: str) -> Json | None:
        return self.services.get((namespace, name))

    def list(self, resource: str, namespace: str = "") -> list[Json]:
        return list(self.services.values())


class Cluster:
    """An allocator with its store: `write` admits and keeps."""

    def __init__(self, ranges: ServiceRanges = TINY) -> None:
        self.kept, self.ranges = Kept(), ranges
        self.restart()

    def restart(self) -> None:
        self.allocator = ServiceAllocator(self.kept, self.ranges, Random(1))

    def write(self, name: str, *, keep: bool = True, **spec: Any) -> Json:
        old = self.kept.services.get(("d", name))
        obj = {"metadata": {"name": name, "namespace": "d"}, "spec": copy.deepcopy(spec)}
        SERVICES.default(obj)
        operation = Operation.UPDATE if old else Operation.CREATE
        self.allocator.admit(AdmissionRequest(User("u"), operation, SERVICES, "", "d", name, obj, old))
        if old and SERVICES.prepare_update is not None:
            SERVICES.prepare_update(obj, old)
        if keep:
            self.tell(name, obj)
        return obj["spec"]

    def tell(self, name: str, obj: Json | None) -> None:
        self.kept.services.pop(("d", name), None)
        if obj is not None:
            self.kept.services["d", name] = obj
        self.allocator.observe("services", "d", name, obj)


def port(number: int, node_port: int = 0, protocol: str = "TCP") -> Json:
    return {"name": f"{protocol}{number}".lower(), "port": number, "protocol": protocol} | (
        {"nodePort": node_port} if node_port else {}
    )


def node_ports(spec: Json) -> list[int]:
    return [port.get("nodePort", 0) for port in spec["ports"]]


def exposed(*ports: Json, kind: str = "NodePort", **more: Any) -> Json:
    return {"type": kind, "ports": list(ports), **more}


LOCAL = {"externalTrafficPolicy": "Local"}


def test_an_address_for_each() -> None:
    cluster = Cluster()
    given = [cluster.write(f"s{n}")["clusterIP"] for n in range(14)]
    assert len(set(given)) == 14
    with pytest.raises(Internal, match='failed to allocate a serviceIP for Service "more": range is full'):
        cluster.write("more")
    cluster.tell("s3", None)
    assert cluster.write("again")["clusterIP"] == given[3]


def test_the_lower_part_of_a_range_is_for_those_who_ask() -> None:
    cluster = Cluster(WIDE)
    for n in range(50):
        spec = cluster.write(f"s{n}", **exposed(port(80)))
        assert ipaddress.IPv4Address(spec["clusterIP"]) > ipaddress.IPv4Address("10.96.1.0")
        assert node_ports(spec)[0] >= 30086


@pytest.mark.parametrize(
    ("spec", "address"),
    [
        ({"clusterIP": "10.96.0.5"}, ["10.96.0.5"]),
        ({"clusterIP": "None"}, ["None"]),
        ({"type": "ExternalName", "externalName": "a.b"}, None),
    ],
)
def test_what_is_asked_for(spec: Json, address: list[str] | None) -> None:
    found = Cluster().write("a", **spec)
    assert (found.get("clusterIPs"), found.get("clusterIP")) == (address, address[0] if address else None)


FAILED = "failed to allocate IP 10.96.0.5: provided IP is already allocated"
OUTSIDE = "the provided network does not match the current range"


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ({"clusterIP": "10.96.0.5"}, f'spec.clusterIPs: Invalid value: ["10.96.0.5"]: {FAILED}'),
        *(
            ({"clusterIP": ip}, f'spec.clusterIPs: Invalid value: ["{ip}"]: failed to allocate IP {ip}: {OUTSIDE}')
            for ip in ("10.97.0.1", "10.96.0.0", "10.96.0.15", "10.95.255.255")
        ),
        (
            {"clusterIP": "fd00::1"},
            'spec.clusterIPs[0]: Invalid value: ["fd00::1"]: IPv6 is not configured on this cluster',
        ),
        (
            {"clusterIP": "x"},
            'spec.clusterIPs[0]: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
        ),
        (
            {"clusterIPs": ["10.96.0.6"]},
            'spec.clusterIPs: Invalid value: ["10.96.0.6"]: must be empty when `clusterIP` is not specified',
        ),
        (exposed(port(80, 30000)), "spec.ports[0].nodePort: Invalid value: 30000: provided port is already allocated"),
        (
            exposed(port(80, 30000, "UDP")),
            "spec.ports[0].nodePort: Invalid value: 30000: provided port is already allocated",
        ),
        (
            exposed(port(80, 80)),
            "spec.ports[0].nodePort: Invalid value: 80: provided port is not in the valid range. "
            "The range of valid ports is 30000-30001",
        ),
        (
            exposed(port(80, 30001), port(81, 30001, "UDP")),
            "spec.ports[1].nodePort: Invalid value: 30001: provided port is already allocated",
        ),
        (
            exposed(port(80, 30001), kind="LoadBalancer", healthCheckNodePort=30000, **LOCAL),
            "spec.healthCheckNodePort: Invalid value: 30000: "
            "failed to allocate requested HealthCheck NodePort 30000: provided port is already allocated",
        ),
    ],
)
def test_what_can_not_be_had(spec: Json, said: str) -> None:
    cluster = Cluster()
    cluster.write("a", clusterIP="10.96.0.5", **exposed(port(80, 30000)))
    with pytest.raises(Invalid) as caught:
        cluster.write("b", **spec)
    assert str(caught.value) == f'Service "b" is invalid: {said}'


@pytest.mark.parametrize(
    ("spec", "count"),
    [
        (exposed(port(80)), 1),
        (exposed(port(53), port(53, protocol="UDP")), 1),  # one number for both
        (exposed(port(53), port(53, 30001, "UDP")), 1),
        (exposed(port(80), port(443)), 2),
        (exposed(port(80), kind="LoadBalancer"), 1),
        (exposed(port(80), kind="LoadBalancer", **LOCAL), 2),
        (exposed(port(80), kind="LoadBalancer", allocateLoadBalancerNodePorts=False), 0),
        (exposed(port(80, 30001), port(81), kind="LoadBalancer", allocateLoadBalancerNodePorts=False), 1),
        (exposed(port(80), kind="ClusterIP"), 0),
    ],
)
def test_node_ports(spec: Json, count: int) -> None:
    cluster = Cluster()
    found = cluster.write("a", **spec)
    given = {*node_ports(found), found.get("healthCheckNodePort", 0)} - {0}
    assert len(given) == count
    assert given <= {30000, 30001}
    taken = cluster.allocator._in_use
    assert {held for held in taken if isinstance(held, int)} == given


def test_node_ports_run_out() -> None:
    cluster = Cluster()
    cluster.write("a", **exposed(port(80), port(81)))
    with pytest.raises(Internal, match="Internal error occurred: failed to allocate a nodePort: range is full"):
        cluster.write("b", **exposed(port(80)))


def test_what_was_not_written_in_the_end_is_free() -> None:
    cluster = Cluster()
    asked = {"clusterIP": "10.96.0.5", **exposed(port(80, 30000))}
    cluster.write("a", keep=False, **asked)
    cluster.write("b", **asked)
    cluster.tell("b", None)  # the write failed on disk
    cluster.write("c", **asked)


def test_what_a_failed_deletion_leaves_is_in_use() -> None:
    cluster = Cluster()
    asked = {"clusterIP": "10.96.0.5", **exposed(port(80, 30000))}
    cluster.write("a", **asked)
    before = cluster.kept.services["d", "a"]
    cluster.tell("a", None)
    cluster.write("b", **asked)
    cluster.tell("a", before)  # neither write reached the disk
    cluster.tell("b", None)
    with pytest.raises(Invalid, match="already allocated"):
        cluster.write("c", **asked)


def test_an_update_that_leaves_out_what_was_given_keeps_it() -> None:
    cluster = Cluster(WIDE)
    for kind in ("NodePort", "LoadBalancer"):
        asked = exposed(port(80), port(443), kind=kind, **LOCAL)
        before = cluster.write(kind.lower(), **asked)
        assert cluster.write(kind.lower(), **asked) == before


def changed(cluster: Cluster, before: Json, after: Json) -> tuple[Json, Json]:
    return cluster.write("a", **before), cluster.write("a", **after)


@pytest.mark.parametrize("kind", ["NodePort", "LoadBalancer"])
def test_a_service_that_is_no_longer_exposed_gives_its_ports_back(kind: str) -> None:
    cluster = Cluster()
    before = cluster.write("a", **exposed(port(80), kind=kind, **LOCAL))
    after = cluster.write("a", **{**before, "type": "ClusterIP"})
    assert (node_ports(after), after.get("healthCheckNodePort")) == ([0], None)
    assert after["clusterIP"] == before["clusterIP"]
    cluster.write("b", **exposed(port(80), port(81)))


def test_types_may_change() -> None:
    cluster = Cluster()
    plain, then = changed(cluster, {"ports": [port(80)]}, exposed(port(80)))
    assert then["clusterIP"] == plain["clusterIP"]
    assert node_ports(then)[0] in TINY.node_ports
    named = cluster.write("a", type="ExternalName", externalName="a.b")
    assert not {"clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy", "internalTrafficPolicy"} & set(named)
    assert not cluster.allocator._in_use
    assert cluster.write("a", clusterIP="10.96.0.9")["clusterIPs"] == ["10.96.0.9"]


def test_a_port_of_an_update() -> None:
    cluster = Cluster()
    before = cluster.write("a", **exposed(port(80, 30000)))
    after = cluster.write("a", **{**before, "ports": [port(80, 30001)]})
    assert node_ports(after) == [30001]
    cluster.write("b", **exposed(port(80, 30000)))
    with pytest.raises(Invalid, match=r"spec.ports\[1\].nodePort: Invalid value: 30000: .* already allocated"):
        cluster.write("a", **{**before, "ports": [port(80, 30001), port(81, 30000)]})


def test_another_address_is_left_to_validation() -> None:
    cluster = Cluster()
    cluster.write("a")
    assert cluster.write("a", clusterIP="10.96.0.9")["clusterIPs"] == ["10.96.0.9"]


def test_a_restart_finds_what_is_in_use() -> None:
    cluster = Cluster()
    cluster.write("a", clusterIP="10.96.0.5", **exposed(port(80, 30001), kind="LoadBalancer", **LOCAL))
    cluster.restart()
    for spec in ({"clusterIP": "10.96.0.5"}, exposed(port(80, 30001)), exposed(port(80, 30000))):
        with pytest.raises(Invalid, match="already allocated"):
            cluster.write("b", **spec)


def test_parts_of_a_service_and_other_kinds_are_not_its_business() -> None:
    cluster = Cluster()
    status = AdmissionRequest(User("u"), Operation.UPDATE, SERVICES, "status", "d", "a", {"spec": {}}, {"spec": {}})
    cluster.allocator.admit(status)
    cluster.allocator.observe("pods", "d", "a", {"spec": {"clusterIPs": ["10.96.0.5"]}})
    assert (status.object, dict(cluster.allocator._in_use)) == ({"spec": {}}, {})


PREFER, REQUIRE = {"ipFamilyPolicy": "PreferDualStack"}, {"ipFamilyPolicy": "RequireDualStack"}
FREE = {"clusterIP": "None"}
CHOSEN = {"clusterIP": "None", "selector": {"a": "b"}}


@pytest.mark.parametrize(
    ("spec", "policy", "families"),
    [
        ({}, "SingleStack", ["IPv4"]),
        (PREFER, "PreferDualStack", ["IPv4"]),
        ({"ipFamilies": ["IPv4"]}, "SingleStack", ["IPv4"]),
        ({"clusterIP": "10.96.0.5"}, "SingleStack", ["IPv4"]),
        (CHOSEN, "SingleStack", ["IPv4"]),
        (FREE, "RequireDualStack", ["IPv4", "IPv6"]),
        ({**FREE, "ipFamilyPolicy": "SingleStack"}, "SingleStack", ["IPv4"]),
        ({**FREE, **PREFER, "ipFamilies": ["IPv6"]}, "PreferDualStack", ["IPv6", "IPv4"]),
        ({"type": "ExternalName", "externalName": "a.b"}, None, None),
    ],
)
def test_families(spec: Json, policy: str | None, families: Sequence[str] | None) -> None:
    found = Cluster().write("a", **spec)
    assert (found.get("ipFamilyPolicy"), found.get("ipFamilies")) == (policy, families)


POLICY = "spec.ipFamilyPolicy: Invalid value: "


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        (REQUIRE, f'{POLICY}"RequireDualStack": this cluster is not configured for dual-stack services'),
        ({"ipFamilies": ["IPv6"]}, 'spec.ipFamilies[0]: Invalid value: "IPv6": not configured on this cluster'),
        (
            {**CHOSEN, "ipFamilies": ["IPv6"]},
            'spec.ipFamilies[0]: Invalid value: "IPv6": not configured on this cluster',
        ),
        (
            {"ipFamilies": ["IPv4", "IPv6"]},
            f"{POLICY}\"SingleStack\": must be 'RequireDualStack' or 'PreferDualStack' "
            "when multiple IP families are specified",
        ),
        (
            {**PREFER, "ipFamilies": ["IPv4", "IPv6"]},
            'spec.ipFamilies[1]: Invalid value: "IPv6": not configured on this cluster',
        ),
        (
            {"ipFamilies": ["IPv5"]},
            'spec.ipFamilies[0]: Unsupported value: "IPv5": supported values: "IPv4", "IPv6"',
        ),
    ],
)
def test_families_that_can_not_be_had(spec: Json, said: str) -> None:
    with pytest.raises(Invalid) as caught:
        Cluster().write("a", **spec)
    assert str(caught.value) == f'Service "a" is invalid: {said}'


@pytest.mark.parametrize(
    ("before", "after", "policy", "families"),
    [
        ({}, {}, "SingleStack", ["IPv4"]),
        ({}, PREFER, "PreferDualStack", ["IPv4"]),
        (PREFER, {}, "PreferDualStack", ["IPv4"]),
        (FREE, {**FREE, "ipFamilyPolicy": "SingleStack", "ipFamilies": ["IPv4", "IPv6"]}, "SingleStack", ["IPv4"]),
        (FREE, {**FREE, "ipFamilies": ["IPv4", "IPv6"]}, "RequireDualStack", ["IPv4", "IPv6"]),
        ({"type": "ExternalName", "externalName": "a.b"}, {}, "SingleStack", ["IPv4"]),
    ],
)
def test_families_of_an_update(before: Json, after: Json, policy: str, families: Sequence[str]) -> None:
    _, found = changed(Cluster(), before, after)
    assert (found["ipFamilyPolicy"], found["ipFamilies"]) == (policy, families)


def test_a_second_family_goes_only_when_the_policy_says_so() -> None:
    with pytest.raises(Invalid, match="must be 'SingleStack' to release the secondary IP family"):
        changed(Cluster(), FREE, {**FREE, "ipFamilies": ["IPv4"]})
