"""A compiled ruleset lets through exactly what its policies allow."""

import ipaddress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.fakes.nft_rules import Packet, passes
from tests.fakes.policy_oracle import Oracle

from armillary.engine.network.policies.compile import ruleset
from armillary.engine.network.policies.members import Member, NamedPort, cluster_dns
from armillary.engine.network.policies.table import NOTHING, Place, change, install
from armillary.kube.kinds.meta import LabelSelector, LabelSelectorRequirement, ObjectMeta
from armillary.kube.kinds.networking import (
    IPBlock,
    NetworkPolicy,
    NetworkPolicyEgressRule,
    NetworkPolicyIngressRule,
    NetworkPolicyPeer,
    NetworkPolicyPort,
    NetworkPolicySpec,
)

PLACE = Place("t", "br0")
NAMESPACES = {"red": {"team": "red"}, "blue": {"team": "blue"}, "grey": {}, "kube-system": {"team": "none"}}
HTTP = (NamedPort("http", "tcp", 8080),)
MEMBERS = (
    Member("10.244.0.2", "red", {"app": "web"}, HTTP),
    Member("10.244.0.3", "red", {"app": "db"}, (NamedPort("http", "tcp", 80), NamedPort("dns", "udp", 53))),
    Member("10.244.0.4", "blue", {"app": "web"}, HTTP),
    Member("10.244.0.5", "blue", {"app": "db", "tier": "back"}),
    Member("10.244.0.6", "grey", {}),
    cluster_dns("10.244.0.1"),
)
WEB, DB, BLUE_WEB, BLUE_DB, GREY, NODE = (one.address for one in MEMBERS)
OUTSIDE = "192.0.2.7"


def labels(**wanted: str) -> LabelSelector:
    return LabelSelector(match_labels=wanted)


def policy(namespace: str = "red", name: str = "p", **spec: object) -> NetworkPolicy:
    return NetworkPolicy(metadata=ObjectMeta(name=name, namespace=namespace), spec=NetworkPolicySpec(**spec))


def let_in(*peers: NetworkPolicyPeer, ports: tuple[NetworkPolicyPort, ...] = ()) -> NetworkPolicy:
    return policy(ingress=(NetworkPolicyIngressRule(from_=peers, ports=ports),))


def let_out(*peers: NetworkPolicyPeer, ports: tuple[NetworkPolicyPort, ...] = ()) -> NetworkPolicy:
    return policy(egress=(NetworkPolicyEgressRule(to=peers, ports=ports),), policy_types=("Egress",))


def pods(**wanted: str) -> NetworkPolicyPeer:
    return NetworkPolicyPeer(pod_selector=labels(**wanted))


def spaces(**wanted: str) -> NetworkPolicyPeer:
    return NetworkPolicyPeer(namespace_selector=labels(**wanted))


def block(cidr: str, *holes: str) -> NetworkPolicyPeer:
    return NetworkPolicyPeer(ip_block=IPBlock(cidr=cidr, except_=holes))


def port(number: int | str | None, last: int | None = None, protocol: str = "") -> NetworkPolicyPort:
    return NetworkPolicyPort(port=number, end_port=last, protocol=protocol)


DENY = policy(policy_types=("Ingress",))
BOTH = NetworkPolicyPeer(namespace_selector=labels(team="blue"), pod_selector=labels(app="web"))
DNS = NetworkPolicyPeer(namespace_selector=LabelSelector(), pod_selector=labels(**{"k8s-app": "kube-dns"}))

TABLE: dict[str, tuple[list[NetworkPolicy], tuple[str, str, str, int], bool]] = {
    "no policy": ([], (OUTSIDE, WEB, "tcp", 80), True),
    "denied": ([DENY], (DB, WEB, "tcp", 80), False),
    "denied from outside": ([DENY], (OUTSIDE, WEB, "tcp", 80), False),
    "what is not tcp, udp or sctp is denied too": ([DENY], (DB, WEB, "icmp", 0), False),
    "another namespace is not touched": ([DENY], (WEB, BLUE_WEB, "tcp", 80), True),
    "itself always": ([DENY], (WEB, WEB, "tcp", 80), True),
    "an ingress policy says nothing of egress": ([DENY], (WEB, OUTSIDE, "tcp", 80), True),
    "no types and no rules: ingress": ([policy()], (DB, WEB, "tcp", 80), False),
    "no types and no egress rules: not egress": ([policy()], (WEB, OUTSIDE, "tcp", 80), True),
    "no types and egress rules: egress": (
        [policy(egress=(NetworkPolicyEgressRule(to=(pods(app="db"),)),))], (WEB, OUTSIDE, "tcp", 80), False),
    "no types and egress rules: ingress": (
        [policy(egress=(NetworkPolicyEgressRule(to=(pods(app="db"),)),))], (BLUE_WEB, WEB, "tcp", 80), False),
    "one that is not selected": ([policy(pod_selector=labels(app="db"))], (OUTSIDE, WEB, "tcp", 80), True),
    "policies add up": ([DENY, let_in(pods(app="db"))], (DB, WEB, "tcp", 80), True),
    "a rule of nothing lets everybody in": ([let_in()], (OUTSIDE, WEB, "icmp", 0), True),
    "pods of the policy's namespace": ([let_in(pods(app="web"))], (WEB, DB, "tcp", 80), True),
    "pods of another": ([let_in(pods(app="web"))], (BLUE_WEB, DB, "tcp", 80), False),
    "namespaces": ([let_in(spaces(team="blue"))], (BLUE_DB, DB, "tcp", 80), True),
    "namespaces: not one's own": ([let_in(spaces(team="blue"))], (WEB, DB, "tcp", 80), False),
    "both": ([let_in(BOTH)], (BLUE_WEB, DB, "tcp", 80), True),
    "both, and only one holds": ([let_in(BOTH)], (BLUE_DB, DB, "tcp", 80), False),
    "either": ([let_in(spaces(team="blue"), pods(app="web"))], (WEB, DB, "tcp", 80), True),
    "a block": ([let_in(block("192.0.2.0/24"))], (OUTSIDE, WEB, "tcp", 80), True),
    "a block's hole": ([let_in(block("192.0.2.0/24", "192.0.2.0/29"))], (OUTSIDE, WEB, "tcp", 80), False),
    "a hole that another block fills": (
        [let_in(block("192.0.2.0/24", "192.0.2.0/29"), block("192.0.2.7/32"))], (OUTSIDE, WEB, "tcp", 80), True),
    "a block of pods": ([let_in(block("10.244.0.0/24", f"{BLUE_WEB}/32"))], (BLUE_DB, WEB, "tcp", 80), True),
    "a hole for a pod": ([let_in(block("10.244.0.0/24", f"{BLUE_WEB}/32"))], (BLUE_WEB, WEB, "tcp", 80), False),
    "every address": ([let_in(block("0.0.0.0/0"))], (OUTSIDE, WEB, "tcp", 80), True),
    "IPv6 is nobody": ([let_in(block("::/0"))], (OUTSIDE, WEB, "tcp", 80), False),
    "what can't be read is nobody": ([let_in(block("192.0.2.0/24", "nonsense"))], (OUTSIDE, WEB, "tcp", 80), False),
    "a port": ([let_in(ports=(port(80),))], (OUTSIDE, WEB, "tcp", 80), True),
    "another port": ([let_in(ports=(port(80),))], (OUTSIDE, WEB, "tcp", 81), False),
    "tcp unless said": ([let_in(ports=(port(80),))], (OUTSIDE, WEB, "udp", 80), False),
    "udp": ([let_in(ports=(port(80, protocol="UDP"),))], (OUTSIDE, WEB, "udp", 80), True),
    "sctp": ([let_in(ports=(port(80, protocol="SCTP"),))], (OUTSIDE, WEB, "sctp", 80), True),
    "a range's end": ([let_in(ports=(port(80, 90), port(85)))], (OUTSIDE, WEB, "tcp", 90), True),
    "after it": ([let_in(ports=(port(80, 90), port(85)))], (OUTSIDE, WEB, "tcp", 91), False),
    "a whole protocol": ([let_in(ports=(port(None, protocol="UDP"),))], (OUTSIDE, WEB, "udp", 9), True),
    "a whole protocol, not another": ([let_in(ports=(port(None, protocol="UDP"),))], (OUTSIDE, WEB, "tcp", 9), False),
    "a named port, as this pod has it": ([let_in(ports=(port("http"),))], (OUTSIDE, WEB, "tcp", 8080), True),
    "a named port, as another has it": ([let_in(ports=(port("http"),))], (OUTSIDE, WEB, "tcp", 80), False),
    "a name without a port": ([let_in(ports=(port("none"),))], (OUTSIDE, WEB, "tcp", 80), False),
    "egress denied": ([policy(policy_types=("Egress",))], (WEB, OUTSIDE, "tcp", 80), False),
    "egress says nothing of ingress": ([policy(policy_types=("Egress",))], (OUTSIDE, WEB, "tcp", 80), True),
    "egress to pods": ([let_out(spaces(team="blue"))], (WEB, BLUE_DB, "tcp", 80), True),
    "egress to a named port": ([let_out(BOTH, ports=(port("http"),))], (WEB, BLUE_WEB, "tcp", 8080), True),
    "egress to another port": ([let_out(BOTH, ports=(port("http"),))], (WEB, BLUE_WEB, "tcp", 80), False),
    "out, but not in": (
        [let_out(spaces(team="blue")), policy("blue", policy_types=("Ingress",))], (WEB, BLUE_DB, "tcp", 80), False),
    "in, but not out": (
        [policy(policy_types=("Egress",)), policy("blue", ingress=(NetworkPolicyIngressRule(),))],
        (WEB, BLUE_DB, "tcp", 80), False),
    "the node is denied like others": ([policy(policy_types=("Egress",))], (WEB, NODE, "tcp", 6443), False),
    "the cluster's DNS by its labels": ([let_out(DNS)], (WEB, NODE, "udp", 53), True),
    "but no more of the node": ([let_out(DNS)], (WEB, NODE, "tcp", 6443), False),
    "DNS by its port's name": ([let_out(DNS, ports=(port("dns", protocol="UDP"),))], (WEB, NODE, "udp", 53), True),
    "DNS by its port": ([let_out(ports=(port(53, protocol="UDP"),))], (WEB, NODE, "udp", 53), True),
    "the node by its address": ([let_out(block(f"{NODE}/32"))], (WEB, NODE, "tcp", 6443), True),
    "no policy is about the node": ([policy("kube-system", policy_types=("Egress",))], (NODE, WEB, "tcp", 80), True),
}  # fmt: skip


@pytest.mark.parametrize(("policies", "packet", "allowed"), TABLE.values(), ids=TABLE.keys())
def test_what_policies_allow(policies: list[NetworkPolicy], packet: tuple[str, str, str, int], allowed: bool) -> None:
    assert passes(ruleset(policies, MEMBERS, NAMESPACES), Packet(*packet)) is allowed


KEYS, VALUES = st.sampled_from(["app", "tier", "team"]), st.sampled_from(["web", "db", "back", "red", "blue"])
EXPRESSIONS = st.one_of(
    st.builds(
        LabelSelectorRequirement,
        key=KEYS,
        operator=st.sampled_from(["In", "NotIn"]),
        values=st.lists(VALUES, min_size=1, max_size=2).map(tuple),
    ),
    st.builds(LabelSelectorRequirement, key=KEYS, operator=st.sampled_from(["Exists", "DoesNotExist"])),
)
SELECTORS = st.builds(
    LabelSelector,
    match_labels=st.dictionaries(KEYS, VALUES, max_size=1),
    match_expressions=st.lists(EXPRESSIONS, max_size=1).map(tuple),
)
CIDRS = st.builds(
    lambda address, bits: str(ipaddress.ip_network(f"{address}/{bits}", strict=False)),
    st.sampled_from([*(one.address for one in MEMBERS), OUTSIDE]),
    st.integers(0, 30),
)
BLOCKS = CIDRS.flatmap(
    lambda cidr: st.builds(
        IPBlock,
        cidr=st.just(cidr),
        except_=st.lists(
            st.sampled_from([s for s in ("10.0.0.0/8", "10.244.0.4/31", "192.0.2.7/32", "10.244.0.2/32")
                             if ipaddress.ip_network(s).subnet_of(ipaddress.ip_network(cidr))] or [cidr]),
            max_size=2,
        ).map(tuple),
    )
)  # fmt: skip
PEERS = st.one_of(
    st.builds(NetworkPolicyPeer, ip_block=BLOCKS),
    st.builds(NetworkPolicyPeer, pod_selector=SELECTORS),
    st.builds(NetworkPolicyPeer, namespace_selector=SELECTORS, pod_selector=st.none() | SELECTORS),
)
PORTS = st.one_of(
    st.builds(port, st.sampled_from([53, 80, 8080]), st.sampled_from([None, 8080]), st.sampled_from(["TCP", "UDP"])),
    st.builds(port, st.sampled_from([None, "http", "dns"]), st.none(), st.sampled_from(["", "UDP", "SCTP"])),
)
MANY_PEERS, MANY_PORTS = st.lists(PEERS, max_size=2).map(tuple), st.lists(PORTS, max_size=2).map(tuple)
POLICIES = st.builds(
    policy,
    st.sampled_from(["red", "blue", "grey"]),
    st.sampled_from(["p", "q"]),
    pod_selector=st.none() | SELECTORS,
    ingress=st.lists(st.builds(NetworkPolicyIngressRule, from_=MANY_PEERS, ports=MANY_PORTS), max_size=2).map(tuple),
    egress=st.lists(st.builds(NetworkPolicyEgressRule, to=MANY_PEERS, ports=MANY_PORTS), max_size=2).map(tuple),
    policy_types=st.sampled_from([(), ("Ingress",), ("Egress",), ("Ingress", "Egress")]),
)
SEVERAL = st.lists(POLICIES, max_size=4, unique_by=lambda p: (p.metadata.namespace, p.metadata.name))


@given(SEVERAL)
@settings(max_examples=200, deadline=None)
def test_every_connection_is_judged_as_the_oracle_judges(policies: list[NetworkPolicy]) -> None:
    rules, oracle = ruleset(policies, MEMBERS, NAMESPACES), Oracle(policies, MEMBERS, NAMESPACES)
    everywhere = [*(one.address for one in MEMBERS), OUTSIDE]
    for source in everywhere:
        if source == NODE:
            continue  # what the node sends is not asked about
        for target in everywhere:
            for protocol, number in (("tcp", 80), ("tcp", 8080), ("udp", 53), ("sctp", 9)):
                told = passes(rules, Packet(source, target, protocol, number))
                assert told is oracle.allows(source, target, protocol, number), (source, target, protocol, number)


@given(SEVERAL)
@settings(max_examples=100, deadline=None)
def test_the_order_of_policies_does_not_matter(policies: list[NetworkPolicy]) -> None:
    there, back = ruleset(policies, MEMBERS, NAMESPACES), ruleset(policies[::-1], MEMBERS[::-1], NAMESPACES)
    assert there == back


def test_a_new_pod_is_a_few_elements() -> None:
    policies = [let_in(spaces(team="blue")), DENY]
    old = ruleset(policies, MEMBERS, NAMESPACES)
    new = ruleset(policies, [*MEMBERS, Member("10.244.0.9", "blue", {}), Member("10.244.0.8", "red", {})], NAMESPACES)
    lines = change(PLACE, old, new).splitlines()
    assert all(line.startswith("add element") for line in lines), lines
    assert sum("10.244.0.9" in line for line in lines) == 1, "nothing isolates it; others let it in"
    assert {line.split()[4] for line in lines if "10.244.0.8" in line} == {"ingress", "selves"}
    assert all(line.startswith("delete element") for line in change(PLACE, new, old).splitlines())


def test_nothing_changes_for_the_same() -> None:
    rules = ruleset([DENY], MEMBERS, NAMESPACES)
    assert change(PLACE, rules, rules) == ""
    assert "pods_in" not in install(PLACE, NOTHING)


def test_rules_grow_with_peers_and_ports_and_not_with_their_product() -> None:
    peers = tuple(pods(app=f"a{number}") for number in range(40))
    ports = tuple(port(f"p{number}") for number in range(40))
    rules = ruleset([let_in(*peers, ports=ports)], MEMBERS, NAMESPACES)
    assert sum(len(lines) for lines in rules.chains.values()) < 100


def test_policies_that_say_the_same_of_peers_share_a_set() -> None:
    policies = [
        policy(n, ingress=(NetworkPolicyIngressRule(from_=(spaces(team="blue"),)),)) for n in ("red", "blue", "grey")
    ]
    assert len(ruleset(policies, MEMBERS, NAMESPACES).sets) == 1


def test_a_namespace_that_changes_its_labels_changes_its_sets_alone() -> None:
    old = ruleset([let_in(spaces(team="blue"))], MEMBERS, NAMESPACES)
    new = ruleset([let_in(spaces(team="blue"))], MEMBERS, NAMESPACES | {"grey": {"team": "blue"}})
    (line,) = change(PLACE, old, new).splitlines()
    assert GREY in line


def test_who_drops_is_told_in_the_rules() -> None:
    assert 'comment "red/p"' in install(PLACE, ruleset([DENY], MEMBERS, NAMESPACES))
