"""Where pods go, and what is said when they can't go anywhere."""

import pytest
from tests.unit.engine.scheduler.build import cluster, node, placed, pod

from armillary.engine.scheduler.nodes import ClusterState
from armillary.engine.scheduler.place import enough
from armillary.engine.scheduler.wants import Wants
from armillary.kube.kinds.core import Toleration

ZONE = "topology.kubernetes.io/zone"
A1, A2, B1 = (node(n, labels={ZONE: n[0]}) for n in ("a1", "a2", "b1"))


@pytest.mark.parametrize(
    ("state", "wants", "outcome"),
    [
        (cluster(node("a")), pod(cpu="1"), "a"),
        (cluster(node("a"), node("b"), on={"a": (pod("x", cpu="3"),)}), pod(cpu="1"), "b"),
        (cluster(node("a", cpu="1")), pod(cpu="2"), "0/1 nodes are available: 1 Insufficient cpu."),
        (
            cluster(node("a", cpu="1", memory="1Gi")),
            pod(cpu="2", memory="2Gi"),
            "0/1 nodes are available: 1 Insufficient cpu, 1 Insufficient memory.",
        ),
        (cluster(node("a", pods="0")), pod(), "0/1 nodes are available: 1 Too many pods."),
        (cluster(node("a", cordoned=True)), pod(), "0/1 nodes are available: 1 node(s) were unschedulable."),
        (cluster(node("a", taint="gpu")), pod(), "0/1 nodes are available: 1 node(s) had untolerated taint(s)."),
        (cluster(node("a", taint="gpu")), pod(tolerations=(Toleration(key="gpu", operator="Exists"),)), "a"),
        (cluster(node("a", taint="x", effect="PreferNoSchedule"), node("b")), pod(), "b"),
        (
            cluster(A1, B1),
            pod(node_selector={ZONE: "c"}),
            "0/2 nodes are available: 2 node(s) didn't match Pod's node affinity/selector.",
        ),
        (cluster(A1, B1), pod(node_selector={ZONE: "b"}), "b1"),
        (
            cluster(node("a"), on={"a": (pod("x", host_port=80),)}),
            pod(host_port=80),
            "0/1 nodes are available: 1 node(s) didn't have free ports for the requested pod ports.",
        ),
        (cluster(), pod(), "0/0 nodes are available:"),
        (
            cluster(node("a", cpu="1"), node("b", taint="x"), node("c", taint="x")),
            pod(cpu="2"),
            "0/3 nodes are available: 1 Insufficient cpu, 2 node(s) had untolerated taint(s).",
        ),
    ],
)
def test_one_pod(state: ClusterState, wants: Wants, outcome: str) -> None:
    assert placed(state, wants) == outcome


WEB = pod("web", app="web")


@pytest.mark.parametrize(
    ("state", "wants", "outcome"),
    [
        (cluster(A1, A2, on={"a2": (WEB,)}), pod(near="web"), "a2"),
        (cluster(A1, A2, on={"a2": (WEB,)}), pod(apart="web"), "a1"),
        (cluster(A1, A2, B1, on={"a2": (WEB,)}), pod(apart="web", key=ZONE), "b1"),
        (cluster(A1), pod(near="web"), "0/1 nodes are available: 1 node(s) didn't match pod affinity rules."),
        (cluster(A1), pod(app="web", near="web"), "a1"),
        (
            cluster(A1, on={"a1": (WEB,)}),
            pod(apart="web"),
            "0/1 nodes are available: 1 node(s) didn't match pod anti-affinity rules.",
        ),
        (
            cluster(A1, on={"a1": (pod("x", apart="web"),)}),
            pod(app="web"),
            "0/1 nodes are available: 1 node(s) didn't satisfy existing pods anti-affinity rules.",
        ),
        (cluster(A1, A2, B1, on={"a1": (WEB,)}), pod(app="web", spread="web", key=ZONE), "b1"),
        (
            cluster(A1, node("b1", labels={ZONE: "b"}, cpu="1"), on={"a1": (WEB,)}),
            pod(app="web", spread="web", key=ZONE, cpu="2"),
            "0/2 nodes are available: 1 Insufficient cpu, 1 node(s) didn't match pod topology spread constraints.",
        ),
        (
            cluster(node("x")),
            pod(app="web", spread="web", key=ZONE),
            "0/1 nodes are available: 1 node(s) didn't match pod topology spread constraints (missing required label).",
        ),
    ],
    ids=[
        "beside",
        "away",
        "other zone",
        "nobody to be near",
        "first of its kind",
        "repels",
        "is repelled",
        "evens out",
        "can't even out",
        "no such label",
    ],
)
def test_pods_about_pods(state: ClusterState, wants: Wants, outcome: str) -> None:
    assert placed(state, wants) == outcome


def test_what_is_remembered_of_a_node_follows_its_changes() -> None:
    state = cluster(node("a", cpu="1"))
    first, second = pod("one", cpu="1"), pod("two", cpu="1")
    assert first.likeness == second.likeness
    assert placed(state, first) == "a"
    state.set_pod(first, "a")
    assert "Insufficient cpu" in placed(state, second)
    state.remove_pod(first.uid)
    assert placed(state, second) == "a"


def test_sums_return_to_nothing() -> None:
    state = cluster(node("a"))
    state.set_pod(pod("x", cpu="2", memory="1Gi", host_port=80), "a")
    state.remove_pod("uid-x")
    (home,) = state.order
    assert (home.free("cpu"), home.free("memory"), len(home.ports), home.score_cpu) == (4000, 8 << 30, 0, 0)


@pytest.mark.parametrize(("nodes", "searched"), [(1, 1), (99, 99), (100, 100), (1000, 420), (5000, 500), (15000, 750)])
def test_how_many_nodes_are_searched(nodes: int, searched: int) -> None:
    assert enough(nodes) == searched
