"""One step of a pod's machine in the making: the record so far, the orders given. Pure towards the outside."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Literal

from armillary.engine.node import record as r
from armillary.engine.node.containers import AnyContainer, all_containers
from armillary.engine.node.record import Because, ContainerRecord, Doing, Ending, PodRecord
from armillary.kube.kinds.core import Pod

# "Always give containers a minimal shutdown window": pkg/kubelet/kuberuntime.
LEAST_GRACE_SECONDS = 2
DEFAULT_GRACE_SECONDS = 30


def grace_of(pod: Pod) -> int:
    """Seconds that its containers get to end."""
    asked = pod.metadata.deletion_grace_period_seconds
    if asked is None:
        asked = pod.spec.termination_grace_period_seconds
    return DEFAULT_GRACE_SECONDS if asked is None else asked


def container_of(pod: Pod, name: str) -> AnyContainer:
    return next(c for c in all_containers(pod) if c.name == name)


def is_main(pod: Pod, name: str) -> bool:
    return any(c.name == name for c in pod.spec.containers)


def taking_in(record: PodRecord, pod: Pod) -> PodRecord:
    """The record with that state of the object."""
    added = {c.name: ContainerRecord(c.name) for c in all_containers(pod) if c.name not in record.containers}
    record = replace(record, pod=pod, containers={**record.containers, **added})
    ending = record.ending
    if pod.status.phase in ("Succeeded", "Failed") and ending is None:
        status = pod.status
        ending = Ending(Because.COMPLETED, grace_of(pod), status.reason, status.message)
    if pod.metadata.deletion_timestamp and not (ending and ending.because is Because.GONE):
        known = ending or Ending(Because.DELETED, 0)
        ending = replace(known, because=Because.DELETED, grace_seconds=grace_of(pod))
    return replace(record, ending=ending)


class Turn:
    """Changes go into `record`, what is to be done into `orders`."""

    def __init__(self, record: PodRecord, now: datetime) -> None:
        self.record, self.now = record, now
        self.orders: list[r.Instruction] = []

    def put(self, found: ContainerRecord) -> None:
        self.record = replace(self.record, containers={**self.record.containers, found.name: found})

    def running(self, name: str, id: str) -> ContainerRecord | None:
        """The container, if that very run of it goes on."""
        found = self.record.containers.get(name)
        if found is None or found.current is None or found.current.id != id or not found.is_running:
            return None
        return found

    def anything_alive(self) -> bool:
        return any(f.is_running or f.doing is Doing.STARTING for f in self.record.containers.values())

    def due(self, moment: datetime | None) -> bool:
        return moment is None or self.now >= moment

    def after(self, seconds: float) -> datetime:
        return self.now + timedelta(seconds=seconds)

    def tell(self, type: Literal["Normal", "Warning"], reason: str, message: str, container: str = "") -> None:
        self.orders.append(r.Tell(type, reason, message, container))

    def stop(self, name: str, message: str, grace_seconds: int) -> None:
        """Begin to stop a running container: the hook first, if there is time for it."""
        found = self.record.containers[name]
        assert found.current is not None  # noqa: S101  # it runs
        self.tell("Normal", "Killing", message, name)
        lifecycle = container_of(self.record.pod, name).lifecycle
        stop_by = self.after(grace_seconds)
        if lifecycle is not None and lifecycle.pre_stop is not None and grace_seconds > 0:
            self.put(replace(found, doing=Doing.PRE_STOP, stop_by=stop_by))
            self.orders.append(r.PreStop(name, found.current.id, grace_seconds))
            return
        self.put(replace(found, doing=Doing.AWAITING_TURN, stop_by=stop_by))
        if self.record.ending is None:
            self.stop_now(name)

    def stop_now(self, name: str) -> None:
        found = self.record.containers[name]
        assert found.current is not None  # noqa: S101  # it runs
        left = (found.stop_by - self.now).total_seconds() if found.stop_by else 0
        self.put(replace(found, doing=Doing.STOPPING))
        self.orders.append(r.StopContainer(name, found.current.id, max(LEAST_GRACE_SECONDS, -int(-left // 1))))

    def end(self, because: Because, grace_seconds: int) -> None:
        known = self.record.ending or Ending(because, grace_seconds)
        self.record = replace(self.record, ending=replace(known, because=because, grace_seconds=grace_seconds))
