"""The controllers of access: built-in roles are kept as they are, memberships of deleted users go."""

from collections.abc import Iterable
from typing import Any

from msgspec import structs

from armillary.base.errors import ApiError
from armillary.kube.client import Client
from armillary.kube.kind import Kind
from armillary.kube.kinds.core import NAMESPACE
from armillary.kube.kinds.rbac import CLUSTER_ROLE, CLUSTER_ROLE_BINDING, ROLE, ROLE_BINDING, Role
from armillary.kube.object import Key
from armillary.kube.reconcile import Controller, Create, Decision, Index, Reads, Update, Watch
from armillary.platform.capabilities.access.decide.keep import (
    CLUSTER_ROLES,
    ClusterRoleSeen,
    MembershipSeen,
    SpaceSeen,
    built_in_roles,
    decide_cluster_role,
    decide_membership,
    decide_space,
    have_role,
)
from armillary.platform.capabilities.access.kinds import DEPARTMENT, LEVEL_LABEL, MEMBER_LABEL, Department
from armillary.platform.capabilities.identity.kinds import USER, User
from armillary.platform.frame.parts import HOST, Parts

LOOK_SECONDS = 60.0
MEMBER_INDEX = "access-member"  # of bindings and departments, by the users in them


async def observe_space(key: Key, reads: Reads) -> SpaceSeen | None:
    namespace = reads.get(NAMESPACE, key[1])
    return None if namespace is None else SpaceSeen(namespace, reads.list(ROLE, key[1]))


async def observe_cluster_role(key: Key, reads: Reads) -> ClusterRoleSeen | None:
    wanted = CLUSTER_ROLES.get(key[1])
    return None if wanted is None else ClusterRoleSeen(wanted, reads.get(CLUSTER_ROLE, key[1]))


def _space_of(role: Role, reads: Reads) -> Iterable[Key]:
    return [("", role.metadata.namespace)]


SPACES = Controller(
    name="armillary-roles",
    root=NAMESPACE,
    observe=observe_space,
    decide=decide_space,
    watches=(Watch(ROLE, _space_of),),
)
CLUSTER_ROLE_KEEPER = Controller(
    name="armillary-cluster-roles",
    root=CLUSTER_ROLE,
    observe=observe_cluster_role,
    decide=decide_cluster_role,
    concerns=lambda role: role.metadata.name in CLUSTER_ROLES,
)


def _member(binding: Any) -> Iterable[str]:
    labels = binding.metadata.labels
    return [labels[MEMBER_LABEL]] if LEVEL_LABEL in labels and MEMBER_LABEL in labels else []


def _memberships(kind: Kind[Any], name: str) -> Controller[MembershipSeen]:
    async def observe(key: Key, reads: Reads) -> MembershipSeen | None:
        binding = reads.get(kind, key[1], key[0])
        user = next(iter(_member(binding)), "") if binding is not None else ""
        if not user:
            return None
        return MembershipSeen(kind, binding, user, reads.get(USER, user) is not None, reads.now())

    def of_user(user: User, reads: Reads) -> Iterable[Key]:
        found = reads.by(kind, MEMBER_INDEX, user.metadata.name)
        return [(b.metadata.namespace, b.metadata.name) for b in found]

    return Controller(
        name=name,
        root=kind,
        observe=observe,
        decide=decide_membership,
        watches=(Watch(USER, of_user, matters=lambda old, new: old.metadata.uid != new.metadata.uid),),
        indexes=(Index(kind, MEMBER_INDEX, _member),),
        concerns=lambda binding: bool(_member(binding)),
    )


async def observe_department(key: Key, reads: Reads) -> tuple[Department, frozenset[str]] | None:
    """A department, and who of its members has no account."""
    found = reads.get(DEPARTMENT, key[1], key[0])
    if found is None:
        return None
    return found, frozenset(user for user in found.spec.members if reads.get(USER, user) is None)


def decide_department(seen: tuple[Department, frozenset[str]]) -> Decision:
    department, gone = seen
    if not gone:
        return Decision("all its members are there")
    left = tuple(user for user in department.spec.members if user not in gone)
    kept = structs.replace(department, spec=structs.replace(department.spec, members=left))
    return Decision(f"gone: {', '.join(sorted(gone))}", (Update(DEPARTMENT, kept),))


def _departments_of(user: User, reads: Reads) -> Iterable[Key]:
    found = reads.by(DEPARTMENT, MEMBER_INDEX, user.metadata.name)
    return [(d.metadata.namespace, d.metadata.name) for d in found]


DEPARTMENTS = Controller(
    name="armillary-departments",
    root=DEPARTMENT,
    observe=observe_department,
    decide=decide_department,
    watches=(Watch(USER, _departments_of, matters=lambda old, new: old.metadata.uid != new.metadata.uid),),
    indexes=(Index(DEPARTMENT, MEMBER_INDEX, lambda department: department.spec.members),),
    # Only the going of a user is a reason to look, not what was written a moment before its user arrives here.
    concerns=lambda department: False,
)
CONTROLLERS: tuple[Controller[Any], ...] = (
    SPACES,
    CLUSTER_ROLE_KEEPER,
    _memberships(ROLE_BINDING, "armillary-memberships"),
    _memberships(CLUSTER_ROLE_BINDING, "armillary-cluster-memberships"),
    DEPARTMENTS,
)


async def keep_cluster_roles(parts: Parts) -> None:
    """Built-in cluster roles, in every cluster: at the start, and now and then where no controller looks."""
    while True:
        for cluster in parts.clusters.names():
            try:
                await _have_cluster_roles(parts.clusters.client(cluster), is_host=cluster == HOST)
            except ApiError:
                continue  # out of reach, or written by another replica at the same time: the next look will do
        await parts.clock.sleep(LOOK_SECONDS)


async def _have_cluster_roles(client: Client, *, is_host: bool) -> None:
    wanted = CLUSTER_ROLES.values() if is_host else built_in_roles("cluster")
    for role in wanted:
        found = await client.find(CLUSTER_ROLE, role.metadata.name)
        for action in have_role(CLUSTER_ROLE, role, found):
            match action:
                case Create(kind, item):
                    await client.create(kind, item)
                case Update(kind, item):
                    await client.update(kind, item, item.metadata.name)
