"""Whoever may can act as somebody else, and becomes just that."""

import pytest
from tests.fakes.apiserver import ALICE, FixedAuthorizer

from armillary.base.errors import BadRequest, Denied
from armillary.engine.apiserver.auth.impersonate import impersonate, is_impersonating
from armillary.engine.apiserver.ports import User


def headers(*pairs: str) -> list[tuple[bytes, bytes]]:
    return [(name.strip().encode(), value.strip().encode()) for name, _, value in (p.partition(":") for p in pairs)]


@pytest.mark.parametrize(
    ("sent", "allowed", "user"),
    [
        ([], [], ALICE),
        (["Impersonate-User: bob"], ["impersonate users bob"], User("bob", ("system:authenticated",))),
        (
            ["impersonate-user: bob", "impersonate-group: a", "impersonate-group: b"],
            ["impersonate users bob", "impersonate groups a", "impersonate groups b"],
            User("bob", ("a", "b", "system:authenticated")),
        ),
        (
            ["impersonate-user: bob", "impersonate-group: 研发部"],
            ["impersonate users bob", "impersonate groups 研发部"],
            User("bob", ("研发部", "system:authenticated")),
        ),
        (
            ["impersonate-user: system:serviceaccount:ns:bot"],
            ["impersonate serviceaccounts bot"],
            User(
                "system:serviceaccount:ns:bot",
                ("system:serviceaccounts", "system:serviceaccounts:ns", "system:authenticated"),
            ),
        ),
        (
            ["impersonate-user: system:anonymous"],
            ["impersonate users system:anonymous"],
            User("system:anonymous", ("system:unauthenticated",)),
        ),
        (
            ["impersonate-user: bob", "impersonate-uid: 7",
             "impersonate-extra-a.b%2Fc: x", "impersonate-extra-a.b%2Fc: y"],
            ["impersonate users bob", "impersonate uids 7", "impersonate userextras/a.b/c x",
             "impersonate userextras/a.b/c y"],
            User("bob", ("system:authenticated",), "7", {"a.b/c": ("x", "y")}),
        ),
    ],
)  # fmt: skip
def test_impersonation(sent: list[str], allowed: list[str], user: User) -> None:
    assert impersonate(ALICE, headers(*sent), FixedAuthorizer(allowed)) == user
    assert is_impersonating(headers(*sent)) is bool(sent)


def test_it_needs_permission() -> None:
    sent = headers("Impersonate-User: bob", "Impersonate-Group: system:masters")
    with pytest.raises(Denied) as refused:
        impersonate(ALICE, sent, FixedAuthorizer(["impersonate users bob"]))
    assert refused.value.message == (
        'groups "system:masters" is forbidden: User "alice" cannot impersonate resource "groups" in API group "" '
        "at the cluster scope: not listed"
    )


def test_it_needs_a_user() -> None:
    with pytest.raises(BadRequest, match="without impersonating a user"):
        impersonate(ALICE, headers("Impersonate-Group: a"), FixedAuthorizer(["*"]))
