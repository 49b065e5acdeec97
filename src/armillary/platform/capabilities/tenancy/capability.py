"""Tenancy: workspaces, their projects and DevOps projects, quotas, and the guard that holds them for every client."""

from armillary.base.words import Words
from armillary.kube.kinds.core import NAMESPACE
from armillary.kube.kinds.rbac import CLUSTER_ROLE, CLUSTER_ROLE_BINDING, ROLE, ROLE_BINDING
from armillary.platform.capabilities.access.kinds import DEPARTMENT
from armillary.platform.capabilities.identity.kinds import USER
from armillary.platform.capabilities.tenancy.beginnings import keep_beginnings
from armillary.platform.capabilities.tenancy.controllers import CONTROLLERS
from armillary.platform.capabilities.tenancy.deps import Tenancy, connect
from armillary.platform.capabilities.tenancy.guard.keeping import keep_guard
from armillary.platform.capabilities.tenancy.guard.routes import ROUTES as GUARD_ROUTES
from armillary.platform.capabilities.tenancy.guard.settings import GuardSettings
from armillary.platform.capabilities.tenancy.kinds import CLUSTER, DEVOPS_PROJECT, KINDS, PROJECT, WORKSPACE
from armillary.platform.capabilities.tenancy.quota.recount import Recount
from armillary.platform.capabilities.tenancy.routes import ROUTES
from armillary.platform.frame.capability import Capability, Task

SUMMARY = Words("Workspaces, projects and their quotas", "企业空间、项目及其配额")
READS = (
    WORKSPACE, PROJECT, DEVOPS_PROJECT, CLUSTER, NAMESPACE, USER, DEPARTMENT,
    ROLE, ROLE_BINDING, CLUSTER_ROLE, CLUSTER_ROLE_BINDING,
)  # fmt: skip


def tenancy(guard: GuardSettings | None = None) -> Capability[Tenancy]:
    """Without `guard`, nothing is asked at admission: quotas of workspaces are told and not held."""

    async def begin(deps: Tenancy) -> None:
        await keep_beginnings(deps.parts)

    async def recount(deps: Tenancy) -> None:
        await Recount(deps.parts.client, deps.parts.clock).run()

    async def guarding(deps: Tenancy) -> None:
        if guard is not None:
            await keep_guard(deps.parts, guard)

    tasks = [Task("tenancy beginnings", begin, leads=True), Task("tenancy recount", recount, leads=True)]
    tasks += [Task("tenancy guard", guarding, leads=True)] if guard is not None else []
    return Capability(
        name="tenancy",
        summary=SUMMARY,
        connect=connect,
        kinds=KINDS,
        controllers=CONTROLLERS,
        routes=(*ROUTES, *GUARD_ROUTES),
        tasks=tuple(tasks),
        reads=READS,
    )
