"""Tenancy at work on a real API server in this process, with the engine's controllers beside it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from tests.component.controllers.cluster import Cluster, controlling
from tests.harness.server import Server

from armillary.base.clock import SystemClock
from armillary.kube.client import Client
from armillary.kube.install import install
from armillary.kube.runner import Caches, run_controllers
from armillary.kube.transport.impersonating import Impersonating
from armillary.platform.capabilities.access.kinds import KINDS as ACCESS_KINDS
from armillary.platform.capabilities.identity.kinds import KINDS as IDENTITY_KINDS
from armillary.platform.capabilities.tenancy.beginnings import begin
from armillary.platform.capabilities.tenancy.controllers import CONTROLLERS
from armillary.platform.capabilities.tenancy.kinds import KINDS
from armillary.platform.frame.caller import Caller


@dataclass
class Tenancy:
    """`client` is the cluster's administrator, `as_user` anybody who has signed in."""

    client: Client
    cluster: Cluster
    caches: Caches

    def as_user(self, name: str, *groups: str) -> Client:
        caller = Caller(name, groups)
        return Client(Impersonating(self.client.transport, caller.kube_user, caller.kube_groups))

    async def until(self, what: str, holds: Any) -> Any:
        return await self.cluster.until(what, holds)

    async def ready(self, kind: Any, name: str, namespace: str = "") -> Any:
        """That object, once its Ready condition is true."""

        async def holds() -> Any:
            found = await self.client.find(kind, name, namespace)
            told = found is not None and [c for c in found.status.conditions if c.type == "Ready"]
            return found if told and told[0].status == "True" else None

        return await self.until(f"{name} is ready", holds)


@asynccontextmanager
async def tenancy_on(server: Server) -> AsyncIterator[Tenancy]:
    async with controlling(server) as cluster:
        client = server.admin()
        await install(client, (*KINDS, *IDENTITY_KINDS, *ACCESS_KINDS))
        await begin(client)
        clock = SystemClock()
        caches = Caches(client, clock)
        async with asyncio.TaskGroup() as group:
            task = group.create_task(run_controllers(CONTROLLERS, client, clock, cluster.journal, caches))
            try:
                yield Tenancy(client, cluster, caches)
            finally:
                task.cancel()
