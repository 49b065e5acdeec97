"""DNS messages: a question in, an answer out, or word that it must be asked upstream. Pure.

Answers are built by dnspython, once per question and zone; what repeats is copied with a new id.
"""

import ipaddress
from enum import Enum

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.reversename
import dns.rrset

from armillary.engine.network.records import Node, Zone

TTL_SECONDS = 5  # as CoreDNS' kubernetes plugin: a name follows its service within seconds
UDP_BYTES = 1232  # the size that needs no fragments (DNS flag day 2020)
HEADER_BYTES = 12
CACHED_ANSWERS = 4096


class Verdict(Enum):
    """What to do with a question that has no answer here."""

    FORWARD = "ask upstream"
    DROP = "not a question"


class Answerer:
    """Answers from one zone; make a new one when the zone changes."""

    def __init__(self, zone: Zone) -> None:
        self._zone = zone
        self._suffix = f".{zone.domain}"
        self._cache: dict[bytes, bytes] = {}

    def answer(self, query: bytes, *, tcp: bool = False) -> bytes | Verdict:
        """The reply to a query. Over UDP it fits the size the client accepts, truncated if need be."""
        if len(query) < HEADER_BYTES + 5 or query[2] & 0x80:
            return Verdict.DROP
        key = query[2:] if not tcp else b""
        known = self._cache.get(key)
        if known is not None:
            return query[:2] + known
        try:
            message = dns.message.from_wire(query)
        except Exception:  # noqa: BLE001  # boundary: whatever a stranger sends, dnspython's errors have no common root
            return Verdict.DROP
        if message.opcode() != dns.opcode.QUERY or len(message.question) != 1:
            return Verdict.DROP
        reply = self._reply(message)
        if reply is None:
            return Verdict.FORWARD
        most = 65535 if tcp else max(512, min(message.payload, UDP_BYTES))
        wire = reply.to_wire(max_size=most, prefer_truncation=True)
        if key and len(self._cache) < CACHED_ANSWERS:
            self._cache[key] = wire[2:]
        return wire

    def alias_target(self, query: bytes) -> str:
        """Where an ExternalName service points, when the question is for one; else ""."""
        question = dns.message.from_wire(query).question[0]
        node = self._zone.find(question.name.to_text(omit_final_dot=True).lower())
        return node.alias if node is not None else ""

    def _reply(self, message: dns.message.Message) -> dns.message.Message | None:
        question = message.question[0]
        name = question.name.to_text(omit_final_dot=True).lower()
        inside = name == self._zone.domain or name.endswith(self._suffix)
        if not inside:
            return self._pointer(message, question)
        reply = _authoritative(message)
        node = self._zone.find(name)
        if node is None:
            reply.set_rcode(dns.rcode.NXDOMAIN)
        else:
            self._fill(reply, question, node)
        if not reply.answer:
            reply.authority.append(self._soa())
        return reply

    def _fill(self, reply: dns.message.Message, question: dns.rrset.RRset, node: Node) -> None:
        wanted = question.rdtype
        if node.alias:
            reply.answer.append(_records(question.name, "CNAME", [f"{node.alias}."]))
        if wanted in (dns.rdatatype.A, dns.rdatatype.ANY) and node.addresses:
            reply.answer.append(_records(question.name, "A", node.addresses))
        if wanted in (dns.rdatatype.SRV, dns.rdatatype.ANY) and node.services:
            share = max(1, 100 // len(node.services))
            texts = [f"0 {share} {srv.port} {srv.target}." for srv in node.services]
            reply.answer.append(_records(question.name, "SRV", texts))
            for target in {srv.target for srv in node.services}:
                behind = self._zone.find(target)
                if behind is not None and behind.addresses:
                    reply.additional.append(_records(dns.name.from_text(f"{target}."), "A", behind.addresses))
        if wanted == dns.rdatatype.TXT and question.name.labels[0].lower() == b"dns-version":
            reply.answer.append(_records(question.name, "TXT", ['"1.1.0"']))

    def _pointer(self, message: dns.message.Message, question: dns.rrset.RRset) -> dns.message.Message | None:
        if question.rdtype != dns.rdatatype.PTR:
            return None
        try:
            address = dns.reversename.to_address(question.name)
            ipaddress.IPv4Address(address)
        except (ValueError, dns.exception.DNSException):
            return None
        target = self._zone.pointers.get(address)
        if target is None:
            return None
        reply = _authoritative(message)
        reply.answer.append(_records(question.name, "PTR", [f"{target}."]))
        return reply

    def _soa(self) -> dns.rrset.RRset:
        text = f"ns.dns.{self._zone.domain}. hostmaster.{self._zone.domain}. 1 7200 1800 86400 {TTL_SECONDS}"
        return _records(dns.name.from_text(f"{self._zone.domain}."), "SOA", [text])


def _authoritative(message: dns.message.Message) -> dns.message.Message:
    reply = dns.message.make_response(message, recursion_available=True)
    reply.flags |= dns.flags.AA
    return reply


def _records(name: dns.name.Name, kind: str, texts: list[str]) -> dns.rrset.RRset:
    return dns.rrset.from_text_list(name, TTL_SECONDS, "IN", kind, texts)
