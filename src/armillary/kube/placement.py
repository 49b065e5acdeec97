"""Whether a node suits a pod by labels and taints: scheduler, daemon sets and node agent must agree on it. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence

from armillary.kube.kinds.core import Node, NodeSelectorRequirement, NodeSelectorTerm, PodSpec, Taint, Toleration

INTEGER = re.compile(r"[+-]?\d+")


def tolerates(toleration: Toleration, taint: Taint) -> bool:
    """As `Toleration` is documented: an empty key with Exists tolerates everything, an empty effect all effects."""
    if toleration.effect and toleration.effect != taint.effect:
        return False
    if toleration.key and toleration.key != taint.key:
        return False
    match toleration.operator or "Equal":
        case "Exists":
            return True
        case "Equal":
            return bool(toleration.key) and toleration.value == taint.value
        case "Gt" | "Lt" as operator if INTEGER.fullmatch(taint.value) and INTEGER.fullmatch(toleration.value):
            left, right = int(taint.value), int(toleration.value)
            return left > right if operator == "Gt" else left < right
    return False


def untolerated(taints: Iterable[Taint], tolerations: Sequence[Toleration], effects: Iterable[str]) -> Taint | None:
    """The first taint with one of these effects that nothing tolerates."""
    wanted = frozenset(effects)
    for taint in taints:
        if taint.effect in wanted and not any(tolerates(t, taint) for t in tolerations):
            return taint
    return None


def requirement_holds(requirement: NodeSelectorRequirement, labels: Mapping[str, str]) -> bool:
    """One expression of a node selector term."""
    value, values = labels.get(requirement.key), requirement.values
    match requirement.operator:
        case "In":
            return value is not None and value in values
        case "NotIn":
            return value is None or value not in values
        case "Exists":
            return value is not None
        case "DoesNotExist":
            return value is None
        case "Gt" | "Lt" as operator:
            if value is None or len(values) != 1 or not INTEGER.fullmatch(value) or not INTEGER.fullmatch(values[0]):
                return False
            return int(value) > int(values[0]) if operator == "Gt" else int(value) < int(values[0])
    return False


def term_matches(term: NodeSelectorTerm, labels: Mapping[str, str], name: str) -> bool:
    """All of a term's expressions; an empty term matches nothing. `metadata.name` is the only field."""
    if not term.match_expressions and not term.match_fields:
        return False
    return all(requirement_holds(r, labels) for r in term.match_expressions) and all(
        requirement_holds(r, {"metadata.name": name}) for r in term.match_fields
    )


def selects(spec: PodSpec, labels: Mapping[str, str], name: str) -> bool:
    """Whether nodeSelector and required node affinity admit a node of these labels and name."""
    if any(labels.get(key) != value for key, value in spec.node_selector.items()):
        return False
    affinity = spec.affinity.node_affinity if spec.affinity is not None else None
    required = affinity.required_during_scheduling_ignored_during_execution if affinity is not None else None
    return required is None or any(term_matches(t, labels, name) for t in required.node_selector_terms)


def node_selected(spec: PodSpec, node: Node) -> bool:
    return selects(spec, node.metadata.labels, node.metadata.name)
