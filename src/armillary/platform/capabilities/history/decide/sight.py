"""Who may see which records: those who may see the object now; and what is told when nobody could. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Recorded:
    """An object that was recorded: what decides who may see it. Times are microseconds since 1970."""

    id: int
    group: str
    version: str
    kind: str
    resource: str
    namespace: str
    name: str
    uid: str
    workspace: str  # whose its namespace was
    created: int
    deleted: int  # 0 while it is there
    late: bool  # its deletion was found out later
    latest: int  # number of its last version


@dataclass(frozen=True, slots=True)
class Sight:
    """A caller's rights at one kind of object, as the cluster gave them now.

    `everywhere`: in all namespaces, and by any name. `here`: in the namespace, or by the name. `here_since`: since when
    the namespace exists, None if it does not. `administered`: workspaces they administer, and since when these exist.
    """

    everywhere: bool = False
    here: bool = False
    here_since: int | None = None
    administered: Mapping[str, int] = field(default_factory=dict)

    def shows(self, recorded: Recorded, workspace: str) -> bool:
        """`workspace` is whose the namespace was when a version was recorded."""
        if self.everywhere:
            return True
        if not recorded.namespace:
            # A right by name is about the object of that name that is there, not about others that had it before.
            return self.here and not recorded.deleted
        if self.here_since is not None and recorded.created >= self.here_since:
            return self.here
        since = self.administered.get(workspace) if workspace else None
        return since is not None and recorded.created >= since
