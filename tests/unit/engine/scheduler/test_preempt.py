"""Who has to go so that a more important pod fits."""

from random import Random

import pytest
from tests.unit.engine.scheduler.build import cluster, node, pod

from armillary.engine.scheduler.nodes import ClusterState
from armillary.engine.scheduler.place import Placer, Waits
from armillary.engine.scheduler.preempt import Budget, Preemption, preempt
from armillary.engine.scheduler.wants import Wants


def outcome(state: ClusterState, wants: Wants, *budgets: Budget) -> str:
    waits = Placer(state, Random(1)).place(wants)
    assert isinstance(waits, Waits)
    found = preempt(wants, waits, state, budgets, lambda p: p.name)
    if isinstance(found, Preemption):
        return f"{found.node}: {' '.join(sorted(v.name for v in found.victims))}"
    return found


def low(name: str, cpu: str, priority: int = 1, app: str = "") -> Wants:
    return pod(name, cpu=cpu, priority=priority, app=app)


URGENT = pod("urgent", cpu="2", priority=100)


@pytest.mark.parametrize(
    ("state", "wants", "expected"),
    [
        (cluster(node("a", cpu="2"), on={"a": (low("x", "2"),)}), URGENT, "a: x"),
        (cluster(node("a", cpu="3"), on={"a": (low("x", "1"), low("y", "2", 50))}), URGENT, "a: y"),
        (
            cluster(node("a", cpu="2"), node("b", cpu="2"), on={"a": (low("x", "2", 9),), "b": (low("y", "2"),)}),
            URGENT,
            "b: y",
        ),
        (
            cluster(node("a", cpu="2"), on={"a": (low("x", "2", 200),)}),
            URGENT,
            "preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.",
        ),
        (
            cluster(node("a", cpu="1"), on={"a": (low("x", "1"),)}),
            URGENT,
            "preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.",
        ),
        (
            cluster(node("a", cpu="2"), on={"a": (low("x", "2"),)}),
            pod("meek", cpu="2", priority=100, preemption_policy="Never"),
            "not eligible due to preemptionPolicy=Never.",
        ),
    ],
    ids=["the only one", "as few as do", "the least important", "nobody lower", "would not help", "never"],
)
def test_victims(state: ClusterState, wants: Wants, expected: str) -> None:
    assert outcome(state, wants) == expected


def test_disruption_budgets_are_kept_where_another_node_will_do() -> None:
    on = {"a": (low("x", "2", app="db"),), "b": (low("y", "2", 50),)}
    state = cluster(node("a", cpu="2"), node("b", cpu="2"), on=on)
    assert outcome(state, URGENT) == "a: x"
    assert outcome(state, URGENT, Budget(lambda p: p.labels.get("app") == "db", 0)) == "b: y"


def test_looking_changes_nothing() -> None:
    state = cluster(node("a", cpu="2"), on={"a": (low("x", "1"), low("y", "1"))})
    before = (dict(state.order[0].requested), set(state.order[0].pods))
    outcome(state, URGENT)
    assert (dict(state.order[0].requested), set(state.order[0].pods)) == before
