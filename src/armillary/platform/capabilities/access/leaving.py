"""What a user loses who leaves a workspace: memberships of its projects, places in its departments.

Done as the platform, once the cluster has said that the caller may remove them from the workspace.
"""

from msgspec import structs

from armillary.base.errors import NotFound
from armillary.kube.kinds.core import NAMESPACE
from armillary.kube.kinds.rbac import ROLE_BINDING
from armillary.platform.capabilities.access.kinds import DEPARTMENT, LEVEL_LABEL, MEMBER_LABEL
from armillary.platform.capabilities.access.observed import every
from armillary.platform.capabilities.access.places import Place, place_of
from armillary.platform.frame.parts import Parts


async def leave_projects(parts: Parts, workspace: Place, user: str) -> None:
    found = await every(parts.client, ROLE_BINDING, labels=f"{LEVEL_LABEL},{MEMBER_LABEL}={user}")
    for binding in found:
        namespace = binding.metadata.namespace
        space = parts.reads.get(NAMESPACE, namespace)
        place = place_of(space) if space is not None else None
        if place is None or place.workspace != workspace.workspace or namespace == workspace.namespace:
            continue
        try:
            await parts.client.delete(ROLE_BINDING, binding.metadata.name, namespace, uid=binding.metadata.uid)
        except NotFound:
            continue
    for department in await every(parts.client, DEPARTMENT, workspace.namespace):
        if user in department.spec.members:
            left = tuple(member for member in department.spec.members if member != user)
            kept = structs.replace(department, spec=structs.replace(department.spec, members=left))
            await parts.client.update(DEPARTMENT, kept, department.metadata.name, workspace.namespace)
