"""Who may change accounts: whoever manages users must not become one of their betters by it. Pure."""

from armillary.base.errors import ApiError, Denied
from armillary.platform.capabilities.identity.kinds import User, UserSpec
from armillary.platform.capabilities.tenancy.guard.write import Write, in_the_way


def judge_user(write: Write[User], power: str) -> ApiError | None:
    """By somebody who is no administrator of the cluster; `power` is a role that makes the account more than others."""
    if power:
        return Denied(
            f"user {write.name} holds {power}: only an administrator of the platform may change this account",
            group="iam.armillary.io",
            kind="users",
            name=write.name,
        )
    if write.new is None:
        return None
    old = write.old.spec if write.old is not None else UserSpec()
    for field, before, after in (
        ("spec.groups", old.groups, write.new.spec.groups),
        ("spec.identities", old.identities, write.new.spec.identities),
    ):
        if before != after:
            return Denied(
                f"{field}: identity providers write it, and administrators of the platform",
                group="iam.armillary.io",
                kind="users",
                name=write.name,
            )
    return None


def ends_account(write: Write[User]) -> bool:
    """Whether nobody can sign in with it any more, who could before."""
    was = write.old is not None and not write.old.spec.disabled
    return was and (write.new is None or write.new.spec.disabled)


def judge_end(write: Write[User], admins_left: int) -> ApiError | None:
    """Of an account that holds the platform's highest role."""
    if admins_left:
        return None
    return in_the_way(f'user "{write.name}"', "it is the last admin of the platform; make somebody else admin first")


def judge_powerful(write: Write[object], resource: str) -> ApiError:
    """What lets somebody be anybody: sessions, tokens, providers that vouch, applications that are trusted."""
    return Denied(
        f"{resource} {write.name}: only an administrator of the platform may write it", kind=resource, name=write.name
    )
