"""Access at work beside tenancy's kinds: places are made by hand, as tenancy would make them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.harness.platform import Asking, Running, running_platform

from armillary.base.clock import Clock
from armillary.base.words import Words
from armillary.kube.client import Client
from armillary.kube.kind import Kind
from armillary.kube.kinds.core import NAMESPACE, Namespace
from armillary.kube.kinds.meta import ObjectMeta
from armillary.kube.kinds.rbac import (
    CLUSTER_ROLE,
    CLUSTER_ROLE_BINDING,
    ROLE,
    ROLE_BINDING,
    ClusterRole,
    ClusterRoleBinding,
    PolicyRule,
    Role,
    RoleBinding,
    RoleRef,
    Subject,
)
from armillary.kube.transport.impersonating import Impersonating
from armillary.platform.capabilities.access.capability import access
from armillary.platform.capabilities.access.kinds import LEVEL_LABEL, MEMBER_LABEL, Level
from armillary.platform.capabilities.access.places import RBAC
from armillary.platform.capabilities.identity.kinds import KINDS as IDENTITY_KINDS
from armillary.platform.capabilities.identity.kinds import USER, User
from armillary.platform.capabilities.tenancy.kinds import (
    CLUSTER,
    DEVOPS_PROJECT,
    GROUP,
    OWNER_ANNOTATION,
    PROJECT,
    WORKSPACE,
    Cluster,
    DevOpsProject,
    Project,
    Workspace,
)
from armillary.platform.capabilities.tenancy.kinds import KINDS as TENANCY_KINDS
from armillary.platform.frame.caller import AUTHENTICATED, kube_user
from armillary.platform.frame.capability import Capability
from armillary.platform.frame.parts import Parts

SECONDS = 15.0  # a deadline, not a duration
OTHERS: Capability[Parts] = Capability(
    "others", Words("Others", "其他"), connect=lambda parts: parts, kinds=(*IDENTITY_KINDS, *TENANCY_KINDS)
)


@dataclass
class Access:
    """`own` is the platform's own client."""

    platform: Running

    @property
    def own(self) -> Client:
        return self.platform.admin

    def client(self, name: str, *groups: str) -> Client:
        """In the cluster, as an account of the platform."""
        return Client(Impersonating(self.own.transport, kube_user(name), (*groups, AUTHENTICATED)))

    def asking(self, name: str, *groups: str) -> Asking:
        return self.platform.as_user(name, *groups)

    async def until(self, what: str, holds: Callable[[], Awaitable[Any]]) -> Any:
        try:
            async with asyncio.timeout(SECONDS):
                while True:
                    found = await holds()
                    if found:
                        return found
                    await asyncio.sleep(0.01)
        except TimeoutError:
            raise AssertionError(f"in vain: {what}") from None

    async def read(self, kind: Kind[Any], made: Any) -> None:
        """Until the platform knows of it."""
        assert await self.platform.parts.reads.of(kind).wait_revision(made.metadata.resource_version)

    async def accounts(self, *names: str) -> None:
        for name in names:
            await self.read(USER, await self.own.create(USER, User(metadata=ObjectMeta(name=name))))

    async def workspace(self, name: str) -> str:
        """With its home and roles; the home's name."""
        home = f"workspace-{name}"
        made = await self.own.create(WORKSPACE, Workspace(metadata=ObjectMeta(name=name)))
        await self._space(home, f"workspaces/{name}")
        status = {"status": {"namespace": home}}
        patched = await self.own.patch(WORKSPACE, made.metadata.name, "", status, subresource="status")
        await self.read(WORKSPACE, patched)
        rules = (PolicyRule(api_groups=(GROUP,), resources=("workspaces",), resource_names=(name,), verbs=("get",)),)
        await self.own.create(CLUSTER_ROLE, ClusterRole(metadata=ObjectMeta(name=f"sees:{name}"), rules=rules))
        return home

    async def project(self, workspace: str, name: str, sort: Level = "project") -> str:
        kind: Kind[Any] = PROJECT if sort == "project" else DEVOPS_PROJECT
        type_: Any = Project if sort == "project" else DevOpsProject
        home, space = f"workspace-{workspace}", f"{workspace}-{name}"
        await self.own.create(kind, type_(metadata=ObjectMeta(name=name, namespace=home)), home)
        await self._space(space, f"{kind.plural}/{workspace}/{name}")
        rules = (PolicyRule(api_groups=(GROUP,), resources=(kind.plural,), resource_names=(name,), verbs=("get",)),)
        await self.own.create(ROLE, Role(metadata=ObjectMeta(name=f"sees:{space}", namespace=home), rules=rules), home)
        patch = {"status": {"namespace": space}}
        await self.read(kind, await self.own.patch(kind, name, home, patch, subresource="status"))
        return space

    async def _space(self, name: str, owner: str) -> None:
        meta = ObjectMeta(name=name, annotations={OWNER_ANNOTATION: owner})
        await self.read(NAMESPACE, await self.own.create(NAMESPACE, Namespace(metadata=meta)))

        async def holds() -> Any:
            return await self.own.find(ROLE, "viewer", name)

        await self.until(f"the roles of {name}", holds)

    async def member(self, namespace: str, user: str, role: str, level: Level = "project") -> RoleBinding:
        meta = ObjectMeta(name=f"member:{user}", namespace=namespace, labels={LEVEL_LABEL: level, MEMBER_LABEL: user})
        ref = RoleRef(api_group=RBAC, kind="Role", name=role)
        subject = Subject(api_group=RBAC, kind="User", name=kube_user(user))
        made = RoleBinding(metadata=meta, role_ref=ref, subjects=(subject,))
        made = await self.own.create(ROLE_BINDING, made, namespace)
        if level != "workspace":  # as tenancy lets members see their project
            home = f"workspace-{namespace.split('-')[0]}"
            sees = ObjectMeta(name=f"sees:{namespace}:{user}", namespace=home)
            role_ref = RoleRef(api_group=RBAC, kind="Role", name=f"sees:{namespace}")
            await self.own.create(
                ROLE_BINDING, RoleBinding(metadata=sees, role_ref=role_ref, subjects=(subject,)), home
            )
        else:
            sees = ObjectMeta(name=f"sees:{namespace}:{user}")
            role_ref = RoleRef(api_group=RBAC, kind="ClusterRole", name=f"sees:{namespace.removeprefix('workspace-')}")
            binding = ClusterRoleBinding(metadata=sees, role_ref=role_ref, subjects=(subject,))
            await self.own.create(CLUSTER_ROLE_BINDING, binding)
        await self.read(ROLE_BINDING, made)
        return made

    async def holder(self, user: str, role: str, level: Level = "platform") -> ClusterRoleBinding:
        """On the platform or in the cluster."""
        name = f"armillary:{level}:member:{user}"
        meta = ObjectMeta(name=name, labels={LEVEL_LABEL: level, MEMBER_LABEL: user})
        ref = RoleRef(api_group=RBAC, kind="ClusterRole", name=f"armillary:{level}:{role}")
        subject = Subject(api_group=RBAC, kind="User", name=kube_user(user))
        made = ClusterRoleBinding(metadata=meta, role_ref=ref, subjects=(subject,))
        return await self.own.create(CLUSTER_ROLE_BINDING, made)


@asynccontextmanager
async def running_access(tmp_path: Path, clock: Clock | None = None) -> AsyncIterator[Access]:
    async with running_platform(tmp_path, access(), OTHERS, clock=clock) as platform:
        running = Access(platform)
        await platform.admin.create(CLUSTER, Cluster(metadata=ObjectMeta(name="host")))

        async def holds() -> Any:
            return await platform.admin.find(CLUSTER_ROLE, "armillary:cluster:cluster-viewer")

        await running.until("the cluster roles", holds)
        yield running
