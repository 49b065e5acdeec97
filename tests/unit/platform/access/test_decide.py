"""Memberships that end, last administrators, departments, and whose a namespace is."""

from datetime import UTC, datetime

import pytest

from armillary.base.errors import BadRequest, Denied
from armillary.kube.kinds.core import Namespace
from armillary.kube.kinds.meta import ObjectMeta
from armillary.kube.kinds.rbac import ROLE_BINDING, Role
from armillary.kube.reconcile import Create, Delete, Update
from armillary.platform.capabilities.access.decide.keep import (
    MembershipSeen,
    SpaceSeen,
    built_in_roles,
    decide_membership,
    decide_space,
)
from armillary.platform.capabilities.access.decide.memberships import last_admin, membership, parse_member, readable
from armillary.platform.capabilities.access.decide.rules import Permission
from armillary.platform.capabilities.access.kinds import Department, DepartmentSpec
from armillary.platform.capabilities.access.places import Place, place_of
from armillary.platform.capabilities.access.ports import groups_of
from armillary.platform.capabilities.tenancy.kinds import OWNER_ANNOTATION, PROJECT_LABEL, WORKSPACE_LABEL

WEB = Place("project", namespace="team-web", workspace="team", home="workspace-team", name="web")
NOW = datetime(2026, 1, 1, 12, 0, 0, tzinfo=UTC)


def namespace(name: str, owner: str = "", **labels: str) -> Namespace:
    return Namespace(
        metadata=ObjectMeta(name=name, annotations={OWNER_ANNOTATION: owner} if owner else {}, labels=labels)
    )


@pytest.mark.parametrize(
    ("found", "level"),
    [
        (namespace("workspace-team", "workspaces/team"), "workspace"),
        (namespace("team-web", "projects/team/web"), "project"),
        (namespace("team-ci", "devopsprojects/team/ci"), "devopsproject"),
        (namespace("team-web", **{WORKSPACE_LABEL: "team", PROJECT_LABEL: "web"}), "project"),
        (namespace("workspace-team", **{WORKSPACE_LABEL: "team"}), "workspace"),
        (namespace("kube-system", **{WORKSPACE_LABEL: "system"}), None),
        (namespace("theirs"), None),
        (namespace("theirs", "else/team"), None),
        # What the annotation says goes before labels, which are easier to come by.
        (namespace("team-web", "projects/team/web", **{WORKSPACE_LABEL: "other"}), "project"),
    ],
)
def test_whose_a_namespace_is(found: Namespace, level: str | None) -> None:
    place = place_of(found)
    assert (place.level if place else None) == level
    assert place is None or place.workspace == "team"


def test_missing_roles_are_made_edited_ones_put_right_others_left() -> None:
    space = namespace("team-web", "projects/team/web")
    admin, operator, viewer = built_in_roles("project", "team-web")
    edited = Role(metadata=operator.metadata, rules=admin.rules)
    own = Role(metadata=ObjectMeta(name="own", namespace="team-web"))
    actions = decide_space(SpaceSeen(space, (viewer, edited, own))).actions
    assert [(type(a), a.item.metadata.name) for a in actions if isinstance(a, Create | Update)] == [
        (Create, "admin"),
        (Update, "operator"),
    ]
    assert len(actions) == 2
    assert not decide_space(SpaceSeen(space, (admin, operator, viewer))).actions
    ending = Namespace(metadata=ObjectMeta(name="x", annotations=space.metadata.annotations, deletion_timestamp="now"))
    assert not decide_space(SpaceSeen(ending, ())).actions


@pytest.mark.parametrize(
    ("created", "has_user", "goes", "looks_again"),
    [
        ("2026-01-01T11:00:00Z", False, True, False),
        ("2026-01-01T11:00:00Z", True, False, False),
        ("2026-01-01T11:59:50Z", False, False, True),
    ],
)
def test_a_membership_goes_with_its_user(created: str, has_user: bool, goes: bool, looks_again: bool) -> None:
    made = membership(WEB, "ben", "viewer", "ann")
    meta = ObjectMeta(name=made.metadata.name, namespace="team-web", uid="1", creation_timestamp=created)
    seen = MembershipSeen(ROLE_BINDING, type(made)(metadata=meta), "ben", has_user, NOW)
    decision = decide_membership(seen)
    assert [type(action) for action in decision.actions] == ([Delete] if goes else [])
    assert (decision.again_after is not None) == looks_again


@pytest.mark.parametrize(
    ("leaving", "others", "is_refused"),
    [
        ("ann", [], True),
        ("ann", [("ben", "admin")], False),
        ("ann", [("ben", "viewer")], True),
        ("ann", [("gone", "admin")], True),
        ("ann", [("department:ops", "admin")], False),
        ("ann", [("department:empty", "admin")], True),
    ],
)
def test_somebody_must_administer(leaving: str, others: list[tuple[str, str]], is_refused: bool) -> None:
    own = membership(WEB, leaving, "admin", "")
    there = [own, *(membership(WEB, member, role, "") for member, role in others)]
    refusal = last_admin(WEB, own, there, frozenset({"ann", "ben"}), frozenset({"ops"}))
    assert (refusal is not None) == is_refused


@pytest.mark.parametrize("text", ["", "department:", "a:b", "department:a:b", "system:admin"])
def test_members_are_users_or_departments(text: str) -> None:
    with pytest.raises(BadRequest):
        parse_member(text)


def test_a_refused_grant_is_told_in_words() -> None:
    raw = Denied('user "armillary:ben" is attempting to grant RBAC permissions not currently held: {...}')
    told = readable(raw, "role 'admin'", [Permission("", "secrets", "get"), Permission("apps", "deployments", "list")])
    assert told.message == (
        "you can't give role 'admin': it allows what you may not do yourself: get secrets, list deployments.apps"
    )
    assert readable(Denied("no"), "x", ()).message == "no"


def department(name: str, parent: str = "", *members: str) -> Department:
    meta = ObjectMeta(name=name, namespace="workspace-team")
    return Department(metadata=meta, spec=DepartmentSpec(parent=parent, members=members))


@pytest.mark.parametrize(
    ("departments", "groups"),
    [
        ((), ()),
        ((department("dev", "", "ben"),), ()),
        ((department("dev", "", "ann"),), ("team:dev",)),
        ((department("all"), department("dev", "all", "ann")), ("team:dev", "team:all")),
        ((department("a", "b", "ann"), department("b", "a")), ("team:a", "team:b")),
        ((department("a", "a", "ann"),), ("team:a",)),
        ((department("a", "gone", "ann"),), ("team:a",)),
    ],
)
def test_departments_put_people_into_groups(departments: tuple[Department, ...], groups: tuple[str, ...]) -> None:
    assert groups_of("ann", departments) == groups
