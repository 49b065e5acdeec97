"""What becomes of users when their directory is looked at again. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from armillary.kube.reconcile import Patch
from armillary.platform.capabilities.federation.kinds import DISABLED_BECAUSE, DISABLED_BY
from armillary.platform.capabilities.identity.kinds import USER, User


@dataclass(frozen=True, slots=True)
class Account:
    """What a directory says of an account that is there."""

    is_disabled: bool
    groups: tuple[str, ...]  # of the platform


@dataclass(frozen=True, slots=True)
class Looked:
    """A provider's linked users, and their accounts by subject; those that vanished are not among these."""

    provider: str
    users: Sequence[User]
    accounts: Mapping[str, Account]

    @property
    def is_doubtful(self) -> bool:
        """It knows none of several people: more likely it was set up wrongly than left by everybody."""
        return len(self.users) > 1 and not self.accounts


def changes(looked: Looked) -> tuple[Patch, ...]:
    """Nothing where the directory's answer is doubtful."""
    if looked.is_doubtful:
        return ()
    return tuple(patch for user in looked.users if (patch := _change(user, looked)) is not None)


def subjects_of(user: User, provider: str) -> tuple[str, ...]:
    return tuple(identity.subject for identity in user.spec.identities if identity.provider == provider)


def _change(user: User, looked: Looked) -> Patch | None:
    accounts = [looked.accounts.get(subject) for subject in subjects_of(user, looked.provider)]
    active = [account for account in accounts if account is not None and not account.is_disabled]
    annotations = user.metadata.annotations
    is_ours = annotations.get(DISABLED_BY) == looked.provider
    if not active:
        if user.spec.disabled:  # by an administrator, by another directory, or by us before
            return None
        why = "not in the directory any more" if not any(accounts) else "disabled in the directory"
        marks: dict[str, str | None] = {DISABLED_BY: looked.provider, DISABLED_BECAUSE: f"{why}: {looked.provider}"}
        return _patch(user, {"disabled": True}, marks)
    groups = tuple(sorted({group for account in active for group in account.groups}))
    spec: dict[str, Any] = {"groups": list(groups)} if groups != tuple(sorted(user.spec.groups)) else {}
    if is_ours and user.spec.disabled:
        spec["disabled"] = False
    unmarked: dict[str, str | None] = {DISABLED_BY: None, DISABLED_BECAUSE: None} if is_ours else {}
    return _patch(user, spec, unmarked) if spec or unmarked else None


def _patch(user: User, spec: Mapping[str, Any], annotations: Mapping[str, str | None]) -> Patch:
    """Only if nobody has written since: a decision of theirs must not be undone."""
    meta = {"resourceVersion": user.metadata.resource_version, "annotations": dict(annotations)}
    return Patch(USER, ("", user.metadata.name), {"metadata": meta, "spec": dict(spec)})
