"""Who takes part in the pods' network, as network policies see it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from armillary.kube.kinds.core import Pod

DONE = ("Succeeded", "Failed")
DNS_PORT = 53


@dataclass(frozen=True, slots=True)
class NamedPort:
    """A port of a container that policies may call by its name. `protocol` is tcp, udp or sctp."""

    name: str
    protocol: str
    number: int


@dataclass(frozen=True, slots=True)
class Member:
    """A pod with an IPv4 address of its own, or a service of the node that stands for a pod."""

    address: str
    namespace: str
    labels: Mapping[str, str]
    ports: tuple[NamedPort, ...] = ()
    # Else a part of the node: it is a peer at `ports` alone, and no policy is about it.
    is_pod: bool = True


def cluster_dns(address: str) -> Member:
    """The DNS server of the node, with the labels it has elsewhere: policies that let pods ask it name those."""
    ports = (NamedPort("dns", "udp", DNS_PORT), NamedPort("dns-tcp", "tcp", DNS_PORT))
    return Member(address, "kube-system", {"k8s-app": "kube-dns"}, ports, is_pod=False)


def member(pod: Pod, address: str = "") -> Member | None:
    """None for who has no address of its own, no more, or not yet. `address` goes before what the status says."""
    found = address or pod.status.pod_ip
    if pod.spec.host_network or pod.status.phase in DONE or not found or ":" in found:
        return None
    return Member(found, pod.metadata.namespace, pod.metadata.labels, _ports(pod))


def _ports(pod: Pod) -> tuple[NamedPort, ...]:
    sidecars = (c for c in pod.spec.init_containers if c.restart_policy == "Always")
    found: dict[tuple[str, str], NamedPort] = {}
    for container in (*pod.spec.containers, *sidecars):
        for port in container.ports:
            protocol = (port.protocol or "TCP").lower()
            if port.name:
                # Where two containers give the same name, the first has it.
                found.setdefault((port.name, protocol), NamedPort(port.name, protocol, port.container_port))
    return tuple(found.values())
