"""Balancers and host ports as one nftables ruleset made of maps. Pure: text in nft's language comes out.

No chain per service: `lb<n>` picks one of n endpoints at random (`st<n>` by the client's address, for session
affinity) and looks the endpoint up, so a change of a service is a change of a few map elements, and costs
the same with ten services as with ten thousand.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from armillary.engine.network.balancers import Balancer, HostPort

MASQUERADE = "0x4000"  # ct mark: the answer must come back through this node

Elements = Mapping[str, str]  # key -> value ("" in a set), in nft's notation
PROTOCOLS = ("tcp", "udp", "sctp")

MAPS = {
    # address . protocol . port of a Service -> how to choose
    "services": "type ipv4_addr . inet_proto . inet_service : verdict",
    "node_ports": "type inet_proto . inet_service : verdict",
    # the same with the number drawn -> endpoint
    "backends": "type ipv4_addr . inet_proto . inet_service . mark : ipv4_addr . inet_service",
    "node_backends": "type inet_proto . inet_service . mark : ipv4_addr . inet_service",
    "host_ports": "type inet_proto . inet_service : ipv4_addr . inet_service",
    "host_address_ports": "type ipv4_addr . inet_proto . inet_service : ipv4_addr . inet_service",
}
SETS = {
    # an endpoint that is its own client must see another address than its own
    "hairpins": "type ipv4_addr . ipv4_addr",
    # node ports whose service has nothing behind it
    "closed_node_ports": "type inet_proto . inet_service",
}


@dataclass(frozen=True, slots=True)
class Net:
    """The node's networks and the table's name."""

    table: str
    bridge: str
    pod_cidr: str
    service_cidr: str


@dataclass(frozen=True, slots=True)
class Ruleset:
    """Contents of the maps and sets, and which numbers of endpoints occur."""

    elements: Mapping[str, Elements]
    counts: frozenset[int]


def ruleset(balancers: Iterable[Balancer], host_ports: Iterable[HostPort]) -> Ruleset:
    """What the maps must hold."""
    maps: dict[str, dict[str, str]] = {name: {} for name in (*MAPS, *SETS)}
    counts = set()
    for balancer in balancers:
        _add(maps, balancer)
        if balancer.backends:
            counts.add(len(balancer.backends))
    for port in host_ports:
        target = f"{port.address} . {port.port}"
        if port.host_address:
            maps["host_address_ports"][f"{port.host_address} . {port.protocol} . {port.host_port}"] = target
        else:
            maps["host_ports"][f"{port.protocol} . {port.host_port}"] = target
        maps["hairpins"][f"{port.address} . {port.address}"] = ""
    return Ruleset(maps, frozenset(counts))


def _add(maps: dict[str, dict[str, str]], balancer: Balancer) -> None:
    count, how = len(balancer.backends), "st" if balancer.affinity else "lb"
    node_key = f"{balancer.protocol} . {balancer.node_port}"
    if not count:
        if balancer.node_port:
            maps["closed_node_ports"][node_key] = ""
        return
    for address in balancer.addresses:
        key = f"{address} . {balancer.protocol} . {balancer.port}"
        maps["services"][key] = f"goto {how}{count}"
        for number, (ip, port) in enumerate(balancer.backends):
            maps["backends"][f"{key} . {number:#010x}"] = f"{ip} . {port}"
    if balancer.node_port:
        maps["node_ports"][node_key] = f"goto node_{'kept_' if balancer.keeps_source else ''}{how}{count}"
        for number, (ip, port) in enumerate(balancer.backends):
            maps["node_backends"][f"{node_key} . {number:#010x}"] = f"{ip} . {port}"
    for ip, _ in balancer.backends:
        maps["hairpins"][f"{ip} . {ip}"] = ""


def install(net: Net, rules: Ruleset) -> str:
    """The whole table, replacing whatever it was, in one transaction."""
    lines = [f"table inet {net.table}", f"delete table inet {net.table}", f"table inet {net.table} {{"]
    lines += [f" map {name} {{ {kind}; }}" for name, kind in MAPS.items()]
    lines += [f" set {name} {{ {kind}; }}" for name, kind in SETS.items()]
    lines += [_chain(line) for line in _choosers(rules.counts)]
    lines += _hooks(net)
    lines.append("}")
    lines += _adds(net, rules.elements)
    return "\n".join(lines) + "\n"


def change(net: Net, old: Ruleset, new: Ruleset) -> str:
    """What turns the one into the other, in one transaction; "" when nothing differs."""
    lines = [f"add chain inet {net.table} {name}" for name, _ in _choosers(new.counts - old.counts)]
    lines += [f"add rule inet {net.table} {name} {rule}" for name, rule in _choosers(new.counts - old.counts)]
    removed: dict[str, dict[str, str]] = {}
    added: dict[str, dict[str, str]] = {}
    for name, elements in new.elements.items():
        before = old.elements.get(name, {})
        # An element's value can't be changed in place: it goes and comes again, within the transaction.
        removed[name] = {k: v for k, v in before.items() if elements.get(k) != v}
        added[name] = {k: v for k, v in elements.items() if before.get(k) != v}
    for name, gone in removed.items():
        if gone:
            lines.append(f"delete element inet {net.table} {name} {{ {', '.join(gone)} }}")
    lines += _adds(net, added)
    return "\n".join(lines) + "\n" if lines else ""


def remaining(old: Ruleset, new: Ruleset) -> Ruleset:
    """What the table holds after `change`: chains are kept, for their numbers come back."""
    return Ruleset(new.elements, old.counts | new.counts)


def _adds(net: Net, maps: Mapping[str, Elements]) -> list[str]:
    lines = []
    for name, elements in maps.items():
        if elements:
            items = ", ".join(f"{key} : {value}" if value else key for key, value in elements.items())
            lines.append(f"add element inet {net.table} {name} {{ {items} }}")
    return lines


def _choosers(counts: Iterable[int]) -> list[tuple[str, str]]:
    """Chains, each of one rule, that choose one of `count` endpoints."""
    found = []
    service = "ip daddr . meta l4proto . th dport . meta mark map @backends"
    node = "meta l4proto . th dport . meta mark map @node_backends"
    for count in sorted(counts):
        for how, draw in (("lb", f"numgen random mod {count}"), ("st", f"jhash ip saddr mod {count}")):
            found.append((f"{how}{count}", f"meta mark set {draw} dnat ip to {service}"))
            marked = f"ct mark set {MASQUERADE} meta mark set {draw} dnat ip to {node}"
            found.append((f"node_{how}{count}", marked))
            # From the machine's own loopback the source can't be kept: no other host could answer to 127.0.0.1.
            found.append((f"node_kept_{how}{count}", f"meta mark set {draw} dnat ip to {node}"))
    return found


def _chain(chain: tuple[str, str]) -> str:
    return f" chain {chain[0]} {{ {chain[1]}; }}"


def _hooks(net: Net) -> list[str]:
    closed = (
        f"ip daddr {net.service_cidr} meta l4proto tcp reject with tcp reset; "
        f"ip daddr {net.service_cidr} ct state new reject with icmp port-unreachable;"
    )
    closed_nodes = (
        "fib daddr type local tcp dport 1-65535 meta l4proto . th dport @closed_node_ports reject with tcp reset; "
        "fib daddr type local meta l4proto . th dport @closed_node_ports reject with icmp port-unreachable;"
    )
    return [
        " chain frontends {",
        "  ip daddr . meta l4proto . th dport vmap @services;",
        "  fib daddr type local jump local_frontends;",
        " }",
        " chain local_frontends {",
        "  meta l4proto . th dport vmap @node_ports;",
        "  dnat ip to ip daddr . meta l4proto . th dport map @host_address_ports;",
        "  dnat ip to meta l4proto . th dport map @host_ports;",
        " }",
        " chain prerouting { type nat hook prerouting priority dstnat; policy accept; jump frontends; }",
        " chain output { type nat hook output priority -100; policy accept; jump frontends; }",
        " chain postrouting {",
        "  type nat hook postrouting priority srcnat; policy accept;",
        f"  ct mark {MASQUERADE} masquerade;",
        f"  ct status dnat ip saddr 127.0.0.0/8 oifname {net.bridge} masquerade;",
        "  ct status dnat ip saddr . ip daddr @hairpins masquerade;",
        f"  ip saddr {net.pod_cidr} ip daddr != {net.pod_cidr} oifname != {net.bridge} masquerade;",
        " }",
        " chain forward_filter {",
        f"  type filter hook forward priority filter; policy accept; {closed}",
        " }",
        f" chain input_filter {{ type filter hook input priority filter; policy accept; {closed_nodes} {closed} }}",
        f" chain output_filter {{ type filter hook output priority filter; policy accept; {closed_nodes} {closed} }}",
    ]
