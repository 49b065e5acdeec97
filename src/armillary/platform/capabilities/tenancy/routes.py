"""Workspaces, projects, clusters and quotas as the caller may see them.

What exists is read from memory; what of it is shown, the cluster decides (SubjectAccessReview). What the caller may
not see answers as what does not exist. Creating is a convenience over the Kubernetes API, done as the caller.
"""

import asyncio
from collections.abc import Iterable, Sequence
from typing import Annotated, Any

from msgspec import Struct

from armillary.base.errors import NotFound, Unavailable
from armillary.base.words import Words, spoken
from armillary.kube.custom import LABEL, doc
from armillary.kube.kinds.core import NAMESPACE, RESOURCE_QUOTA
from armillary.kube.kinds.meta import ObjectMeta
from armillary.kube.kinds.rbac import CLUSTER_ROLE_BINDING, ROLE_BINDING
from armillary.platform.capabilities.tenancy.controllers import access_of
from armillary.platform.capabilities.tenancy.decide.holders import holders
from armillary.platform.capabilities.tenancy.deps import Tenancy
from armillary.platform.capabilities.tenancy.kinds import (
    CLUSTER,
    GROUP,
    WORKSPACE,
    DevOpsProject,
    DevOpsProjectSpec,
    Limits,
    Network,
    Project,
    ProjectSpec,
    Quota,
    Text,
    Workspace,
    WorkspaceSpec,
)
from armillary.platform.capabilities.tenancy.names import DEVOPS_PROJECTS, PROJECTS, QUOTA_NAME, SORTS, Sort
from armillary.platform.capabilities.tenancy.quota.people import named
from armillary.platform.capabilities.tenancy.views import (
    ClusterList,
    Projects,
    ProjectView,
    QuotaView,
    Workspaces,
    WorkspaceView,
    amounts,
    cluster_view,
    names,
    project_view,
    role_of,
    workspace_view,
)
from armillary.platform.frame.caller import Caller
from armillary.platform.frame.capability import Call, Needs, Open, Route
from armillary.platform.frame.parts import Asked

Name = Annotated[str, doc("A DNS label.", pattern=LABEL, min_length=1, max_length=63)]

WORKSPACE_ADMINISTRATOR = Words("an administrator of the workspace", "企业空间管理员")


class NewWorkspace(Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """The manager is the caller unless another one is named."""

    name: Name
    display_name: Text = ""
    description: Text = ""
    manager: str = ""
    quota: Quota = Quota()
    network: Network = Network()


class NewProject(Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """The creator is the caller."""

    name: Name
    display_name: Text = ""
    description: Text = ""
    quota: Quota = Quota()
    limits: Limits = Limits()
    network: Network = Network()


class NewDevOpsProject(Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """The creator is the caller."""

    name: Name
    display_name: Text = ""
    description: Text = ""


# What the caller may see


async def _may(tenancy: Tenancy, caller: Caller, asked: Asked) -> bool:
    return (await tenancy.parts.rights.may(caller, asked)).allowed


async def _seen(
    tenancy: Tenancy, caller: Caller, resource: str, items: Iterable[Any], bound: Iterable[Any], namespace: str = ""
) -> Sequence[Any]:
    """Of these, what the caller may get. If they may not list all, only those of `bound` are asked about."""
    if await _may(tenancy, caller, Asked("list", GROUP, resource, namespace)):
        return sorted(items, key=lambda item: item.metadata.name)
    candidates = sorted(bound, key=lambda item: item.metadata.name)
    answers = await asyncio.gather(
        *(_may(tenancy, caller, Asked("get", GROUP, resource, namespace, c.metadata.name)) for c in candidates)
    )
    return [item for item, may in zip(candidates, answers, strict=True) if may]


async def _workspace(tenancy: Tenancy, caller: Caller, name: str) -> Workspace:
    """Raises NotFound unless it is there and theirs to see."""
    found = tenancy.parts.reads.get(WORKSPACE, name)
    if found is None or not await _may(tenancy, caller, Asked("get", GROUP, "workspaces", name=name)):
        raise _absent("workspaces", name)
    return found


def _absent(resource: str, name: str) -> NotFound:
    return NotFound(f'{resource}.{GROUP} "{name}" not found', group=GROUP, kind=resource, name=name)


def _bound_workspaces(tenancy: Tenancy, caller: Caller) -> Sequence[Workspace]:
    """Those that some binding names together with the caller: the others they can't see by name."""
    reads = tenancy.parts.reads
    inside = {b.metadata.namespace for b in reads.list(ROLE_BINDING) if names(b.subjects, caller)}
    owned = {
        owner.uid
        for binding in reads.list(CLUSTER_ROLE_BINDING)
        if names(binding.subjects, caller)
        for owner in binding.metadata.owner_references
    }
    return [w for w in reads.list(WORKSPACE) if w.status.namespace in inside or w.metadata.uid in owned]


async def _projects(tenancy: Tenancy, caller: Caller, sort: Sort, workspace: Workspace) -> Sequence[Any]:
    """Those of a workspace that the caller is in, or all if they may list them."""
    reads, home = tenancy.parts.reads, workspace.status.namespace
    if not home:
        return ()
    inside = {b.metadata.namespace for b in reads.list(ROLE_BINDING) if names(b.subjects, caller)}
    items = reads.list(sort.kind, home)
    mine = [item for item in items if item.status.namespace in inside or home in inside]
    return await _seen(tenancy, caller, sort.word, items, mine, home)


def _role(tenancy: Tenancy, caller: Caller, namespace: str) -> str:
    return role_of(caller, tenancy.parts.reads.list(ROLE_BINDING, namespace)) if namespace else ""


def _project_view(tenancy: Tenancy, caller: Caller, project: Any, workspace: Workspace) -> ProjectView:
    role = _role(tenancy, caller, project.status.namespace)
    return project_view(project, workspace.metadata.name, role)


# Reading


async def workspaces(call: Call, tenancy: Tenancy) -> Workspaces:
    everything = tenancy.parts.reads.list(WORKSPACE)
    found = await _seen(tenancy, call.user, "workspaces", everything, _bound_workspaces(tenancy, call.user))
    views = [workspace_view(one, _role(tenancy, call.user, one.status.namespace)) for one in found]
    return Workspaces(items=tuple(views))


async def workspace(call: Call, tenancy: Tenancy) -> WorkspaceView:
    found = await _workspace(tenancy, call.user, call.path["workspace"])
    return workspace_view(found, _role(tenancy, call.user, found.status.namespace))


async def _projects_of(call: Call, tenancy: Tenancy, sort: Sort) -> Projects:
    name = call.path["workspace"]
    above = tenancy.parts.reads.get(WORKSPACE, name)
    found = await _projects(tenancy, call.user, sort, above) if above is not None else ()
    if above is None or not found:
        above = await _workspace(tenancy, call.user, name)  # which they may see, or nothing here is theirs
    return Projects(items=tuple(_project_view(tenancy, call.user, project, above) for project in found))


async def projects(call: Call, tenancy: Tenancy) -> Projects:
    return await _projects_of(call, tenancy, PROJECTS)


async def devops_projects(call: Call, tenancy: Tenancy) -> Projects:
    return await _projects_of(call, tenancy, DEVOPS_PROJECTS)


async def my_projects(call: Call, tenancy: Tenancy) -> Projects:
    """Where the caller has a role, in any workspace."""
    found = []
    for above in sorted(tenancy.parts.reads.list(WORKSPACE), key=lambda w: w.metadata.name):
        for sort in SORTS:
            for project in tenancy.parts.reads.list(sort.kind, above.status.namespace or "-"):
                view = _project_view(tenancy, call.user, project, above)
                found += [view] if view.role else []
    return Projects(items=tuple(found))


async def workspace_quota(call: Call, tenancy: Tenancy) -> QuotaView:
    found = await _workspace(tenancy, call.user, call.path["workspace"])
    return QuotaView(
        items=amounts(found.spec.quota.hard, found.status.quota.used),
        raised_by=tenancy.gate.people(spoken(call.user.language)),
        quota=f"workspace {found.metadata.name}",
    )


async def project_quota(call: Call, tenancy: Tenancy) -> QuotaView:
    reads, name = tenancy.parts.reads, call.path["project"]
    above = reads.get(WORKSPACE, call.path["workspace"])
    home = above.status.namespace if above is not None else ""
    project = reads.get(PROJECTS.kind, name, home) if home else None
    if project is None or not await _may(tenancy, call.user, Asked("get", GROUP, "projects", home, name)):
        raise _absent("projects", name)
    counted = await tenancy.parts.client.find(RESOURCE_QUOTA, QUOTA_NAME, project.status.namespace or "-")
    used = counted.status.used if counted is not None else {}
    who = holders(access_of(reads, reads.get(NAMESPACE, home)), "update", "projects/quota", name)
    return QuotaView(
        items=amounts(project.spec.quota.hard, used),
        raised_by=named(who, WORKSPACE_ADMINISTRATOR, spoken(call.user.language)),
        quota=f"project {name}",
    )


async def clusters(call: Call, tenancy: Tenancy) -> ClusterList:
    everything = tenancy.parts.reads.list(CLUSTER)
    found = await _seen(tenancy, call.user, "clusters", everything, everything)
    return ClusterList(items=tuple(map(cluster_view, found)))


# Creating, as the caller


async def create_workspace(call: Call, tenancy: Tenancy) -> WorkspaceView:
    asked: NewWorkspace = call.body
    spec = WorkspaceSpec(
        display_name=asked.display_name,
        description=asked.description,
        manager=asked.manager or call.user.user,
        quota=asked.quota,
        network=asked.network,
    )
    made = Workspace(metadata=ObjectMeta(name=asked.name), spec=spec)
    return workspace_view(await tenancy.parts.clusters.client_as(call.user).create(WORKSPACE, made))


async def create_project(call: Call, tenancy: Tenancy) -> ProjectView:
    asked: NewProject = call.body
    spec = ProjectSpec(
        display_name=asked.display_name,
        description=asked.description,
        creator=call.user.user,
        quota=asked.quota,
        limits=asked.limits,
        network=asked.network,
    )
    return await _create(call, tenancy, PROJECTS, Project(metadata=ObjectMeta(name=asked.name), spec=spec))


async def create_devops_project(call: Call, tenancy: Tenancy) -> ProjectView:
    asked: NewDevOpsProject = call.body
    spec = DevOpsProjectSpec(display_name=asked.display_name, description=asked.description, creator=call.user.user)
    return await _create(call, tenancy, DEVOPS_PROJECTS, DevOpsProject(metadata=ObjectMeta(name=asked.name), spec=spec))


async def _create(call: Call, tenancy: Tenancy, sort: Sort, project: Any) -> ProjectView:
    above = await _workspace(tenancy, call.user, call.path["workspace"])
    if not above.status.namespace:
        raise Unavailable(f"workspace {above.metadata.name} is still being set up; try again in a moment")
    client = tenancy.parts.clusters.client_as(call.user)
    made = await client.create(sort.kind, project, above.status.namespace)
    return project_view(made, above.metadata.name)


_SEES = Needs("get", GROUP, "workspaces", name="{workspace}")

ROUTES: tuple[Route[Tenancy], ...] = (
    Route("GET", "/workspaces", workspaces, Open.SIGNED_IN, "Workspaces that the caller may see.", returns=Workspaces),
    Route(
        "POST",
        "/workspaces",
        create_workspace,
        Open.SIGNED_IN,
        "Create a workspace, managed by the caller unless another manager is named.",
        returns=WorkspaceView,
        body=NewWorkspace,
        status=201,
    ),
    Route("GET", "/workspaces/{workspace}", workspace, _SEES, "One workspace.", returns=WorkspaceView),
    Route(
        "GET",
        "/workspaces/{workspace}/projects",
        projects,
        Open.SIGNED_IN,
        "Projects of a workspace that the caller may see.",
        returns=Projects,
    ),
    Route(
        "POST",
        "/workspaces/{workspace}/projects",
        create_project,
        Open.SIGNED_IN,
        "Create a project; the caller becomes its admin.",
        returns=ProjectView,
        body=NewProject,
        status=201,
    ),
    Route(
        "GET",
        "/workspaces/{workspace}/devopsprojects",
        devops_projects,
        Open.SIGNED_IN,
        "DevOps projects of a workspace that the caller may see.",
        returns=Projects,
    ),
    Route(
        "POST",
        "/workspaces/{workspace}/devopsprojects",
        create_devops_project,
        Open.SIGNED_IN,
        "Create a DevOps project; the caller becomes its admin.",
        returns=ProjectView,
        body=NewDevOpsProject,
        status=201,
    ),
    Route(
        "GET",
        "/workspaces/{workspace}/quota",
        workspace_quota,
        _SEES,
        "A workspace's quota: how much is used and left, and who can raise it.",
        returns=QuotaView,
    ),
    Route(
        "GET",
        "/workspaces/{workspace}/projects/{project}/quota",
        project_quota,
        Open.SIGNED_IN,
        "A project's quota: how much is used and left, and who can raise it.",
        returns=QuotaView,
    ),
    Route(
        "GET",
        "/projects",
        my_projects,
        Open.SIGNED_IN,
        "Projects of all workspaces in which the caller has a role.",
        returns=Projects,
    ),
    Route("GET", "/clusters", clusters, Open.SIGNED_IN, "Clusters that the caller may see.", returns=ClusterList),
)
