"""Which platform groups a user is in: what their provider told, and their departments with all above them."""

from collections.abc import Mapping, Sequence

from armillary.platform.capabilities.access.kinds import Department
from armillary.platform.frame.caller import department_group


def groups_of(
    told: Sequence[str],
    departments: Sequence[Department],
    workspaces: Mapping[str, str],
    parents: Mapping[tuple[str, str], str],
) -> tuple[str, ...]:
    """`departments` name the user; `workspaces` tells whose a home namespace is; `parents` are of (namespace, name).

    A told group with a colon would look like a department's: nobody's provider can put people into those.
    """
    found = {group for group in told if group and ":" not in group}
    for department in departments:
        namespace = department.metadata.namespace
        workspace = workspaces.get(namespace)
        if workspace is None:
            continue
        name, seen = department.metadata.name, set[str]()
        while name and name not in seen and (namespace, name) in parents:
            seen.add(name)
            name = parents[namespace, name]
        found |= {department_group(workspace, each) for each in seen}
    return tuple(sorted(found))
