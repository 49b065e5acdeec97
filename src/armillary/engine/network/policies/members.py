"""Who takes part in the pods' network, as network policies see it. Pure."""

from collections.abc import Iterable, Mapping
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


@dataclass(frozen=True, slots=True)
class Joining:
    """A pod whose sandbox is up, while the API server may not know its address yet."""

    pod: Pod
    address: str


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


def members(pods: Iterable[Pod], joining: Mapping[str, Joining]) -> tuple[Member, ...]:
    """One for each address. `joining` is by uid.

    An address may have passed from a pod that ends to a new one before the old object is gone: the new one has it.
    """
    known = {pod.metadata.uid: pod for pod in pods}
    found: dict[str, Member] = {}
    for pod in sorted(known.values(), key=lambda p: (not p.metadata.deletion_timestamp, p.metadata.creation_timestamp)):
        joins = joining.get(pod.metadata.uid)
        one = member(pod, joins.address if joins is not None else "")
        if one is not None:
            found[one.address] = one
    for uid, joins in joining.items():
        if uid not in known and (one := member(joins.pod, joins.address)) is not None:
            found[one.address] = one
    return tuple(found.values())


def still_joining(pods: Iterable[Pod], joining: Mapping[str, Joining]) -> dict[str, Joining]:
    """Those whose address the pods' own statuses do not tell yet; who is gone joins no more."""
    known = {pod.metadata.uid: pod for pod in pods}
    return {uid: joins for uid, joins in joining.items() if uid in known and known[uid].status.pod_ip != joins.address}


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
