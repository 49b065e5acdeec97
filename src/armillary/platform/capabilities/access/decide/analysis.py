"""Who may do what by the RBAC objects of a cluster, and by which of them. Pure.

Semantics: Kubernetes documentation, "Using RBAC Authorization": a RoleBinding counts in its namespace only, what is no
resource is allowed by ClusterRoleBindings only. Aggregated ClusterRoles have their rules filled in already.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from armillary.kube.kinds.rbac import (
    ClusterRole,
    ClusterRoleBinding,
    PolicyRule,
    Role,
    RoleBinding,
    RoleRef,
    Subject,
)
from armillary.platform.capabilities.access.decide.rules import Permission, covers, permissions_of, resource_matches
from armillary.platform.capabilities.access.kinds import Department
from armillary.platform.capabilities.access.ports import groups_of
from armillary.platform.frame.caller import AUTHENTICATED, kube_group, kube_user, user_of


@dataclass(frozen=True, slots=True)
class Who:
    """A user as the cluster knows them."""

    user: str
    groups: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Grant:
    """That a rule of a binding's role allows something."""

    binding: Any
    rule: PolicyRule


@dataclass(frozen=True, slots=True)
class Rbac:
    """All of a cluster's RBAC."""

    roles: Mapping[tuple[str, str], Role] = field(default_factory=dict)
    cluster_roles: Mapping[str, ClusterRole] = field(default_factory=dict)
    bindings: Sequence[RoleBinding] = ()
    cluster_bindings: Sequence[ClusterRoleBinding] = ()

    def rules(self, ref: RoleRef | None, namespace: str) -> Sequence[PolicyRule]:
        """Of the role that a binding names; none if it is not there."""
        if ref is None:
            return ()
        found = self.cluster_roles.get(ref.name) if ref.kind == "ClusterRole" else self.roles.get((namespace, ref.name))
        return found.rules if found is not None else ()

    def counting(self, namespace: str) -> Iterator[Any]:
        """The bindings that count there; only the cluster's if `namespace` is ""."""
        yield from self.cluster_bindings
        yield from (b for b in self.bindings if namespace and b.metadata.namespace == namespace)


def rbac_of(
    roles: Iterable[Role],
    cluster_roles: Iterable[ClusterRole],
    bindings: Iterable[RoleBinding],
    cluster_bindings: Iterable[ClusterRoleBinding],
) -> Rbac:
    return Rbac(
        {(role.metadata.namespace, role.metadata.name): role for role in roles},
        {role.metadata.name: role for role in cluster_roles},
        tuple(bindings),
        tuple(cluster_bindings),
    )


def allows(rule: PolicyRule, asked: Permission) -> bool:
    """Whether one rule alone allows it."""
    if asked.url:
        return any(covers(held, asked) for held in permissions_of((rule,)))
    return (
        ("*" in rule.verbs or asked.verb in rule.verbs)
        and ("*" in rule.api_groups or asked.group in rule.api_groups)
        and any(resource_matches(held, asked.resource) for held in rule.resources)
        and (not rule.resource_names or asked.name in rule.resource_names)
    )


def grants(rbac: Rbac, asked: Permission, namespace: str) -> list[Grant]:
    """Every binding by which somebody may, with the first rule that says so."""
    found = []
    for binding in rbac.counting(namespace):
        if asked.url and binding.metadata.namespace:
            continue
        rules = rbac.rules(binding.role_ref, binding.metadata.namespace)
        rule = next((r for r in rules if allows(r, asked)), None)
        if rule is not None:
            found.append(Grant(binding, rule))
    return found


def applies(subject: Subject, who: Who, namespace: str) -> bool:
    """Whether a binding's subject is them; `namespace` is the binding's."""
    match subject.kind:
        case "User":
            return subject.name == who.user
        case "Group":
            return subject.name in who.groups
        case "ServiceAccount":
            home = subject.namespace or namespace
            return bool(home) and who.user == f"system:serviceaccount:{home}:{subject.name}"
    return False


def grants_to(rbac: Rbac, who: Who, asked: Permission, namespace: str) -> list[Grant]:
    return [grant for grant in grants(rbac, asked, namespace) if is_bound(grant.binding, who)]


def is_bound(binding: Any, who: Who) -> bool:
    return any(applies(subject, who, binding.metadata.namespace) for subject in binding.subjects)


def held_by(rbac: Rbac, who: Who, namespace: str, *, without: frozenset[str] = frozenset()) -> frozenset[Permission]:
    """All that somebody holds there, but for the bindings of these names in that namespace (or of the cluster)."""
    found: set[Permission] = set()
    for binding in rbac.counting(namespace):
        is_left_out = binding.metadata.name in without and binding.metadata.namespace == namespace
        if is_bound(binding, who) and not is_left_out:
            found |= permissions_of(rbac.rules(binding.role_ref, binding.metadata.namespace))
    return frozenset(found)


@dataclass(frozen=True, slots=True)
class People:
    """The platform's accounts, each as their clusters know them."""

    known: Mapping[str, Who]

    def of(self, subject: Subject) -> tuple[str, ...]:
        """The accounts that a subject stands for; none for what is not a group of ours."""
        if subject.kind == "User":
            user = user_of(subject.name)
            return (user,) if user in self.known else ()
        if subject.kind != "Group" or subject.name == AUTHENTICATED:
            return ()
        return tuple(sorted(user for user, who in self.known.items() if subject.name in who.groups))


def people_of(groups: Mapping[str, Sequence[str]], departments: Sequence[Department]) -> People:
    """From each user's own groups (which a provider told), and the departments there are."""
    return People({user: who_of(user, own, departments) for user, own in groups.items()})


def who_of(user: str, own: Sequence[str], departments: Sequence[Department]) -> Who:
    """A user as `Caller.kube_groups` has them after signing in."""
    named = (*own, *groups_of(user, departments))
    return Who(kube_user(user), frozenset({*map(kube_group, named), AUTHENTICATED}))
