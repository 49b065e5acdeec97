"""Who asks: what signing in has established, and what a cluster is told of it."""

from dataclasses import dataclass

# Before user and group names in a cluster's RBAC: no account here can be taken for one of the cluster's own.
PREFIX = "armillary:"
AUTHENTICATED = "system:authenticated"


@dataclass(frozen=True, slots=True)
class Caller:
    """A signed-in user in one request. `groups` are platform groups, without prefix."""

    user: str
    groups: tuple[str, ...] = ()
    session: str = ""  # of the session or access token that the request came with: its end ends open streams
    scopes: frozenset[str] = frozenset({"all"})  # what the token may be used for
    language: str = ""  # of the request, else of the account; "" if neither says
    must_change_password: bool = False
    # Of this very request, for the audit log.
    address: str = ""
    agent: str = ""
    request_id: str = ""

    @property
    def kube_user(self) -> str:
        return kube_user(self.user)

    @property
    def kube_groups(self) -> tuple[str, ...]:
        return (*(kube_group(group) for group in self.groups), AUTHENTICATED)


def kube_user(name: str) -> str:
    """A user's name in RBAC subjects and impersonation."""
    return PREFIX + name


def kube_group(name: str) -> str:
    """A group's name in RBAC subjects and impersonation."""
    return PREFIX + name


def department_group(workspace: str, department: str) -> str:
    """The platform group of a department's members."""
    return f"{workspace}:{department}"


def user_of(kube_name: str) -> str:
    """The account that a subject's name stands for; "" if it is none of ours."""
    return kube_name.removeprefix(PREFIX) if kube_name.startswith(PREFIX) else ""
