"""What may be written into workspaces, projects, DevOps projects and clusters. Pure."""

from dataclasses import dataclass
from typing import Any

from armillary.base.errors import ApiError, Cause
from armillary.platform.capabilities.tenancy.decide.faults import invalid as fault
from armillary.platform.capabilities.tenancy.decide.faults import project_faults, workspace_faults
from armillary.platform.capabilities.tenancy.guard.write import Write, first, in_the_way, invalid, lost, refuse
from armillary.platform.capabilities.tenancy.kinds import (
    CASCADE_ANNOTATION,
    HOME_PREFIX,
    SYSTEM_WORKSPACE,
    Cluster,
    Workspace,
)
from armillary.platform.capabilities.tenancy.names import FINALIZER
from armillary.platform.frame.parts import HOST

# A project of such a workspace could have the name of another workspace's home.
RESERVED = (HOME_PREFIX.rstrip("-"),)
ONLY_PLATFORM = "only those who manage all workspaces may change it"


@dataclass(frozen=True, slots=True)
class WorkspaceFacts:
    manages_all: bool = False  # may change every workspace
    manager_exists: bool = True
    projects: tuple[str, ...] = ()  # that are in it


def judge_workspace(write: Write[Workspace], facts: WorkspaceFacts) -> ApiError | None:
    what = f'workspace "{write.name}"'
    if write.new is None:
        return _deletion(what, write, facts)
    if write.old is None:
        named = [fault("metadata.name", write.name, "is reserved")] if write.name in RESERVED else []
        return first(invalid(what, [*named, *_faults(write.new, facts)]), _founding(what, write, facts))
    return _change(what, write.old, write.new, facts)


def _faults(new: Workspace, facts: WorkspaceFacts) -> list[Cause]:
    manager = new.spec.manager
    unknown = [] if facts.manager_exists else [fault("spec.manager", manager, "there is no such user")]
    return [*workspace_faults(new.spec), *unknown]


def _founding(what: str, write: Write[Workspace], facts: WorkspaceFacts) -> ApiError | None:
    manager = write.new.spec.manager if write.new else ""
    if facts.manages_all or (manager and manager == write.account):
        return None
    return refuse(what, f'must be "{write.account}", who creates it', "spec.manager")


def _change(what: str, old: Workspace, new: Workspace, facts: WorkspaceFacts) -> ApiError | None:
    if old.spec != new.spec:
        bad = invalid(what, _faults(new, facts))
        if bad is not None:
            return bad
    if facts.manages_all:
        return None
    if old.spec.quota != new.spec.quota:
        return refuse(what, ONLY_PLATFORM, "spec.quota")
    if old.spec.manager != new.spec.manager:
        return refuse(what, ONLY_PLATFORM, "spec.manager")
    if lost(old, new, FINALIZER):
        return refuse(what, "only the platform takes its finalizer away", "metadata.finalizers")
    return None


def _deletion(what: str, write: Write[Workspace], facts: WorkspaceFacts) -> ApiError | None:
    if write.name == SYSTEM_WORKSPACE:
        return refuse(what, "the system workspace can't be deleted")
    wants_all = write.old is not None and write.old.metadata.annotations.get(CASCADE_ANNOTATION) == "true"
    if facts.projects and not wants_all:
        return in_the_way(
            what,
            f"it still has projects: {', '.join(facts.projects)}; delete them first, "
            f"or annotate it with {CASCADE_ANNOTATION}=true to delete them with it",
        )
    return None


@dataclass(frozen=True, slots=True)
class ProjectFacts:
    workspace: str = ""  # whose home it is written into
    may_set_quota: bool = False
    administers: bool = False  # may administer all projects of the workspace
    is_cluster_admin: bool = False


def judge_project(write: Write[Any], facts: ProjectFacts) -> ApiError | None:
    """A project or DevOps project."""
    what = f'project "{write.name}"'
    new, old = write.new, write.old
    if new is None:
        return None
    changed = old is None or old.spec != new.spec
    if changed and not facts.workspace:
        return refuse(what, f"namespace {write.namespace} is not the home of a workspace")
    bad = invalid(what, project_faults(new.spec)) if changed else None
    if bad is not None:
        return bad
    if old is None:
        return first(_creator(what, write, facts), _pod_security(what, "baseline", new, facts))
    if facts.is_cluster_admin:
        return None
    if old.spec.creator != new.spec.creator:
        return refuse(what, "field is immutable", "spec.creator")
    if getattr(old.spec, "quota", None) != getattr(new.spec, "quota", None) and not facts.may_set_quota:
        return refuse(what, "you may not change the quota of projects (update projects/quota)", "spec.quota")
    if lost(old, new, FINALIZER):
        return refuse(what, "only the platform takes its finalizer away", "metadata.finalizers")
    return _pod_security(what, getattr(old.spec, "pod_security", "baseline"), new, facts)


def _creator(what: str, write: Write[Any], facts: ProjectFacts) -> ApiError | None:
    creator = write.new.spec.creator if write.new is not None else ""
    if facts.is_cluster_admin or (creator == write.account and (creator or facts.administers)):
        return None
    if not creator and facts.administers:
        return None
    return refuse(what, f'must be "{write.account}", who creates it', "spec.creator")


def _pod_security(what: str, before: str, new: Any, facts: ProjectFacts) -> ApiError | None:
    """Privileged pods own their node, and all that others run on it."""
    now = getattr(new.spec, "pod_security", "baseline")
    if now != "privileged" or now == before or facts.is_cluster_admin:
        return None
    return refuse(what, "only administrators of the cluster may allow privileged pods", "spec.podSecurity")


def judge_project_status(write: Write[Any], facts: ProjectFacts) -> ApiError | None:
    """Others read a project's namespace in its status."""
    if facts.is_cluster_admin:
        return None
    return refuse(f'project "{write.name}"', "only the platform writes its status", "status")


def judge_cluster(write: Write[Cluster]) -> ApiError | None:
    what = f'cluster "{write.name}"'
    if write.name != HOST:
        secret = write.new.spec.kubeconfig_secret if write.new is not None else "given"
        missing = Cause("FieldValueRequired", "spec.kubeconfigSecret", "Required value: how it is reached")
        return invalid(what, [] if secret else [missing])
    if write.operation == "DELETE":
        return refuse(what, "the platform lives on it")
    if write.new is not None and write.new.spec.kubeconfig_secret:
        return refuse(what, "the platform reaches its own cluster without", "spec.kubeconfigSecret")
    return None
