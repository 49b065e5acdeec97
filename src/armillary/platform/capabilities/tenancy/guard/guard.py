"""The guard: gathers what a judge needs to know of one write, and asks it.

Memory answers where a moment does not matter; what decides about last admins and roles in use is read anew.
"""

from collections.abc import Awaitable, Callable, Set
from dataclasses import dataclass, replace
from typing import Any

from armillary.base.errors import ApiError
from armillary.kube.client import Client, decode
from armillary.kube.kind import Kind
from armillary.kube.kinds.core import NAMESPACE, Namespace
from armillary.kube.kinds.rbac import CLUSTER_ROLE, CLUSTER_ROLE_BINDING, ROLE, ROLE_BINDING
from armillary.kube.object import is_ending
from armillary.kube.reconcile import Reads
from armillary.platform.capabilities.access.kinds import DEPARTMENT, LEVEL_LABEL, Level
from armillary.platform.capabilities.access.ports import power_of
from armillary.platform.capabilities.federation.kinds import IDENTITY_PROVIDER
from armillary.platform.capabilities.identity.kinds import ACCESS_TOKEN, CONSENT, OAUTH_CLIENT, SESSION, USER
from armillary.platform.capabilities.tenancy.guard.accounts import ends_account, judge_end, judge_powerful, judge_user
from armillary.platform.capabilities.tenancy.guard.asking import Asking
from armillary.platform.capabilities.tenancy.guard.departments import (
    DepartmentFacts,
    gains,
    judge_department,
    new_members,
)
from armillary.platform.capabilities.tenancy.guard.leaving import Leaving
from armillary.platform.capabilities.tenancy.guard.namespaces import NamespaceFacts, judge_namespace
from armillary.platform.capabilities.tenancy.guard.review import Request, UserInfo
from armillary.platform.capabilities.tenancy.guard.roles import (
    PlaceFacts,
    count_admins,
    is_admin,
    judge_membership,
    judge_role,
    makes_admin,
)
from armillary.platform.capabilities.tenancy.guard.tenants import (
    ProjectFacts,
    WorkspaceFacts,
    judge_cluster,
    judge_project,
    judge_project_status,
    judge_workspace,
)
from armillary.platform.capabilities.tenancy.guard.write import Write, in_the_way
from armillary.platform.capabilities.tenancy.kinds import (
    CLUSTER,
    DEVOPS_PROJECT,
    GROUP,
    HOME_PREFIX,
    PROJECT,
    WORKSPACE,
)
from armillary.platform.capabilities.tenancy.names import home_of, owner_of, workspace_of
from armillary.platform.frame.caller import department_group, kube_group

MOST_TRIES = 10  # to let an administrator go while others are let go

_LEVELS: dict[str, Level] = {"workspaces": "workspace", "projects": "project", "devopsprojects": "devopsproject"}
Judge = Callable[[Request, Any], Awaitable[ApiError | None]]


@dataclass(slots=True)
class Guard:
    """`judge` says why a write must not be, or None."""

    client: Client
    reads: Reads
    asking: Asking
    leaving: Leaving

    async def judge(self, request: Request) -> ApiError | None:
        if await self.asking.is_platform(request.user_info):
            return None
        kind, judge = self._judges().get(str(request.resource), (None, None))
        if kind is None or judge is None:
            return None
        return await judge(request, _write(kind, request))

    def _judges(self) -> dict[str, tuple[Kind[Any], Judge]]:
        judges: tuple[tuple[Kind[Any], Judge], ...] = (
            (WORKSPACE, self._workspace),
            (PROJECT, self._project),
            (DEVOPS_PROJECT, self._project),
            (CLUSTER, self._cluster),
            (DEPARTMENT, self._department),
            (USER, self._user),
            (SESSION, self._powerful),
            (ACCESS_TOKEN, self._powerful),
            (CONSENT, self._powerful),
            (OAUTH_CLIENT, self._oauth_client),
            (IDENTITY_PROVIDER, self._powerful),
            (NAMESPACE, self._namespace),
            (ROLE, self._role),
            (CLUSTER_ROLE, self._role),
            (ROLE_BINDING, self._membership),
            (CLUSTER_ROLE_BINDING, self._membership),
        )
        return {f"{k.plural}.{k.group}" if k.group else k.plural: (k, judge) for k, judge in judges}

    async def _workspace(self, request: Request, write: Write[Any]) -> ApiError | None:
        manager = write.new.spec.manager if write.new is not None else ""
        known = not manager or await self._find(USER, manager) is not None
        manages_all = write.new is not None and await self.asking.may(request.user_info, "update", GROUP, "workspaces")
        return judge_workspace(write, WorkspaceFacts(manages_all, known, await self._projects(write)))

    async def _projects(self, write: Write[Any]) -> tuple[str, ...]:
        """What is in a workspace that is to be deleted."""
        home = write.old.status.namespace if write.new is None and write.old is not None else ""
        if not home:
            return ()
        kinds: tuple[Kind[Any], ...] = (PROJECT, DEVOPS_PROJECT)
        found = [item for kind in kinds for item in (await self.client.list(kind, home)).items]
        return tuple(sorted(item.metadata.name for item in found))

    async def _project(self, request: Request, write: Write[Any]) -> ApiError | None:
        who, home = request.user_info, request.namespace
        if write.new is None:
            return None
        if request.sub_resource:
            facts = ProjectFacts(is_cluster_admin=await self.asking.is_cluster_admin(who))
            return judge_project_status(write, facts)
        if write.old is not None and write.old.spec == write.new.spec and not _loses_finalizers(write):
            return None
        resource = request.resource.resource
        facts = ProjectFacts(
            workspace=home_of(await self._space(home)),
            may_set_quota=await self.asking.may(who, "update", GROUP, f"{resource}/quota", namespace=home),
            administers=await self.asking.may(who, "administer", GROUP, resource, namespace=home),
            is_cluster_admin=await self.asking.is_cluster_admin(who),
        )
        return judge_project(write, facts)

    async def _user(self, request: Request, write: Write[Any]) -> ApiError | None:
        if not await self.asking.is_cluster_admin(request.user_info):
            return judge_user(write, power_of(write.name, self.reads.list(CLUSTER_ROLE_BINDING)))
        if not ends_account(write):
            return None
        level = "platform"
        bindings = (await self.client.list(CLUSTER_ROLE_BINDING, labels=f"{LEVEL_LABEL}={level}")).items
        held = {b.metadata.uid for b in bindings if makes_admin(level, b, write.name)}
        return await self._let_go(request, level, "", held, lambda left: judge_end(write, left)) if held else None

    async def _oauth_client(self, request: Request, write: Write[Any]) -> ApiError | None:
        if not any(item is not None and item.spec.trusted for item in (write.old, write.new)):
            return None
        return await self._powerful(request, write)

    async def _powerful(self, request: Request, write: Write[Any]) -> ApiError | None:
        """What lets somebody be anybody."""
        if await self.asking.is_cluster_admin(request.user_info):
            return None
        return judge_powerful(write, str(request.resource))

    async def _cluster(self, request: Request, write: Write[Any]) -> ApiError | None:
        return judge_cluster(write)

    async def _namespace(self, request: Request, write: Write[Any]) -> ApiError | None:
        # The rights are asked about only if they matter: namespaces are written by many.
        if judge_namespace(write, NamespaceFacts()) is None:
            return None
        return judge_namespace(write, NamespaceFacts(await self.asking.is_cluster_admin(request.user_info)))

    async def _role(self, request: Request, write: Write[Any]) -> ApiError | None:
        place = await self._place(request, write)
        bound = await self._bound_by(request, write.name) if write.new is None and not place.is_ending else ()
        return judge_role(write, replace(place, bound_by=bound))

    async def _bound_by(self, request: Request, role: str) -> tuple[str, ...]:
        kind = _bindings(request)
        found = (await self.client.list(kind, request.namespace)).items
        named = "Role" if request.namespace else "ClusterRole"
        return tuple(
            sorted(
                b.metadata.name
                for b in found
                if b.role_ref is not None and (b.role_ref.kind, b.role_ref.name) == (named, role)
            )
        )

    async def _membership(self, request: Request, write: Write[Any]) -> ApiError | None:
        place = await self._place(request, write)
        level = write.old.metadata.labels.get(LEVEL_LABEL, "") if write.old is not None else ""
        leaves = is_admin(level, write.old) and not is_admin(level, write.new)
        if not leaves or place.is_ending or write.old is None:
            return judge_membership(write, place)

        def refusal(others: int) -> ApiError | None:
            return judge_membership(write, replace(place, other_admins=others))

        return await self._let_go(request, level, request.namespace, {write.old.metadata.uid}, refusal)

    async def _let_go(
        self, request: Request, level: str, namespace: str, uids: Set[str], refusal_of: Callable[[int], ApiError | None]
    ) -> ApiError | None:
        """Two who remove each other at once, perhaps by two replicas, must not both be let through.

        `uids` are of the memberships that would end; `refusal_of` is asked with how many administrators would be left.
        """
        for _ in range(MOST_TRIES):
            known = await self.leaving.observe()
            refusal = refusal_of(await self._admins(level, namespace, {*uids, *known.until}))
            if refusal is not None or request.dry_run or await self.leaving.add(known, uids):
                return refusal
        return in_the_way(f'"{request.name}"', "other administrators are removed at this moment; try again")

    async def _admins(self, level: str, namespace: str, without: Set[str]) -> int:
        kind: Kind[Any] = ROLE_BINDING if namespace else CLUSTER_ROLE_BINDING
        found = (await self.client.list(kind, namespace, labels=f"{LEVEL_LABEL}={level}")).items
        others = [b for b in found if b.metadata.uid not in without]
        users = frozenset(u.metadata.name for u in self.reads.list(USER) if not u.spec.disabled)
        home = await self._home(namespace) if namespace else ""
        departments = frozenset(d.metadata.name for d in self.reads.list(DEPARTMENT, home) if d.spec.members and home)
        return count_admins(level, others, users, departments)

    async def _home(self, namespace: str) -> str:
        """The home namespace of the workspace that a namespace belongs to."""
        space = await self._space(namespace)
        if home_of(space):
            return namespace
        workspace = self.reads.get(WORKSPACE, workspace_of(space))
        return workspace.status.namespace if workspace is not None else ""

    async def _place(self, request: Request, write: Write[Any]) -> PlaceFacts:
        admin = await self.asking.is_cluster_admin(request.user_info)
        if not request.namespace:
            level: Level = "cluster" if write.name.startswith("armillary:cluster:") else "platform"
            return PlaceFacts(level, is_cluster_admin=admin)
        space = await self._space(request.namespace)
        owner = owner_of(space).partition("/")[0]
        return PlaceFacts(
            _LEVELS.get(owner),
            groups=_groups(await self._home(request.namespace)),
            is_ending=is_ending(space),
            is_cluster_admin=admin,
        )

    async def _department(self, request: Request, write: Write[Any]) -> ApiError | None:
        home = request.namespace
        workspace = home_of(await self._space(home))
        there = self.reads.list(DEPARTMENT, home)
        parents = {d.metadata.name: d.spec.parent for d in there}
        unknown = [u for u in new_members(write) if await self._find(USER, u) is None]
        facts = DepartmentFacts(
            workspace,
            parents,
            tuple(unknown),
            await self._ungrantable(request.user_info, home, gains(write, parents)),
        )
        return judge_department(write, facts)

    async def _ungrantable(self, who: UserInfo, home: str, departments: tuple[str, ...]) -> tuple[str, ...]:
        """Memberships of these departments that they could not have made themselves."""
        if not departments or await self.asking.is_cluster_admin(who):
            return ()
        groups = {kube_group(department_group(_groups(home), department)) for department in departments}
        # What follows from a membership (members see their Workspace) is given by the platform and is no grant.
        given = [b for b in self.reads.list(CLUSTER_ROLE_BINDING) if not b.metadata.owner_references]
        found: list[Any] = [*self.reads.list(ROLE_BINDING), *given]
        theirs = [b for b in found if b.role_ref and any(s.kind == "Group" and s.name in groups for s in b.subjects)]
        refused = []
        for binding in theirs:
            namespace = binding.metadata.namespace
            if not await self.asking.could_bind(who, ROLE_BINDING if namespace else CLUSTER_ROLE_BINDING, binding):
                refused.append(f"{binding.role_ref.name} in {namespace or 'the platform'}")
        return tuple(refused)

    async def _find(self, kind: Kind[Any], name: str) -> Any | None:
        """From memory, else from the server: what was made a moment ago counts."""
        return self.reads.get(kind, name) or await self.client.find(kind, name)

    async def _space(self, name: str) -> Namespace:
        found = await self._find(NAMESPACE, name)
        return found if found is not None else Namespace()


def _groups(home: str) -> str:
    """How the groups of a workspace's departments begin (`access.ports.groups_of`)."""
    return home.removeprefix(HOME_PREFIX)


def _bindings(request: Request) -> Kind[Any]:
    return ROLE_BINDING if request.namespace else CLUSTER_ROLE_BINDING


def _write(kind: Kind[Any], request: Request) -> Write[Any]:
    old, new = (_decoded(kind, bytes(raw)) for raw in (request.old_object, request.object))
    new = None if request.operation == "DELETE" else new
    known = new if new is not None else old
    name = request.name or (known.metadata.name if known is not None else "")
    operation: Any = request.operation
    return Write(operation, request.user_info.username, name, request.namespace, old, new)


def _decoded(kind: Kind[Any], raw: bytes) -> Any | None:
    return decode(kind, raw) if raw not in (b"", b"null") else None


def _loses_finalizers(write: Write[Any]) -> bool:
    if write.old is None or write.new is None:
        return False
    return bool(set(write.old.metadata.finalizers) - set(write.new.metadata.finalizers))
