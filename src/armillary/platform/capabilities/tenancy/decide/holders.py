"""Who holds a right in a namespace, by the Role and RoleBinding objects in it. Pure.

Matching of rules: Kubernetes documentation, "Using RBAC Authorization" (verbs, groups and resources may be `*`; a rule
with resource names is about these alone).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from armillary.kube.kinds.rbac import ClusterRole, PolicyRule, Role, RoleBinding, Subject
from armillary.platform.capabilities.access.kinds import DEPARTMENT_LABEL, LEVEL_LABEL, MEMBER_LABEL
from armillary.platform.capabilities.tenancy.kinds import GROUP

RBAC = "rbac.authorization.k8s.io"


@dataclass(frozen=True, slots=True)
class Access:
    """RBAC of one namespace: its roles and bindings, and the cluster roles that these bind."""

    roles: Sequence[Role] = ()
    bindings: Sequence[RoleBinding] = ()
    cluster_roles: Mapping[str, ClusterRole] = field(default_factory=dict)

    def rules(self, binding: RoleBinding) -> Sequence[PolicyRule]:
        """What a binding gives; nothing if its role is not there."""
        ref = binding.role_ref
        if ref is None:
            return ()
        if ref.kind == "ClusterRole":
            known = self.cluster_roles.get(ref.name)
            return known.rules if known else ()
        return next((role.rules for role in self.roles if role.metadata.name == ref.name), ())


def allows(rules: Iterable[PolicyRule], verb: str, resource: str, name: str, group: str = GROUP) -> bool:
    return any(
        _has(rule.verbs, verb)
        and _has(rule.api_groups, group)
        and _has(rule.resources, resource)
        and (not rule.resource_names or name in rule.resource_names)
        for rule in rules
    )


def _has(given: Sequence[str], asked: str) -> bool:
    return "*" in given or asked in given


def holders(access: Access, verb: str, resource: str, name: str) -> tuple[Subject, ...]:
    """Everybody who may do that with the object of that name."""
    return subjects(binding for binding in access.bindings if allows(access.rules(binding), verb, resource, name))


def members(access: Access) -> tuple[Subject, ...]:
    """Everybody with a membership."""
    return subjects(binding for binding in access.bindings if is_membership(binding))


def is_membership(binding: RoleBinding) -> bool:
    labels = binding.metadata.labels
    return LEVEL_LABEL in labels and (MEMBER_LABEL in labels or DEPARTMENT_LABEL in labels)


def subjects(bindings: Iterable[RoleBinding]) -> tuple[Subject, ...]:
    """Each once and in one order, whatever order the bindings came in."""
    found = {(s.kind, s.namespace, s.name): s for binding in bindings for s in binding.subjects}
    return tuple(found[key] for key in sorted(found))


def user_subject(name: str) -> Subject:
    return Subject(api_group=RBAC, kind="User", name=name)
