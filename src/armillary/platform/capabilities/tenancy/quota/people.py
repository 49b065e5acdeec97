"""Who can raise a quota, in words. Pure."""

from collections.abc import Iterable, Mapping, Sequence

from armillary.base.words import Language, Words
from armillary.kube.kinds.rbac import ClusterRole, ClusterRoleBinding, Subject
from armillary.platform.capabilities.tenancy.decide.holders import allows
from armillary.platform.frame.caller import user_of

MOST_NAMED = 3
_OR = Words("{users} or {otherwise}", "{users} 或{otherwise}")


def may_change_workspaces(
    bindings: Iterable[ClusterRoleBinding], roles: Mapping[str, ClusterRole]
) -> tuple[Subject, ...]:
    """Who may change every workspace."""
    return tuple(
        subject
        for binding in bindings
        if binding.role_ref is not None
        and (role := roles.get(binding.role_ref.name)) is not None
        and allows(role.rules, "update", "workspaces", "")
        for subject in binding.subjects
    )


def named(subjects: Sequence[Subject], otherwise: Words, language: Language = Language.ENGLISH) -> str:
    """ "ann, ben or a platform administrator": accounts by name, and whom else to ask."""
    users = sorted({user_of(s.name) for s in subjects if s.kind == "User" and user_of(s.name)})
    asked = otherwise.say(language)
    return _OR.say(language, users=", ".join(users[:MOST_NAMED]), otherwise=asked) if users else asked
