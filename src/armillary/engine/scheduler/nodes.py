"""The nodes and what stands on them, kept by sums so that a look at a node costs little.

`changes` of a node grows with every change of it: whoever remembers something about a node remembers it as of a
count, and looks again only when that has moved.
"""

from collections import Counter
from collections.abc import Iterable, Mapping

from armillary.engine.scheduler.wants import Port, Wants
from armillary.kube.kinds.core import Node, Taint
from armillary.kube.requests import Amounts, amounts


class NodeState:
    """One node. The sums are those of all pods in `pods`."""

    __slots__ = (
        "allocatable", "changes", "images", "labels", "name", "pods", "ports", "requested", "score_cpu",
        "score_memory", "taints", "unschedulable",
    )  # fmt: skip

    def __init__(self, node: Node) -> None:
        self.name = node.metadata.name
        self.pods: dict[str, Wants] = {}
        self.requested: Amounts = {}
        self.score_cpu = self.score_memory = 0
        self.ports: Counter[Port] = Counter()
        self.changes = 0
        self.update(node)

    def update(self, node: Node) -> None:
        """The node object changed."""
        self.labels: Mapping[str, str] = node.metadata.labels
        self.taints: tuple[Taint, ...] = node.spec.taints
        self.unschedulable = bool(node.spec.unschedulable)
        self.allocatable = amounts(node.status.allocatable)
        self.images = {name: image.size_bytes or 0 for image in node.status.images for name in image.names}
        self.changes += 1

    def add(self, pod: Wants) -> None:
        if pod.uid in self.pods:
            self.remove(pod.uid)
        self.pods[pod.uid] = pod
        self._sum(pod, 1)

    def remove(self, uid: str) -> Wants | None:
        pod = self.pods.pop(uid, None)
        if pod is not None:
            self._sum(pod, -1)
        return pod

    def _sum(self, pod: Wants, sign: int) -> None:
        for name, value in pod.requests.items():
            self.requested[name] = self.requested.get(name, 0) + sign * value
        self.score_cpu += sign * pod.score_cpu
        self.score_memory += sign * pod.score_memory
        for port in pod.ports:
            self.ports[port] += sign
            if not self.ports[port]:
                del self.ports[port]
        self.changes += 1

    def free(self, resource: str) -> int:
        return self.allocatable.get(resource, 0) - self.requested.get(resource, 0)


class ClusterState:
    """All nodes, and which pods repel others; pods on a node not yet known wait in `homeless`."""

    def __init__(self) -> None:
        self.nodes: dict[str, NodeState] = {}
        self.order: list[NodeState] = []
        self.homes: dict[str, str] = {}  # pod uid -> node name
        self.repelling: dict[str, Wants] = {}  # pods on nodes with required anti-affinity
        self.attracting: dict[str, Wants] = {}  # pods on nodes with any other say about pods beside them
        self._homeless: dict[str, dict[str, Wants]] = {}
        self.namespaces: dict[str, Mapping[str, str]] = {}  # name -> labels

    def set_node(self, node: Node) -> None:
        known = self.nodes.get(node.metadata.name)
        if known is not None:
            known.update(node)
            return
        state = self.nodes[node.metadata.name] = NodeState(node)
        self.order.append(state)
        for pod in self._homeless.pop(state.name, {}).values():
            state.add(pod)

    def remove_node(self, name: str) -> None:
        state = self.nodes.pop(name, None)
        if state is not None:
            self.order.remove(state)
            if state.pods:
                self._homeless[name] = dict(state.pods)

    def set_pod(self, pod: Wants, node: str) -> None:
        """The pod stands on that node, or is about to."""
        if self.homes.get(pod.uid, node) != node:
            self.remove_pod(pod.uid)
        self.homes[pod.uid] = node
        state = self.nodes.get(node)
        if state is not None:
            state.add(pod)
        else:
            self._homeless.setdefault(node, {})[pod.uid] = pod
        if pod.anti_affinity:
            self.repelling[pod.uid] = pod
        if pod.affinity or pod.preferred_pods:
            self.attracting[pod.uid] = pod

    def remove_pod(self, uid: str) -> None:
        node = self.homes.pop(uid, None)
        if node is None:
            return
        state = self.nodes.get(node)
        if state is not None:
            state.remove(uid)
        self._homeless.get(node, {}).pop(uid, None)
        self.repelling.pop(uid, None)
        self.attracting.pop(uid, None)

    def node_of(self, uid: str) -> NodeState | None:
        return self.nodes.get(self.homes.get(uid, ""))

    def pods(self) -> Iterable[tuple[NodeState, Wants]]:
        for state in self.order:
            for pod in state.pods.values():
                yield state, pod
