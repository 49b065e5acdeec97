"""A bridge with "pods" on it: network namespaces whose sockets this process holds. No containers, the real kernel."""

import ctypes
import json
import os
import select
import socket
import subprocess
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

_NEWNET = 0x40000000
_LIBC = ctypes.CDLL(None, use_errno=True)
_KINDS = {"tcp": socket.SOCK_STREAM, "udp": socket.SOCK_DGRAM}
REFUSED_SECONDS = 0.5  # what has not come by then was dropped: there is nothing but a bridge in between

Try = tuple[str, str, str, int]  # from, to (addresses), protocol, port


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True)


@contextmanager
def _inside(namespace: str) -> Iterator[None]:
    here = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    there = os.open(f"/run/netns/{namespace}", os.O_RDONLY)
    try:
        assert _LIBC.setns(there, _NEWNET) == 0
        yield
    finally:
        assert _LIBC.setns(here, _NEWNET) == 0
        os.close(here)
        os.close(there)


@dataclass(frozen=True)
class Wire:
    """`pods` are address -> network namespace; `node` is the bridge's own address, in this process's namespace."""

    node: str
    pods: dict[str, str]
    listening: tuple[socket.socket, ...]

    def succeed(self, tries: Sequence[Try]) -> set[Try]:
        """Those that get through, all tried at once."""
        pending: dict[socket.socket, Try] = {}
        for attempt in tries:
            source, target, protocol, port = attempt
            with self._at(source):
                made = socket.socket(socket.AF_INET, _KINDS[protocol])
            made.setblocking(False)
            pending[made] = attempt
            with suppress(BlockingIOError):
                made.connect((target, port))
            if protocol == "udp":
                with suppress(PermissionError):  # which the sender is told of its own egress to the node
                    made.send(b"?")
        came: set[Try] = set()
        deadline = time.monotonic() + REFUSED_SECONDS
        try:
            while pending.keys() and time.monotonic() < deadline:
                self._answer(0.02)
                for one in list(pending):
                    if _got_through(one, pending[one]):
                        came.add(pending.pop(one))
                        one.close()
        finally:
            for one in pending:
                one.close()
        return came

    def speak_ipv6(self, source: str, target: str) -> bool:
        """Whether a datagram reaches the other's link-local address."""
        with self._at(target):
            receiver = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
            there = _link_local()
        with self._at(source):
            sender = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
            scope = socket.if_nametoindex("eth0")
        with sender, receiver:
            receiver.bind(("::", 5300))
            sender.sendto(b"?", (there, 5300, 0, scope))
            return bool(select.select([receiver], [], [], REFUSED_SECONDS)[0])

    @contextmanager
    def connection(self, source: str, target: str, port: int) -> Iterator[tuple[socket.socket, socket.socket]]:
        """An established one, both its ends."""
        with self._at(source):
            made = socket.create_connection((target, port), timeout=2)
        listener = next(one for one in self.listening if one.getsockname() == (target, port) and _is_tcp(one))
        listener.settimeout(2)
        other, whom = listener.accept()
        while whom != made.getsockname():  # left over from before
            other.close()
            other, whom = listener.accept()
        with made, other:
            other.settimeout(2)
            yield made, other

    @contextmanager
    def _at(self, address: str) -> Iterator[None]:
        if address == self.node:
            yield
        else:
            with _inside(self.pods[address]):
                yield

    def _answer(self, seconds: float) -> None:
        """Datagrams get one back; connections, which the kernel makes, are ended."""
        for one in select.select(self.listening, [], [], seconds)[0]:
            if _is_tcp(one):
                one.accept()[0].close()
            else:
                data, whom = one.recvfrom(16)
                with suppress(PermissionError):
                    one.sendto(data, whom)


def _link_local() -> str:
    """Of eth0, where one is."""
    told = subprocess.run(["ip", "-j", "-6", "address", "show", "dev", "eth0"], capture_output=True, check=True)
    return str(json.loads(told.stdout)[0]["addr_info"][0]["local"])


def _is_tcp(one: socket.socket) -> bool:
    return one.type == socket.SOCK_STREAM


def _got_through(one: socket.socket, attempt: Try) -> bool:
    if _is_tcp(one):
        writable = bool(select.select([], [one], [], 0)[1])
        return writable and one.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0
    return bool(select.select([one], [], [], 0)[0])


@contextmanager
def wire(
    bridge: str, node: str, addresses: Iterable[str], ports: Sequence[tuple[str, int]], prefix: str
) -> Iterator[Wire]:
    """In the network namespace one is in. Every "pod", and the node, listens on `ports` (protocol, number)."""
    Path("/proc/sys/net/bridge/bridge-nf-call-iptables").write_text("1")
    Path("/proc/sys/net/bridge/bridge-nf-call-ip6tables").write_text("1")
    _ip("link", "add", bridge, "type", "bridge")
    _ip("address", "add", f"{node}/24", "dev", bridge)
    _ip("link", "set", bridge, "up")
    pods: dict[str, str] = {}
    listening: list[socket.socket] = []
    try:
        for number, address in enumerate(addresses):
            name = f"{prefix}-{number}"
            _ip("netns", "add", name)
            pods[address] = name
            _ip("link", "add", f"veth{number}", "type", "veth", "peer", "name", "eth0", "netns", name)
            _ip("link", "set", f"veth{number}", "master", bridge, "up")
            with _inside(name):
                # Else its link-local address may not be used for a second.
                Path("/proc/sys/net/ipv6/conf/eth0/accept_dad").write_text("0")
            for words in (("link", "set", "lo", "up"), ("address", "add", f"{address}/24", "dev", "eth0"),
                          ("link", "set", "eth0", "up"), ("route", "add", "default", "via", node)):  # fmt: skip
                _ip("-n", name, *words)
            with _inside(name):
                listening += _listeners(address, ports)
        listening += _listeners(node, ports)
        yield Wire(node, pods, tuple(listening))
    finally:
        for one in listening:
            one.close()
        for name in pods.values():
            _ip("netns", "delete", name)
        _ip("link", "delete", bridge)


def _listeners(address: str, ports: Sequence[tuple[str, int]]) -> Iterator[socket.socket]:
    for protocol, port in ports:
        made = socket.socket(socket.AF_INET, _KINDS[protocol])
        made.bind((address, port))
        if protocol == "tcp":
            made.listen(64)
        yield made
