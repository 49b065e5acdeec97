"""Memberships as objects: who, with which role; and whether a place would lose its last administrator. Pure."""

from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import structs

from armillary.base.errors import ApiError, BadRequest, Conflict, Denied
from armillary.kube.kinds.meta import ObjectMeta
from armillary.kube.kinds.rbac import ClusterRoleBinding, RoleBinding, RoleRef, Subject
from armillary.platform.capabilities.access.decide.rules import Permission
from armillary.platform.capabilities.access.kinds import (
    ADDED_BY_ANNOTATION,
    DEPARTMENT_LABEL,
    LEVEL_LABEL,
    MEMBER_LABEL,
    Level,
)
from armillary.platform.capabilities.access.places import RBAC, Place
from armillary.platform.frame.caller import department_group, kube_group, kube_user

ADMINS: Mapping[Level, str] = {
    "platform": "platform-admin",
    "workspace": "admin",
    "project": "admin",
    "devopsproject": "admin",
}
MANAGED = {"app.kubernetes.io/managed-by": "armillary"}
DEPARTMENT_PREFIX = "department:"
MOST_TOLD = 8  # permissions that a refusal names


def parse_member(text: str) -> tuple[str, str]:
    """User and department, one of them "": `ann`, or `department:ops`. Raises BadRequest."""
    user, department = ("", text.removeprefix(DEPARTMENT_PREFIX)) if text.startswith(DEPARTMENT_PREFIX) else (text, "")
    if ":" in user + department or not user + department:
        raise BadRequest(f"a member is a user's name or department:NAME, not {text!r}")
    return user, department


def binding_name(place: Place, member: str) -> str:
    user, department = parse_member(member)
    return place.prefix + (f"member:{user}" if user else f"{DEPARTMENT_PREFIX}{department}")


def member_of(binding: Any) -> str:
    """As `parse_member` takes it; "" if it is no membership."""
    labels = binding.metadata.labels
    if labels.get(MEMBER_LABEL):
        return str(labels[MEMBER_LABEL])
    return f"{DEPARTMENT_PREFIX}{labels[DEPARTMENT_LABEL]}" if labels.get(DEPARTMENT_LABEL) else ""


def role_of(place: Place, binding: Any) -> str:
    return binding.role_ref.name.removeprefix(place.prefix) if binding.role_ref is not None else ""


def membership(place: Place, member: str, role: str, by: str) -> Any:
    """As access/kinds.py has it."""
    user, department = parse_member(member)
    label = {MEMBER_LABEL: user} if user else {DEPARTMENT_LABEL: department}
    group = department_group(place.workspace, department) if place.workspace else department
    meta = ObjectMeta(
        name=binding_name(place, member),
        namespace=place.namespace,
        labels={**MANAGED, LEVEL_LABEL: place.level, **label},
        annotations={ADDED_BY_ANNOTATION: by},
    )
    subject = Subject(
        api_group=RBAC, kind="User" if user else "Group", name=kube_user(user) if user else kube_group(group)
    )
    ref = RoleRef(api_group=RBAC, kind=place.role_kind.name, name=place.prefix + role)
    type_ = RoleBinding if place.namespace else ClusterRoleBinding
    return type_(metadata=meta, role_ref=ref, subjects=(subject,))


def trial(binding: Any) -> Any:
    """The same grant under no name in particular, for trying whether it may be made."""
    meta = ObjectMeta(generate_name="armillary-check-", namespace=binding.metadata.namespace)
    return structs.replace(binding, metadata=meta)


def last_admin(
    place: Place, leaving: Any, bindings: Iterable[Any], users: frozenset[str], departments: frozenset[str]
) -> Conflict | None:
    """Why it can't go: nobody else who is there administers the place."""
    admin = ADMINS.get(place.level, "")
    if not admin or role_of(place, leaving) != admin:
        return None
    for binding in bindings:
        if binding.metadata.name == leaving.metadata.name or role_of(place, binding) != admin:
            continue
        user, department = parse_member(member_of(binding) or "-")
        if user in users or department in departments:
            return None
    return Conflict(
        f"{member_of(leaving)} is the last administrator of {place}; make somebody else {admin} first",
        reason="LastAdministrator",
    )


def readable(error: ApiError, what: str, lacking: Iterable[Permission]) -> ApiError:
    """A refusal to grant, in words: what the role allows and the caller may not. Other errors stay."""
    if not is_escalation(error):
        return error
    names = sorted(map(str, lacking))
    if not names:
        return error
    more = f" and {len(names) - MOST_TOLD} more" if len(names) > MOST_TOLD else ""
    told = ", ".join(names[:MOST_TOLD])
    return Denied(
        f"you can't give {what}: it allows what you may not do yourself: {told}{more}",
        reason="Forbidden",
        group=RBAC,
        name=error.name,
    )


def is_escalation(error: ApiError) -> bool:
    """As the API server words it since RBAC is there."""
    return isinstance(error, Denied) and "attempting to grant RBAC permissions not currently held" in error.message
