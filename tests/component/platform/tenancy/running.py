"""Tenancy at work in front of a real API server in this process, which asks its guard over real HTTPS."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from typing import Any

from aiohttp import web
from tests.harness.platform import Asking, Running, running_platform

from armillary.base.clock import SystemClock
from armillary.base.errors import NotFound
from armillary.base.pki import ensure_pki
from armillary.base.words import Words
from armillary.engine.controllers.all import ControllerSettings, run_built_in
from armillary.kube.client import Client
from armillary.kube.kind import Kind
from armillary.kube.kinds.core import SERVICE_ACCOUNT
from armillary.kube.kinds.meta import ObjectMeta
from armillary.kube.kinds.rbac import (
    CLUSTER_ROLE,
    CLUSTER_ROLE_BINDING,
    ROLE,
    ClusterRole,
    ClusterRoleBinding,
    PolicyRule,
    Role,
    RoleRef,
)
from armillary.kube.runner import Caches
from armillary.kube.transport.impersonating import Impersonating
from armillary.platform.capabilities.access.kinds import KINDS as ACCESS_KINDS
from armillary.platform.capabilities.access.kinds import LEVEL_LABEL, MEMBER_LABEL
from armillary.platform.capabilities.identity.kinds import KINDS as IDENTITY_KINDS
from armillary.platform.capabilities.identity.kinds import USER, User
from armillary.platform.capabilities.tenancy.capability import tenancy
from armillary.platform.capabilities.tenancy.decide.holders import RBAC, user_subject
from armillary.platform.capabilities.tenancy.guard.configuration import PATH
from armillary.platform.capabilities.tenancy.guard.settings import GuardSettings
from armillary.platform.capabilities.tenancy.kinds import (
    PROJECT,
    WORKSPACE,
    Project,
    ProjectSpec,
    Workspace,
    WorkspaceSpec,
)
from armillary.platform.frame.assembly import assemble
from armillary.platform.frame.caller import AUTHENTICATED, kube_user
from armillary.platform.frame.capability import Capability
from armillary.platform.frame.parts import Parts
from armillary.platform.frame.server import FrontDoor

SECONDS = 15.0  # a deadline, not a duration
CLUSTER_PATH = "/clusters/host/"
# The kinds of others that tenancy reads.
OTHERS: Capability[Parts] = Capability(
    "others", Words("Others", "其他"), connect=lambda parts: parts, kinds=(*IDENTITY_KINDS, *ACCESS_KINDS)
)
EVERYTHING = PolicyRule(api_groups=("*",), resources=("*",), verbs=("*",))


@dataclass
class Tenancy:
    """`platform` is what runs; its `admin` is the platform's own client. `root` is another administrator.

    Over HTTPS it answers at `origin`, trusted by the PEM file `ca`.
    """

    platform: Running
    origin: str
    ca: Path
    bridge: "Bridge"

    @property
    def own(self) -> Client:
        return self.platform.admin

    @property
    def root(self) -> Client:
        return Client(Impersonating(self.own.transport, "root", ("system:masters", AUTHENTICATED)))

    def user(self, name: str, *groups: str) -> Client:
        """In the cluster, as an account of the platform."""
        return Client(Impersonating(self.own.transport, kube_user(name), (*groups, AUTHENTICATED)))

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

    async def gone(self, kind: Kind[Any], name: str, namespace: str = "") -> None:
        async def holds() -> bool:
            return await self.own.find(kind, name, namespace) is None

        await self.until(f"{kind.name} {name} is gone", holds)

    async def ready(self, kind: Kind[Any], name: str, namespace: str = "") -> Any:
        """That object, once its Ready condition is true of what it says now."""

        async def holds() -> Any:
            found = await self.own.find(kind, name, namespace)
            told = [c for c in found.status.conditions if c.type == "Ready"] if found is not None else []
            fresh = found is not None and found.status.observed_generation == found.metadata.generation
            return found if fresh and told and told[0].status == "True" else None

        return await self.until(f"{name} is ready", holds)

    async def account(self, *names: str) -> None:
        for name in names:
            await self.own.create(USER, User(metadata=ObjectMeta(name=name)))

    async def platform_admin(self, name: str) -> None:
        """An account that is platform admin, written as `access` does it."""
        await self.account(name)
        role = "armillary:platform:platform-admin"
        labels = {LEVEL_LABEL: "platform"}
        if await self.own.find(CLUSTER_ROLE, role) is None:
            made = ClusterRole(metadata=ObjectMeta(name=role, labels=labels), rules=(EVERYTHING,))
            await self.own.create(CLUSTER_ROLE, made)
        meta = ObjectMeta(name=f"armillary:platform:member:{name}", labels={**labels, MEMBER_LABEL: name})
        ref = RoleRef(api_group=RBAC, kind="ClusterRole", name=role)
        binding = ClusterRoleBinding(metadata=meta, role_ref=ref, subjects=(user_subject(kube_user(name)),))
        await self.own.create(CLUSTER_ROLE_BINDING, binding)

    async def role(self, namespace: str, name: str, level: str, *rules: PolicyRule, **labels: str) -> None:
        """A role as `access` makes them."""
        meta = ObjectMeta(name=name, namespace=namespace, labels={LEVEL_LABEL: level, **labels})
        await self.own.create(ROLE, Role(metadata=meta, rules=rules), namespace)

    async def workspace(self, name: str, manager: str, **spec: Any) -> Workspace:
        """Made by the platform, with its admin role."""
        made = Workspace(metadata=ObjectMeta(name=name), spec=WorkspaceSpec(manager=manager, **spec))
        await self.own.create(WORKSPACE, made)
        found: Workspace = await self.ready(WORKSPACE, name)
        await self.role(found.status.namespace, "admin", "workspace", EVERYTHING)
        return found

    async def project(self, name: str, workspace: str, creator: str, **spec: Any) -> Project:
        home = f"workspace-{workspace}"
        made = Project(metadata=ObjectMeta(name=name, namespace=home), spec=ProjectSpec(creator=creator, **spec))
        await self.own.create(PROJECT, made, home)
        found: Project = await self.ready(PROJECT, name, home)
        inside = found.status.namespace
        await self.role(inside, "admin", "project", EVERYTHING)

        async def has_account() -> Any:
            return await self.own.find(SERVICE_ACCOUNT, "default", inside)

        await self.until("pods can be made", has_account)
        return found


@asynccontextmanager
async def running_tenancy(directory: Path, *others: Capability[Any]) -> AsyncIterator[Tenancy]:
    """With `others` beside it; without any, only the kinds of those are there."""
    clock = SystemClock()
    pki = ensure_pki(directory / "cluster/pki", ["localhost"], ["127.0.0.1"], clock.now(), node="node-1")
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(pki.crt("apiserver"), pki.key("apiserver"))
    bridge = Bridge()
    async with bridge.serving(tls) as port:
        capability = tenancy(GuardSettings(f"https://localhost:{port}", pki.ca.read_text()))
        async with running_platform(directory, *(others or (OTHERS,)), capability) as platform:
            bridge.platform, bridge.doors = platform, [platform.platform.door]
            found = Tenancy(platform, f"https://localhost:{port}", pki.ca, bridge)
            manager = Impersonating(platform.admin.transport, "system:kube-controller-manager", (AUTHENTICATED,))
            settings = ControllerSettings(root_ca=pki.ca.read_text(), signing_key=pki.signing_key)
            async with asyncio.TaskGroup() as group:
                task = group.create_task(run_built_in(settings, Client(manager), clock))
                try:
                    await found.until("the guard is asked", lambda: guarded(platform.admin))
                    yield found
                finally:
                    task.cancel()


@asynccontextmanager
async def another_replica(tenancy: Tenancy) -> AsyncIterator[None]:
    """A second server beside the first; what comes over HTTPS goes to each in turn."""
    first = tenancy.platform
    parts = replace(first.parts, reads=Caches(first.admin, first.parts.clock), random=Random(2))
    clusters: Any = parts.clusters
    second = assemble(first.platform.capabilities, parts, first.people, clusters)
    async with asyncio.TaskGroup() as group:
        running = group.create_task(second.run())
        await parts.reads.wait_synced()
        tenancy.bridge.doors.append(second.door)
        try:
            yield
        finally:
            tenancy.bridge.doors.remove(second.door)
            running.cancel()


async def guarded(client: Client) -> bool:
    try:
        await client.call("GET", PATH)
    except NotFound:
        return False
    return True


@dataclass
class Bridge:
    """Carries what comes over HTTPS into the platform in this process."""

    platform: Running | None = None
    doors: list[FrontDoor] = field(default_factory=list)  # of all replicas: each is asked in turn
    asked: int = 0

    async def answer(self, request: web.Request) -> web.Response:
        assert self.platform is not None
        headers = {name.lower(): value for name, value in request.headers.items()}
        if request.path.startswith(CLUSTER_PATH):
            return await self._passed_on(request, headers)
        door, self.asked = self.doors[self.asked % len(self.doors)], self.asked + 1
        answer = await Asking(door)(request.method, request.path_qs, await request.read(), headers=headers)
        return web.Response(status=answer.status, body=answer.body, content_type="application/json")

    async def _passed_on(self, request: web.Request, headers: dict[str, str]) -> web.Response:
        """To the host cluster as whoever asks, which is the whole of what the platform's own way there does."""
        assert self.platform is not None
        user = headers["authorization"].removeprefix("Bearer ")
        transport = Impersonating(self.platform.admin.transport, kube_user(user), (AUTHENTICATED,))
        path = "/" + request.path.removeprefix(CLUSTER_PATH)
        sent = {name: headers[name] for name in ("content-type", "accept") if name in headers}
        body = await request.read() or None
        answer = await transport.request(request.method, path, query=dict(request.query), body=body, headers=sent)
        return web.Response(status=answer.status, body=answer.body, content_type="application/json")

    @asynccontextmanager
    async def serving(self, tls: ssl.SSLContext) -> AsyncIterator[int]:
        application = web.Application(client_max_size=8 << 20)
        application.router.add_route("*", "/{path:.*}", self.answer)
        runner = web.AppRunner(application, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls).start()
        try:
            yield runner.addresses[0][1]
        finally:
            await runner.cleanup()
