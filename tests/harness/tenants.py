"""A whole platform with two workspaces in it, and one person for each built-in role: what isolation is tested on."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from tests.harness.platform import Asking, _cluster, _free_port

from armillary.allinone.platform import Around, running_platform
from armillary.base.clock import SystemClock
from armillary.base.errors import ApiError
from armillary.base.pki import ensure_pki
from armillary.base.serving.listen import listen, tls_context
from armillary.kube.client import Client
from armillary.kube.kinds.core import CONFIG_MAP, SECRET, ConfigMap, Secret
from armillary.kube.kinds.meta import ObjectMeta
from armillary.kube.kinds.rbac import (
    CLUSTER_ROLE_BINDING,
    ROLE,
    ROLE_BINDING,
    ClusterRoleBinding,
    RoleBinding,
    RoleRef,
    Subject,
)
from armillary.kube.object import owned_by
from armillary.platform.capabilities.access.kinds import LEVEL_LABEL, MEMBER_LABEL, Level
from armillary.platform.capabilities.identity.kinds import ACCESS_TOKEN, USER, AccessToken, AccessTokenSpec, User
from armillary.platform.capabilities.tenancy.kinds import (
    DEVOPS_PROJECT,
    PROJECT,
    WORKSPACE,
    DevOpsProject,
    DevOpsProjectSpec,
    Project,
    ProjectSpec,
    Workspace,
    WorkspaceSpec,
)
from armillary.platform.frame.parts import PlatformSettings
from armillary.platform.frame.server import FrontDoor

RBAC = "rbac.authorization.k8s.io"
MARK = "zq7beta"  # in the name of everything that only the workspace `beta` may know of
ROLES: Sequence[tuple[Level, str]] = (
    *(("platform", role) for role in ("platform-admin", "platform-self-provisioner", "platform-regular")),
    *(("platform", role) for role in ("workspaces-manager", "users-manager")),
    *(("cluster", role) for role in ("cluster-admin", "cluster-viewer")),
    *(("workspace", role) for role in ("admin", "self-provisioner", "regular", "viewer")),
    *(("project", role) for role in ("admin", "operator", "viewer")),
    *(("devopsproject", role) for role in ("admin", "operator", "viewer")),
)  # fmt: skip
NAMESPACES: Mapping[Level, str] = {
    "workspace": "workspace-alpha",
    "project": "alpha-shop",
    "devopsproject": "alpha-ci",
}


@dataclass(frozen=True)
class Person:
    level: Level
    role: str

    @property
    def name(self) -> str:
        return f"{self.level}-{self.role}"

    @property
    def is_tenant(self) -> bool:
        """Whether they belong to one workspace only."""
        return self.level in NAMESPACES


PEOPLE = tuple(Person(level, role) for level, role in ROLES)


@dataclass(frozen=True)
class Tenants:
    door: FrontDoor
    admin: Client  # of the cluster
    url: str
    ca: Path

    def of(self, name: str) -> Asking:
        return Asking(self.door, {"authorization": f"Bearer {token_of(name)}"})


def token_of(name: str) -> str:
    return f"arm_token-of-{name}"


@asynccontextmanager
async def tenants(directory: Path) -> AsyncIterator[Tenants]:
    clock = SystemClock()
    async with AsyncExitStack() as stack:
        link = await _cluster(stack, directory, clock)
        pki = ensure_pki(directory / "front", ["localhost"], ["127.0.0.1"], clock.now(), node="one")
        url = f"https://127.0.0.1:{_free_port()}"
        (directory / "data").mkdir()
        settings = PlatformSettings(origin=url, data_dir=directory / "data")
        around = Around(pki.ca.read_text(), url)
        platform = await stack.enter_async_context(running_platform(settings, link, around, clock, Random(1)))
        tls = tls_context(pki.crt("platform"), pki.key("platform"))
        address = ("127.0.0.1", int(url.rpartition(":")[2]))
        await stack.enter_async_context(listen(platform.door, clock, addresses=[address], tls=tls))
        await _furnish(link.client)
        found = Tenants(platform.door, link.client, url, pki.ca)
        await _signed_in(found)
        yield found


async def _furnish(admin: Client) -> None:
    for name in [person.name for person in PEOPLE] + ["beta-manager", "nobody"]:
        user = await admin.create(USER, User(metadata=ObjectMeta(name=name)))
        digest = hashlib.sha256(token_of(name).encode()).hexdigest()
        spec = AccessTokenSpec(user=name, hash=digest, scopes=("all",))
        meta = ObjectMeta(name=f"token-{name}", owner_references=(owned_by(USER, user),))
        await admin.create(ACCESS_TOKEN, AccessToken(metadata=meta, spec=spec))
    for workspace, manager in (("alpha", "workspace-admin"), (MARK, "beta-manager")):
        spec = WorkspaceSpec(manager=manager)
        await _soon(lambda w=workspace, s=spec: admin.create(WORKSPACE, Workspace(metadata=ObjectMeta(name=w), spec=s)))
        home = f"workspace-{workspace}"
        shop = Project(metadata=ObjectMeta(name="shop"), spec=ProjectSpec(creator=manager))
        await _soon(lambda h=home, p=shop: admin.create(PROJECT, p, h))
        pipes = DevOpsProject(metadata=ObjectMeta(name="ci"), spec=DevOpsProjectSpec(creator=manager))
        await _soon(lambda h=home, p=pipes: admin.create(DEVOPS_PROJECT, p, h))
        for namespace in (f"{workspace}-shop", f"{workspace}-ci"):
            await _soon(lambda n=namespace: admin.get(ROLE, "viewer", n))
        secret = Secret(metadata=ObjectMeta(name=f"{workspace}-key"), data={"key": "c2VjcmV0"})
        await admin.create(SECRET, secret, f"{workspace}-shop")
        await admin.create(CONFIG_MAP, ConfigMap(metadata=ObjectMeta(name=f"{workspace}-map")), f"{workspace}-shop")
    for person in PEOPLE:
        await _join(admin, person)


async def _join(admin: Client, person: Person) -> None:
    """As an invitation leaves it."""
    labels = {LEVEL_LABEL: person.level, MEMBER_LABEL: person.name}
    subjects = (Subject(api_group=RBAC, kind="User", name=f"armillary:{person.name}"),)
    namespace = NAMESPACES.get(person.level, "")
    if not namespace:
        ref = RoleRef(api_group=RBAC, kind="ClusterRole", name=f"armillary:{person.level}:{person.role}")
        meta = ObjectMeta(name=f"armillary:{person.level}:member:{person.name}", labels=labels)
        binding = ClusterRoleBinding(metadata=meta, role_ref=ref, subjects=subjects)
        await _soon(lambda: admin.create(CLUSTER_ROLE_BINDING, binding))
    elif person.name != "workspace-admin":  # who manages it is there already
        ref = RoleRef(api_group=RBAC, kind="Role", name=person.role)
        meta = ObjectMeta(name=f"member:{person.name}", labels=labels)
        await _soon(
            lambda: admin.create(ROLE_BINDING, RoleBinding(metadata=meta, role_ref=ref, subjects=subjects), namespace)
        )


async def _soon(action: Any) -> None:
    """As soon as it can be done: controllers make what it needs."""
    async with asyncio.timeout(30):
        while True:
            try:
                await action()
                return
            except ApiError:
                await asyncio.sleep(0.05)


async def _signed_in(found: Tenants) -> None:
    """Until tokens, bindings and what follows from them have arrived everywhere."""
    wanted = {
        "workspace-viewer": "/clusters/host/api/v1/namespaces/alpha-shop/pods",
        "workspace-admin": "/clusters/host/api/v1/namespaces/alpha-ci/secrets",
        "beta-manager": f"/clusters/host/api/v1/namespaces/{MARK}-shop/pods",
        "cluster-cluster-viewer": "/clusters/host/api/v1/pods",
        "devopsproject-viewer": "/clusters/host/apis/rbac.authorization.k8s.io/v1/namespaces/alpha-ci/roles",
        "project-viewer": "/clusters/host/api/v1/namespaces/alpha-shop/pods",
    }
    async with asyncio.timeout(30):
        for name, path in wanted.items():
            while (await found.of(name).get(path)).status != 200:
                await asyncio.sleep(0.05)
