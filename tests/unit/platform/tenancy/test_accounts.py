"""Whoever manages users does not become one of their betters by it (privilege escalation by accounts)."""

from typing import Any

import pytest

from armillary.base.errors import Denied
from armillary.kube.kinds.meta import ObjectMeta
from armillary.kube.kinds.rbac import ClusterRoleBinding, RoleRef, Subject
from armillary.platform.capabilities.access.kinds import LEVEL_LABEL
from armillary.platform.capabilities.access.ports import power_of
from armillary.platform.capabilities.identity.kinds import Identity, User, UserSpec
from armillary.platform.capabilities.tenancy.guard.accounts import ends_account, judge_end, judge_user
from armillary.platform.capabilities.tenancy.guard.write import Write

ELSEWHERE = (Identity(provider="corp", subject="uid=eve"),)


def write(old: UserSpec | None, new: UserSpec | None) -> Write[User]:
    def user(spec: UserSpec | None) -> User | None:
        return User(metadata=ObjectMeta(name="ann"), spec=spec) if spec is not None else None

    operation: Any = "CREATE" if old is None else "DELETE" if new is None else "UPDATE"
    return Write(operation, "armillary:manager", "ann", "", user(old), user(new))


@pytest.mark.parametrize(
    ("old", "new", "power", "field"),
    [
        (None, UserSpec(email="a@b"), "", None),
        (UserSpec(), UserSpec(disabled=True), "", None),
        (UserSpec(), None, "", None),
        (UserSpec(groups=("ops",)), UserSpec(groups=("ops",), email="a@b"), "", None),
        (UserSpec(), UserSpec(groups=("ops",)), "", "spec.groups"),
        (None, UserSpec(groups=("ops",)), "", "spec.groups"),
        (UserSpec(), UserSpec(identities=ELSEWHERE), "", "spec.identities"),
        (UserSpec(), UserSpec(email="eve@b"), "armillary:platform:platform-admin", "platform-admin"),
        (UserSpec(), UserSpec(disabled=True), "armillary:cluster:cluster-viewer", "cluster-viewer"),
        (UserSpec(), None, "armillary:platform:platform-admin", "platform-admin"),
    ],
)
def test_what_a_manager_of_users_may_change(
    old: UserSpec | None, new: UserSpec | None, power: str, field: str | None
) -> None:
    refusal = judge_user(write(old, new), power)
    assert (field is None) is (refusal is None)
    if refusal is not None:
        assert isinstance(refusal, Denied)
        assert str(field) in refusal.message


def binding(role: str, user: str, level: str = "platform") -> ClusterRoleBinding:
    return ClusterRoleBinding(
        metadata=ObjectMeta(name="b", labels={LEVEL_LABEL: level}),
        role_ref=RoleRef(kind="ClusterRole", name=role),
        subjects=(Subject(kind="User", name=f"armillary:{user}"),),
    )


@pytest.mark.parametrize(
    ("given", "power"),
    [
        ((), ""),
        ((binding("armillary:platform:platform-regular", "ann"),), ""),
        ((binding("armillary:platform:platform-admin", "bob"),), ""),
        ((binding("armillary:platform:users-manager", "ann"),), "armillary:platform:users-manager"),
        ((binding("armillary:cluster:cluster-admin", "ann", "cluster"),), "armillary:cluster:cluster-admin"),
        ((binding("something", "ann", "workspace"),), ""),
    ],
)
def test_who_holds_power(given: tuple[ClusterRoleBinding, ...], power: str) -> None:
    assert power_of("ann", given) == power


@pytest.mark.parametrize(
    ("old", "new", "ends"),
    [
        (None, UserSpec(), False),
        (None, UserSpec(disabled=True), False),
        (UserSpec(), UserSpec(email="a@b"), False),
        (UserSpec(), UserSpec(disabled=True), True),
        (UserSpec(), None, True),
        (UserSpec(disabled=True), None, False),
        (UserSpec(disabled=True), UserSpec(), False),
    ],
)
def test_what_ends_an_account(old: UserSpec | None, new: UserSpec | None, ends: bool) -> None:
    assert ends_account(write(old, new)) is ends


@pytest.mark.parametrize(("left", "stays"), [(0, True), (1, False)])
def test_the_last_admins_account_stays(left: int, stays: bool) -> None:
    assert (judge_end(write(UserSpec(), None), left) is not None) is stays
