"""The network policy of a project's namespace, from what its project and its workspace say. Pure.

One policy says all: Kubernetes adds policies up, so a second one for the workspace would undo a project's isolation.
The lists of both levels add up. The system workspace's namespaces may always come in: gateways and monitoring are
there. Name resolution is traffic going out, which is not restricted.
"""

from collections.abc import Iterable

from armillary.kube.kinds.meta import LabelSelector, ObjectMeta
from armillary.kube.kinds.networking import (
    IPBlock,
    NetworkPolicy,
    NetworkPolicyIngressRule,
    NetworkPolicyPeer,
    NetworkPolicySpec,
)
from armillary.platform.capabilities.tenancy.kinds import SYSTEM_WORKSPACE, WORKSPACE_LABEL, Allowed, Network
from armillary.platform.capabilities.tenancy.names import MANAGED, POLICY_NAME

NAME_LABEL = "kubernetes.io/metadata.name"  # which every namespace has


def policy(namespace: str, workspace: str, own: Network, above: Network) -> NetworkPolicy | None:
    """None where nothing is refused."""
    if not own.isolated and not above.isolated:
        return None
    neighbours = (
        NetworkPolicyPeer(pod_selector=LabelSelector())  # of this namespace
        if own.isolated
        else _namespaces(WORKSPACE_LABEL, workspace)
    )
    peers = (neighbours, _namespaces(WORKSPACE_LABEL, SYSTEM_WORKSPACE), *_peers((*above.allow, *own.allow)))
    return NetworkPolicy(
        metadata=ObjectMeta(name=POLICY_NAME, namespace=namespace, labels=MANAGED),
        spec=NetworkPolicySpec(
            pod_selector=LabelSelector(),
            policy_types=("Ingress",),
            ingress=(NetworkPolicyIngressRule(from_=_once(peers)),),
        ),
    )


def _once(peers: Iterable[NetworkPolicyPeer]) -> tuple[NetworkPolicyPeer, ...]:
    found: list[NetworkPolicyPeer] = []
    for peer in peers:
        if peer not in found:
            found.append(peer)
    return tuple(found)


def _peers(allowed: Iterable[Allowed]) -> Iterable[NetworkPolicyPeer]:
    for one in allowed:
        if one.workspace:
            yield _namespaces(WORKSPACE_LABEL, one.workspace)
        if one.namespace:
            yield _namespaces(NAME_LABEL, one.namespace)
        if one.cidr:
            yield NetworkPolicyPeer(ip_block=IPBlock(cidr=one.cidr))


def _namespaces(label: str, value: str) -> NetworkPolicyPeer:
    return NetworkPolicyPeer(namespace_selector=LabelSelector(match_labels={label: value}))
