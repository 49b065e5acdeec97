"""Keeps the node's packet rules and the cluster's DNS at what Services and pods ask for."""

import asyncio
import logging
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from armillary.base.tasks import supervise
from armillary.engine.network.balancers import Balancer, HostPort, balancers, host_ports
from armillary.engine.network.dns import RESOLV_CONF, DnsServer, upstream_servers
from armillary.engine.network.nft import Nft, NftError
from armillary.engine.network.records import zone
from armillary.engine.network.rules import Net, Ruleset, change, install, remaining, ruleset
from armillary.kube.cache import Cache
from armillary.kube.client import Client
from armillary.kube.kinds.core import SERVICE, Pod
from armillary.kube.kinds.discovery import ENDPOINT_SLICE

log = logging.getLogger(__name__)

SETTLE_SECONDS = 0.002  # changes come in bursts (an endpoint slice per pod): one transaction for all
REINSTALL_SECONDS = 60.0  # in case someone else flushed the rules


@dataclass(frozen=True, slots=True)
class NetworkSettings:
    """`dns_address` is the node's address on the bridge."""

    net: Net
    domain: str
    dns_address: str
    resolv_conf: Path = RESOLV_CONF


async def run_network(settings: NetworkSettings, client: Client, pods: Cache[Pod]) -> None:
    """Until cancelled. `pods` is the cache of this node's pods; whoever made it runs it."""
    services, slices = Cache(client, SERVICE), Cache(client, ENDPOINT_SLICE)
    changed = asyncio.Event()

    def wake(old: Any, new: Any) -> None:
        changed.set()

    for cache in (services, slices, pods):
        cache.listen(wake)
    upstream = upstream_servers(settings.resolv_conf.read_text(), settings.dns_address)
    names = DnsServer(settings.dns_address, zone(settings.domain, (), ()), upstream)
    rules = _Rules(settings.net)

    async def follow() -> None:
        for cache in (services, slices, pods):
            await cache.wait_synced()
        while True:
            changed.clear()
            rules.apply(balancers(services.list(), slices.list()), host_ports(pods.list()))
            names.publish(zone(settings.domain, services.list(), slices.list()))
            try:
                async with asyncio.timeout(REINSTALL_SECONDS):
                    await changed.wait()
                await asyncio.sleep(SETTLE_SECONDS)
            except TimeoutError:
                rules.forget()

    try:
        async with asyncio.TaskGroup() as group:
            for name, run in (
                ("services", services.run),
                ("endpoint slices", slices.run),
                ("dns", names.run),
                ("rules", follow),
            ):
                group.create_task(supervise(name, run), name=name)
    finally:
        rules.close()


class _Rules:
    """What is in the kernel, and how it gets to what is wanted."""

    def __init__(self, net: Net) -> None:
        self._net = net
        self._nft = Nft()
        self._installed: Ruleset | None = None
        self._udp: frozenset[tuple[str, str]] = frozenset()

    def apply(self, wanted: tuple[Balancer, ...], ports: tuple[HostPort, ...]) -> None:
        rules = ruleset(wanted, ports)
        try:
            if self._installed is None:
                self._nft.run(install(self._net, rules))
                self._installed = rules
            else:
                commands = change(self._net, self._installed, rules)
                if commands:
                    self._nft.run(commands)
                self._installed = remaining(self._installed, rules)
        except NftError as exc:  # someone changed our table: begin anew
            log.warning("rules refused; installing all of them", extra={"error": str(exc)})
            self._nft.run(install(self._net, rules))
            self._installed = rules
        self._forget_flows(wanted)

    def _forget_flows(self, wanted: tuple[Balancer, ...]) -> None:
        """UDP has no end of a connection: flows to an endpoint that went must be cut, or they hang on it."""
        udp = frozenset((a, ip) for b in wanted if b.protocol == "udp" for a in b.addresses for ip, _ in b.backends)
        for address, endpoint in self._udp - udp:
            command = ["conntrack", "-D", "-p", "udp", "--orig-dst", address, "--reply-src", endpoint]
            # Exit code 1 says that there was no such flow.
            subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        self._udp = udp

    def forget(self) -> None:
        """Install everything at the next `apply`."""
        self._installed = None

    def close(self) -> None:
        self._nft.close()
