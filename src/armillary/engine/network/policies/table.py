"""A ruleset of network policies as commands of nftables: all of it, or what turns one into another. Pure.

Filtered is what is forwarded to and from pods, after a Service's address has become its endpoint's, and what pods send
to the node itself. What the node sends is not: kubelet probes, and pods on the node's network, reach every pod.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from armillary.engine.network.policies.compile import ARRIVING, TYPES, Ruleset

NOTHING = Ruleset({}, {}, {}, {})


@dataclass(frozen=True, slots=True)
class Place:
    """The table's name and the pods' bridge."""

    table: str
    bridge: str


def install(place: Place, rules: Ruleset) -> str:
    """The whole table, replacing whatever it was, in one transaction."""
    return f"""table inet {place.table}
delete table inet {place.table}
table inet {place.table} {{
 map ingress {{ type ipv4_addr : verdict; }}
 map egress {{ type ipv4_addr : verdict; }}
 set selves {{ type ipv4_addr . ipv4_addr; }}
 chain {ARRIVING} {{ ip daddr vmap @ingress; accept; }}
 chain leaving {{
  ct state established,related accept;
  ip saddr . ip daddr @selves accept;
  ip saddr vmap @egress;
  goto {ARRIVING};
 }}
 chain forward {{
  type filter hook forward priority filter - 1; policy accept;
  iifname {place.bridge} meta nfproto ipv6 drop;
  jump leaving;
 }}
 chain input {{
  type filter hook input priority filter - 1; policy accept;
  iifname {place.bridge} meta nfproto ipv6 drop;
  jump leaving;
 }}
}}
""" + change(place, NOTHING, rules)


def change(place: Place, old: Ruleset, new: Ruleset) -> str:
    """What turns the one into the other, in one transaction; "" when nothing differs."""
    before, after = _maps(old), _maps(new)
    lines = [f"add set inet {place.table} {name} {{ type {_type(name)}; }}" for name in new.sets.keys() - old.sets]
    made = [name for name in new.chains if name not in old.chains]
    lines += [f"add chain inet {place.table} {name}" for name in made]
    lines += [f"add rule inet {place.table} {name} {rule}" for name in made for rule in new.chains[name]]
    for name, elements in after.items():
        gone = before.get(name, {}).items() - elements.items()
        lines += _elements("delete", place, name, (key for key, _ in gone))
        came = elements.items() - before.get(name, {}).items()
        lines += _elements("add", place, name, (f"{key} : {value}" if value else key for key, value in came))
    unused = [name for name in reversed(tuple(old.chains)) if name not in new.chains]
    # First empty, then away: a chain with rules that others still jump to can't be deleted.
    lines += [f"flush chain inet {place.table} {name}" for name in unused]
    lines += [f"delete chain inet {place.table} {name}" for name in unused]
    lines += [f"delete set inet {place.table} {name}" for name in old.sets.keys() - new.sets]
    return "\n".join(lines) + "\n" if lines else ""


def _maps(rules: Ruleset) -> dict[str, Mapping[str, str]]:
    """All that has elements: name -> key -> value, which is "" in a set."""
    isolated = rules.ingress.keys() | rules.egress
    return {
        "ingress": {address: f"goto {chain}" for address, chain in rules.ingress.items()},
        "egress": {address: f"goto {chain}" for address, chain in rules.egress.items()},
        # No policy keeps a pod from reaching itself, not even through a Service.
        "selves": {f"{address} . {address}": "" for address in isolated},
        **{name: dict.fromkeys(elements, "") for name, elements in rules.sets.items()},
    }


def _elements(verb: str, place: Place, name: str, items: Iterable[str]) -> list[str]:
    said = ", ".join(sorted(items))
    return [f"{verb} element inet {place.table} {name} {{ {said} }}"] if said else []


def _type(name: str) -> str:
    return TYPES[name.partition("_")[0]]
