"""Events about pods and the node: written one after the other, without holding up who tells them."""

import asyncio
import logging

from armillary.base.clock import Clock
from armillary.engine.node.record import Tell
from armillary.kube.client import Client
from armillary.kube.events import Record, Recorder
from armillary.kube.kinds.core import POD, Pod
from armillary.kube.object import reference

log = logging.getLogger(__name__)

MOST_WAITING = 1000


class Teller:
    """`run` writes what was told; if too much waits, what is new is dropped."""

    def __init__(self, client: Client, clock: Clock, node_name: str) -> None:
        self._recorder = Recorder(client, clock, "kubelet", host=node_name)
        self._queue: asyncio.Queue[Record] = asyncio.Queue(MOST_WAITING)

    def tell(self, pod: Pod, told: Tell) -> None:
        """About a pod, or one of its containers."""
        path = _field_path(pod, told.container) if told.container else ""
        self.write(Record(reference(POD, pod, path), told.type, told.reason, told.message))

    def write(self, record: Record) -> None:
        try:
            self._queue.put_nowait(record)
        except asyncio.QueueFull:
            log.warning("event dropped", extra={"regarding": record.regarding.name, "reason": record.reason})

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self._recorder.write(await self._queue.get())


def _field_path(pod: Pod, name: str) -> str:
    """Which container is meant, as kubelet's events say it."""
    spec = pod.spec
    for field, containers in (
        ("containers", spec.containers),
        ("initContainers", spec.init_containers),
        ("ephemeralContainers", spec.ephemeral_containers),
    ):
        if any(container.name == name for container in containers):
            return f"spec.{field}{{{name}}}"
    return ""
