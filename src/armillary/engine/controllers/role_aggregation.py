"""Cluster roles made of others: their rules are those of all roles they select. Upstream: clusterroleaggregation."""

from collections.abc import Iterable
from dataclasses import dataclass

from msgspec import structs

from armillary.kube.kinds.rbac import CLUSTER_ROLE, ClusterRole, PolicyRule
from armillary.kube.object import Key, is_ending, key_of
from armillary.kube.reconcile import Controller, Decision, Reads, Update, Watch
from armillary.kube.selectors import selector_of


@dataclass(frozen=True, slots=True)
class Seen:
    """A role that aggregates, and those it is made of."""

    role: ClusterRole
    parts: tuple[ClusterRole, ...]


async def observe(key: Key, reads: Reads) -> Seen | None:
    role = reads.get(CLUSTER_ROLE, key[1])
    if role is None or role.aggregation_rule is None:
        return None
    selectors = [selector_of(s) for s in role.aggregation_rule.cluster_role_selectors]
    parts = [
        other
        for other in reads.list(CLUSTER_ROLE)
        if other.metadata.name != key[1] and any(s and s.matches(other.metadata.labels) for s in selectors)
    ]
    return Seen(role, tuple(sorted(parts, key=lambda part: part.metadata.name)))


def decide(seen: Seen) -> Decision:
    if is_ending(seen.role):
        return Decision("is being deleted")
    rules: list[PolicyRule] = []
    for rule in (rule for part in seen.parts for rule in part.rules):
        if rule not in rules:
            rules.append(rule)
    if tuple(rules) == seen.role.rules:
        return Decision(f"has the rules of its {len(seen.parts)} parts")
    changed = structs.replace(seen.role, rules=tuple(rules))
    return Decision(f"takes the rules of its {len(seen.parts)} parts", (Update(CLUSTER_ROLE, changed),))


def _aggregates(role: ClusterRole) -> bool:
    return role.aggregation_rule is not None


def _aggregating(item: ClusterRole, reads: Reads) -> Iterable[Key]:
    return [key_of(role) for role in reads.list(CLUSTER_ROLE) if _aggregates(role)]


AGGREGATED_ROLES = Controller(
    name="clusterrole-aggregation-controller",
    root=CLUSTER_ROLE,
    observe=observe,
    decide=decide,
    watches=(Watch(CLUSTER_ROLE, _aggregating),),
    workers=1,
    concerns=_aggregates,
)
