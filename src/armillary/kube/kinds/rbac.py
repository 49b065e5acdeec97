"""rbac: typed views of its kinds. Made by tools/gen_kinds.py; do not edit."""

from __future__ import annotations

from msgspec import Struct, field

from armillary.kube.kind import Kind
from armillary.kube.kinds.meta import LabelSelector, ObjectMeta
from armillary.kube.wire import wire_name


class AggregationRule(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    cluster_role_selectors: tuple[LabelSelector, ...] = ()


class ClusterRole(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    aggregation_rule: AggregationRule | None = None
    metadata: ObjectMeta = field(default_factory=lambda: ObjectMeta())
    rules: tuple[PolicyRule, ...] = ()


class ClusterRoleBinding(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    metadata: ObjectMeta = field(default_factory=lambda: ObjectMeta())
    role_ref: RoleRef | None = None
    subjects: tuple[Subject, ...] = ()


class PolicyRule(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    api_groups: tuple[str, ...] = ()
    non_resource_urls: tuple[str, ...] = ()
    resource_names: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    verbs: tuple[str, ...]


class Role(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    metadata: ObjectMeta = field(default_factory=lambda: ObjectMeta())
    rules: tuple[PolicyRule, ...] = ()


class RoleBinding(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    metadata: ObjectMeta = field(default_factory=lambda: ObjectMeta())
    role_ref: RoleRef | None = None
    subjects: tuple[Subject, ...] = ()


class RoleRef(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    api_group: str = ""
    kind: str
    name: str


class Subject(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    api_group: str = ""
    kind: str
    name: str
    namespace: str = ""


CLUSTER_ROLE = Kind("rbac.authorization.k8s.io", "v1", "ClusterRole", "clusterroles", False, ClusterRole)
CLUSTER_ROLE_BINDING = Kind(
    "rbac.authorization.k8s.io", "v1", "ClusterRoleBinding", "clusterrolebindings", False, ClusterRoleBinding
)
ROLE = Kind("rbac.authorization.k8s.io", "v1", "Role", "roles", True, Role)
ROLE_BINDING = Kind("rbac.authorization.k8s.io", "v1", "RoleBinding", "rolebindings", True, RoleBinding)
