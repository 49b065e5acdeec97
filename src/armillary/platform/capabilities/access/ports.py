"""What others may ask of access: the groups that departments put a user into. Pure."""

from collections.abc import Sequence

from armillary.platform.capabilities.access.kinds import HOME_PREFIX, Department
from armillary.platform.frame.caller import department_group


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
