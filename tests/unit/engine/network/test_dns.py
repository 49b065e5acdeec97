"""Names of services, endpoints and pods, as the specification of Kubernetes' DNS has them."""

import dns.flags
import dns.message
import dns.rcode
import pytest
from hypothesis import given
from hypothesis import strategies as st

from armillary.engine.network.answers import Answerer, Verdict
from armillary.engine.network.dns import upstream_servers
from armillary.engine.network.records import zone
from armillary.kube.kinds.core import Service, ServicePort, ServiceSpec
from armillary.kube.kinds.discovery import Endpoint, EndpointConditions, EndpointPort, EndpointSlice
from armillary.kube.kinds.meta import ObjectMeta


def service(name: str, **spec: object) -> Service:
    return Service(metadata=ObjectMeta(name=name, namespace="shop"), spec=ServiceSpec(**spec))


PORT = ServicePort(name="http", port=80, protocol="TCP")
SERVICES = [
    service("web", cluster_ip="10.96.0.9", ports=(PORT,), type="ClusterIP"),
    service("db", cluster_ip="None", ports=(PORT,), type="ClusterIP"),
    service("many", cluster_ip="None", ports=(PORT,), type="ClusterIP"),
    service("far", external_name="Example.com", type="ExternalName"),
]


def piece(owner: str, *endpoints: Endpoint) -> EndpointSlice:
    meta = ObjectMeta(name=f"{owner}-1", namespace="shop", labels={"kubernetes.io/service-name": owner})
    ports = (EndpointPort(name="http", port=8080, protocol="TCP"),)
    return EndpointSlice(metadata=meta, address_type="IPv4", endpoints=endpoints, ports=ports)


SLICES = [
    piece(
        "db",
        Endpoint(addresses=("10.244.0.5",), hostname="db-0"),
        Endpoint(addresses=("10.244.0.6",)),
        Endpoint(addresses=("10.244.0.7",), conditions=EndpointConditions(ready=False)),
    ),
    piece("many", *(Endpoint(addresses=(f"10.244.1.{n}",)) for n in range(1, 200))),
]
ANSWERER = Answerer(zone("cluster.local", SERVICES, SLICES))


def ask(name: str, kind: str = "A") -> dns.message.Message:
    answer = ANSWERER.answer(dns.message.make_query(name, kind).to_wire())
    assert isinstance(answer, bytes)
    return dns.message.from_wire(answer)


@pytest.mark.parametrize(
    ("name", "kind", "answers"),
    [
        ("web.shop.svc.cluster.local", "A", ["10.96.0.9"]),
        ("WEB.shop.svc.cluster.local", "A", ["10.96.0.9"]),
        ("web.shop.svc.cluster.local", "AAAA", []),
        ("db.shop.svc.cluster.local", "A", ["10.244.0.5", "10.244.0.6"]),
        ("db-0.db.shop.svc.cluster.local", "A", ["10.244.0.5"]),
        ("10-244-0-6.db.shop.svc.cluster.local", "A", ["10.244.0.6"]),
        ("_http._tcp.web.shop.svc.cluster.local", "SRV", ["0 100 80 web.shop.svc.cluster.local."]),
        ("_http._tcp.db.shop.svc.cluster.local", "SRV", ["0 50 8080 10-244-0-6.db.shop.svc.cluster.local."]),
        ("1-2-3-4.shop.pod.cluster.local", "A", ["1.2.3.4"]),
        ("far.shop.svc.cluster.local", "CNAME", ["example.com."]),
        ("9.0.96.10.in-addr.arpa", "PTR", ["web.shop.svc.cluster.local."]),
        ("5.0.244.10.in-addr.arpa", "PTR", ["db-0.db.shop.svc.cluster.local."]),
        ("shop.svc.cluster.local", "A", []),
    ],
)
def test_answers(name: str, kind: str, answers: list[str]) -> None:
    reply = ask(name, kind)
    found = [str(item) for records in reply.answer for item in records]
    assert set(answers) <= set(found) if answers else not found
    assert reply.rcode() == dns.rcode.NOERROR
    assert reply.flags & dns.flags.AA


@pytest.mark.parametrize(
    "name", ["nothing.shop.svc.cluster.local", "999-2-3-4.shop.pod.cluster.local", "x.cluster.local"]
)
def test_names_that_are_not_there(name: str) -> None:
    reply = ask(name)
    assert reply.rcode() == dns.rcode.NXDOMAIN
    assert reply.authority, "a negative answer names how long it holds (RFC 2308)"


@pytest.mark.parametrize(("name", "kind"), [("debian.org", "A"), ("1.2.0.192.in-addr.arpa", "PTR")])
def test_other_names_are_asked_upstream(name: str, kind: str) -> None:
    assert ANSWERER.answer(dns.message.make_query(name, kind).to_wire()) is Verdict.FORWARD


def test_a_repeated_question_gets_its_own_id() -> None:
    first, second = (dns.message.make_query("web.shop.svc.cluster.local", "A") for _ in range(2))
    second.id = first.id ^ 1
    for query in (first, second):
        answer = ANSWERER.answer(query.to_wire())
        assert isinstance(answer, bytes)
        assert dns.message.from_wire(answer).id == query.id


def test_an_answer_too_large_for_udp_is_truncated_and_whole_by_tcp() -> None:
    query = dns.message.make_query("many.shop.svc.cluster.local", "A").to_wire()
    by_udp, by_tcp = ANSWERER.answer(query), ANSWERER.answer(query, tcp=True)
    assert isinstance(by_udp, bytes)
    assert isinstance(by_tcp, bytes)
    assert len(by_udp) <= 512
    assert dns.message.from_wire(by_udp, raise_on_truncation=False).flags & dns.flags.TC
    assert len(dns.message.from_wire(by_tcp).answer[0]) == 199


@given(st.binary(max_size=600))
def test_no_datagram_breaks_it(datagram: bytes) -> None:
    assert isinstance(ANSWERER.answer(datagram), bytes | Verdict)


def test_upstream_leaves_ourselves_out() -> None:
    conf = "search x\nnameserver 10.244.0.1\nnameserver 192.0.2.1\n# nameserver 1.1.1.1\n"
    assert upstream_servers(conf, "10.244.0.1") == ("192.0.2.1",)
