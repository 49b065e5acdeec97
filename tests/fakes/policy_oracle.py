"""May this connection be made? Read off the policies one by one, as their documentation says it."""

from collections.abc import Mapping, Sequence
from ipaddress import ip_address, ip_network

from armillary.engine.network.policies.members import Member
from armillary.kube.kinds.meta import LabelSelector
from armillary.kube.kinds.networking import NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort


class Oracle:
    """Knows who has which address."""

    def __init__(
        self, policies: Sequence[NetworkPolicy], members: Sequence[Member], namespaces: Mapping[str, Mapping[str, str]]
    ) -> None:
        self.policies, self.namespaces = policies, namespaces
        self.members = {member.address: member for member in members}

    def allows(self, source: str, target: str, protocol: str, port: int) -> bool:
        if source == target:
            return True
        sends = self._about(source, "Egress")
        receives = self._about(target, "Ingress")
        out = [(rule.to, rule.ports) for policy in sends for rule in policy.spec.egress]
        into = [(rule.from_, rule.ports) for policy in receives for rule in policy.spec.ingress]
        places = [policy.metadata.namespace for policy in sends for _ in policy.spec.egress]
        into_places = [policy.metadata.namespace for policy in receives for _ in policy.spec.ingress]

        def one_of(rules: list[tuple[tuple[NetworkPolicyPeer, ...], tuple[NetworkPolicyPort, ...]]],
                   where: list[str], peer: str) -> bool:  # fmt: skip
            return any(
                (not peers or any(self._is(p, peer, ns, protocol, port) for p in peers))
                and (not ports or any(self._port(p, target, protocol, port) for p in ports))
                for (peers, ports), ns in zip(rules, where, strict=True)
            )

        return (not sends or one_of(out, places, target)) and (not receives or one_of(into, into_places, source))

    def _about(self, address: str, way: str) -> list[NetworkPolicy]:
        pod = self.members.get(address)
        if pod is None or not pod.is_pod:
            return []
        return [
            policy
            for policy in self.policies
            if policy.metadata.namespace == pod.namespace
            and _selects(policy.spec.pod_selector or LabelSelector(), pod.labels)
            and way in (policy.spec.policy_types or (["Ingress"] + (["Egress"] if policy.spec.egress else [])))
        ]

    def _is(self, peer: NetworkPolicyPeer, address: str, namespace: str, protocol: str, port: int) -> bool:
        if peer.ip_block is not None:
            return _inside(address, peer.ip_block.cidr) and not any(_inside(address, e) for e in peer.ip_block.except_)
        who = self.members.get(address)
        if who is None:
            return False
        if peer.namespace_selector is None:
            if who.namespace != namespace:
                return False
        elif not _selects(peer.namespace_selector, self.namespaces.get(who.namespace, {})):
            return False
        if peer.pod_selector is not None and not _selects(peer.pod_selector, who.labels):
            return False
        return who.is_pod or any((p.protocol, p.number) == (protocol, port) for p in who.ports)

    def _port(self, wanted: NetworkPolicyPort, target: str, protocol: str, port: int) -> bool:
        if (wanted.protocol or "TCP").lower() != protocol:
            return False
        if wanted.port is None:
            return True
        if isinstance(wanted.port, int):
            return wanted.port <= port <= (wanted.end_port or wanted.port)
        who = self.members.get(target)
        return who is not None and any(
            (p.name, p.protocol, p.number) == (wanted.port, protocol, port) for p in who.ports
        )


def _selects(selector: LabelSelector, labels: Mapping[str, str]) -> bool:
    def holds(key: str, operator: str, values: Sequence[str]) -> bool:
        match operator:
            case "In":
                return labels.get(key) in values
            case "NotIn":
                return labels.get(key) not in values
            case "Exists":
                return key in labels
        return key not in labels

    return all(labels.get(k) == v for k, v in selector.match_labels.items()) and all(
        holds(e.key, e.operator, e.values) for e in selector.match_expressions
    )


def _inside(address: str, cidr: str) -> bool:
    return ip_address(address) in ip_network(cidr, strict=False)
