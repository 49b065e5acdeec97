"""What tests of audit and history share: tenants on a cluster, and what makes their rights."""

from collections.abc import Sequence

from armillary.base.words import Words
from armillary.kube.client import Client
from armillary.kube.kinds.core import NAMESPACE, Namespace
from armillary.kube.kinds.meta import ObjectMeta
from armillary.kube.kinds.rbac import (
    CLUSTER_ROLE,
    CLUSTER_ROLE_BINDING,
    ROLE,
    ROLE_BINDING,
    ClusterRole,
    ClusterRoleBinding,
    PolicyRule,
    Role,
    RoleBinding,
    RoleRef,
    Subject,
)
from armillary.platform.capabilities.identity.kinds import KINDS as IDENTITY
from armillary.platform.capabilities.tenancy.kinds import (
    HOME_PREFIX,
    PROJECT_LABEL,
    WORKSPACE,
    WORKSPACE_LABEL,
    Workspace,
    WorkspaceStatus,
)
from armillary.platform.capabilities.tenancy.kinds import KINDS as TENANCY
from armillary.platform.frame.capability import Capability

RBAC = "rbac.authorization.k8s.io"

# The kinds of tenancy and identity without what they do: these tests write the state themselves.
KINDS_ALONE: Capability[None] = Capability(
    name="kinds", summary=Words("Kinds alone.", "仅类型。"), connect=lambda parts: None, kinds=(*TENANCY, *IDENTITY)
)


def rule(verbs: str, group: str, resources: str) -> PolicyRule:
    return PolicyRule(verbs=tuple(verbs.split(",")), api_groups=(group,), resources=tuple(resources.split(",")))


def subjects(user: str) -> tuple[Subject, ...]:
    return (Subject(kind="User", name=f"armillary:{user}", api_group=RBAC),)


async def allow(client: Client, user: str, namespace: str, *rules: PolicyRule, name: str = "") -> None:
    """That user may, in that namespace; everywhere if it is empty."""
    name = name or f"of-{user}"
    if not namespace:
        await client.create(CLUSTER_ROLE, ClusterRole(metadata=ObjectMeta(name=name), rules=rules))
        reference = RoleRef(api_group=RBAC, kind="ClusterRole", name=name)
        binding = ClusterRoleBinding(metadata=ObjectMeta(name=name), role_ref=reference, subjects=subjects(user))
        await client.create(CLUSTER_ROLE_BINDING, binding)
        return
    meta = ObjectMeta(name=name, namespace=namespace)
    await client.create(ROLE, Role(metadata=meta, rules=rules), namespace)
    reference = RoleRef(api_group=RBAC, kind="Role", name=name)
    await client.create(
        ROLE_BINDING, RoleBinding(metadata=meta, role_ref=reference, subjects=subjects(user)), namespace
    )


async def tenant(client: Client, workspace: str, projects: Sequence[str]) -> None:
    """A workspace with namespaces, as tenancy leaves them."""
    home = HOME_PREFIX + workspace
    made = await client.create(WORKSPACE, Workspace(metadata=ObjectMeta(name=workspace)))
    for name in (home, *projects):
        labels = {WORKSPACE_LABEL: workspace} | ({} if name == home else {PROJECT_LABEL: name})
        await client.create(NAMESPACE, Namespace(metadata=ObjectMeta(name=name, labels=labels)))
    status = WorkspaceStatus(namespace=home, projects=len(projects))
    await client.update(WORKSPACE, Workspace(metadata=made.metadata, status=status), workspace, subresource="status")
