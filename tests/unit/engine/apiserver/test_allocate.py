"""Addresses and node ports of Services."""

import ipaddress
from random import Random
from typing import Any

import pytest

from armillary.base.errors import Invalid
from armillary.engine.apiserver.allocate import ServiceAllocator, ServiceRanges
from armillary.engine.apiserver.ports import AdmissionRequest, Operation, User
from armillary.engine.kinds.resource import Resource

SERVICES = Resource("", "v1", "Service", "services", "io.k8s.api.core.v1.Service")
TINY = ServiceRanges(ipaddress.IPv4Network("10.96.0.0/28"), range(30000, 30002))


class Kept:
    """Services as the store would have them."""

    def __init__(self) -> None:
        self.services: dict[tuple[str, str], dict[str, Any]] = {}

    def get(self, resource: str, namespace: str, name: str) -> dict[str, Any] | None:
        return self.services.get((namespace, name))

    def list(self, resource: str, namespace: str = "") -> list[dict[str, Any]]:
        return list(self.services.values())


class Cluster:
    """An allocator with its store: `write` admits and keeps."""

    def __init__(self) -> None:
        self.kept = Kept()
        self.allocator = ServiceAllocator(self.kept, TINY, Random(1))

    def write(self, name: str, *, keep: bool = True, **spec: Any) -> dict[str, Any]:
        old = self.kept.services.get(("d", name))
        obj = {"metadata": {"name": name, "namespace": "d"}, "spec": {"type": "ClusterIP", **spec}}
        operation = Operation.UPDATE if old else Operation.CREATE
        self.allocator.admit(AdmissionRequest(User("u"), operation, SERVICES, "", "d", name, obj, old))
        if keep:
            self.kept.services["d", name] = obj
        return obj["spec"]

    def remove(self, name: str) -> None:
        del self.kept.services["d", name]


def port(number: int, node_port: int = 0, protocol: str = "TCP") -> dict[str, Any]:
    return {"port": number, "protocol": protocol} | ({"nodePort": node_port} if node_port else {})


def test_an_address_for_each() -> None:
    cluster = Cluster()
    given = [cluster.write(f"s{n}")["clusterIP"] for n in range(14)]
    assert len(set(given)) == 14
    with pytest.raises(Invalid, match=r"range 10.96.0.0/28 is full"):
        cluster.write("more")
    cluster.remove("s3")
    assert cluster.write("again")["clusterIP"] == given[3]


def test_what_is_asked_for() -> None:
    cluster = Cluster()
    assert cluster.write("a", clusterIP="10.96.0.5")["clusterIPs"] == ["10.96.0.5"]
    assert cluster.write("b", clusterIP="None")["clusterIPs"] == ["None"]
    assert "clusterIP" not in cluster.write("c", type="ExternalName")
    with pytest.raises(Invalid, match=r'spec.clusterIPs: Invalid value: \["10.96.0.5"\]: .*already allocated'):
        cluster.write("d", clusterIP="10.96.0.5")
    with pytest.raises(Invalid, match="not in the valid range"):
        cluster.write("e", clusterIP="10.97.0.1")


def test_what_was_not_written_in_the_end_is_free() -> None:
    cluster = Cluster()
    cluster.write("a", keep=False, clusterIP="10.96.0.5", type="NodePort", ports=[port(80, 30000)])
    assert cluster.write("b", clusterIP="10.96.0.5")["clusterIP"] == "10.96.0.5"
    assert cluster.write("c", type="NodePort", ports=[port(80, 30000)])["ports"][0]["nodePort"] == 30000


def test_node_ports() -> None:
    cluster = Cluster()
    first = cluster.write("a", type="NodePort", ports=[port(53), port(53, protocol="UDP")])["ports"]
    assert first[0]["nodePort"] == first[1]["nodePort"], "one number for both protocols of a port"
    other = 60001 - first[0]["nodePort"]
    assert cluster.write("b", type="LoadBalancer", ports=[port(80)])["ports"][0]["nodePort"] == other
    with pytest.raises(Invalid, match="range is full"):
        cluster.write("c", type="NodePort", ports=[port(80)])
    with pytest.raises(Invalid, match=r"spec.ports\[0\].nodePort: Invalid value: 30000: provided port is already"):
        cluster.write("c", type="NodePort", ports=[port(80, 30000)])
    with pytest.raises(Invalid, match="The range of valid ports is 30000-30001"):
        cluster.write("c", type="NodePort", ports=[port(80, 80)])


def test_an_update_keeps_what_it_leaves_out() -> None:
    cluster = Cluster()
    before = cluster.write("a", type="NodePort", ports=[port(80)])
    after = cluster.write("a", type="NodePort", ports=[port(80)])
    assert (after["clusterIP"], after["ports"]) == (before["clusterIP"], before["ports"])
    plain = cluster.write("a", type="ClusterIP", ports=after["ports"])
    assert "nodePort" not in plain["ports"][0]
    assert plain["clusterIP"] == before["clusterIP"]


def test_a_restart_finds_what_is_in_use() -> None:
    cluster = Cluster()
    cluster.write("a", clusterIP="10.96.0.5", type="NodePort", ports=[port(80, 30001)])
    cluster.allocator = ServiceAllocator(cluster.kept, TINY, Random(1))
    with pytest.raises(Invalid, match="already allocated"):
        cluster.write("b", clusterIP="10.96.0.5")
    with pytest.raises(Invalid, match="already allocated"):
        cluster.write("b", type="NodePort", ports=[port(80, 30001)])


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ({"ipFamilyPolicy": "RequireDualStack"}, "not configured for dual-stack"),
        ({"ipFamilies": ["IPv6"]}, r"spec.ipFamilies\[0\]: Invalid value: \"IPv6\": not configured"),
    ],
)
def test_families(spec: dict[str, Any], said: str) -> None:
    with pytest.raises(Invalid, match=said):
        Cluster().write("a", **spec)
