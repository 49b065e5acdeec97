"""One pod at work: events go into its machine, orders go to the hands, its status goes to the API server."""

import asyncio
import logging
from collections.abc import Container
from functools import partial

from armillary.base.errors import ApiError, Conflict, NotFound
from armillary.engine.node import record as r
from armillary.engine.node.containers import all_containers
from armillary.engine.node.hands import Hands, first
from armillary.engine.node.machine import next_wake, step
from armillary.engine.node.probes import Prober, Target, probes_of, watch_health
from armillary.engine.node.record import Doing, PodRecord, ProbeKind, Run
from armillary.engine.node.status import pod_status
from armillary.engine.node.turn import container_of
from armillary.engine.node.writer import StatusWriter
from armillary.kube.client import Client
from armillary.kube.kinds.core import POD

log = logging.getLogger(__name__)

_ProbeKey = tuple[str, str, ProbeKind]  # container, run, kind


class PodWorker:
    """Runs until nothing of the pod is left, or until it is cancelled (the pod runs on, then)."""

    def __init__(
        self, record: PodRecord, hands: Hands, prober: Prober, writer: StatusWriter, client: Client,
        exits: Container[str],
    ) -> None:  # fmt: skip
        """`exits` has the ids of containers that were lately seen to end."""
        self.record = record
        self._hands, self._prober, self._writer, self._client = hands, prober, writer, client
        self._exits = exits
        self._inbox: asyncio.Queue[r.Event] = asyncio.Queue()
        self._ending = asyncio.Event()
        self._group: asyncio.TaskGroup | None = None
        self._probes: dict[_ProbeKey, asyncio.Task[None]] = {}
        self._running: set[asyncio.Task[None]] = set()
        self._clock = hands.tools.clock

    def send(self, event: r.Event) -> None:
        self._inbox.put_nowait(event)

    def seems_ended(self, name: str, run: Run) -> None:
        """The runtime said that this run is over: see how it ended."""
        if self._group is not None:
            self._group.create_task(self._look_at_end(name, run), name=f"end of {run.id}")

    async def run(self, first_event: r.Event) -> None:
        async with asyncio.TaskGroup() as group:
            self._group = group
            tasks = [group.create_task(self._writer.run(), name=f"status {self.record.key}")]
            self._happen(first_event)
            while not self.record.is_over:
                self._happen(await self._next())
            self._group = None
            for task in (*tasks, *self._probes.values(), *self._running):
                task.cancel()

    async def _next(self) -> r.Event:
        due = next_wake(self.record, self._clock.now())
        if due is None:
            return await self._inbox.get()
        try:
            async with asyncio.timeout((due - self._clock.now()).total_seconds()):
                return await self._inbox.get()
        except TimeoutError:
            return r.Tick()

    def _happen(self, event: r.Event) -> None:
        if isinstance(event, r.ContainerStarted) and not event.run.ended and event.run.id in self._exits:
            self.seems_ended(event.name, event.run)
        self.record, orders = step(self.record, event, self._clock.now())
        if self.record.ending is not None:
            self._ending.set()
        self._watch_health()
        status = pod_status(self.record, self._writer.written, (self._hands.tools.settings.address,), self._clock.now())
        self._writer.put(status)
        for order in orders:
            if isinstance(order, r.Tell):
                self._hands.tools.tell(self.record.pod, order)
            elif self._group is not None:
                task = self._group.create_task(self._carry_out(order), name=f"{type(order).__name__} {self.record.key}")
                self._running.add(task)
                task.add_done_callback(self._running.discard)

    async def _carry_out(self, order: r.Instruction) -> None:
        if isinstance(order, r.Release):
            self.send(await self._release())
            return
        event = await self._hands.perform(self.record, order, self._ending)
        if event is not None:
            self.send(event)

    async def _release(self) -> r.Event:
        """The last status first: who watches sees how the containers ended."""
        meta = self.record.pod.metadata
        await self._writer.settled()
        try:
            await self._client.delete(POD, meta.name, meta.namespace, uid=meta.uid, grace_seconds=0)
        except (NotFound, Conflict):
            return r.Released()
        except ApiError as exc:
            return r.Released(str(exc))
        return r.Released()

    async def _look_at_end(self, name: str, run: Run) -> None:
        ended = await self._hands.ended_run(self.record, name, run)
        if ended is not None:
            self.send(r.ContainerExited(name, ended))

    # Probes

    def _watch_health(self) -> None:
        wanted = set(self._wanted_probes())
        for key in set(self._probes) - wanted:
            self._probes.pop(key).cancel()
        if self._group is None:
            return
        for key in wanted - set(self._probes):
            self._probes[key] = self._group.create_task(self._probe(*key), name=f"{key[2]} {key[0]}")

    def _wanted_probes(self) -> list[_ProbeKey]:
        wanted: list[_ProbeKey] = []
        for container in all_containers(self.record.pod):
            found = self.record.containers[container.name]
            run = found.current
            if run is None or run.ended or found.doing is Doing.POST_START:
                continue
            for kind in probes_of(container):
                if (kind == "startup") == found.started or (kind != "readiness" and self.record.ending is not None):
                    continue
                wanted.append((container.name, run.id, kind))
        return wanted

    async def _probe(self, name: str, id: str, kind: ProbeKind) -> None:
        pod, found = self.record.pod, self.record.containers[name]
        container = container_of(pod, name)
        began = (found.current.started_at if found.current else None) or self._clock.now()
        await watch_health(
            self._prober,
            kind,
            probes_of(container)[kind],
            Target(container, id, first(self.record.sandbox.ips)),
            began,
            self._clock,
            report=lambda succeeded: self.send(r.Probed(name, id, kind, succeeded)),
            tell=partial(self._tell_unhealthy, name),
        )

    def _tell_unhealthy(self, name: str, reason: str, message: str) -> None:
        self._hands.tools.tell(self.record.pod, r.Tell("Warning", reason, message, name))
