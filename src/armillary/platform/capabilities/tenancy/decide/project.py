"""What a project or DevOps project needs next: its namespace and all that is to be in it; and its end. Pure.

It counts only in the home namespace of a workspace; written elsewhere, nothing is done for it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from msgspec import structs

from armillary.base.errors import ApiError
from armillary.base.quantity import canonical
from armillary.kube.kinds.core import (
    LIMIT_RANGE,
    NAMESPACE,
    RESOURCE_QUOTA,
    LimitRange,
    LimitRangeItem,
    LimitRangeSpec,
    Namespace,
    ResourceQuota,
    ResourceQuotaSpec,
)
from armillary.kube.kinds.meta import ObjectMeta
from armillary.kube.kinds.networking import NETWORK_POLICY, NetworkPolicy
from armillary.kube.kinds.rbac import ROLE, ROLE_BINDING, PolicyRule, Role, RoleBinding, RoleRef, Subject
from armillary.kube.object import is_ending, key_of, owned_by
from armillary.kube.reconcile import Action, Decision, Delete, Patch, Update
from armillary.platform.capabilities.access.kinds import PROJECT_VERBS
from armillary.platform.capabilities.tenancy.decide.faults import project_faults
from armillary.platform.capabilities.tenancy.decide.holders import RBAC, Access, holders, members
from armillary.platform.capabilities.tenancy.decide.mend import Actions, have, have_namespace, have_not
from armillary.platform.capabilities.tenancy.decide.network import policy
from armillary.platform.capabilities.tenancy.decide.state import told
from armillary.platform.capabilities.tenancy.decide.workspace import GRANTS, POD_SECURITY, first_admin
from armillary.platform.capabilities.tenancy.kinds import (
    GROUP,
    OWNER_ANNOTATION,
    QUOTA_LABEL,
    WORKSPACE_LABEL,
    Limits,
    Network,
    Quota,
    Workspace,
)
from armillary.platform.capabilities.tenancy.names import (
    FINALIZER,
    LIMITS_NAME,
    MANAGED,
    QUOTA_NAME,
    SORTS,
    Sort,
    free_name,
    project_namespace_name,
    project_owner,
)


@dataclass(frozen=True, slots=True)
class ProjectSeen:
    sort: Sort
    project: Any
    now: datetime
    workspace: Workspace | None = None  # whose home it is written in; None if that is nobody's home
    above: Access = field(default_factory=Access)  # of the home
    namespace: Namespace | None = None
    taken: frozenset[str] = frozenset()  # of the names its namespace could have, those that others have
    access: Access = field(default_factory=Access)  # of its namespace
    quota: ResourceQuota | None = None
    limits: LimitRange | None = None
    policy: NetworkPolicy | None = None

    @property
    def owner(self) -> str:
        workspace = self.workspace.metadata.name if self.workspace else ""
        return project_owner(self.sort, workspace, self.project.metadata.name)


def decide_project(seen: ProjectSeen) -> Decision:
    project, meta = seen.project, seen.project.metadata
    if is_ending(project):
        return _end(seen)
    if seen.workspace is None:
        return _blocked(seen, "NoWorkspace", f"namespace {meta.namespace} is not the home of a workspace")
    if FINALIZER not in meta.finalizers:
        kept = structs.replace(meta, finalizers=(*meta.finalizers, FINALIZER))
        return Decision("it is new", (Update(seen.sort.kind, structs.replace(project, metadata=kept)),))
    faults = project_faults(project.spec)
    if faults:
        return _blocked(seen, "Invalid", "; ".join(f"{fault.field}: {fault.message}" for fault in faults))
    if seen.namespace is None:
        return _found(seen, seen.workspace)
    if is_ending(seen.namespace):
        return _blocked(seen, "NamespaceEnding", f"namespace {seen.namespace.metadata.name} is being deleted")
    actions = _inside(seen, seen.workspace, seen.namespace)
    if actions:
        return Decision("it is put in order", actions)
    return Decision("all is in place", _told(seen, True, "Ready", f"its namespace is {seen.namespace.metadata.name}"))


def _blocked(seen: ProjectSeen, reason: str, message: str) -> Decision:
    return Decision(message, _told(seen, False, reason, message))


def _told(seen: ProjectSeen, ready: bool, reason: str, message: str) -> tuple[Patch, ...]:
    name = seen.namespace.metadata.name if seen.namespace else ""
    return told(seen.sort.kind, seen.project, seen.now, ready=ready, reason=reason, message=message, namespace=name)


def failed_project(seen: ProjectSeen, action: Action, error: ApiError) -> tuple[Action, ...]:
    return _told(seen, False, error.reason, error.message)


def _found(seen: ProjectSeen, workspace: Workspace) -> Decision:
    plain = project_namespace_name(workspace.metadata.name, seen.project.metadata.name)
    name = free_name(plain, seen.owner, seen.taken)
    if not name:
        return _blocked(seen, "NameTaken", f"namespace {plain} belongs to somebody else")
    return Decision(f"it gets the namespace {name}", _namespace(seen, workspace, name))


def _namespace(seen: ProjectSeen, workspace: Workspace, name: str) -> Actions:
    labels: dict[str, str | None] = {
        **MANAGED,
        **{sort.label: None for sort in SORTS},
        WORKSPACE_LABEL: workspace.metadata.name,
        seen.sort.label: seen.project.metadata.name,
        QUOTA_LABEL: "enforced" if workspace.spec.quota.hard else None,
        POD_SECURITY: getattr(seen.project.spec, "pod_security", "baseline"),
    }
    return have_namespace(name, seen.namespace, labels, {OWNER_ANNOTATION: seen.owner})


def _inside(seen: ProjectSeen, workspace: Workspace, namespace: Namespace) -> Actions:
    """Isolation before anybody gets in: its actions come first, and a failure ends those that follow."""
    name, spec = namespace.metadata.name, seen.project.spec
    network = getattr(spec, "network", Network())
    wanted = policy(name, workspace.metadata.name, network, workspace.spec.network)
    return (
        *_namespace(seen, workspace, name),
        *_optional(NETWORK_POLICY, wanted, seen.policy),
        *_optional(RESOURCE_QUOTA, _quota(name, getattr(spec, "quota", Quota())), seen.quota),
        *_optional(LIMIT_RANGE, _limits(name, getattr(spec, "limits", Limits())), seen.limits),
        *first_admin(seen.sort.level, spec.creator, namespace, seen.access),
        *_inherited(seen, name),
        *_grants(seen),
    )


def _optional(kind: Any, wanted: Any | None, found: Any | None) -> Actions:
    return have_not(kind, found) if wanted is None else have(kind, wanted, found)


def _quantities(amounts: Mapping[str, str]) -> dict[str, str]:
    """As the API server will hand them out: else a look would always find a difference."""
    return {name: canonical(amount) for name, amount in amounts.items()}


def _quota(namespace: str, quota: Quota) -> ResourceQuota | None:
    if not quota.hard:
        return None
    meta = ObjectMeta(name=QUOTA_NAME, namespace=namespace, labels=MANAGED)
    return ResourceQuota(metadata=meta, spec=ResourceQuotaSpec(hard=_quantities(quota.hard)))


def _limits(namespace: str, limits: Limits) -> LimitRange | None:
    """With the defaults that the API server would fill in: a limit is the most, a request is the limit."""
    most = _quantities(limits.max)
    default = {**most, **_quantities(limits.default)}
    request = {**default, **_quantities(limits.default_request)}
    if not request:
        return None
    item = LimitRangeItem(type="Container", default=default, default_request=request, max=most)
    meta = ObjectMeta(name=LIMITS_NAME, namespace=namespace, labels=MANAGED)
    return LimitRange(metadata=meta, spec=LimitRangeSpec(limits=(item,)))


def _inherited(seen: ProjectSeen, namespace: str) -> Actions:
    """Whoever may administer, operate or view all projects of the workspace has that role here; the highest only."""
    actions: Actions = ()
    higher: set[Subject] = set()
    for verb, role in PROJECT_VERBS.items():
        who = holders(seen.above, verb, seen.sort.word, seen.project.metadata.name)
        wanted = _binding(f"workspace:{role}", namespace, role, tuple(s for s in who if s not in higher))
        higher |= set(who)
        found = next((b for b in seen.access.bindings if b.metadata.name == wanted.metadata.name), None)
        actions += have(ROLE_BINDING, wanted, found) if wanted.subjects else have_not(ROLE_BINDING, found)
    return actions


def _binding(name: str, namespace: str, role: str, who: tuple[Subject, ...]) -> RoleBinding:
    return RoleBinding(
        metadata=ObjectMeta(name=name, namespace=namespace, labels=MANAGED),
        role_ref=RoleRef(api_group=RBAC, kind="Role", name=role),
        subjects=who,
    )


def _grants(seen: ProjectSeen) -> Actions:
    """In the home namespace: its members get the Project itself, and those change it who may so in its namespace."""
    meta = seen.project.metadata
    actions: Actions = ()
    for grant, verbs in GRANTS.items():
        who = members(seen.access) if grant == "member" else holders(seen.access, grant, seen.sort.word, meta.name)
        name = f"{seen.sort.level}:{meta.name}:{grant}"
        rule = PolicyRule(api_groups=(GROUP,), resources=(seen.sort.word,), resource_names=(meta.name,), verbs=verbs)
        owner = (owned_by(seen.sort.kind, seen.project),)
        role = Role(
            metadata=ObjectMeta(name=name, namespace=meta.namespace, labels=MANAGED, owner_references=owner),
            rules=(rule,),
        )
        binding = _binding(name, meta.namespace, name, who)
        binding = structs.replace(binding, metadata=role.metadata)
        old_role = next((r for r in seen.above.roles if r.metadata.name == name), None)
        old_binding = next((b for b in seen.above.bindings if b.metadata.name == name), None)
        actions += (*have(ROLE, role, old_role), *have(ROLE_BINDING, binding, old_binding))
    return actions


def _end(seen: ProjectSeen) -> Decision:
    """Its namespace first; it goes when that is gone."""
    project, meta = seen.project, seen.project.metadata
    if FINALIZER not in meta.finalizers:
        return Decision("others still hold it")
    if seen.namespace is not None:
        if is_ending(seen.namespace):
            return _blocked(seen, "Ending", f"waits for the end of namespace {seen.namespace.metadata.name}")
        return Decision("its namespace goes", (Delete(NAMESPACE, key_of(seen.namespace), seen.namespace.metadata.uid),))
    left = structs.replace(meta, finalizers=tuple(f for f in meta.finalizers if f != FINALIZER))
    return Decision("nothing is left of it", (Update(seen.sort.kind, structs.replace(project, metadata=left)),))
