"""Where roles and memberships are: the five levels, what is written how at each, and whose a namespace is. Pure."""

from dataclasses import dataclass
from typing import Any

from armillary.kube.kind import Kind
from armillary.kube.kinds.core import Namespace
from armillary.kube.kinds.rbac import CLUSTER_ROLE, CLUSTER_ROLE_BINDING, ROLE, ROLE_BINDING
from armillary.platform.capabilities.access.kinds import HOME_PREFIX, Level
from armillary.platform.capabilities.tenancy.kinds import (
    DEVOPS_PROJECT_LABEL,
    OWNER_ANNOTATION,
    PROJECT_LABEL,
    WORKSPACE_LABEL,
)
from armillary.platform.frame.parts import HOST

RBAC = "rbac.authorization.k8s.io"
# Names that become a part of paths. Python's `$` would let a line end pass.
NAME = r"^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$(?!\n)"
NAME_OR_NONE = r"^([a-z0-9]([a-z0-9.-]*[a-z0-9])?)?$(?!\n)"
_LEVELS: dict[str, Level] = {"workspaces": "workspace", "projects": "project", "devopsprojects": "devopsproject"}


@dataclass(frozen=True, slots=True)
class Place:
    """`namespace` is "" for the platform and for clusters; `home` is that of the workspace around."""

    level: Level
    cluster: str = HOST
    namespace: str = ""
    workspace: str = ""
    home: str = ""
    name: str = ""  # of the project

    @property
    def role_kind(self) -> Kind[Any]:
        return ROLE if self.namespace else CLUSTER_ROLE

    @property
    def binding_kind(self) -> Kind[Any]:
        return ROLE_BINDING if self.namespace else CLUSTER_ROLE_BINDING

    @property
    def prefix(self) -> str:
        """Before the names of what is cluster-scoped."""
        return "" if self.namespace else f"armillary:{self.level}:"

    def __str__(self) -> str:
        match self.level:
            case "platform":
                return "the platform"
            case "cluster":
                return f"cluster {self.cluster}"
            case "workspace":
                return f"workspace {self.workspace}"
        return f"project {self.workspace}/{self.name}"


def place_of(namespace: Namespace) -> Place | None:
    """What a namespace of the host cluster is; None if it is neither a home nor a project's.

    Its marks are the platform's to write (tenancy guards them); the annotation outlives an edit of labels.
    """
    meta = namespace.metadata
    sort, _, rest = meta.annotations.get(OWNER_ANNOTATION, "").partition("/")
    workspace, _, project = rest.partition("/")
    if not sort and (workspace := meta.labels.get(WORKSPACE_LABEL, "")):
        if PROJECT_LABEL in meta.labels:
            sort, project = "projects", meta.labels[PROJECT_LABEL]
        elif DEVOPS_PROJECT_LABEL in meta.labels:
            sort, project = "devopsprojects", meta.labels[DEVOPS_PROJECT_LABEL]
        elif meta.name.startswith(HOME_PREFIX):
            sort = "workspaces"
    if sort not in _LEVELS:
        return None
    return Place(_LEVELS[sort], namespace=meta.name, workspace=workspace, name=project)
