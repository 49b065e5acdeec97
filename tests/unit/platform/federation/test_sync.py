"""What becomes of users when their directory is looked at again."""

from typing import Any

import pytest
from tests.harness.settles import NOON

from armillary.base.clock import format_time
from armillary.kube.kinds.meta import Condition, ObjectMeta
from armillary.kube.reconcile import Decision
from armillary.platform.capabilities.federation.decide.condition import Seen, decide, is_sync_due
from armillary.platform.capabilities.federation.decide.sync import Account, Looked, changes
from armillary.platform.capabilities.federation.kinds import (
    DISABLED_BECAUSE,
    DISABLED_BY,
    IdentityProvider,
    IdentityProviderSpec,
    IdentityProviderStatus,
    Ldap,
)
from armillary.platform.capabilities.federation.trial import Step, Trial
from armillary.platform.capabilities.identity.kinds import Identity, User, UserSpec

ACTIVE, DISABLED = Account(False, ("operators",)), Account(True, ())
WORKS = Trial(succeeded=True, steps=(Step(name="connect", succeeded=True, says="answers"),))
FAILS = Trial(succeeded=False, steps=(Step(name="connect", succeeded=False, says="does not answer"),))


def user(*, disabled: bool = False, by: str = "", groups: tuple[str, ...] = ("operators",), name: str = "ann") -> User:
    marks = {DISABLED_BY: by, DISABLED_BECAUSE: "why"} if by else {}
    spec = UserSpec(disabled=disabled, groups=groups, identities=(Identity(provider="corp", subject=name),))
    return User(metadata=ObjectMeta(name=name, resource_version="7", annotations=marks), spec=spec)


def looked(account: Account | None, *users: User) -> Looked:
    return Looked("corp", users, {"ann": account} if account is not None else {})


def changed(account: Account | None, one: User) -> dict[str, Any]:
    """The fields of the spec that change; {} for none."""
    patches = changes(looked(account, one))
    assert all(patch.patch["metadata"]["resourceVersion"] == "7" for patch in patches)
    return {name: value for patch in patches for name, value in patch.patch["spec"].items()}


@pytest.mark.parametrize(
    ("account", "one", "change"),
    [
        (ACTIVE, user(), {}),
        (DISABLED, user(), {"disabled": True}),
        (None, user(), {"disabled": True}),
        (DISABLED, user(disabled=True, by="corp"), {}),
        (None, user(disabled=True), {}),
        (ACTIVE, user(disabled=True, by="corp"), {"disabled": False}),
        (ACTIVE, user(disabled=True), {}),  # an administrator has done it
        (ACTIVE, user(disabled=True, by="other"), {}),  # another directory has
        (ACTIVE, user(groups=()), {"groups": ["operators"]}),
        (ACTIVE, user(groups=("operators", "gone")), {"groups": ["operators"]}),
    ],
)
def test_a_user_follows_the_directory(account: Account | None, one: User, change: dict[str, Any]) -> None:
    assert changed(account, one) == change


def test_why_somebody_was_disabled_is_written_down() -> None:
    (gone,) = changes(looked(None, user()))
    (disabled,) = changes(looked(DISABLED, user()))
    assert gone.patch["metadata"]["annotations"] == {
        DISABLED_BY: "corp",
        DISABLED_BECAUSE: "not in the directory any more: corp",
    }
    assert disabled.patch["metadata"]["annotations"][DISABLED_BECAUSE] == "disabled in the directory: corp"


def test_whoever_comes_back_bears_no_mark() -> None:
    (back,) = changes(looked(ACTIVE, user(disabled=True, by="corp")))
    assert back.patch["metadata"]["annotations"] == {DISABLED_BY: None, DISABLED_BECAUSE: None}


def test_a_directory_that_knows_nobody_any_more_disables_nobody() -> None:
    everybody_gone = Looked("corp", [user(), user(name="bob")], {})
    assert everybody_gone.is_doubtful
    assert changes(everybody_gone) == ()


def provider(*conditions: Condition, sync_seconds: int = 300, last_sync: str = "") -> IdentityProvider:
    ldap = Ldap(url="ldap://x", base_dn="dc=x", sync_seconds=sync_seconds)
    status = IdentityProviderStatus(conditions=conditions, last_sync=last_sync, observed_generation=1)
    spec = IdentityProviderSpec(type="ldap", ldap=ldap)
    return IdentityProvider(metadata=ObjectMeta(name="corp", generation=1), spec=spec, status=status)


def conditions_of(decision: Decision) -> dict[str, tuple[str, str]]:
    written = decision.actions[-1].patch["status"]["conditions"]  # type: ignore[union-attr]  # a Patch
    return {c["type"]: (c["status"], c["reason"]) for c in written}


@pytest.mark.parametrize(
    ("seen", "conditions"),
    [
        (Seen(provider(), NOON, WORKS), {"Ready": ("True", "Reachable")}),
        (Seen(provider(), NOON, FAILS), {"Ready": ("False", "Unreachable")}),
        (Seen(provider(), NOON), {"Ready": ("False", "Disabled")}),
        (
            Seen(provider(), NOON, WORKS, looked(ACTIVE, user())),
            {"Ready": ("True", "Reachable"), "Synced": ("True", "Synced")},
        ),
        (
            Seen(provider(), NOON, WORKS, Looked("corp", [user(), user()], {})),
            {"Ready": ("True", "Reachable"), "Synced": ("False", "NobodyFound")},
        ),
        (
            Seen(provider(), NOON, WORKS, look_fault="went away"),
            {"Ready": ("True", "Reachable"), "Synced": ("False", "Unreachable")},
        ),
    ],
)
def test_what_is_written_about_a_provider(seen: Seen, conditions: dict[str, tuple[str, str]]) -> None:
    assert conditions_of(decide(seen)) == conditions


def test_what_is_written_already_is_not_written_again() -> None:
    first = decide(Seen(provider(), NOON, WORKS))
    written = first.actions[0].patch["status"]["conditions"]  # type: ignore[union-attr]
    known = [Condition(**{_snake(name): value for name, value in c.items()}) for c in written]
    assert decide(Seen(provider(*known, last_sync=format_time(NOON)), NOON, WORKS)).actions == ()


def _snake(name: str) -> str:
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name)


@pytest.mark.parametrize(
    ("sync_seconds", "last_sync", "is_due"),
    [
        (300, "", True),
        (300, "2026-06-01T11:55:00Z", True),
        (300, "2026-06-01T11:55:01Z", False),
        (0, "", False),
    ],
)
def test_when_accounts_are_looked_at(sync_seconds: int, last_sync: str, is_due: bool) -> None:
    assert is_sync_due(provider(sync_seconds=sync_seconds, last_sync=last_sync), NOON) is is_due
