"""The controllers of tenancy: what each looks at. What they decide stands in `decide`."""

from collections.abc import Iterable
from typing import Any

from armillary.kube.kinds.core import LIMIT_RANGE, NAMESPACE, RESOURCE_QUOTA, Namespace
from armillary.kube.kinds.networking import NETWORK_POLICY
from armillary.kube.kinds.rbac import CLUSTER_ROLE, CLUSTER_ROLE_BINDING, ROLE, ROLE_BINDING, ClusterRole, RoleBinding
from armillary.kube.object import Key, Object
from armillary.kube.reconcile import Controller, Index, Reads, Watch, owned
from armillary.platform.capabilities.tenancy.decide.holders import Access
from armillary.platform.capabilities.tenancy.decide.project import ProjectSeen, decide_project, failed_project
from armillary.platform.capabilities.tenancy.decide.workspace import (
    GRANTS,
    WorkspaceSeen,
    decide_workspace,
    failed_workspace,
    role_name,
)
from armillary.platform.capabilities.tenancy.kinds import (
    DEVOPS_PROJECT,
    PROJECT,
    SYSTEM_WORKSPACE,
    WORKSPACE,
    WORKSPACE_LABEL,
    Workspace,
)
from armillary.platform.capabilities.tenancy.names import (
    DEVOPS_PROJECTS,
    LIMITS_NAME,
    OWNER_INDEX,
    POLICY_NAME,
    PROJECTS,
    QUOTA_NAME,
    SYSTEM_NAMESPACES,
    Sort,
    hashed_name,
    home_name,
    home_of,
    home_owner,
    owner_of,
    owners,
    project_namespace_name,
    project_owner,
)

CLUSTER_ROLE_INDEX = "tenancy-cluster-role"  # of role bindings, by the cluster role they bind


def _bound_cluster_role(binding: RoleBinding) -> Iterable[str]:
    ref = binding.role_ref
    return [ref.name] if ref is not None and ref.kind == "ClusterRole" else []


INDEXES = (
    Index(NAMESPACE, OWNER_INDEX, owners),
    Index(ROLE_BINDING, CLUSTER_ROLE_INDEX, _bound_cluster_role),
)


def namespace_of(reads: Reads, owner: str) -> Namespace | None:
    """The namespace that is theirs; the oldest, should there be several."""
    found = reads.by(NAMESPACE, OWNER_INDEX, owner)
    return min(found, key=lambda n: (n.metadata.creation_timestamp, n.metadata.name), default=None)


def access_of(reads: Reads, namespace: Namespace | None) -> Access:
    if namespace is None:
        return Access()
    name = namespace.metadata.name
    bindings = reads.list(ROLE_BINDING, name)
    named = {ref for binding in bindings for ref in _bound_cluster_role(binding)}
    known = {ref: reads.get(CLUSTER_ROLE, ref) for ref in named}
    return Access(reads.list(ROLE, name), bindings, {ref: role for ref, role in known.items() if role is not None})


def _taken(reads: Reads, plain: str, owner: str) -> frozenset[str]:
    found = {name: reads.get(NAMESPACE, name) for name in (plain, hashed_name(plain, owner))}
    return frozenset(name for name, one in found.items() if one is not None and owner_of(one) != owner)


async def observe_workspace(key: Key, reads: Reads) -> WorkspaceSeen | None:
    workspace = reads.get(WORKSPACE, key[1])
    if workspace is None:
        return None
    name = workspace.metadata.name
    home = namespace_of(reads, home_owner(name))
    inside = home.metadata.name if home is not None else ""
    names = [role_name(name, grant) for grant in GRANTS]
    roles = {n: reads.get(CLUSTER_ROLE, n) for n in names}
    bindings = {n: reads.get(CLUSTER_ROLE_BINDING, n) for n in names}
    system = [reads.get(NAMESPACE, n) for n in SYSTEM_NAMESPACES] if name == SYSTEM_WORKSPACE else []
    return WorkspaceSeen(
        workspace,
        reads.now(),
        home=home,
        taken=_taken(reads, home_name(name), home_owner(name)),
        access=access_of(reads, home),
        projects=tuple(reads.list(PROJECT, inside)) if inside else (),
        devops_projects=tuple(reads.list(DEVOPS_PROJECT, inside)) if inside else (),
        system=tuple(n for n in system if n is not None),
        roles={n: role for n, role in roles.items() if role is not None},
        bindings={n: binding for n, binding in bindings.items() if binding is not None},
    )


def _observe(sort: Sort, key: Key, reads: Reads) -> ProjectSeen | None:
    project = reads.get(sort.kind, key[1], key[0])
    if project is None:
        return None
    home = reads.get(NAMESPACE, key[0])
    workspace = reads.get(WORKSPACE, home_of(home)) if home is not None and home_of(home) else None
    if home is None or workspace is None:
        return ProjectSeen(sort, project, reads.now())
    name = workspace.metadata.name
    owner = project_owner(sort, name, key[1])
    own = namespace_of(reads, owner)
    inside = own.metadata.name if own is not None else ""
    return ProjectSeen(
        sort,
        project,
        reads.now(),
        workspace=workspace,
        above=access_of(reads, home),
        namespace=own,
        taken=_taken(reads, project_namespace_name(name, key[1]), owner),
        access=access_of(reads, own),
        quota=reads.get(RESOURCE_QUOTA, QUOTA_NAME, inside) if inside else None,
        limits=reads.get(LIMIT_RANGE, LIMITS_NAME, inside) if inside else None,
        policy=reads.get(NETWORK_POLICY, POLICY_NAME, inside) if inside else None,
    )


async def observe_project(key: Key, reads: Reads) -> ProjectSeen | None:
    return _observe(PROJECTS, key, reads)


async def observe_devops_project(key: Key, reads: Reads) -> ProjectSeen | None:
    return _observe(DEVOPS_PROJECTS, key, reads)


# Whom a change concerns


def _workspace_of_namespace(namespace: Namespace, reads: Reads) -> Iterable[Key]:
    if namespace.metadata.name in SYSTEM_NAMESPACES:
        return [("", SYSTEM_WORKSPACE)]
    name = home_of(namespace) or namespace.metadata.labels.get(WORKSPACE_LABEL, "")
    return [("", name)] if name else []


def _workspace_of_home(item: Object, reads: Reads) -> Iterable[Key]:
    home = reads.get(NAMESPACE, item.metadata.namespace)
    return [("", home_of(home))] if home is not None and home_of(home) else []


def _workspaces_binding(role: ClusterRole, reads: Reads) -> Iterable[Key]:
    for binding in reads.by(ROLE_BINDING, CLUSTER_ROLE_INDEX, role.metadata.name):
        yield from _workspace_of_home(binding, reads)


def _projects_in(sort: Sort, home: str, reads: Reads) -> Iterable[Key]:
    return [(home, project.metadata.name) for project in reads.list(sort.kind, home)]


def _projects_of_namespace(sort: Sort, namespace: Namespace, reads: Reads) -> Iterable[Key]:
    """It if it is a project's, all if it is a home."""
    word, _, rest = owner_of(namespace).partition("/")
    if word == "workspaces":
        return _projects_in(sort, namespace.metadata.name, reads)
    workspace, _, project = rest.partition("/")
    home = namespace_of(reads, home_owner(workspace)) if word == sort.word else None
    return [(home.metadata.name, project)] if home is not None else []


def _watches(sort: Sort) -> tuple[Watch[Any], ...]:
    def of_namespace(namespace: Namespace, reads: Reads) -> Iterable[Key]:
        return _projects_of_namespace(sort, namespace, reads)

    def of_item(item: Object, reads: Reads) -> Iterable[Key]:
        namespace = reads.get(NAMESPACE, item.metadata.namespace)
        return [] if namespace is None else _projects_of_namespace(sort, namespace, reads)

    def of_workspace(workspace: Workspace, reads: Reads) -> Iterable[Key]:
        home = namespace_of(reads, home_owner(workspace.metadata.name))
        return [] if home is None else _projects_in(sort, home.metadata.name, reads)

    def of_cluster_role(role: ClusterRole, reads: Reads) -> Iterable[Key]:
        for binding in reads.by(ROLE_BINDING, CLUSTER_ROLE_INDEX, role.metadata.name):
            yield from of_item(binding, reads)

    return (
        Watch(NAMESPACE, of_namespace),
        Watch(WORKSPACE, of_workspace, matters=_spec_changed),
        Watch(ROLE, of_item),
        Watch(ROLE_BINDING, of_item),
        Watch(CLUSTER_ROLE, of_cluster_role),
        Watch(RESOURCE_QUOTA, of_item, matters=_spec_changed),
        Watch(LIMIT_RANGE, of_item),
        Watch(NETWORK_POLICY, of_item),
    )


def _spec_changed(old: Any, new: Any) -> bool:
    """A ledger's status moves with every pod: that alone is no reason to look."""
    return bool(old.spec != new.spec or old.metadata.labels != new.metadata.labels)


WORKSPACE_CONTROLLER = Controller(
    name="armillary-workspaces",
    root=WORKSPACE,
    observe=observe_workspace,
    decide=decide_workspace,
    watches=(
        Watch(NAMESPACE, _workspace_of_namespace),
        Watch(PROJECT, _workspace_of_home),
        Watch(DEVOPS_PROJECT, _workspace_of_home),
        Watch(ROLE, _workspace_of_home),
        Watch(ROLE_BINDING, _workspace_of_home),
        Watch(CLUSTER_ROLE, _workspaces_binding),
        owned(CLUSTER_ROLE, WORKSPACE),
        owned(CLUSTER_ROLE_BINDING, WORKSPACE),
    ),
    indexes=INDEXES,
    failed=failed_workspace,
)


PROJECT_CONTROLLER = Controller(
    name="armillary-projects",
    root=PROJECT,
    observe=observe_project,
    decide=decide_project,
    watches=_watches(PROJECTS),
    indexes=INDEXES,
    failed=failed_project,
)

DEVOPS_PROJECT_CONTROLLER = Controller(
    name="armillary-devops-projects",
    root=DEVOPS_PROJECT,
    observe=observe_devops_project,
    decide=decide_project,
    watches=_watches(DEVOPS_PROJECTS),
    indexes=INDEXES,
    failed=failed_project,
)

CONTROLLERS = (WORKSPACE_CONTROLLER, PROJECT_CONTROLLER, DEVOPS_PROJECT_CONTROLLER)
