"""A pod's machine in few words: drive it by events, look at what it orders and what status it shows."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec import structs
from tests.unit.engine.node.build import pod as make_pod

from armillary.engine.node import record as r
from armillary.engine.node.machine import new_record, next_wake, step
from armillary.engine.node.record import PodRecord, Run
from armillary.engine.node.status import pod_status
from armillary.kube.kinds.core import ContainerStatus, Pod, PodStatus

START = datetime(2026, 1, 1, tzinfo=UTC)
IMAGE = "busybox:1"


def box(name: str = "main", **more: Any) -> dict[str, Any]:
    return {"name": name, "image": IMAGE, **more}


def sidecar(name: str, **more: Any) -> dict[str, Any]:
    return box(name, restartPolicy="Always", **more)


def pod(*containers: dict[str, Any], init: list[dict[str, Any]] | None = None, **spec: Any) -> Pod:
    given = {"containers": list(containers) or [box()], "initContainers": init or [], "restartPolicy": "Always"}
    return make_pod({**given, **spec})


class Life:
    """A pod and the node around it. Orders wait in `orders` until a test answers them."""

    def __init__(self, pod: Pod) -> None:
        self.now = START
        self.record: PodRecord = new_record(pod, START)
        self.orders: list[r.Instruction] = []
        self.told: list[r.Tell] = []
        self._runs = 0
        self.happen(r.Tick())

    def happen(self, event: r.Event) -> None:
        self.record, orders = step(self.record, event, self.now)
        self.told += [order for order in orders if isinstance(order, r.Tell)]
        self.orders += [order for order in orders if not isinstance(order, r.Tell)]

    def pass_seconds(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
        self.happen(r.Tick())

    def wake(self) -> float:
        """Seconds until it wants to look again; then it does."""
        due = next_wake(self.record, self.now)
        assert due is not None, "it waits for nothing"
        waited = (due - self.now).total_seconds()
        self.pass_seconds(waited)
        return waited

    def take(self, kind: type) -> Any:
        """The one order of that kind, now being carried out."""
        found = [order for order in self.orders if isinstance(order, kind)]
        assert len(found) == 1, f"{kind.__name__}: {self.orders}"
        self.orders.remove(found[0])
        return found[0]

    def up(self) -> "Life":
        """Prepared, with a sandbox."""
        self.take(r.Prepare)
        self.happen(r.Prepared())
        self.sandbox("s1")
        return self

    def sandbox(self, id: str) -> None:
        self.take(r.StartSandbox)
        self.happen(r.SandboxStarted(id, ("10.0.0.1",)))

    def new_run(self, order: r.StartContainer, **more: Any) -> Run:
        self._runs += 1
        given = {"image": IMAGE, "image_ref": "sha256:1", "started_at": self.now, **more}
        return Run(f"c{self._runs}", order.attempt, self.record.sandbox.id, IMAGE, **given)

    def start(self, name: str = "main") -> Run:
        order = next(o for o in self.orders if isinstance(o, r.StartContainer) and o.name == name)
        self.orders.remove(order)
        run = self.new_run(order)
        self.happen(r.ContainerStarted(name, run))
        return run

    def exit(self, name: str = "main", code: int = 0, **more: Any) -> None:
        run = self.record.containers[name].current
        assert run is not None
        reason = "Completed" if code == 0 else "Error"
        ended = replace(run, finished_at=self.now, exit_code=code, **{"reason": reason, **more})
        self.happen(r.ContainerExited(name, ended))

    def delete(self, grace: int = 30) -> None:
        meta = self.record.pod.metadata
        changed = {"deletion_timestamp": "2026-01-01T00:00:30Z", "deletion_grace_period_seconds": grace}
        self.happen(r.PodChanged(_with_meta(self.record.pod, **changed)))
        assert meta.uid == self.record.pod.metadata.uid

    def status(self, previous: PodStatus | None = None) -> PodStatus:
        return pod_status(self.record, previous or PodStatus(), ("192.0.2.1",), self.now)

    def shown(self, name: str = "main") -> ContainerStatus:
        status = self.status()
        every = (*status.init_container_statuses, *status.container_statuses, *status.ephemeral_container_statuses)
        return next(s for s in every if s.name == name)

    def waiting(self, name: str = "main") -> str:
        state = self.shown(name).state
        return state.waiting.reason if state and state.waiting else ""

    def condition(self, type: str) -> str:
        return next(c.status for c in self.status().conditions if c.type == type)

    def reasons(self) -> list[str]:
        return [told.reason for told in self.told]


def _with_meta(pod: Pod, **changes: Any) -> Pod:
    return structs.replace(pod, metadata=structs.replace(pod.metadata, **changes))
