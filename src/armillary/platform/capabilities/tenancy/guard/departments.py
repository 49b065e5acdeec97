"""What may be written into departments: nobody becomes, through one, what the writer could not make them. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from armillary.base.errors import ApiError
from armillary.platform.capabilities.access.kinds import Department
from armillary.platform.capabilities.tenancy.decide.faults import invalid as fault
from armillary.platform.capabilities.tenancy.guard.write import Write, invalid, refuse


@dataclass(frozen=True, slots=True)
class DepartmentFacts:
    workspace: str = ""  # whose home it is written into
    parents: Mapping[str, str] = field(default_factory=dict)  # of the departments there are
    unknown: tuple[str, ...] = ()  # new members who have no account
    ungrantable: tuple[str, ...] = ()  # memberships that its new members would get, and the writer can't give


def new_members(write: Write[Department]) -> tuple[str, ...]:
    """Who is in it that was not; all of them if it is put below another one."""
    if write.new is None:
        return ()
    moved = write.old is None or write.old.spec.parent != write.new.spec.parent
    before = () if moved or write.old is None else write.old.spec.members
    return tuple(user for user in write.new.spec.members if user not in before)


def gains(write: Write[Department], parents: Mapping[str, str]) -> tuple[str, ...]:
    """The departments whose memberships somebody gains by this write."""
    if write.new is None:
        return ()
    above = ancestors(write.new.spec.parent, parents)
    if write.old is None or set(write.new.spec.members) - set(write.old.spec.members):
        return (write.name, *above)
    return above if write.old.spec.parent != write.new.spec.parent else ()


def ancestors(name: str, parents: Mapping[str, str]) -> tuple[str, ...]:
    """It and all above it; a circle is gone round once."""
    found: list[str] = []
    while name and name not in found:
        found.append(name)
        name = parents.get(name, "")
    return tuple(found)


def judge_department(write: Write[Department], facts: DepartmentFacts) -> ApiError | None:
    what, new = f'department "{write.name}"', write.new
    if new is None or (write.old is not None and write.old.spec == new.spec):
        return None
    if not facts.workspace:
        return refuse(what, f"namespace {write.namespace} is not the home of a workspace")
    parent = new.spec.parent
    causes = []
    if parent and parent != write.name and parent not in facts.parents:
        causes.append(fault("spec.parent", parent, "there is no such department"))
    if write.name in ancestors(parent, facts.parents):
        causes.append(fault("spec.parent", parent, "a department can't be a part of itself"))
    causes += [
        fault(f"spec.members[{new.spec.members.index(user)}]", user, "there is no such user") for user in facts.unknown
    ]
    bad = invalid(what, causes)
    if bad is not None or not facts.ungrantable:
        return bad
    return refuse(what, f"its members would get {', '.join(facts.ungrantable)}, which you can't give", "spec.members")
