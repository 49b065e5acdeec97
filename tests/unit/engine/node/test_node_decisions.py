"""Admission, recovery, what is garbage: decisions about pods and what the runtime has."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from msgspec import structs
from tests.unit.engine.node.pods import IMAGE, START, Life, box, pod

from armillary.engine.node import record as r
from armillary.engine.node.admission import refusal_of
from armillary.engine.node.inventory import Inventory, ended_runs, garbage, sandbox_is_lost
from armillary.engine.node.machine import step
from armillary.engine.node.record import PodRecord, Run
from armillary.engine.node.recovery import recovered
from armillary.engine.node.runtime.port import Container, PodName, Sandbox, State
from armillary.kube.kinds.core import Node, Pod, PodStatus

ALLOCATABLE = {"cpu": "2", "memory": "1Gi", "pods": "3", "ephemeral-storage": "10Gi"}


def node(**given: Any) -> Node:
    return msgspec.convert(
        {
            "metadata": {"name": "n", "labels": {"disk": "ssd"}},
            "spec": {"taints": given.pop("taints", [])},
            "status": {"allocatable": ALLOCATABLE | given},
        },
        Node,
    )


def asking(**requests: str) -> Pod:
    return pod(box(resources={"requests": requests}))


def on_port(number: int, **more: Any) -> Pod:
    return pod(box(ports=[{"containerPort": 80, "hostPort": number, **more}]))


@pytest.mark.parametrize(
    ("wanted", "others", "reason"),
    [
        (asking(cpu="2"), [], ""),
        (asking(cpu="1500m"), [asking(cpu="1")], "OutOfcpu"),
        (asking(memory="2Gi"), [], "OutOfmemory"),
        (asking(**{"ephemeral-storage": "20Gi"}), [], "OutOfephemeral-storage"),
        (asking(**{"example.com/gpu": "1"}), [], ""),
        (pod(), [pod(), pod(), pod()], "OutOfpods"),
        (pod(nodeSelector={"disk": "ssd"}), [], ""),
        (pod(nodeSelector={"disk": "hdd"}), [], "NodeAffinity"),
        (on_port(80), [on_port(81)], ""),
        (on_port(80), [on_port(80)], "NodePorts"),
        (on_port(80, hostIP="127.0.0.1"), [on_port(80, hostIP="127.0.0.2")], ""),
        (on_port(80, hostIP="127.0.0.1"), [on_port(80)], "NodePorts"),
        (on_port(80, protocol="UDP"), [on_port(80)], ""),
        (pod(os={"name": "windows"}), [], "PodOSNotSupported"),
        (pod(securityContext={"sysctls": [{"name": "kernel.msgmax", "value": "1"}]}), [], "SysctlForbidden"),
    ],
)
def test_what_a_node_takes(wanted: Pod, others: list[Pod], reason: str) -> None:
    refusal = refusal_of(wanted, others, node())
    assert (refusal.reason if refusal else "") == reason


def test_a_refusal_says_how_much_is_missing() -> None:
    refusal = refusal_of(asking(cpu="1500m"), [asking(cpu="1")], node())
    assert refusal is not None
    assert refusal.message == ("Node didn't have enough resource: cpu, requested: 1500, used: 1000, capacity: 2000")


def test_pods_must_tolerate_taints_that_would_put_them_out() -> None:
    tainted = node(taints=[{"key": "bad", "effect": "NoExecute"}, {"key": "other", "effect": "NoSchedule"}])
    refusal = refusal_of(pod(), [], tainted)
    assert refusal is not None
    assert refusal.message == "Predicate TaintToleration failed: node(s) had untolerated taint(s)"
    assert refusal_of(pod(tolerations=[{"key": "bad", "operator": "Exists"}]), [], tainted) is None


# Recovery


def sandbox(id: str = "s1", *, attempt: int = 0, ready: bool = True, uid: str = "u1", age: int = 0) -> Sandbox:
    created = START - timedelta(seconds=age)
    return Sandbox(id, PodName("shop", "web", uid), attempt, ready, created, ips=("10.0.0.9",))


def run(id: str, attempt: int = 0, *, code: int | None = None, sandbox_id: str = "s1") -> Run:
    ended = {"finished_at": START, "exit_code": code, "reason": "Error"} if code is not None else {}
    return Run(id, attempt, sandbox_id, IMAGE, started_at=START, **ended)  # type: ignore[arg-type]


def orders_of(record: PodRecord) -> tuple[r.Instruction, ...]:
    """Once it is prepared."""
    record, _ = step(record, r.Tick(), START)
    _, orders = step(record, r.Prepared(), START)
    return orders


def test_a_running_pod_is_left_alone() -> None:
    record = recovered(pod(), [sandbox()], [("main", run("c1", 2))], START)
    assert record.containers["main"].attempt == 3
    assert orders_of(record) == ()


def test_the_newest_run_counts_and_the_one_before_is_known() -> None:
    record = recovered(pod(), [sandbox()], [("main", run("c2", 1)), ("main", run("c1", 0, code=1))], START)
    found = record.containers["main"]
    assert found.current is not None
    assert found.last is not None
    assert (found.current.id, found.last.id, found.ready) == ("c2", "c1", True)


def test_an_end_that_was_missed_leads_to_a_restart() -> None:
    record = recovered(pod(), [sandbox()], [("main", run("c1", 0, code=1))], START)
    assert orders_of(record) == (r.StartContainer("main", 1),)


def test_a_lost_sandbox_is_found_out() -> None:
    record = recovered(pod(), [sandbox(ready=False)], [("main", run("c1", 0, code=137))], START)
    assert orders_of(record) == (r.StopSandbox("s1"),)


def test_readiness_holds_until_a_probe_says_otherwise() -> None:
    probe = {"readinessProbe": {"exec": {"command": ["true"]}}}
    status = {"containerStatuses": [
        {"name": "main", "containerID": "containerd://c1", "ready": True, "image": "", "imageID": "", "restartCount": 0}
    ]}  # fmt: skip
    made = structs.replace(pod(box(**probe)), status=msgspec.convert(status, PodStatus))
    assert recovered(made, [sandbox()], [("main", run("c1"))], START).containers["main"].ready
    assert not recovered(made, [sandbox()], [("main", run("c2", 1))], START).containers["main"].ready


def test_an_end_that_only_the_status_remembers_is_believed() -> None:
    done = Life(pod(box("a"), box("b"), restartPolicy="Never")).up()
    done.start("a")
    done.start("b")
    done.exit("a", 0)
    made = structs.replace(done.record.pod, status=done.status())
    record = recovered(made, [sandbox()], [("b", run("c9"))], START)
    assert orders_of(record) == ()


# Garbage


def container(id: str, state: State = State.EXITED, *, sandbox_id: str = "s1", age: int = 600) -> Container:
    return Container(id, sandbox_id, "main", 0, state, START - timedelta(seconds=age))


def test_two_runs_of_each_container_are_kept() -> None:
    record = recovered(pod(), [sandbox()], [("main", run("c2", 1)), ("main", run("c1", 0, code=1))], START)
    found = Inventory((sandbox(),), (container("c2", State.RUNNING), container("c1"), container("c0")))
    old = garbage(found, {"u1": record}, START)
    assert (old.containers, old.sandboxes, old.orphans) == (("c0",), (), ())


def test_what_may_just_have_begun_is_no_garbage() -> None:
    record = recovered(pod(), [sandbox()], [], START)
    found = Inventory((sandbox(),), (container("c0", age=5),))
    assert garbage(found, {"u1": record}, START).containers == ()


def test_sandboxes_that_were_replaced_go_and_orphans_too() -> None:
    record = recovered(pod(), [sandbox("s2", attempt=1)], [], START)
    old, stranger = sandbox("s1", ready=False, age=600), sandbox("s9", uid="u9")
    found = garbage(Inventory((sandbox("s2"), old, stranger), ()), {"u1": record}, START)
    assert (found.sandboxes, found.orphans) == (("s1",), (stranger,))
    kept = garbage(Inventory((sandbox("s2"), old), (container("c1", State.RUNNING),)), {"u1": record}, START)
    assert kept.sandboxes == ()


def test_a_list_shows_what_ended_unheard() -> None:
    record = recovered(pod(), [sandbox()], [("main", run("c1"))], START)
    alive = Inventory((sandbox(),), (container("c1", State.RUNNING),))
    assert (ended_runs(alive, record), sandbox_is_lost(alive, record)) == ([], False)
    dead = Inventory((replace(sandbox(), ready=False),), (container("c1"),))
    assert (ended_runs(dead, record), sandbox_is_lost(dead, record)) == (["main"], True)
