"""The node's pods: each bound to this node has a worker; what the runtime has of no pod goes away."""

import asyncio
import logging
from collections import deque
from collections.abc import Sequence
from contextlib import aclosing

from armillary.base.errors import ArmillaryError
from armillary.base.tasks import supervise
from armillary.engine.node import record as r
from armillary.engine.node.admission import refusal_of
from armillary.engine.node.hands import Hands, Tools
from armillary.engine.node.inventory import Inventory, ended_runs, garbage, sandbox_is_lost
from armillary.engine.node.machine import new_record
from armillary.engine.node.probes import Prober
from armillary.engine.node.record import Because, PodRecord, Run
from armillary.engine.node.recovery import recovered
from armillary.engine.node.resources import burstable_shares
from armillary.engine.node.runs import lost_run, run_of
from armillary.engine.node.runtime.port import Container, RuntimeFault, State
from armillary.engine.node.worker import PodWorker
from armillary.engine.node.writer import StatusWriter
from armillary.kube.cache import Cache
from armillary.kube.client import Client
from armillary.kube.kinds.core import Pod

log = logging.getLogger(__name__)

RELIST_SECONDS = 10.0
AGAIN_SECONDS = 1.0
WRITES_AT_ONCE = 16
REMEMBERED_EXITS = 1024


class NodeAgent:
    """Give it the cache of the node's pods, which somebody runs; then `run` it."""

    def __init__(self, tools: Tools, client: Client, pods: Cache[Pod]) -> None:
        self._tools, self._client, self._pods = tools, client, pods
        self._hands = Hands(tools)
        self._prober = Prober(tools.runtime)
        self._workers: dict[str, PodWorker] = {}  # by uid
        self._exits: deque[str] = deque(maxlen=REMEMBERED_EXITS)
        self._writes = asyncio.Semaphore(WRITES_AT_ONCE)
        self._relist = asyncio.Event()
        self._burstable_shares = 0
        self._group: asyncio.TaskGroup | None = None
        self.recovered = asyncio.Event()

    def records(self) -> Sequence[PodRecord]:
        """All pods that this node still has something of."""
        return [worker.record for worker in self._workers.values()]

    def record(self, namespace: str, name: str, uid: str = "") -> PodRecord | None:
        """The pod of that name; the newest, if one of the same name is still ending."""
        found = [
            record
            for record in self.records()
            if (record.pod.metadata.namespace, record.pod.metadata.name) == (namespace, name)
            and (not uid or record.pod.metadata.uid == uid)
        ]
        return max(found, key=lambda record: record.started_at, default=None)

    async def run(self) -> None:
        """Until cancelled; pods run on, then, and the next agent finds them."""
        await self._pods.wait_synced()
        try:
            async with asyncio.TaskGroup() as group:
                self._group = group
                await self._recover()
                self._pods.follow(self._on_pod)
                self._forget_gone()
                self.recovered.set()
                group.create_task(supervise("exits", self._follow_exits), name="exits")
                group.create_task(supervise("relist", self._relist_for_ever), name="relist")
        finally:
            self._group = None
            await self._prober.close()

    # Pods come, change and go

    def _on_pod(self, old: Pod | None, new: Pod | None) -> None:
        if old is not None and (new is None or new.metadata.uid != old.metadata.uid):
            self._send(old.metadata.uid, r.PodGone())
        if new is None or self._send(new.metadata.uid, r.PodChanged(new)):
            return
        record = new_record(new, self._tools.clock.now())
        refused = self._refusal(record) if record.ending is None else None
        self._begin(record, refused)

    def _send(self, uid: str, event: r.Event) -> bool:
        worker = self._workers.get(uid)
        if worker is not None:
            worker.send(event)
        return worker is not None

    def _refusal(self, record: PodRecord) -> r.Refused | None:
        others = [other.pod for other in self.records() if _holds_resources(other)]
        refusal = refusal_of(record.pod, others, self._tools.node())
        if refusal is None:
            return None
        self._tools.tell(record.pod, r.Tell("Warning", refusal.reason, refusal.message))
        return r.Refused(refusal.reason, refusal.message)

    def _begin(self, record: PodRecord, first: r.Event | None = None) -> None:
        if self._group is None:  # the agent is ending
            return
        writer = StatusWriter(self._client, self._tools.clock, self._writes, record.pod)
        worker = PodWorker(record, self._hands, self._prober, writer, self._client, self._exits)
        self._workers[record.pod.metadata.uid] = worker
        self._weigh_burstable()
        self._group.create_task(self._work(worker, first or r.Tick()), name=f"pod {record.key}")

    async def _work(self, worker: PodWorker, first: r.Event) -> None:
        uid = worker.record.pod.metadata.uid
        try:
            await worker.run(first)
            del self._workers[uid]
            self._weigh_burstable()
        except Exception:  # boundary: one pod's bug must not stop the others
            log.exception("pod worker failed; beginning anew", extra={"pod": worker.record.key})
            await self._begin_again(worker.record.pod)

    def _weigh_burstable(self) -> None:
        """Burstable pods together get the CPU that they ask for together."""
        shares = burstable_shares(record.pod for record in self.records() if _holds_resources(record))
        if shares != self._burstable_shares:
            self._tools.cgroups.set_tier_shares("burstable", shares)
            self._burstable_shares = shares

    async def _begin_again(self, pod: Pod) -> None:
        meta = pod.metadata
        while True:
            await self._tools.clock.sleep(AGAIN_SECONDS)
            found = self._pods.get(meta.name, meta.namespace)
            if found is None or found.metadata.uid != meta.uid:
                del self._workers[meta.uid]  # what the runtime has of it is an orphan now
                return
            try:
                self._begin(await self._recovered(found, await self._inventory()))
                return
            except RuntimeFault as exc:
                log.info("pod not recovered", extra={"pod": meta.name, "error": str(exc)})

    def _forget_gone(self) -> None:
        """Pods whose object went while this agent was finding out about them."""
        there = {pod.metadata.uid for pod in self._pods.list()}
        for uid, worker in self._workers.items():
            if uid not in there:
                worker.send(r.PodGone())

    # What the runtime has

    async def _inventory(self) -> Inventory:
        runtime = self._tools.runtime
        # Containers after sandboxes: each of them has its sandbox in the list.
        containers = await runtime.containers()
        return Inventory(tuple(await runtime.sandboxes()), tuple(containers))

    async def _recover(self) -> None:
        found = await self._inventory()
        for pod in self._pods.list():
            sandboxes, _ = found.of_pod(pod.metadata.uid)
            if sandboxes or pod.status.phase not in ("", "Pending"):
                self._begin(await self._recovered(pod, found))

    async def _recovered(self, pod: Pod, found: Inventory) -> PodRecord:
        runtime, runs = self._tools.runtime, []
        listed, containers = found.of_pod(pod.metadata.uid)
        for container in containers:
            if container.state is State.CREATED:  # its start was cut short: it is made anew
                await runtime.remove_container(container.id)
                continue
            runs.append((container.name, await self._run(container)))
        sandboxes = [await runtime.sandbox(sandbox.id) or sandbox for sandbox in listed]
        return recovered(pod, sandboxes, runs, self._tools.clock.now())

    async def _run(self, container: Container) -> Run:
        full = await self._tools.runtime.container(container.id) or container
        run = run_of(full, container.sandbox_id)
        return lost_run(run, self._tools.clock.now()) if full.state is State.UNKNOWN else run

    async def _follow_exits(self) -> None:
        self._relist.set()  # what ended while nobody listened
        try:
            async with aclosing(self._tools.runtime.exits()) as exits:
                async for ended in exits:
                    self._exits.append(ended.id)
                    self._tell_exit(ended.id)
        finally:
            self._tools.look_at_node()  # the runtime went away

    def _tell_exit(self, ended: str) -> None:
        for worker in self._workers.values():
            if worker.record.sandbox.id == ended:
                worker.send(r.SandboxEnded(ended))
                return
            for name, found in worker.record.containers.items():
                if found.current is not None and found.current.id == ended:
                    worker.seems_ended(name, found.current)
                    return

    async def _relist_for_ever(self) -> None:
        """The safety net below the events, and the broom."""
        while True:
            try:
                async with asyncio.timeout(RELIST_SECONDS):
                    await self._relist.wait()
            except TimeoutError:
                pass
            self._relist.clear()
            found = await self._inventory()
            for worker in tuple(self._workers.values()):
                _compare(worker, found)
            await self._sweep(found)

    async def _sweep(self, found: Inventory) -> None:
        tools = self._tools
        records = {uid: worker.record for uid, worker in self._workers.items()}
        old = garbage(found, records, tools.clock.now())
        try:
            for dead in old.containers:
                await tools.runtime.remove_container(dead)
            for replaced in old.sandboxes:
                await tools.runtime.remove_sandbox(replaced)
            for sandbox in old.orphans:
                log.info("removing a sandbox of no pod", extra={"sandbox": sandbox.id, "pod": sandbox.pod.name})
                await tools.runtime.stop_sandbox(sandbox.id)
                await tools.runtime.remove_sandbox(sandbox.id)
            for uid in tools.volumes.mounted_pods() - set(self._workers):
                await tools.volumes.remove(uid)
            for uid, cgroup in (await asyncio.to_thread(tools.cgroups.pods)).items():
                if uid not in self._workers:
                    await asyncio.to_thread(tools.cgroups.remove, cgroup)
        except (ArmillaryError, OSError) as exc:
            log.warning("not all garbage removed", extra={"error": str(exc)})


def _compare(worker: PodWorker, found: Inventory) -> None:
    for name in ended_runs(found, worker.record):
        run = worker.record.containers[name].current
        if run is not None:
            worker.seems_ended(name, run)
    if sandbox_is_lost(found, worker.record):
        worker.send(r.SandboxEnded(worker.record.sandbox.id))


def _holds_resources(record: PodRecord) -> bool:
    ending = record.ending
    return ending is None or ending.because in (Because.DELETED, Because.GONE)
