"""The platform put together: from capabilities and parts to one application, and the work beside it."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import orjson
from prometheus_client import CollectorRegistry

from armillary.base.errors import AlreadyExists
from armillary.base.tasks import supervise
from armillary.kube.election import Election
from armillary.kube.install import install
from armillary.kube.journal import Journal
from armillary.kube.kinds.core import NAMESPACE, Namespace
from armillary.kube.kinds.meta import ObjectMeta
from armillary.kube.runner import run_controllers
from armillary.platform.frame.capability import Capability, Task
from armillary.platform.frame.console import Console
from armillary.platform.frame.gate import Gate
from armillary.platform.frame.metrics import Metrics
from armillary.platform.frame.openapi import as_3_0, document_of
from armillary.platform.frame.pages import FRONT, ROUTES, Pages, State
from armillary.platform.frame.parts import Authenticator, Parts
from armillary.platform.frame.passthrough import PREFIX, PassThrough, Upstreams
from armillary.platform.frame.server import Bound, FrontDoor, Other
from armillary.platform.frame.shares import Shares

LEASE = "armillary-platform"
TAG = "server"


@dataclass(frozen=True, slots=True)
class _Work:
    """A capability's task with what it is given."""

    task: Task[Any]
    deps: Any

    async def run(self) -> None:
        await self.task.run(self.deps)


@dataclass(frozen=True, slots=True)
class Platform:
    """`prepare`, then `run` beside `door`, which answers requests."""

    door: FrontDoor
    parts: Parts
    capabilities: Sequence[Capability[Any]]
    work: Sequence[_Work]
    identity: str  # of this replica
    state: State

    async def prepare(self) -> None:
        """Have all kinds in the host cluster, and the namespace that the platform keeps its own things in."""
        with suppress(AlreadyExists):
            namespace = Namespace(metadata=ObjectMeta(name=self.parts.settings.namespace))
            await self.parts.client.create(NAMESPACE, namespace)
        await install(self.parts.client, [kind for capability in self.capabilities for kind in capability.kinds])

    async def run(self) -> None:
        """Until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self.parts.reads.run(), name="reads")
            group.create_task(self._be_ready(), name="ready")
            for work in self.work:
                if not work.task.leads:
                    group.create_task(supervise(work.task.name, work.run), name=work.task.name)
            group.create_task(supervise("election", self.stand), name="election")

    async def _be_ready(self) -> None:
        await self.parts.reads.wait_synced()
        self.state.ready = True

    async def stand(self) -> None:
        """Be the leader, once elected, for as long as it lasts."""
        parts = self.parts
        election = Election(parts.client, parts.clock, parts.settings.namespace, LEASE, self.identity)
        await election.lead(self._lead)

    async def _lead(self) -> None:
        """What only one replica does."""
        controllers = [c for capability in self.capabilities for c in capability.controllers]
        async with asyncio.TaskGroup() as group:
            for work in self.work:
                if work.task.leads:
                    group.create_task(supervise(work.task.name, work.run), name=work.task.name)
            group.create_task(
                run_controllers(controllers, self.parts.client, self.parts.clock, Journal()), name="controllers"
            )
            await asyncio.get_running_loop().create_future()  # leads for as long as it may, also if it has no work


def assemble(
    capabilities: Sequence[Capability[Any]],
    parts: Parts,
    authenticator: Authenticator,
    upstreams: Upstreams,
    *,
    registry: CollectorRegistry | None = None,
    version: str = "0",
) -> Platform:
    """Everything that `capabilities` declare, connected to `parts`. `registry` may hold other metrics as well."""
    bound: list[Bound] = []
    work: list[_Work] = []
    for capability in capabilities:
        for kind in capability.reads:
            parts.reads.of(kind)
        deps = capability.connect(parts)
        bound += [Bound(route, deps, capability.name) for route in capability.routes]
        work += [_Work(task, deps) for task in capability.tasks]
    gate = Gate(authenticator, parts.rights, parts.settings.origin)
    metrics = Metrics(registry or CollectorRegistry(), parts.streams)
    shares = Shares()
    through = PassThrough(gate, upstreams, parts.streams, parts.audit, shares)
    settings, state = parts.settings, State()
    others: list[tuple[str, Other]] = [(PREFIX, through)]
    pages = Pages(parts.client, metrics, state, settings.origin)
    own = [Bound(route, pages, TAG) for route in ROUTES]
    if settings.console_dir is not None:
        others.append(("/", Console(settings.console_dir)))
    else:
        own.append(Bound(FRONT, pages, TAG))
    tags = {c.name: c.summary.en for c in capabilities} | {TAG: "The server itself."}
    described = document_of([*bound, *own], tags, version)
    pages.description, pages.description_3_0 = orjson.dumps(described), orjson.dumps(as_3_0(described))
    door = FrontDoor([*bound, *own], parts, gate, metrics, shares, state, others)
    identity = f"{parts.random.getrandbits(64):016x}"
    return Platform(door, parts, tuple(capabilities), tuple(work), identity, state)
