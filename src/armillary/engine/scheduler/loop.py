"""Reads the cluster, places one pod after the other, and writes where they go.

Placing is in order and in memory; writing is done side by side. A pod counts as standing on its node from the
moment of the decision: the binding is on its way while the next pod is placed.
"""

import asyncio
import logging
from random import Random
from typing import Any

import orjson

from armillary.base.clock import Clock, format_time
from armillary.base.errors import ApiError, NotFound
from armillary.engine.scheduler.nodes import ClusterState
from armillary.engine.scheduler.place import Placed, Placer, Waits
from armillary.engine.scheduler.preempt import Budget, Preemption, preempt
from armillary.engine.scheduler.queue import PodQueue
from armillary.engine.scheduler.volumes import SELECTED_NODE, Choice, Claims, choose, sort_claims
from armillary.engine.scheduler.wants import Wants, wants_of
from armillary.kube.client import Client, PatchType
from armillary.kube.events import Record, Recorder
from armillary.kube.kind import Kind
from armillary.kube.kinds.core import (
    NAMESPACE,
    NODE,
    PERSISTENT_VOLUME,
    PERSISTENT_VOLUME_CLAIM,
    POD,
    Namespace,
    Node,
    Pod,
)
from armillary.kube.kinds.policy import POD_DISRUPTION_BUDGET
from armillary.kube.kinds.storage import STORAGE_CLASS
from armillary.kube.object import is_ending, key_of, reference
from armillary.kube.runner import Caches
from armillary.kube.selectors import selector_of

log = logging.getLogger(__name__)

NAME = "default-scheduler"
WRITES_AT_ONCE = 64
BIND_VOLUMES_SECONDS = 600.0  # upstream: bindTimeoutSeconds
FINISHED = ("Succeeded", "Failed")
NO_NODES = "no nodes available to schedule pods"


class Scheduler:
    """Serves pods whose schedulerName is `name`."""

    def __init__(self, client: Client, clock: Clock, random: Random, name: str = NAME) -> None:
        self._client, self._clock, self._name = client, clock, name
        self._cluster = ClusterState()
        self._placer = Placer(self._cluster, random)
        self._queue = PodQueue(clock.monotonic)
        self._caches = Caches(client, clock)
        self._recorder = Recorder(client, clock, name)
        self._nominated: dict[str, tuple[str, Wants]] = {}  # pod uid -> node that was cleared for it
        self._assumed: set[str] = set()  # uids whose binding is on its way
        self._gate = asyncio.Semaphore(WRITES_AT_ONCE)
        helping: tuple[Kind[Any], ...] = (
            PERSISTENT_VOLUME,
            PERSISTENT_VOLUME_CLAIM,
            STORAGE_CLASS,
            POD_DISRUPTION_BUDGET,
        )
        for kind in helping:
            self._caches.of(kind).listen(self._on_help)
        self._caches.of(NAMESPACE).listen(self._on_namespace)
        self._caches.of(NODE).listen(self._on_node)
        self._caches.of(POD).listen(self._on_pod)

    async def run(self) -> None:
        """Until cancelled."""
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._caches.run(), name="scheduler caches")
                await self._caches.wait_synced()
                while True:
                    await self._place_next(group)
                    await asyncio.sleep(0)  # a long queue must not keep events and answers waiting
        finally:
            self._queue.close()

    # What happens in the cluster

    def _on_help(self, old: Any, new: Any) -> None:
        self._queue.wake_all()

    def _on_namespace(self, old: Namespace | None, new: Namespace | None) -> None:
        if new is not None:
            self._cluster.namespaces[new.metadata.name] = new.metadata.labels
        elif old is not None:
            self._cluster.namespaces.pop(old.metadata.name, None)

    def _on_node(self, old: Node | None, new: Node | None) -> None:
        if new is None:
            if old is not None:
                self._cluster.remove_node(old.metadata.name)
            return
        if old is not None and _same_for_us(old, new):
            return  # heartbeats are most of what happens to nodes
        self._cluster.set_node(new)
        self._queue.wake_all()

    def _on_pod(self, old: Pod | None, new: Pod | None) -> None:
        pod = new if new is not None else old
        if pod is None:
            return
        uid, key = pod.metadata.uid, key_of(pod)
        if old is not None and new is not None and old.metadata.uid != new.metadata.uid:
            self._forget(old.metadata.uid)
        if new is None or new.status.phase in FINISHED:
            self._queue.remove(key)
            self._forget(uid)
            self._queue.wake_all()
        elif new.spec.node_name:
            self._assumed.discard(uid)
            self._nominated.pop(uid, None)
            self._queue.remove(key)
            if (
                old is None
                or not old.spec.node_name
                or old.metadata.labels != new.metadata.labels
                or _resized(old, new)
            ):
                self._cluster.set_pod(wants_of(new), new.spec.node_name)
        elif is_ending(new) or new.spec.scheduler_name not in ("", self._name):
            self._queue.remove(key)
        elif uid not in self._assumed and (old is None or old.spec != new.spec or old.metadata != new.metadata):
            if new.spec.scheduling_gates:
                self._queue.remove(key)
            elif old is None or old.spec != new.spec or old.metadata.labels != new.metadata.labels:
                self._queue.add(key, new.spec.priority or 0)

    def _forget(self, uid: str) -> None:
        self._assumed.discard(uid)
        self._nominated.pop(uid, None)
        self._cluster.remove_pod(uid)

    # Placing

    async def _place_next(self, group: asyncio.TaskGroup) -> None:
        key = await self._queue.get()
        pod = self._caches.get(POD, key[1], key[0])
        if pod is None or pod.spec.node_name or is_ending(pod) or pod.metadata.uid in self._assumed:
            self._queue.remove(key)
            return
        wants = wants_of(pod)
        claims = self._claims(wants)
        outcome: Placed | Waits
        if claims.problem:
            outcome = Waits({}, claims.problem)
        else:
            filter_ = claims.reasons if wants.claims else None
            outcome = self._placer.place(wants, filter_, self._reserved())
        match outcome:
            case Placed(node, _):
                self._queue.remove(key)
                self._assumed.add(wants.uid)
                self._cluster.set_pod(wants, node)
                choices = choose(claims.delayed, self._cluster.nodes[node]) or ()
                await self._gate.acquire()
                group.create_task(self._write(pod, node, choices), name=f"bind {key}")
            case Waits():
                self._queue.rest(key)
                await self._gate.acquire()
                group.create_task(self._tell(pod, wants, outcome, claims), name=f"unschedulable {key}")

    def _claims(self, pod: Wants) -> Claims:
        if not pod.claims:
            return Claims()
        found = tuple((n, self._caches.get(PERSISTENT_VOLUME_CLAIM, n, pod.namespace)) for n in pod.claims)
        return sort_claims(found, self._caches.list(PERSISTENT_VOLUME), self._caches.list(STORAGE_CLASS))

    def _reserved(self) -> dict[str, list[Wants]]:
        reserved: dict[str, list[Wants]] = {}
        for node, wants in self._nominated.values():
            reserved.setdefault(node, []).append(wants)
        return reserved

    # Writing

    async def _write(self, pod: Pod, node: str, choices: tuple[Choice, ...]) -> None:
        """Bind volumes, then the pod. When it fails, the pod goes back into the queue."""
        try:
            if choices and not await self._bind_volumes(choices, node):
                raise ApiError("binding volumes: timed out")
            await self._bind(pod, node)
        except NotFound:
            self._forget(pod.metadata.uid)
        except ApiError as exc:
            log.info("binding failed", extra={"pod": key_of(pod), "node": node, "error": str(exc)})
            self._forget(pod.metadata.uid)
            self._queue.add(key_of(pod), pod.spec.priority or 0)
            self._queue.rest(key_of(pod))
            self._queue.wake_all()
        finally:
            self._gate.release()

    async def _bind(self, pod: Pod, node: str) -> None:
        meta = pod.metadata
        body = {
            "apiVersion": "v1",
            "kind": "Binding",
            "metadata": {"name": meta.name, "namespace": meta.namespace, "uid": meta.uid},
            "target": {"apiVersion": "v1", "kind": "Node", "name": node},
        }
        await self._client.post(POD, meta.name, meta.namespace, "binding", orjson.dumps(body))
        said = f"Successfully assigned {meta.namespace}/{meta.name} to {node}"
        await self._recorder.write(Record(reference(POD, pod), "Normal", "Scheduled", said))

    async def _bind_volumes(self, choices: tuple[Choice, ...], node: str) -> bool:
        for choice in choices:
            meta = choice.claim.metadata
            if choice.volume is None:
                patch: Any = {"metadata": {"annotations": {SELECTED_NODE: node}}}
                await self._client.patch(PERSISTENT_VOLUME_CLAIM, meta.name, meta.namespace, patch)
            else:
                ref = reference(PERSISTENT_VOLUME_CLAIM, choice.claim)
                claim_ref = {
                    "apiVersion": "v1",
                    "kind": "PersistentVolumeClaim",
                    "namespace": ref.namespace,
                    "name": ref.name,
                    "uid": ref.uid,
                }
                volume = choice.volume.metadata
                patch = {"metadata": {"resourceVersion": volume.resource_version}, "spec": {"claimRef": claim_ref}}
                await self._client.patch(PERSISTENT_VOLUME, volume.name, "", patch)
        cache = self._caches.of(PERSISTENT_VOLUME_CLAIM)

        def bound() -> bool:
            found = [cache.get(c.claim.metadata.name, c.claim.metadata.namespace) for c in choices]
            return all(claim is not None and claim.status.phase == "Bound" for claim in found)

        return bound() or await cache.wait_until(bound, BIND_VOLUMES_SECONDS)

    async def _tell(self, pod: Pod, wants: Wants, waits: Waits, claims: Claims) -> None:
        """Say why it waits: an event and a condition; and make room by preemption where that helps."""
        try:
            outcome = preempt(
                wants,
                waits,
                self._cluster,
                self._budgets(),
                self._started,
                claims.reasons if wants.claims else None,
            )
            if isinstance(outcome, Preemption):
                await self._preempt(pod, wants, outcome)
            after = outcome if isinstance(outcome, str) else ""
            message = waits.message(len(self._cluster.order), after) if self._cluster.order else NO_NODES
            await self._condition(pod, message, outcome.node if isinstance(outcome, Preemption) else "")
            await self._recorder.write(Record(reference(POD, pod), "Warning", "FailedScheduling", message))
        except ApiError as exc:
            log.info("not told", extra={"pod": key_of(pod), "error": str(exc)})
        finally:
            self._gate.release()

    async def _condition(self, pod: Pod, message: str, nominated: str) -> None:
        known = next((c for c in pod.status.conditions if c.type == "PodScheduled"), None)
        if known is not None and known.message == message and not nominated:
            return
        wanted = {
            "type": "PodScheduled",
            "status": "False",
            "reason": "Unschedulable",
            "message": message,
            "lastTransitionTime": format_time(self._clock.now()),
        }
        status: dict[str, Any] = {"conditions": [wanted]}
        if nominated:
            status["nominatedNodeName"] = nominated
        namespace, name = key_of(pod)
        await self._client.patch(
            POD, name, namespace, {"status": status}, type=PatchType.STRATEGIC, subresource="status"
        )

    # Preemption

    def _budgets(self) -> list[Budget]:
        found = []
        for item in self._caches.list(POD_DISRUPTION_BUDGET):
            selector, namespace = selector_of(item.spec.selector), item.metadata.namespace
            if selector is not None:

                def covers(pod: Wants, selector: Any = selector, namespace: str = namespace) -> bool:
                    return pod.namespace == namespace and selector.matches(pod.labels)

                found.append(Budget(covers, item.status.disruptions_allowed or 0))
        return found

    def _started(self, wants: Wants) -> str:
        pod = self._caches.get(POD, wants.name, wants.namespace)
        return (pod.status.start_time or pod.metadata.creation_timestamp) if pod is not None else ""

    async def _preempt(self, pod: Pod, wants: Wants, preemption: Preemption) -> None:
        self._nominated[wants.uid] = (preemption.node, wants)
        for victim in preemption.victims:
            found = self._caches.get(POD, victim.name, victim.namespace)
            if found is None or is_ending(found) or found.metadata.uid != victim.uid:
                continue
            reason = f"{self._name}: preempting to accommodate a higher priority pod"
            condition = {
                "type": "DisruptionTarget",
                "status": "True",
                "reason": "PreemptionByScheduler",
                "message": reason,
                "lastTransitionTime": format_time(self._clock.now()),
            }
            patch = {"status": {"conditions": [condition]}}
            await self._client.patch(
                POD, victim.name, victim.namespace, patch, type=PatchType.STRATEGIC, subresource="status"
            )
            await self._client.delete(POD, victim.name, victim.namespace, uid=victim.uid)
            said = f"Preempted by pod {pod.metadata.uid} on node {preemption.node}"
            await self._recorder.write(Record(reference(POD, found), "Normal", "Preempted", said))


def _same_for_us(old: Node, new: Node) -> bool:
    return (
        old.metadata.labels == new.metadata.labels
        and old.spec == new.spec
        and old.status.allocatable == new.status.allocatable
        and old.status.images == new.status.images
    )


def _resized(old: Pod, new: Pod) -> bool:
    return old.spec.containers != new.spec.containers
