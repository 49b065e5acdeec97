"""What the platform's own API tells of workspaces, projects, clusters and quotas. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from msgspec import Struct

from armillary.kube.kinds.rbac import RoleBinding
from armillary.platform.capabilities.tenancy.decide.holders import is_membership
from armillary.platform.capabilities.tenancy.kinds import Cluster, Network, Workspace
from armillary.platform.capabilities.tenancy.names import SORTS
from armillary.platform.capabilities.tenancy.quota.usage import number, quantity
from armillary.platform.frame.caller import Caller


class State(Struct, frozen=True, kw_only=True, rename="camel"):
    """How far something has come, in a sentence."""

    ready: bool = False
    message: str = ""


class WorkspaceView(Struct, frozen=True, kw_only=True, rename="camel"):
    """`role` is the caller's own; "" if what they may see comes from above."""

    name: str
    display_name: str
    description: str
    manager: str
    namespace: str
    projects: int
    devops_projects: int
    hard: dict[str, str]
    used: dict[str, str]
    network: Network
    created: str
    ending: bool
    state: State
    role: str = ""


class ProjectView(Struct, frozen=True, kw_only=True, rename="camel"):
    """Of a project or a DevOps project: `kind` tells. Its object is in `home`, its workloads are in `namespace`."""

    name: str
    kind: str
    workspace: str
    home: str
    namespace: str
    display_name: str
    description: str
    creator: str
    isolated: bool
    created: str
    ending: bool
    state: State
    role: str = ""


class ClusterView(Struct, frozen=True, kw_only=True, rename="camel"):
    name: str
    display_name: str
    description: str
    version: str
    nodes: int
    created: str
    state: State


class Amount(Struct, frozen=True, kw_only=True):
    """One resource of a quota."""

    name: str
    hard: str
    used: str
    left: str


class QuotaView(Struct, frozen=True, kw_only=True, rename="camel"):
    items: tuple[Amount, ...]
    raised_by: str  # in words: who can raise it
    quota: str  # which one it is: `workspace team-a`


class Workspaces(Struct, frozen=True, kw_only=True):
    items: tuple[WorkspaceView, ...]


class Projects(Struct, frozen=True, kw_only=True):
    items: tuple[ProjectView, ...]


class ClusterList(Struct, frozen=True, kw_only=True):
    items: tuple[ClusterView, ...]


def state_of(item: Any) -> State:
    told = next((c for c in item.status.conditions if c.type == "Ready"), None)
    return State(ready=told.status == "True", message=told.message) if told is not None else State()


def role_of(caller: Caller, bindings: Iterable[RoleBinding]) -> str:
    """The caller's role at a place: by their own membership, a department's, or one from above."""
    mine = [
        (_rank(b), b.role_ref.name)
        for b in bindings
        # Roles with a colon are the platform's own, of single permissions; nobody knows them by name.
        if b.role_ref is not None and ":" not in b.role_ref.name and names(b.subjects, caller)
    ]
    return min(mine)[1] if mine else ""


def _rank(binding: RoleBinding) -> tuple[int, str]:
    order = 0 if binding.metadata.name.startswith("member:") else 1
    return (order if is_membership(binding) else 2, binding.metadata.name)


def names(subjects: Sequence[Any], caller: Caller) -> bool:
    """Whether the caller, or a group of theirs, is among them."""
    return any(
        (s.kind == "User" and s.name == caller.kube_user) or (s.kind == "Group" and s.name in caller.kube_groups)
        for s in subjects
    )


def workspace_view(workspace: Workspace, role: str = "") -> WorkspaceView:
    meta, spec, status = workspace.metadata, workspace.spec, workspace.status
    return WorkspaceView(
        name=meta.name,
        display_name=spec.display_name,
        description=spec.description,
        manager=spec.manager,
        namespace=status.namespace,
        projects=status.projects,
        devops_projects=status.devops_projects,
        hard=spec.quota.hard,
        used={name: amount for name, amount in status.quota.used.items() if name in spec.quota.hard},
        network=spec.network,
        created=meta.creation_timestamp,
        ending=bool(meta.deletion_timestamp),
        state=state_of(workspace),
        role=role,
    )


def project_view(project: Any, workspace: str, role: str = "") -> ProjectView:
    meta, spec = project.metadata, project.spec
    sort = next(sort for sort in SORTS if isinstance(project, sort.kind.type))
    return ProjectView(
        name=meta.name,
        kind=sort.level,
        workspace=workspace,
        home=meta.namespace,
        namespace=project.status.namespace,
        display_name=spec.display_name,
        description=spec.description,
        creator=spec.creator,
        isolated=getattr(spec, "network", Network()).isolated,
        created=meta.creation_timestamp,
        ending=bool(meta.deletion_timestamp),
        state=state_of(project),
        role=role,
    )


def cluster_view(cluster: Cluster) -> ClusterView:
    return ClusterView(
        name=cluster.metadata.name,
        display_name=cluster.spec.display_name,
        description=cluster.spec.description,
        version=cluster.status.version,
        nodes=cluster.status.nodes,
        created=cluster.metadata.creation_timestamp,
        state=state_of(cluster),
    )


def amounts(hard: Mapping[str, str], used: Mapping[str, str]) -> tuple[Amount, ...]:
    """Each resource, by name; what is not counted yet is told as unused."""
    found = []
    for name, most in sorted(hard.items()):
        taken = used.get(name, "0")
        left = quantity(name, max(0, number(name, most) - number(name, taken)))
        found.append(Amount(name=name, hard=most, used=taken, left=left))
    return tuple(found)
