"""Access: roles, members and departments on five levels, and who can do what."""

from armillary.base.words import Words
from armillary.kube.kinds.core import NAMESPACE
from armillary.kube.kinds.rbac import CLUSTER_ROLE, CLUSTER_ROLE_BINDING, ROLE, ROLE_BINDING
from armillary.platform.capabilities.access.controllers import CONTROLLERS, keep_cluster_roles
from armillary.platform.capabilities.access.kinds import DEPARTMENT, KINDS
from armillary.platform.capabilities.access.routes import ROUTES
from armillary.platform.capabilities.identity.kinds import USER
from armillary.platform.capabilities.tenancy.kinds import CLUSTER, DEVOPS_PROJECT, PROJECT, WORKSPACE
from armillary.platform.frame.capability import Capability, Task
from armillary.platform.frame.parts import Parts

SUMMARY = Words("Roles, members and departments, and who can do what", "角色、成员与部门，以及权限查询")
READS = (
    WORKSPACE, PROJECT, DEVOPS_PROJECT, CLUSTER, NAMESPACE, USER, DEPARTMENT,
    ROLE, ROLE_BINDING, CLUSTER_ROLE, CLUSTER_ROLE_BINDING,
)  # fmt: skip


def access() -> Capability[Parts]:
    return Capability(
        name="access",
        summary=SUMMARY,
        connect=lambda parts: parts,
        kinds=KINDS,
        controllers=CONTROLLERS,
        routes=ROUTES,
        tasks=(Task("access roles", keep_cluster_roles, leads=True),),
        reads=READS,
    )
