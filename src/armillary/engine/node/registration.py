"""Makes this node known, and keeps telling that and how it is: Node object, status, lease."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from msgspec.structs import replace

from armillary.base.clock import Clock, format_micro_time
from armillary.base.errors import AlreadyExists, ApiError, NotFound
from armillary.engine.node.facts import Facts, read_load
from armillary.engine.node.images import node_images
from armillary.engine.node.node_status import Seen, is_ready, node_labels, node_object, node_status
from armillary.engine.node.runtime.port import Health, Runtime, RuntimeFault, Version
from armillary.engine.node.settings import NodeSettings
from armillary.kube.cache import Cache
from armillary.kube.client import Client, PatchType
from armillary.kube.events import Record
from armillary.kube.kinds.coordination import LEASE, Lease, LeaseSpec
from armillary.kube.kinds.core import NODE, Node, NodeStatus, ObjectReference
from armillary.kube.kinds.meta import ObjectMeta, OwnerReference

log = logging.getLogger(__name__)

# kubelet's defaults: nodeStatusUpdateFrequency, nodeStatusReportFrequency, nodeLeaseDurationSeconds.
LOOK_SECONDS, REPORT_SECONDS = 10.0, 300.0
LEASE_SECONDS, RENEW_SECONDS = 40, 10.0
LEASES = "kube-node-lease"
_SOON_SECONDS = 0.1  # between looks until the node is ready for the first time

Tell = Callable[[Record], None]


class Registration:
    """`node()` is the node as last known: by the API server's word where there is one."""

    def __init__(
        self, settings: NodeSettings, facts: Facts, runtime: Runtime, client: Client, clock: Clock, tell: Tell
    ) -> None:
        self._settings, self._facts, self._runtime = settings, facts, runtime
        self._client, self._clock, self._tell = client, clock, tell
        self._cache = Cache(client, NODE, fields=f"metadata.name={settings.node_name}")
        self._status = node_status(settings, facts, self._nothing_seen(), (), clock.now())
        self._reported_at = 0.0
        self._changed = asyncio.Event()

    def node(self) -> Node:
        known = self._cache.get(self._settings.node_name) or node_object(self._settings, self._facts)
        return replace(known, status=self._status)

    def look_now(self) -> None:
        """Something about the node has changed."""
        self._changed.set()

    async def run(self) -> None:
        """Until cancelled; registers first."""
        await self._persist(self._register)
        node = await self._client.get(NODE, self._settings.node_name)
        self._tell(self._record(node, "Starting", "Starting kubelet."))
        async with asyncio.TaskGroup() as group:
            group.create_task(self._cache.run(), name="own node")
            group.create_task(self._keep_lease(node), name="lease")
            group.create_task(self._keep_status(node), name="node status")

    async def _persist(self, work: Callable[[], Awaitable[None]]) -> None:
        """Again until the API server is there and has done it."""
        while True:
            try:
                await work()
                return
            except ApiError as exc:
                log.info("not registered yet", extra={"error": str(exc)})
                await self._clock.sleep(_SOON_SECONDS)

    async def _register(self) -> None:
        wanted = node_object(self._settings, self._facts)
        try:
            await self._client.create(NODE, wanted)
        except AlreadyExists:
            labels = node_labels(self._settings, self._facts)
            await self._client.patch(NODE, self._settings.node_name, "", {"metadata": {"labels": labels}})

    async def _keep_status(self, node: Node) -> None:
        known, was_ready = node.status, is_ready(node.status.conditions)
        self._status = replace(self._status, conditions=known.conditions)
        while True:
            self._changed.clear()
            try:
                seen = await self._look()
                status = node_status(self._settings, self._facts, seen, self._status.conditions, self._clock.now())
                if self._is_news(known, status):
                    await self._report(status)
                    known = status
                self._status = status
            except ApiError as exc:
                log.info("node status not written", extra={"error": str(exc)})
            ready = is_ready(self._status.conditions)
            if ready and not was_ready:
                name = self._settings.node_name
                self._tell(self._record(node, "NodeReady", f"Node {name} status is now: NodeReady"))
            was_ready = ready
            await self._pause(LOOK_SECONDS if ready else _SOON_SECONDS)

    async def _pause(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._changed.wait()
        except TimeoutError:
            return

    def _is_news(self, known: NodeStatus, status: NodeStatus) -> bool:
        if self._clock.monotonic() - self._reported_at >= REPORT_SECONDS:
            return True
        return _without_heartbeats(known) != _without_heartbeats(status)

    async def _report(self, status: NodeStatus) -> None:
        body: dict[str, Any] = {"status": msgspec.to_builtins(status)}
        # Strategic merge leaves conditions that others keep; addresses must not be merged with old ones.
        body["status"]["addresses"] = [{"$patch": "replace"}, *body["status"]["addresses"]]
        await self._client.patch(
            NODE, self._settings.node_name, "", body, type=PatchType.STRATEGIC, subresource="status"
        )
        self._reported_at = self._clock.monotonic()

    async def _look(self) -> Seen:
        load = read_load(self._settings.pods)
        try:
            health, version = await self._runtime.health(), await self._runtime.version()
            images = node_images(await self._runtime.list_images())
        except RuntimeFault as exc:
            return self._nothing_seen(f"container runtime is down: {exc}")
        return Seen(health, load, version, images)

    def _nothing_seen(self, why: str = "container runtime status check may not have completed yet") -> Seen:
        load = read_load(self._settings.pods)
        return Seen(Health(False, False, why), load, Version("containerd", ""))

    async def _keep_lease(self, node: Node) -> None:
        owner = OwnerReference(api_version="v1", kind="Node", name=node.metadata.name, uid=node.metadata.uid)
        failures = 0
        while True:
            try:
                await self._renew(owner)
                failures = 0
            except ApiError as exc:
                failures += 1
                log.info("lease not renewed", extra={"error": str(exc)})
            await self._clock.sleep(RENEW_SECONDS if not failures else min(RENEW_SECONDS, 0.2 * 2.0**failures))

    async def _renew(self, owner: OwnerReference) -> None:
        name, now = self._settings.node_name, format_micro_time(self._clock.now())
        spec = LeaseSpec(holder_identity=name, lease_duration_seconds=LEASE_SECONDS, renew_time=now)
        try:
            await self._client.patch(LEASE, name, LEASES, {"spec": msgspec.to_builtins(spec)})
        except NotFound:
            meta = ObjectMeta(name=name, namespace=LEASES, owner_references=(owner,))
            await self._client.create(LEASE, Lease(metadata=meta, spec=spec), LEASES)

    def _record(self, node: Node, reason: str, message: str) -> Record:
        # kubelet names the node in place of its uid, and everybody looks for its events by that.
        name = node.metadata.name
        return Record(ObjectReference(api_version="v1", kind="Node", name=name, uid=name), "Normal", reason, message)


def _without_heartbeats(status: NodeStatus) -> NodeStatus:
    conditions = tuple(replace(c, last_heartbeat_time="") for c in status.conditions)
    return replace(status, conditions=conditions)
