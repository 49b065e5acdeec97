"""What may be written into roles and memberships: no forged labels, no loss of the last admin. Pure.

Whether somebody may give the rights in a role away at all, Kubernetes decides.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from armillary.base.errors import ApiError
from armillary.kube.kinds.rbac import Subject
from armillary.platform.capabilities.access.kinds import (
    BUILT_IN_LABEL,
    DEPARTMENT_LABEL,
    LEVEL_LABEL,
    LEVELS,
    MEMBER_LABEL,
    Level,
)
from armillary.platform.capabilities.tenancy.guard.write import Write, first, in_the_way, refuse
from armillary.platform.frame.caller import department_group, kube_group, kube_user

ADMINS: Mapping[str, str] = {
    "platform": "armillary:platform:platform-admin",
    "workspace": "admin",
    "project": "admin",
    "devopsproject": "admin",
}


@dataclass(frozen=True, slots=True)
class PlaceFacts:
    """Of the place that a role or a membership is in."""

    level: Level | None = None  # None: no place for either
    groups: str = ""  # how the groups of its workspace's departments begin
    is_ending: bool = False
    is_cluster_admin: bool = False
    other_admins: int = 0  # besides the membership that is written
    bound_by: tuple[str, ...] = ()  # bindings of the role that is written


def _label(item: Any, label: str) -> str:
    found: str = item.metadata.labels.get(label, "") if item is not None else ""
    return found


def _prefix(level: str) -> str:
    """Before the names of what is cluster-scoped."""
    return f"armillary:{level}:" if level in ("platform", "cluster") else ""


def judge_role(write: Write[Any], facts: PlaceFacts) -> ApiError | None:
    what = f'role "{write.name}"'
    if facts.is_ending and write.new is None:
        return None
    if not facts.is_cluster_admin:
        was, now = _label(write.old, BUILT_IN_LABEL), _label(write.new, BUILT_IN_LABEL)
        if was:
            return _built_in(what, write)
        if now:
            return refuse(what, "only the platform may set it", f"metadata.labels[{BUILT_IN_LABEL}]")
    if write.new is None:
        return in_the_way(what, f"it is held by {', '.join(facts.bound_by)}") if facts.bound_by else None
    return _level(what, write, facts)


def _built_in(what: str, write: Write[Any]) -> ApiError | None:
    old, new = write.old, write.new
    if old is not None and new is not None and old.rules == new.rules and old.metadata.labels == new.metadata.labels:
        return None
    return refuse(what, "it is built in and can't be changed; make one of your own from the same templates")


def _level(what: str, write: Write[Any], facts: PlaceFacts) -> ApiError | None:
    said = _label(write.new, LEVEL_LABEL)
    if not said:
        return None
    field = f"metadata.labels[{LEVEL_LABEL}]"
    if said not in LEVELS or facts.level is None:
        return refuse(what, "there is nothing of that level here", field)
    if said != facts.level and not (facts.level in ("platform", "cluster") and said in ("platform", "cluster")):
        return refuse(what, f"must be {facts.level} here", field)
    if not write.name.startswith(_prefix(said)):
        return refuse(what, f"names of this level begin with {_prefix(said)}", "metadata.name")
    return None


def is_admin(level: str, binding: Any) -> bool:
    """Whether a membership makes somebody an admin of its place."""
    if binding is None or _label(binding, LEVEL_LABEL) != level or binding.role_ref is None:
        return False
    has_holder = bool(_label(binding, MEMBER_LABEL) or _label(binding, DEPARTMENT_LABEL)) and bool(binding.subjects)
    return has_holder and binding.role_ref.name == ADMINS.get(level)


def makes_admin(level: str, binding: Any, user: str) -> bool:
    """Whether a membership makes this user, by name, an admin of its place."""
    return is_admin(level, binding) and _label(binding, MEMBER_LABEL) == user


def count_admins(level: str, bindings: Iterable[Any], users: frozenset[str], departments: frozenset[str]) -> int:
    """Admins among these: accounts that may sign in, and departments that have members."""
    held = [b for b in bindings if is_admin(level, b)]
    return sum(_label(b, MEMBER_LABEL) in users or _label(b, DEPARTMENT_LABEL) in departments for b in held)


def judge_membership(write: Write[Any], facts: PlaceFacts) -> ApiError | None:
    what = f'membership "{write.name}"'
    if facts.is_ending and write.new is None:
        return None
    said = _label(write.old, LEVEL_LABEL)
    was, stays = is_admin(said, write.old), is_admin(said, write.new)
    if was and not stays and not facts.other_admins:
        return in_the_way(what, "it is the last admin here; make somebody else admin first")
    if write.new is None or not _label(write.new, LEVEL_LABEL):
        return None
    return first(_level(what, write, facts), _holder(what, write.new, facts))


def _holder(what: str, binding: Any, facts: PlaceFacts) -> ApiError | None:
    """Labels, name and subject say the same."""
    level = _label(binding, LEVEL_LABEL)
    user, department = _label(binding, MEMBER_LABEL), _label(binding, DEPARTMENT_LABEL)
    if bool(user) == bool(department):
        return refuse(what, f"exactly one of {MEMBER_LABEL} and {DEPARTMENT_LABEL} must be set", "metadata.labels")
    name = _prefix(level) + (f"member:{user}" if user else f"department:{department}")
    if binding.metadata.name != name:
        return refuse(what, f'must be "{name}", as its labels say', "metadata.name")
    if not _is_of(binding.subjects, user, department, facts.groups):
        return refuse(what, "must be who its labels say, and nobody else", "subjects")
    ref = binding.role_ref
    kind = "ClusterRole" if _prefix(level) else "Role"
    if ref is None or ref.kind != kind or not ref.name.startswith(_prefix(level)):
        return refuse(what, f"must be a {kind} of this level", "roleRef")
    return None


def _is_of(subjects: tuple[Subject, ...], user: str, department: str, workspace: str) -> bool:
    if len(subjects) != 1:
        return False
    (one,) = subjects
    if user:
        return (one.kind, one.name) == ("User", kube_user(user))
    groups = {kube_group(department_group(workspace, department))} if workspace else {kube_group(department)}
    return one.kind == "Group" and one.name in groups
