"""Whatever happens in whatever order: no order is given twice, and a pod that is deleted is gone in the end."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.engine.node.pods import Life, box, pod, sidecar

from armillary.engine.node import record as r
from armillary.engine.node.machine import next_wake
from armillary.engine.node.record import Doing

HOOKS = {"lifecycle": {"postStart": {"exec": {"command": ["a"]}}, "preStop": {"exec": {"command": ["b"]}}}}
PODS = {
    "plain": lambda: pod(),
    "two": lambda: pod(box("a", **HOOKS), box("b")),
    "full": lambda: pod(box("a", **HOOKS), box("b"), init=[sidecar("s"), box("i"), sidecar("t")]),
    "once": lambda: pod(box("a"), box("b"), init=[box("i")], restartPolicy="Never"),
    "job": lambda: pod(box("a"), init=[sidecar("s")], restartPolicy="OnFailure", activeDeadlineSeconds=300),
}


class World:
    """A node that answers orders when a test says so, well or badly, and where things end by themselves."""

    def __init__(self, kind: str) -> None:
        self.life = Life(PODS[kind]())
        self.sandboxes = 0

    def answer(self, number: int, well: bool) -> None:
        """Carry out one of the orders that wait."""
        life = self.life
        if not life.orders:
            return
        order = life.orders.pop(number % len(life.orders))
        match order:
            case r.Prepare():
                life.happen(r.Prepared() if well else r.PrepareFailed("FailedMount", "no"))
            case r.StartSandbox():
                self.sandboxes += 1
                life.happen(r.SandboxStarted(f"s{self.sandboxes}", ("10.0.0.1",)) if well else r.SandboxFailed("no"))
            case r.StopSandbox(id):
                life.happen(r.SandboxStopped(id, "" if well else "no"))
            case r.StartContainer(name):
                self.start(order, name, number, well)
            case r.PostStart(name, id):
                life.happen(r.PostStartDone(name, id, "" if well else "no"))
            case r.PreStop(name, id):
                life.happen(r.PreStopDone(name, id))
            case r.StopContainer(name, id):
                self.end(name, id, 143)
            case r.Unmount():
                life.happen(r.Unmounted("" if well else "no"))
            case r.Release():
                life.happen(r.Released("" if well else "no"))
            case r.Remove():
                life.happen(r.Removed("" if well else "no"))

    def start(self, order: r.StartContainer, name: str, number: int, well: bool) -> None:
        assert self.life.record.containers[name].attempt == order.attempt
        if well:
            run = self.life.new_run(order)
            if number % 5 == 0:  # so short that its end is heard of first
                ended = replace(run, finished_at=self.life.now, exit_code=number % 2)
                self.life.happen(r.ContainerExited(name, ended))
            self.life.happen(r.ContainerStarted(name, run))
            return
        reason = ("ErrImagePull", "CreateContainerError", "RunContainerError")[number % 3]
        failed = self.life.new_run(order, finished_at=self.life.now, exit_code=128)
        self.life.happen(r.StartFailed(name, reason, "no", failed if reason == "RunContainerError" else None))

    def end(self, name: str, id: str, code: int) -> None:
        run = self.life.record.containers[name].current
        if run is not None and run.id == id:
            self.life.happen(r.ContainerExited(name, replace(run, finished_at=self.life.now, exit_code=code)))

    def disturb(self, number: int, what: int) -> None:
        """Something happens that nobody ordered."""
        life = self.life
        found = list(life.record.containers.values())[number % len(life.record.containers)]
        running = found.is_running and found.current is not None
        match what % 6:
            case 0:
                life.pass_seconds(number)
            case 1 if running:
                self.end(found.name, found.current.id, number % 2)  # type: ignore[union-attr]
            case 2 if life.record.sandbox.id:
                life.happen(r.SandboxEnded(life.record.sandbox.id))
            case 3 if running:
                kinds: tuple[r.ProbeKind, ...] = ("startup", "liveness", "readiness")
                run = found.current.id  # type: ignore[union-attr]
                life.happen(r.Probed(found.name, run, kinds[number % 3], number % 2 == 0))
            case 4:
                life.happen(r.PodChanged(life.record.pod))
            case _:
                life.happen(r.Tick())

    def check(self) -> None:
        record, orders = self.life.record, self.life.orders
        assert len(set(orders)) == len(orders), orders
        starting = [o.name for o in orders if isinstance(o, r.StartContainer)]
        assert len(starting) <= 1
        for found in record.containers.values():
            waits = any(isinstance(o, r.StartContainer) and o.name == found.name for o in orders)
            assert waits == (found.doing is Doing.STARTING)
            if found.is_running and found.current is not None:
                assert found.current.sandbox_id == record.sandbox.id or record.sandbox.stopped is False
        self.life.status()  # can always be told


steps = st.lists(st.tuples(st.booleans(), st.integers(0, 400), st.integers(0, 20)), max_size=60)


@settings(max_examples=250, deadline=None)
@given(st.sampled_from(sorted(PODS)), steps, st.sampled_from(["deleted", "gone"]))
def test_any_life_ends(kind: str, lived: list[tuple[bool, int, int]], end: str) -> None:
    world = World(kind)
    for ordered, number, what in lived:
        if ordered:
            world.answer(number, well=what > 4)
        else:
            world.disturb(number, what)
        world.check()
    if end == "deleted":
        world.life.delete(grace=5)
    else:
        world.life.happen(r.PodGone())
    for _ in range(200):
        if world.life.record.is_over:
            break
        if world.life.orders:
            world.answer(1, well=True)
        else:
            due = next_wake(world.life.record, world.life.now) or world.life.now + timedelta(seconds=1)
            world.life.pass_seconds((due - world.life.now).total_seconds())
        world.check()
    assert world.life.record.is_over, world.life.record


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(["plain", "two", "full"]), steps)
def test_any_life_comes_up_when_all_goes_well(kind: str, lived: list[tuple[bool, int, int]]) -> None:
    world = World(kind)
    for ordered, number, what in lived:
        world.answer(number, well=what > 4) if ordered else world.disturb(number, what)
    for _ in range(300):
        life = world.life
        if life.condition("ContainersReady") == "True" and not life.orders:
            break
        for found in life.record.containers.values():
            if found.is_running and found.current is not None and not (found.started and found.ready):
                life.happen(r.Probed(found.name, found.current.id, "startup", True))
                life.happen(r.Probed(found.name, found.current.id, "readiness", True))
            last = life.record.containers[found.name]
            if found.name == "i" and last.is_running and last.current is not None and last.doing is Doing.NOTHING:
                world.end("i", last.current.id, 0)
        if life.orders:
            world.answer(1, well=True)
        else:
            due = next_wake(life.record, life.now)
            life.pass_seconds((due - life.now).total_seconds() if due else 1)
    assert world.life.condition("ContainersReady") == "True", world.life.record
