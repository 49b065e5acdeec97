"""The cluster's DNS server: UDP and TCP on the node's address; names outside the cluster are asked upstream."""

import asyncio
import logging
import socket
from collections.abc import Sequence
from pathlib import Path

import dns.exception
import dns.message
import dns.rdatatype

from armillary.engine.network.answers import Answerer, Verdict
from armillary.engine.network.records import Zone

log = logging.getLogger(__name__)

BATCH = 64  # datagrams read in one go, before the loop turns to others
UPSTREAM_SECONDS = 2.0
UPSTREAM_TRIES = 2
FORWARDS_AT_ONCE = 256
TCP_IDLE_SECONDS = 10.0
RESOLV_CONF = Path("/etc/resolv.conf")


def upstream_servers(resolv_conf: str, own: str) -> tuple[str, ...]:
    """The name servers of a resolv.conf(5), ourselves left out: that would be a loop."""
    lines = (line.split() for line in resolv_conf.splitlines())
    return tuple(words[1] for words in lines if len(words) > 1 and words[0] == "nameserver" and words[1] != own)


class DnsServer:
    """Serves one zone at a time; `publish` puts a new one in place at once."""

    def __init__(self, address: str, zone: Zone, upstream: Sequence[str], port: int = 53) -> None:
        self._address, self._port = address, port
        self._answerer = Answerer(zone)
        self._upstream = tuple(upstream)
        self._forwards = asyncio.Semaphore(FORWARDS_AT_ONCE)
        self._tasks: asyncio.TaskGroup

    def publish(self, zone: Zone) -> None:
        self._answerer = Answerer(zone)

    async def run(self) -> None:
        """Serve until cancelled. Raises OSError when the address can't be had."""
        loop = asyncio.get_running_loop()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            udp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            udp.bind((self._address, self._port))
            udp.setblocking(False)
            server = await asyncio.start_server(self._on_connection, self._address, self._port, reuse_address=True)
            try:
                async with server, asyncio.TaskGroup() as self._tasks:
                    loop.add_reader(udp.fileno(), self._on_datagrams, udp)
                    await server.serve_forever()
            finally:
                loop.remove_reader(udp.fileno())

    def _on_datagrams(self, udp: socket.socket) -> None:
        try:
            for _ in range(BATCH):
                query, client = udp.recvfrom(4096)
                answer = self._answerer.answer(query)
                if isinstance(answer, bytes) and not self._answerer_needs_upstream(query, answer):
                    udp.sendto(answer, client)
                elif answer is not Verdict.DROP:
                    self._tasks.create_task(self._forward_datagram(udp, query, client, answer), name="dns forward")
        except BlockingIOError:
            return
        except OSError as exc:  # an ICMP error of an earlier answer arrives here
            log.debug("dns datagram", extra={"error": str(exc)})

    def _answerer_needs_upstream(self, query: bytes, answer: bytes) -> bool:
        """An alias to a name outside the cluster: its address is upstream's to tell. Rare, so found by a cheap look."""
        return answer[7] == 1 and b"\x00\x05\x00\x01" in answer and bool(self._answerer.alias_target(query))

    async def _forward_datagram(
        self, udp: socket.socket, query: bytes, client: tuple[str, int], answer: bytes | Verdict
    ) -> None:
        try:
            reply = await self._complete(query, answer)
            if reply is not None:
                udp.sendto(reply, client)
        except (OSError, dns.exception.DNSException) as exc:
            # A full buffer, a client that is gone, an upstream that talks nonsense: the client asks again.
            log.info("dns question not answered", extra={"client": client[0], "error": str(exc)})

    async def _complete(self, query: bytes, answer: bytes | Verdict) -> bytes | None:
        if isinstance(answer, bytes):
            return await self._follow_alias(query, answer)
        return await self._ask_upstream(query)

    async def _follow_alias(self, query: bytes, answer: bytes) -> bytes:
        asked = dns.message.from_wire(query)
        question = dns.message.make_query(self._answerer.alias_target(query) + ".", asked.question[0].rdtype)
        own = self._answerer.answer(question.to_wire())
        found = own if isinstance(own, bytes) else await self._ask_upstream(question.to_wire())
        if found is None:
            return answer
        reply = dns.message.from_wire(answer)
        reply.answer += dns.message.from_wire(found).answer
        reply.authority.clear()
        return reply.to_wire()

    async def _ask_upstream(self, query: bytes) -> bytes | None:
        async with self._forwards:
            for server in self._upstream * UPSTREAM_TRIES:
                try:
                    async with asyncio.timeout(UPSTREAM_SECONDS):
                        return await _exchange(server, query)
                except (TimeoutError, OSError):
                    continue
        return _failure(query)

    async def _on_connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """RFC 7766: each message behind its length in two bytes; a connection may carry several."""
        try:
            while True:
                async with asyncio.timeout(TCP_IDLE_SECONDS):
                    length = int.from_bytes(await reader.readexactly(2))
                    query = await reader.readexactly(length)
                answer = self._answerer.answer(query, tcp=True)
                if answer is Verdict.DROP:
                    return
                whole = answer if isinstance(answer, bytes) else None
                if whole is None or self._answerer_needs_upstream(query, whole):
                    whole = await self._complete(query, answer)
                if whole is None:
                    return
                writer.write(len(whole).to_bytes(2) + whole)
                await writer.drain()
        except (TimeoutError, asyncio.IncompleteReadError, ConnectionError, dns.exception.DNSException):
            return
        finally:
            writer.close()


async def _exchange(server: str, query: bytes) -> bytes:
    """One question by UDP to one server."""
    loop = asyncio.get_running_loop()
    with socket.socket(socket.AF_INET6 if ":" in server else socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.setblocking(False)
        await loop.sock_connect(sock, (server, 53))
        await loop.sock_sendall(sock, query)
        while True:
            answer = await loop.sock_recv(sock, 65535)
            if answer[:2] == query[:2]:  # an answer to somebody else's question would be a forgery
                return answer


def _failure(query: bytes) -> bytes:
    """SERVFAIL: nobody upstream answered."""
    reply = dns.message.make_response(dns.message.from_wire(query), recursion_available=True)
    reply.set_rcode(dns.rcode.SERVFAIL)
    return reply.to_wire()
