"""What brings built-in roles to the state they must have, and which memberships nobody holds any more. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from msgspec import structs

from armillary.base.clock import parse_time
from armillary.kube.kind import Kind
from armillary.kube.kinds.core import Namespace
from armillary.kube.kinds.meta import ObjectMeta
from armillary.kube.kinds.rbac import CLUSTER_ROLE, ROLE, ClusterRole, Role
from armillary.kube.object import is_ending, key_of
from armillary.kube.reconcile import Action, Create, Decision, Delete, Update
from armillary.platform.capabilities.access.decide.rules import closed, compose
from armillary.platform.capabilities.access.kinds import (
    BUILT_IN_LABEL,
    DESCRIPTION_ANNOTATION,
    LEVEL_LABEL,
    TEMPLATES_ANNOTATION,
    Level,
)
from armillary.platform.capabilities.access.places import place_of
from armillary.platform.capabilities.access.templates.all import CATALOGUES

MANAGED = {"app.kubernetes.io/managed-by": "armillary"}
# A membership may be written a moment before its user: the first administrator's is.
SETTLING = timedelta(seconds=60)


def built_in_roles(level: Level, namespace: str = "") -> tuple[Any, ...]:
    """The built-in roles of a level as objects."""
    catalogue = CATALOGUES[level]
    prefix = "" if namespace else f"armillary:{level}:"
    type_ = Role if namespace else ClusterRole
    return tuple(
        type_(
            metadata=ObjectMeta(
                name=prefix + role.name,
                namespace=namespace,
                labels={**MANAGED, LEVEL_LABEL: level, BUILT_IN_LABEL: "true"},
                annotations={
                    TEMPLATES_ANNOTATION: ",".join(closed(catalogue, role.templates)),
                    DESCRIPTION_ANNOTATION: role.description.en,
                },
            ),
            rules=compose(catalogue, role.templates),
        )
        for role in catalogue.roles
    )


CLUSTER_ROLES: dict[str, ClusterRole] = {
    role.metadata.name: role for level in ("platform", "cluster") for role in built_in_roles(level)
}


def have_role(kind: Kind[Any], wanted: Any, found: Any | None) -> tuple[Action, ...]:
    """That role as it is wanted; labels and annotations of others stay."""
    if found is None:
        return (Create(kind, wanted),)
    metadata = structs.replace(
        found.metadata,
        labels={**found.metadata.labels, **wanted.metadata.labels},
        annotations={**found.metadata.annotations, **wanted.metadata.annotations},
    )
    aggregates = getattr(found, "aggregation_rule", None) is not None
    if metadata == found.metadata and found.rules == wanted.rules and not aggregates:
        return ()
    return (Update(kind, structs.replace(wanted, metadata=metadata)),)


@dataclass(frozen=True, slots=True)
class SpaceSeen:
    """A namespace and the roles in it."""

    namespace: Namespace
    roles: Sequence[Role]


def decide_space(seen: SpaceSeen) -> Decision:
    place = place_of(seen.namespace)
    if place is None or is_ending(seen.namespace):
        return Decision("no place for roles")
    found = {role.metadata.name: role for role in seen.roles}
    wanted = built_in_roles(place.level, place.namespace)
    actions = tuple(a for role in wanted for a in have_role(ROLE, role, found.get(role.metadata.name)))
    return Decision(f"the built-in roles of a {place.level}", actions)


@dataclass(frozen=True, slots=True)
class ClusterRoleSeen:
    """A built-in cluster role, and what is there of it."""

    wanted: ClusterRole
    found: ClusterRole | None


def decide_cluster_role(seen: ClusterRoleSeen) -> Decision:
    return Decision("a built-in role", have_role(CLUSTER_ROLE, seen.wanted, seen.found))


@dataclass(frozen=True, slots=True)
class MembershipSeen:
    kind: Kind[Any]
    binding: Any
    user: str
    has_user: bool
    now: datetime


def decide_membership(seen: MembershipSeen) -> Decision:
    """What a deleted user was a member of: another one of that name must not find it."""
    meta = seen.binding.metadata
    if seen.has_user or is_ending(seen.binding):
        return Decision("its user is there")
    left = parse_time(meta.creation_timestamp) + SETTLING - seen.now
    if left > timedelta():
        return Decision(f"user {seen.user} is not there yet", again_after=left)
    return Decision(f"user {seen.user} is gone", (Delete(seen.kind, key_of(seen.binding), meta.uid),))
