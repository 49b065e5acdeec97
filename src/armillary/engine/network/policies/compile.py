"""Network policies, pods and namespaces as sets, chains and maps of nftables. Pure.

Each isolated pod is one element of a map, which leads to a chain shared by all pods that the same policies are about;
each peer selector is a set of addresses, shared by all policies that use it. A pod that comes or goes is a few
elements; a policy is a chain. Sets and chains are named for what they say, so nothing is ever rewritten in place.

Semantics: https://kubernetes.io/docs/concepts/services-networking/network-policies
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain as joined

from armillary.engine.network.policies.members import Member
from armillary.engine.network.policies.ranges import (
    EVERY_ADDRESS,
    Range,
    addresses,
    format_addresses,
    format_ports,
    merged,
)
from armillary.kube.kinds.networking import NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort
from armillary.kube.selectors import EVERYTHING, Selector, format_selector, selector_of

ARRIVING = "arriving"  # the chain that goes on with the receiver's policies
TYPES = {"pods": "ipv4_addr", "doors": "ipv4_addr . inet_proto . inet_service"}  # of sets, by their first word
COMMENT_BYTES = 120  # nftables keeps at most 128

Namespaces = Mapping[str, Mapping[str, str]]  # name -> labels


@dataclass(frozen=True, slots=True)
class Ruleset:
    """What the kernel must hold. A chain stands after those it jumps to."""

    sets: Mapping[str, frozenset[str]]
    chains: Mapping[str, tuple[str, ...]]
    ingress: Mapping[str, str]  # address of an isolated pod -> chain
    egress: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Way:
    """One of the two directions."""

    name: str  # as policyTypes has it
    chain: str  # how its chains' names begin
    peer: str  # which address of a packet is the peer's
    allowed: str  # verdict


INGRESS = _Way("Ingress", "in", "ip saddr", "accept")
EGRESS = _Way("Egress", "out", "ip daddr", f"goto {ARRIVING}")


@dataclass(frozen=True, slots=True)
class _Rule:
    """An ingress or egress rule: they differ in nothing but the name of their peers."""

    peers: Sequence[NetworkPolicyPeer]
    ports: Sequence[NetworkPolicyPort]


def ruleset(policies: Iterable[NetworkPolicy], members: Sequence[Member], namespaces: Namespaces) -> Ruleset:
    """What isolates the pods among `members` as the policies say. Their order does not matter."""
    ordered = sorted(policies, key=lambda p: (p.metadata.namespace, p.metadata.name))
    draft = _Draft(members, namespaces)
    maps = [_isolated(draft, ordered, way) for way in (INGRESS, EGRESS)]
    return Ruleset(draft.sets, draft.chains, *maps)


def _isolated(draft: "_Draft", policies: Sequence[NetworkPolicy], way: _Way) -> dict[str, str]:
    about: dict[str, list[tuple[str, str]]] = defaultdict(list)  # address -> policies' chains and names
    for policy in policies:
        if way.name not in policy_types(policy):
            continue
        selector = selector_of(policy.spec.pod_selector) or EVERYTHING
        own = draft.by_namespace.get(policy.metadata.namespace, ())
        chosen = [one for one in own if one.is_pod and selector.matches(one.labels)]
        if chosen:
            name = f"{policy.metadata.namespace}/{policy.metadata.name}"
            chain = draft.chain(way.chain, _rules(draft, policy, way), name)
            for one in chosen:
                about[one.address].append((chain, name))
    known: dict[tuple[tuple[str, str], ...], str] = {}
    found = {}
    for address, jumps in about.items():
        key = tuple(jumps)
        if key not in known:
            known[key] = draft.chain(f"pods_{way.chain}", _one_after_the_other(jumps))
        found[address] = known[key]
    return found


def policy_types(policy: NetworkPolicy) -> Sequence[str]:
    """Without any said: ingress always, egress where there are egress rules."""
    spec = policy.spec
    return spec.policy_types or (("Ingress", "Egress") if spec.egress else ("Ingress",))


def _one_after_the_other(jumps: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    return (*(f'jump {chain} comment "{name[:COMMENT_BYTES]}"' for chain, name in jumps), "counter drop")


def _rules(draft: "_Draft", policy: NetworkPolicy, way: _Way) -> tuple[str, ...]:
    spec = policy.spec
    rules = (
        [_Rule(rule.from_, rule.ports) for rule in spec.ingress]
        if way is INGRESS
        else [_Rule(rule.to, rule.ports) for rule in spec.egress]
    )
    parts = (_rule(draft, rule, policy.metadata.namespace, way) for rule in rules)
    return tuple(dict.fromkeys(joined.from_iterable(parts)))


def _rule(draft: "_Draft", rule: _Rule, namespace: str, way: _Way) -> Iterator[str]:
    """As many lines as there are peers and ports, and not as their product: a policy may have thousands of both."""
    ports = [f"{port} {way.allowed}".strip() for port in _ports(draft, rule.ports)]
    peers = list(_peers(draft, rule.peers, namespace, way))
    if len(ports) > 1 and len(peers) > 1:
        ports = [f"jump {draft.chain(f'ports_{way.chain}', tuple(ports))}"]
    yield from (f"{peer} {port}".strip() for peer in peers for port in ports)


def _peers(draft: "_Draft", peers: Sequence[NetworkPolicyPeer], namespace: str, way: _Way) -> Iterator[str]:
    """Matches on the peer's address, of which one must hold; "" holds for all."""
    if not peers:
        yield ""
        return
    blocks = addresses([peer.ip_block for peer in peers if peer.ip_block is not None])
    if blocks == (EVERY_ADDRESS,):
        yield ""
        return
    if blocks:
        yield f"{way.peer} {format_addresses(blocks)}"
    for peer in peers:
        if peer.ip_block is None:
            pods, doors = draft.peer_sets(peer, namespace)
            yield f"{way.peer} @{pods}"
            if doors and way is EGRESS:
                yield f"ip daddr . meta l4proto . th dport @{doors}"


def _ports(draft: "_Draft", ports: Sequence[NetworkPolicyPort]) -> Iterator[str]:
    """Matches on the receiver's port, of which one must hold; "" holds for all, and for all protocols."""
    if not ports:
        yield ""
        return
    numbers: dict[str, list[Range]] = defaultdict(list)
    for port in ports:
        protocol = (port.protocol or "TCP").lower()
        match port.port:
            case None:
                yield f"meta l4proto {protocol}"
            case str(name):
                yield f"ip daddr . meta l4proto . th dport @{draft.named_ports(name, protocol)}"
            case int(number):
                numbers[protocol].append((number, port.end_port or number))
    for protocol, ranges in numbers.items():
        yield f"{protocol} dport {format_ports(merged(ranges))}"


class _Draft:
    """A ruleset while it is made."""

    def __init__(self, members: Sequence[Member], namespaces: Namespaces) -> None:
        self.members, self.namespaces = members, namespaces
        self.by_namespace: dict[str, list[Member]] = defaultdict(list)
        for one in members:
            self.by_namespace[one.namespace].append(one)
        self.sets: dict[str, frozenset[str]] = {}
        self.chains: dict[str, tuple[str, ...]] = {}

    def chain(self, kind: str, rules: tuple[str, ...], owner: str = "") -> str:
        """Its name. Policies of different owners have chains of their own, so that people see which is which."""
        name = _named(kind, owner, *rules)
        self.chains[name] = rules
        return name

    def peer_sets(self, peer: NetworkPolicyPeer, namespace: str) -> tuple[str, str]:
        """Names of the set of pods that a peer selects, and of the one of the node's ports ("" if it selects none)."""
        spaces, pods = selector_of(peer.namespace_selector), selector_of(peer.pod_selector) or EVERYTHING
        said = f"namespace {namespace}" if spaces is None else f"namespaces {_canonical(spaces)}"
        name = _named("pods", said, _canonical(pods))
        doors = f"doors_{name.removeprefix('pods_')}"
        if name not in self.sets:
            chosen = [one for one in self._in(namespace, spaces) if pods.matches(one.labels)]
            self.sets[name] = frozenset(one.address for one in chosen if one.is_pod)
            if parts := [one for one in chosen if not one.is_pod]:
                self.sets[doors] = frozenset(_door(one, p.protocol, p.number) for one in parts for p in one.ports)
        return name, doors if doors in self.sets else ""

    def _in(self, namespace: str, spaces: Selector | None) -> Iterator[Member]:
        if spaces is None:
            yield from self.by_namespace.get(namespace, ())
            return
        for name, own in self.by_namespace.items():
            # A namespace that is not known yet has no labels; that it exists, its pods show.
            if spaces.matches(self.namespaces.get(name, {})):
                yield from own

    def named_ports(self, name: str, protocol: str) -> str:
        """The set of all places with a port of that name."""
        found = _named("doors", "port", name, protocol)
        if found not in self.sets:
            self.sets[found] = frozenset(
                _door(one, protocol, p.number)
                for one in self.members
                for p in one.ports
                if p.name == name and p.protocol == protocol
            )
        return found


def _door(one: Member, protocol: str, number: int) -> str:
    return f"{one.address} . {protocol} . {number}"


def _canonical(selector: Selector) -> str:
    return format_selector(Selector(tuple(sorted(selector.requirements, key=lambda r: (r.key, r.op.value, *r.values)))))


def _named(kind: str, *said: str) -> str:
    return f"{kind}_{hashlib.blake2b(chr(10).join(said).encode(), digest_size=8).hexdigest()}"
