"""How tenancy calls what it makes in a cluster, and whose a namespace is. Pure.

Whose a namespace is, its labels prove, or the annotation that outlives an edit of them. Only the platform and
administrators of the cluster write either (`guard`), so what an object of a tenant claims is never asked.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from armillary.kube.kind import Kind
from armillary.kube.kinds.core import Namespace
from armillary.platform.capabilities.access.kinds import Level
from armillary.platform.capabilities.tenancy.kinds import (
    DEVOPS_PROJECT,
    DEVOPS_PROJECT_LABEL,
    GROUP,
    HOME_PREFIX,
    OWNER_ANNOTATION,
    PLATFORM_NAMESPACE,
    PROJECT,
    PROJECT_LABEL,
    SYSTEM_WORKSPACE,
    WORKSPACE_LABEL,
)

SYSTEM_NAMESPACES = ("kube-system", "kube-public", "kube-node-lease", "default", PLATFORM_NAMESPACE)
MANAGED = {"app.kubernetes.io/managed-by": "armillary"}
FINALIZER = f"{GROUP}/namespace"  # what owns a namespace stays until that is gone
QUOTA_NAME = "armillary-project"
LIMITS_NAME = "armillary-limits"
POLICY_NAME = "armillary-isolation"
LONGEST = 63  # characters of a namespace's name
OWNER_INDEX = "tenancy-owner"  # of namespaces


@dataclass(frozen=True, slots=True)
class Sort:
    """One of the two sorts of project: they differ in name only."""

    kind: Kind[Any]
    label: str  # on its namespace
    level: Level

    @property
    def word(self) -> str:
        return self.kind.plural


PROJECTS = Sort(PROJECT, PROJECT_LABEL, "project")
DEVOPS_PROJECTS = Sort(DEVOPS_PROJECT, DEVOPS_PROJECT_LABEL, "devopsproject")
SORTS = (PROJECTS, DEVOPS_PROJECTS)


def home_owner(workspace: str) -> str:
    """What the home namespace of a workspace says of its owner."""
    return f"workspaces/{workspace}"


def project_owner(sort: Sort, workspace: str, project: str) -> str:
    return f"{sort.word}/{workspace}/{project}"


def owner_of(namespace: Namespace) -> str:
    """Whose it is; "" if it belongs to nobody here."""
    meta = namespace.metadata
    noted = meta.annotations.get(OWNER_ANNOTATION, "")
    workspace = meta.labels.get(WORKSPACE_LABEL, "")
    if noted or not workspace:
        return noted
    for sort in SORTS:
        if sort.label in meta.labels:
            return project_owner(sort, workspace, meta.labels[sort.label])
    return home_owner(workspace) if meta.name.startswith(HOME_PREFIX) else ""


def home_of(namespace: Namespace) -> str:
    """The workspace whose home it is, or ""."""
    sort, _, workspace = owner_of(namespace).partition("/")
    return workspace if sort == "workspaces" else ""


def workspace_of(namespace: Namespace) -> str:
    """The workspace it belongs to, as its home or one of its projects; "" if none."""
    parts = owner_of(namespace).split("/")
    if len(parts) > 1:
        return parts[1]
    is_system = namespace.metadata.name in SYSTEM_NAMESPACES
    return SYSTEM_WORKSPACE if is_system else namespace.metadata.labels.get(WORKSPACE_LABEL, "")


def owners(namespace: Namespace) -> Iterable[str]:
    """As an index of namespaces."""
    owner = owner_of(namespace)
    return [owner] if owner else []


def home_name(workspace: str) -> str:
    return HOME_PREFIX + workspace


def project_namespace_name(workspace: str, project: str) -> str:
    return f"{workspace}-{project}"


def free_name(plain: str, owner: str, taken: Iterable[str]) -> str:
    """`plain`, or with a hash if somebody else has that name or it is too long; "" if that one is taken too."""
    others = set(taken)
    if plain not in others and len(plain) <= LONGEST:
        return plain
    hashed = hashed_name(plain, owner)
    return "" if hashed in others else hashed


def hashed_name(plain: str, owner: str) -> str:
    end = hashlib.sha256(owner.encode()).hexdigest()[:8]
    return f"{plain[: LONGEST - 9].rstrip('-')}-{end}"
