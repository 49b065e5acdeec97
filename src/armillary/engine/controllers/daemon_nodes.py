"""Which nodes a daemon set's pods belong on, and what a pod for one node looks like. Pure.

Upstream: pkg/controller/daemon, NodeShouldRunDaemonPod, and util.
"""

from msgspec import structs

from armillary.engine.controllers.pods import from_template, prefix
from armillary.kube.kinds.apps import DAEMON_SET, DaemonSet
from armillary.kube.kinds.core import (
    Affinity,
    Node,
    NodeAffinity,
    NodeSelector,
    NodeSelectorRequirement,
    NodeSelectorTerm,
    Pod,
    PodSpec,
    Toleration,
)
from armillary.kube.object import owned_by
from armillary.kube.placement import node_selected, untolerated

REVISION = "controller-revision-hash"
GENERATION = "pod-template-generation"
_NODE_NAME = "metadata.name"


def _tolerated(key: str, effect: str) -> Toleration:
    return Toleration(key=f"node.kubernetes.io/{key}", operator="Exists", effect=effect)


# Daemons stay where others are kept away or driven off by the state of a node.
_ALWAYS = (
    _tolerated("not-ready", "NoExecute"),
    _tolerated("unreachable", "NoExecute"),
    _tolerated("disk-pressure", "NoSchedule"),
    _tolerated("memory-pressure", "NoSchedule"),
    _tolerated("pid-pressure", "NoSchedule"),
    _tolerated("unschedulable", "NoSchedule"),
)
_ON_HOST_NETWORK = (_tolerated("network-unavailable", "NoSchedule"),)


def _with_tolerations(spec: PodSpec) -> PodSpec:
    added = (*_ALWAYS, *(_ON_HOST_NETWORK if spec.host_network else ()))
    rest = tuple(t for t in spec.tolerations if t not in added)
    return structs.replace(spec, tolerations=(*rest, *added))


def _bound_to(affinity: Affinity | None, node: str) -> Affinity:
    """Only that node will do; the scheduler does the binding."""
    only = NodeSelectorRequirement(key=_NODE_NAME, operator="In", values=(node,))
    required = NodeSelector(node_selector_terms=(NodeSelectorTerm(match_fields=(only,)),))
    affinity = affinity or Affinity()
    of_node = affinity.node_affinity or NodeAffinity()
    changed = structs.replace(of_node, required_during_scheduling_ignored_during_execution=required)
    return structs.replace(affinity, node_affinity=changed)


def new_pod(owner: DaemonSet, node: str, digest: str, name: str) -> Pod:
    template = owner.spec.template
    generation = owner.metadata.annotations.get("deprecated.daemonset.template.generation", "")
    labels = {**template.metadata.labels, REVISION: digest} | ({GENERATION: generation} if generation else {})
    spec = _with_tolerations(template.spec)
    spec = structs.replace(spec, affinity=_bound_to(spec.affinity, node))
    whole = structs.replace(template, metadata=structs.replace(template.metadata, labels=labels), spec=spec)
    start = prefix(owner.metadata.name)
    return from_template(whole, owner.metadata.namespace, name, owned_by(DAEMON_SET, owner), generate_name=start)


def should_run(owner: DaemonSet, node: Node) -> tuple[bool, bool]:
    """Whether a pod should be started there, and whether one that runs there may go on."""
    spec = _with_tolerations(owner.spec.template.spec)
    if spec.node_name not in ("", node.metadata.name) or not node_selected(spec, node):
        return False, False
    if untolerated(node.spec.taints, spec.tolerations, ("NoSchedule", "NoExecute")) is None:
        return True, True
    return False, untolerated(node.spec.taints, spec.tolerations, ("NoExecute",)) is None


def target_of(pod: Pod) -> str:
    """The node a pod is on or meant for; "" if neither is said."""
    if pod.spec.node_name:
        return pod.spec.node_name
    affinity = pod.spec.affinity.node_affinity if pod.spec.affinity else None
    required = affinity.required_during_scheduling_ignored_during_execution if affinity else None
    for term in required.node_selector_terms if required else ():
        for field in term.match_fields:
            if field.key == _NODE_NAME and field.operator == "In" and len(field.values) == 1:
                return field.values[0]
    return ""
