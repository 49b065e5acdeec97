"""What others may ask of access: the groups that departments put a user into, and who holds power. Pure."""

from collections.abc import Iterable, Sequence

from armillary.kube.kinds.rbac import ClusterRoleBinding
from armillary.platform.capabilities.access.kinds import HOME_PREFIX, LEVEL_LABEL, Department
from armillary.platform.frame.caller import department_group, kube_user


def groups_of(user: str, departments: Sequence[Department]) -> tuple[str, ...]:
    """The platform groups of a user: each department that lists them, and those it is a part of.

    Departments that are parts of each other in a circle count once.
    """
    by_place = {(d.metadata.namespace, d.metadata.name): d for d in departments}
    found: dict[str, None] = {}
    for department in departments:
        if user not in department.spec.members:
            continue
        namespace, name = department.metadata.namespace, department.metadata.name
        while (group := department_group(namespace.removeprefix(HOME_PREFIX), name)) not in found:
            found[group] = None
            parent = by_place.get((namespace, by_place[namespace, name].spec.parent))
            if parent is None:
                break
            name = parent.metadata.name
    return tuple(found)


# Roles of the platform's that give nothing over others: whoever manages users may manage their holders.
HARMLESS = frozenset({"armillary:platform:platform-regular", "armillary:platform:platform-self-provisioner"})


def power_of(user: str, bindings: Iterable[ClusterRoleBinding]) -> str:
    """A role on the platform or a cluster that makes the user more than others; "" if there is none.

    To change such an account, or give it a password, is to hold its role: that is for administrators alone.
    """
    name = kube_user(user)
    for binding in bindings:
        role = binding.role_ref.name if binding.role_ref is not None else ""
        is_level = binding.metadata.labels.get(LEVEL_LABEL, "") in ("platform", "cluster")
        if is_level and role not in HARMLESS and any(s.kind == "User" and s.name == name for s in binding.subjects):
            return role
    return ""
