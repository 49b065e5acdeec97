"""The kernel lets through what network policies allow, and nothing else: real packets between network namespaces."""

import os
import subprocess
from collections.abc import Iterator
from random import Random

import pytest
from tests.fakes.policy_oracle import Oracle
from tests.harness.namespace import network_namespace
from tests.harness.wire import Try, Wire, wire

from armillary.engine.network.nft import Nft
from armillary.engine.network.policies.compile import ruleset
from armillary.engine.network.policies.members import Member, NamedPort, cluster_dns
from armillary.engine.network.policies.table import Place, change, install
from armillary.kube.kinds.meta import LabelSelector, ObjectMeta
from armillary.kube.kinds.networking import (
    IPBlock,
    NetworkPolicy,
    NetworkPolicyEgressRule,
    NetworkPolicyIngressRule,
    NetworkPolicyPeer,
    NetworkPolicyPort,
    NetworkPolicySpec,
)

pytestmark = pytest.mark.machine

PLACE = Place("policies-test", "pods0")
NODE = "10.244.7.1"
PORTS = (("tcp", 80), ("tcp", 8080), ("udp", 53))
NAMESPACES = {"red": {"team": "red"}, "blue": {"team": "blue"}, "kube-system": {}}
MEMBERS = (
    Member("10.244.7.2", "red", {"app": "web"}, (NamedPort("http", "tcp", 8080),)),
    Member("10.244.7.3", "red", {"app": "db"}, (NamedPort("http", "tcp", 80),)),
    Member("10.244.7.4", "blue", {"app": "web"}, (NamedPort("http", "tcp", 8080),)),
    Member("10.244.7.5", "blue", {"app": "db"}),
    cluster_dns(NODE),
)
PODS = [one.address for one in MEMBERS if one.is_pod]
WEB, DB, BLUE_WEB, BLUE_DB = PODS


@pytest.fixture(scope="module")
def line() -> Iterator[Wire]:
    name = f"arm-wire-{os.getpid()}"
    with network_namespace(name), wire(PLACE.bridge, NODE, PODS, PORTS, name) as made:
        yield made


@pytest.fixture
def nft(line: Wire) -> Iterator[Nft]:
    """With an empty table; it is gone at the end."""
    found = Nft()
    found.run(install(PLACE, ruleset([], MEMBERS, NAMESPACES)))
    yield found
    found.run(f"delete table inet {PLACE.table}")
    found.close()


def labels(**wanted: str) -> LabelSelector:
    return LabelSelector(match_labels=wanted)


def policy(namespace: str, name: str = "p", **spec: object) -> NetworkPolicy:
    return NetworkPolicy(metadata=ObjectMeta(name=name, namespace=namespace), spec=NetworkPolicySpec(**spec))


def every_try() -> list[Try]:
    return [
        (source, target, protocol, port)
        for source in (*PODS, NODE)
        for target in (*PODS, NODE)
        for protocol, port in PORTS
        if source != target or source != NODE
    ]


def allowed(policies: list[NetworkPolicy]) -> set[Try]:
    """By the oracle; what the node sends always passes."""
    oracle = Oracle(policies, MEMBERS, NAMESPACES)
    return {one for one in every_try() if one[0] == NODE or oracle.allows(*one)}


PEERS = (
    NetworkPolicyPeer(pod_selector=labels(app="web")),
    NetworkPolicyPeer(namespace_selector=labels(team="blue")),
    NetworkPolicyPeer(namespace_selector=LabelSelector(), pod_selector=labels(app="db")),
    NetworkPolicyPeer(namespace_selector=LabelSelector(), pod_selector=labels(**{"k8s-app": "kube-dns"})),
    NetworkPolicyPeer(ip_block=IPBlock(cidr="10.244.7.0/24", except_=("10.244.7.4/31",))),
    NetworkPolicyPeer(ip_block=IPBlock(cidr="0.0.0.0/0")),
    NetworkPolicyPeer(ip_block=IPBlock(cidr="0.0.0.0/0", except_=("10.244.7.3/32",))),
)
GATES = (
    NetworkPolicyPort(port=80),
    NetworkPolicyPort(port=79, end_port=8080),
    NetworkPolicyPort(port="http"),
    NetworkPolicyPort(protocol="UDP"),
    NetworkPolicyPort(port="dns", protocol="UDP"),
    NetworkPolicyPort(port=9, protocol="SCTP"),
)


def some_policies(random: Random) -> list[NetworkPolicy]:
    def some(choices: tuple[object, ...], most: int) -> tuple[object, ...]:
        return tuple(random.sample(choices, random.randint(0, most)))

    return [
        policy(
            random.choice(["red", "blue"]),
            f"p{number}",
            pod_selector=random.choice([None, labels(app="web"), labels(app="db")]),
            ingress=tuple(NetworkPolicyIngressRule(from_=some(PEERS, 2), ports=some(GATES, 2)) for _ in range(2)),
            egress=tuple(NetworkPolicyEgressRule(to=some(PEERS, 2), ports=some(GATES, 2)) for _ in range(2)),
            policy_types=random.choice([("Ingress",), ("Egress",), ("Ingress", "Egress"), ()]),
        )
        for number in range(random.randint(1, 3))
    ]


def test_packets_are_judged_as_the_oracle_judges_while_policies_change(line: Wire, nft: Nft) -> None:
    random, rules = Random(36), ruleset([], MEMBERS, NAMESPACES)
    assert line.succeed(every_try()) == set(every_try()), "without policies everything passes"
    for _ in range(12):
        policies = some_policies(random)
        new = ruleset(policies, MEMBERS, NAMESPACES)
        nft.run(change(PLACE, rules, new))
        rules = new
        assert line.succeed(every_try()) == allowed(policies), policies
    nft.run(change(PLACE, rules, ruleset([], MEMBERS, NAMESPACES)))
    assert line.succeed(every_try()) == set(every_try()), "and when they are gone"
    listed = nft.run(f"list table inet {PLACE.table}")
    assert "pods_" not in listed
    assert "doors_" not in listed


def test_an_established_connection_stays_when_new_ones_are_denied(line: Wire, nft: Nft) -> None:
    deny = policy("red", policy_types=("Ingress", "Egress"))
    with line.connection(BLUE_WEB, DB, 80) as (client, server):
        nft.run(install(PLACE, ruleset([deny], MEMBERS, NAMESPACES)))
        for sender, receiver in ((client, server), (server, client)):
            sender.sendall(b"still here")
            assert receiver.recv(16) == b"still here"
        assert line.succeed([(BLUE_WEB, DB, "tcp", 80), (NODE, DB, "tcp", 80)]) == {(NODE, DB, "tcp", 80)}


def test_traffic_through_a_service_is_judged_by_the_pod_behind_it(line: Wire, nft: Nft) -> None:
    service = "10.96.7.7"
    nft.run(f"""table inet services-test {{
 chain prerouting {{
  type nat hook prerouting priority dstnat;
  ip daddr {service} tcp dport 1000 dnat ip to {DB}:80;
 }}
}}
""")
    subprocess.run(["ip", "route", "add", f"{service}/32", "dev", PLACE.bridge], check=True)
    ask = (WEB, service, "tcp", 1000)
    try:
        port = NetworkPolicyPort(port=80)
        to_db = NetworkPolicyEgressRule(to=(NetworkPolicyPeer(pod_selector=labels(app="db")),), ports=(port,))
        from_web = NetworkPolicyIngressRule(from_=(NetworkPolicyPeer(pod_selector=labels(app="web")),), ports=(port,))
        lets = policy("red", egress=(to_db,), ingress=(from_web,), policy_types=("Ingress", "Egress"))
        nft.run(install(PLACE, ruleset([lets], MEMBERS, NAMESPACES)))
        assert line.succeed([ask]) == {ask}, "allowed to the pod, on the pod's port"
        by_address = NetworkPolicyEgressRule(to=(NetworkPolicyPeer(ip_block=IPBlock(cidr=f"{service}/32")),))
        denies = policy("red", egress=(by_address,), policy_types=("Egress",))
        nft.run(install(PLACE, ruleset([denies], MEMBERS, NAMESPACES)))
        assert line.succeed([ask]) == set(), "the Service's address is nobody's"
    finally:
        nft.run("delete table inet services-test")


def test_ipv6_is_no_way_around(line: Wire, nft: Nft) -> None:
    """Pods have link-local addresses, which no policy knows."""
    nft.run(f"flush table inet {PLACE.table}")
    assert line.speak_ipv6(BLUE_WEB, DB), "else there is nothing to deny"
    nft.run(install(PLACE, ruleset([policy("red")], MEMBERS, NAMESPACES)))
    assert not line.speak_ipv6(BLUE_WEB, DB)
