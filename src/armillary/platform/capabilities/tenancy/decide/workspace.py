"""What a workspace needs next: its home namespace, its first admin, who may see and change it; and its end. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from msgspec import structs

from armillary.base.errors import ApiError
from armillary.kube.kinds.core import NAMESPACE, Namespace
from armillary.kube.kinds.meta import ObjectMeta
from armillary.kube.kinds.rbac import (
    CLUSTER_ROLE,
    CLUSTER_ROLE_BINDING,
    ROLE_BINDING,
    ClusterRole,
    ClusterRoleBinding,
    PolicyRule,
    RoleBinding,
    RoleRef,
    Subject,
)
from armillary.kube.object import is_ending, key_of, owned_by
from armillary.kube.reconcile import Action, Decision, Delete, Patch, Update
from armillary.platform.capabilities.access.kinds import LEVEL_LABEL, MEMBER_LABEL, Level
from armillary.platform.capabilities.tenancy.decide.faults import workspace_faults
from armillary.platform.capabilities.tenancy.decide.holders import RBAC, Access, holders, members, user_subject
from armillary.platform.capabilities.tenancy.decide.mend import Actions, have, have_namespace
from armillary.platform.capabilities.tenancy.decide.state import told
from armillary.platform.capabilities.tenancy.kinds import (
    CASCADE_ANNOTATION,
    DEVOPS_PROJECT_LABEL,
    FOUNDER_ANNOTATION,
    GROUP,
    OWNER_ANNOTATION,
    PROJECT_LABEL,
    QUOTA_LABEL,
    SYSTEM_WORKSPACE,
    WORKSPACE,
    WORKSPACE_LABEL,
    Workspace,
)
from armillary.platform.capabilities.tenancy.names import (
    DEVOPS_PROJECTS,
    FINALIZER,
    MANAGED,
    PROJECTS,
    free_name,
    home_name,
    home_owner,
)
from armillary.platform.frame.caller import kube_user

POD_SECURITY = "pod-security.kubernetes.io/enforce"

# What those may do with the Workspace itself who hold a right on `workspaces` in its home namespace; members see it.
GRANTS: Mapping[str, tuple[str, ...]] = {
    "member": ("get", "list", "watch"),
    "update": ("update", "patch"),
    "delete": ("delete",),
}


@dataclass(frozen=True, slots=True)
class WorkspaceSeen:
    workspace: Workspace
    now: datetime
    home: Namespace | None = None
    taken: frozenset[str] = frozenset()  # of the names its home could have, those that others have
    access: Access = field(default_factory=Access)  # of its home
    projects: tuple[Any, ...] = ()
    devops_projects: tuple[Any, ...] = ()
    system: tuple[Namespace, ...] = ()  # for the system workspace: what belongs to it
    roles: Mapping[str, ClusterRole] = field(default_factory=dict)  # those named by `role_name`
    bindings: Mapping[str, ClusterRoleBinding] = field(default_factory=dict)


def role_name(workspace: str, grant: str) -> str:
    return f"armillary:workspace:{workspace}:{grant}"


def membership(level: Level, user: str, namespace: str, role: str) -> RoleBinding:
    """A user's membership, as `access` writes them."""
    return RoleBinding(
        metadata=ObjectMeta(
            name=f"member:{user}",
            namespace=namespace,
            labels={**MANAGED, LEVEL_LABEL: level, MEMBER_LABEL: user},
        ),
        role_ref=RoleRef(api_group=RBAC, kind="Role", name=role),
        subjects=(user_subject(kube_user(user)),),
    )


def decide_workspace(seen: WorkspaceSeen) -> Decision:
    workspace, meta = seen.workspace, seen.workspace.metadata
    if is_ending(workspace):
        return _end(seen)
    if FINALIZER not in meta.finalizers:
        kept = structs.replace(meta, finalizers=(*meta.finalizers, FINALIZER))
        return Decision("it is new", (Update(WORKSPACE, structs.replace(workspace, metadata=kept)),))
    faults = workspace_faults(workspace.spec)
    if faults:
        return _blocked(seen, "Invalid", "; ".join(f"{fault.field}: {fault.message}" for fault in faults))
    if seen.home is None:
        return _found_home(seen)
    if is_ending(seen.home):
        return _blocked(seen, "NamespaceEnding", f"namespace {seen.home.metadata.name} is being deleted")
    actions = (*_home(seen, seen.home.metadata.name), *_founder(seen, seen.home), *_grants(seen), *_system(seen))
    if actions:
        return Decision("it is put in order", actions)
    return Decision("all is in place", _told(seen, True, "Ready", f"its home is {seen.home.metadata.name}"))


def _blocked(seen: WorkspaceSeen, reason: str, message: str) -> Decision:
    return Decision(message, _told(seen, False, reason, message))


def _told(seen: WorkspaceSeen, ready: bool, reason: str, message: str) -> tuple[Patch, ...]:
    return told(
        WORKSPACE,
        seen.workspace,
        seen.now,
        ready=ready,
        reason=reason,
        message=message,
        namespace=seen.home.metadata.name if seen.home else "",
        projects=len(seen.projects),
        devops_projects=len(seen.devops_projects),
    )


def failed_workspace(seen: WorkspaceSeen, action: Action, error: ApiError) -> tuple[Action, ...]:
    return _told(seen, False, error.reason, error.message)


def _found_home(seen: WorkspaceSeen) -> Decision:
    name = seen.workspace.metadata.name
    free = free_name(home_name(name), home_owner(name), seen.taken)
    if not free:
        return _blocked(seen, "NameTaken", f"namespace {home_name(name)} belongs to somebody else")
    return Decision(f"it gets the namespace {free}", _home(seen, free))


def _home(seen: WorkspaceSeen, name: str) -> Actions:
    workspace = seen.workspace
    labels = {
        **MANAGED,
        WORKSPACE_LABEL: workspace.metadata.name,
        PROJECT_LABEL: None,
        DEVOPS_PROJECT_LABEL: None,
        QUOTA_LABEL: "enforced" if workspace.spec.quota.hard else None,
        POD_SECURITY: "restricted",
    }
    return have_namespace(name, seen.home, labels, {OWNER_ANNOTATION: home_owner(workspace.metadata.name)})


def _founder(seen: WorkspaceSeen, home: Namespace) -> Actions:
    """The manager becomes its admin once: taken from them later, it is not given again."""
    return first_admin("workspace", seen.workspace.spec.manager, home, seen.access)


def first_admin(level: Level, user: str, namespace: Namespace, access: Access) -> Actions:
    if not user or namespace.metadata.annotations.get(FOUNDER_ANNOTATION) == user:
        return ()
    wanted = membership(level, user, namespace.metadata.name, "admin")
    found = next((b for b in access.bindings if b.metadata.name == wanted.metadata.name), None)
    made = have(ROLE_BINDING, wanted, found)
    noted = Patch(NAMESPACE, key_of(namespace), {"metadata": {"annotations": {FOUNDER_ANNOTATION: user}}})
    return made if any(isinstance(action, Delete) for action in made) else (*made, noted)


def _grants(seen: WorkspaceSeen) -> Actions:
    name = seen.workspace.metadata.name
    actions: Actions = ()
    for grant, verbs in GRANTS.items():
        who = members(seen.access) if grant == "member" else holders(seen.access, grant, "workspaces", name)
        role, binding = _grant(seen.workspace, role_name(name, grant), verbs, who)
        actions += have(CLUSTER_ROLE, role, seen.roles.get(role.metadata.name))
        actions += have(CLUSTER_ROLE_BINDING, binding, seen.bindings.get(role.metadata.name))
    return actions


def _grant(
    workspace: Workspace, name: str, verbs: tuple[str, ...], who: tuple[Subject, ...]
) -> tuple[ClusterRole, ClusterRoleBinding]:
    meta = ObjectMeta(name=name, labels=MANAGED, owner_references=(owned_by(WORKSPACE, workspace),))
    rule = PolicyRule(
        api_groups=(GROUP,), resources=("workspaces",), resource_names=(workspace.metadata.name,), verbs=verbs
    )
    ref = RoleRef(api_group=RBAC, kind="ClusterRole", name=name)
    return ClusterRole(metadata=meta, rules=(rule,)), ClusterRoleBinding(metadata=meta, role_ref=ref, subjects=who)


def _system(seen: WorkspaceSeen) -> Actions:
    return tuple(
        action
        for namespace in seen.system
        for action in have_namespace(namespace.metadata.name, namespace, {WORKSPACE_LABEL: SYSTEM_WORKSPACE}, {})
    )


def _end(seen: WorkspaceSeen) -> Decision:
    """Its projects first, then its home; it goes when that is gone."""
    workspace, meta = seen.workspace, seen.workspace.metadata
    if FINALIZER not in meta.finalizers:
        return Decision("others still hold it")
    inside = (*seen.projects, *seen.devops_projects)
    if meta.name == SYSTEM_WORKSPACE:
        return _blocked(seen, "System", "the system workspace can't be deleted")
    if inside and meta.annotations.get(CASCADE_ANNOTATION) != "true":
        names = ", ".join(sorted(project.metadata.name for project in inside))
        return _blocked(seen, "HasProjects", f"it still has projects: {names}")
    if inside:
        return Decision("its projects go first", _delete_projects(seen))
    if seen.home is not None:
        if is_ending(seen.home):
            return _blocked(seen, "Ending", f"waits for the end of namespace {seen.home.metadata.name}")
        return Decision("its home goes", (Delete(NAMESPACE, key_of(seen.home), seen.home.metadata.uid),))
    left = structs.replace(meta, finalizers=tuple(f for f in meta.finalizers if f != FINALIZER))
    return Decision("nothing is left of it", (Update(WORKSPACE, structs.replace(workspace, metadata=left)),))


def _delete_projects(seen: WorkspaceSeen) -> Actions:
    pairs = ((PROJECTS, seen.projects), (DEVOPS_PROJECTS, seen.devops_projects))
    return tuple(
        Delete(sort.kind, key_of(project), project.metadata.uid)
        for sort, projects in pairs
        for project in projects
        if not is_ending(project)
    )
