"""What a ruleset of network policies does with a packet, by the few words of nftables' language that it uses.

Stands in for the kernel in pure tests; tests/component/network asks the kernel itself.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address

from armillary.engine.network.policies.compile import Ruleset


@dataclass(frozen=True)
class Packet:
    """The first of a connection."""

    source: str
    target: str
    protocol: str
    port: int


def passes(rules: Ruleset, packet: Packet) -> bool:
    """Whether it is forwarded."""
    if packet.source == packet.target:
        return True
    leaving, arriving = rules.egress.get(packet.source), rules.ingress.get(packet.target)
    if leaving is not None and _walk(rules, leaving, packet) != "goto arriving":
        return False
    return arriving is None or _walk(rules, arriving, packet) == "accept"


def _walk(rules: Ruleset, chain: str, packet: Packet) -> str:
    """The verdict; "" at the end of the chain."""
    for rule in rules.chains[chain]:
        words = re.sub(r' comment ".*"', "", rule).split()
        match = re.fullmatch(r"(.*?)\s*(accept|goto arriving|counter drop|jump \S+)", " ".join(words))
        assert match is not None, rule
        if not _holds(rules, match[1].split(), packet):
            continue
        if match[2].startswith("jump"):
            if verdict := _walk(rules, match[2].split()[1], packet):
                return verdict
            continue
        return match[2]
    return ""


def _holds(rules: Ruleset, words: Sequence[str], packet: Packet) -> bool:
    match words:
        case []:
            return True
        case ["ip", "daddr", ".", "meta", "l4proto", ".", "th", "dport", named, *rest]:
            key = f"{packet.target} . {packet.protocol} . {packet.port}"
            return key in rules.sets[named.removeprefix("@")] and _holds(rules, rest, packet)
        case ["meta", "l4proto", protocol, *rest]:
            return packet.protocol == protocol and _holds(rules, rest, packet)
        case ["ip", ("saddr" | "daddr") as which, *rest]:
            address = packet.source if which == "saddr" else packet.target
            if rest[0].startswith("@"):
                return address in rules.sets[rest[0].removeprefix("@")] and _holds(rules, rest[1:], packet)
            ranges, rest = _operand(rest)
            return _within(int(IPv4Address(address)), ranges) and _holds(rules, rest, packet)
        case [("tcp" | "udp" | "sctp") as protocol, "dport", *rest]:
            ranges, rest = _operand(rest)
            return packet.protocol == protocol and _within(packet.port, ranges) and _holds(rules, rest, packet)
    raise AssertionError(f"unknown words: {' '.join(words)}")


def _operand(words: Sequence[str]) -> tuple[list[str], Sequence[str]]:
    """A range or a set in braces, and what follows."""
    if words[0] != "{":
        return [words[0]], words[1:]
    end = list(words).index("}")
    return [word.rstrip(",") for word in words[1:end]], words[end + 1 :]


def _within(number: int, ranges: Sequence[str]) -> bool:
    def read(text: str) -> int:
        return int(IPv4Address(text)) if "." in text else int(text)

    ends = [(text.partition("-")[0], text.rpartition("-")[2]) for text in ranges]
    return any(read(low) <= number <= read(high) for low, high in ends)
