"""How the things of a namespace hang together, and how they are."""

from typing import Any

import pytest

from armillary.platform.capabilities.resources.decide.graph import Graph, graph_of
from armillary.platform.capabilities.resources.decide.outcome import outcome_of, warnings_of
from armillary.platform.capabilities.resources.decide.related import goes_with, related
from armillary.platform.capabilities.resources.decide.rows import Columns, row_of
from armillary.platform.capabilities.resources.decide.state import state_of
from armillary.platform.capabilities.resources.decide.thing import Sort, Thing, Things

CELLS = {"Pod": ("ready", "status"), "Ingress": ("hosts",)}
KINDS = (
    "Ingress", "Service", "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "CronJob", "Job", "Pod",
    "PersistentVolumeClaim", "Secret", "ConfigMap", "HorizontalPodAutoscaler", "PodDisruptionBudget",
    "PersistentVolume",
)  # fmt: skip
SORTS = {kind: Sort("", "v1", kind, f"{kind.lower()}s") for kind in KINDS}


def thing(
    kind: str, name: str, spec: Any = None, *, owner: str = "", status: Any = None, cells: Any = (), **meta: Any
) -> Thing:
    titles = CELLS.get(kind, ())
    owners = {"ownerReferences": [{"kind": "X", "name": "x", "uid": owner}]} if owner else {}
    metadata = {"name": name, "namespace": "shop", "uid": f"{kind}:{name}", **owners, **meta}
    obj = {"metadata": metadata, "spec": spec or {}, "status": status or {}}
    columns = Columns(titles, ("string",) * len(titles), tuple(range(len(titles))))
    row = row_of(columns, {"object": obj, "cells": cells or ("",) * len(titles)})
    return Thing(SORTS[kind], row, columns.index)


def all_of(*things: Thing) -> Things:
    found: dict[str, list[Thing]] = {kind: [] for kind in KINDS}
    for each in things:
        found[each.kind].append(each)
    return found


def template(labels: dict[str, str], **pod: Any) -> dict[str, Any]:
    return {"template": {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "a"}], **pod}}, "replicas": 2}


def pod(name: str, owner: str = "", status: str = "Running", ready: str = "1/1", **meta: Any) -> Thing:
    return thing("Pod", name, {"containers": []}, owner=owner, cells=(ready, status), **meta)


def edges(graph: Graph) -> set[tuple[str, str, str]]:
    return {(edge.from_, edge.kind, edge.to) for edge in graph.edges}


WEB = {"app": "web"}
VOLUMES = [
    {"persistentVolumeClaim": {"claimName": "data"}},
    {"secret": {"secretName": "key"}},
    {"projected": {"sources": [{"configMap": {"name": "kube-root-ca.crt"}}, {"configMap": {"name": "more"}}]}},
    {"configMap": {"name": "perhaps", "optional": True}},
]


def test_a_map_from_routes_to_what_pods_use() -> None:
    things = all_of(
        thing("Ingress", "door", {
            "rules": [{"http": {"paths": [{"backend": {"service": {"name": "front"}}}]}}],
            "tls": [{"secretName": "cert"}],
        }),
        thing("Service", "front", {"selector": WEB}),
        thing("Service", "headless", {}),
        thing("Deployment", "web", template(WEB, volumes=VOLUMES)),
        thing("ReplicaSet", "web-1", template(WEB), owner="Deployment:web"),
        pod("web-1-a", "ReplicaSet:web-1"),
        pod("alone", labels=WEB),
        thing("PersistentVolumeClaim", "data", status={"phase": "Bound"}),
        thing("Secret", "key"),
        thing("Secret", "nobody-uses-it"),
        thing("ConfigMap", "more"),
    )  # fmt: skip
    graph = graph_of(things, SORTS)
    assert edges(graph) == {
        ("Ingress:door", "routes", "Service:front"),
        ("Ingress:door", "uses", "Secret/cert"),
        ("Service:front", "selects", "Deployment:web"),
        ("Service:front", "selects", "Pod:alone"),
        ("Deployment:web", "owns", "Pod:web-1-a"),
        ("Deployment:web", "mounts", "PersistentVolumeClaim:data"),
        ("Deployment:web", "uses", "Secret:key"),
        ("Deployment:web", "uses", "ConfigMap:more"),
    }
    nodes = {node.id: node for node in graph.nodes}
    assert "ReplicaSet:web-1" not in nodes
    assert "Secret:nobody-uses-it" not in nodes
    assert (nodes["Secret/cert"].exists, nodes["Secret/cert"].status) == (False, "failing")


def test_kinds_that_nobody_may_look_at_are_not_called_missing() -> None:
    things = {"Deployment": [thing("Deployment", "web", template(WEB, volumes=VOLUMES))]}
    graph = graph_of(things, {"Deployment": SORTS["Deployment"]})
    assert [node.id for node in graph.nodes] == ["Deployment:web"]


def test_workloads_of_custom_resources_and_of_cron_jobs() -> None:
    things = all_of(
        thing("Service", "db", {"selector": {"app": "db"}}),
        thing("StatefulSet", "db", {
            **template({"app": "db"}), "volumeClaimTemplates": [{"metadata": {"name": "data"}}],
        }, owner="Cluster:db"),
        thing("PersistentVolumeClaim", "data-db-0"),
        pod("db-0", "StatefulSet:db"),
        thing("CronJob", "nightly", {"jobTemplate": {"spec": template({"job": "x"})}}),
        thing("Job", "nightly-1", template({"job": "x"}), owner="CronJob:nightly"),
        pod("nightly-1-a", "Job:nightly-1"),
        pod("nightly-0-a", "Job:nightly-0", status="Completed", ready="0/1"),
    )  # fmt: skip
    graph = graph_of(things, SORTS)
    assert edges(graph) == {
        ("Service:db", "selects", "StatefulSet:db"),
        ("StatefulSet:db", "owns", "Pod:db-0"),
        ("StatefulSet:db", "mounts", "PersistentVolumeClaim:data-db-0"),
        ("CronJob:nightly", "owns", "Pod:nightly-1-a"),
    }


def test_many_pods_are_counted_at_their_workload_in_the_state_of_the_worst() -> None:
    pods = [pod(f"web-{n}", "Deployment:web") for n in range(9)]
    pods.append(pod("web-9", "Deployment:web", "CrashLoopBackOff", "0/1"))
    graph = graph_of(all_of(thing("Deployment", "web", template(WEB)), *pods), SORTS, most_nodes=10)
    counted = next(node for node in graph.nodes if node.sort.kind == "Pod")
    assert (counted.count, counted.status, counted.detail) == (10, "failing", "9 Running, 1 CrashLoopBackOff")
    assert edges(graph) == {("Deployment:web", "owns", counted.id)}


@pytest.mark.parametrize(("said", "status"), [("ImagePullBackOff", "failing"), ("Pending", "progressing")])
def test_a_workload_that_waits_for_a_failing_pod_is_failing(said: str, status: str) -> None:
    things = all_of(thing("Deployment", "web", template(WEB)), pod("web-1", "Deployment:web", said, "0/1"))
    assert {node.sort.kind: node.status for node in graph_of(things, SORTS).nodes}["Deployment"] == status


LATE = {"conditions": [{"type": "Progressing", "status": "False"}], "readyReplicas": 1}


@pytest.mark.parametrize(
    ("found", "state", "said"),
    [
        (pod("a"), "healthy", "Running"),
        (pod("a", ready="1/2"), "progressing", "Running"),
        (pod("a", status="CrashLoopBackOff"), "failing", "CrashLoopBackOff"),
        (pod("a", status="Init:0/1"), "progressing", "Init:0/1"),
        (pod("a", status="Init:Error"), "failing", "Init:Error"),
        (pod("a", status="Completed"), "off", "Completed"),
        (thing("Deployment", "a", {"replicas": 2}, status={"readyReplicas": 2}), "healthy", "2/2"),
        (thing("Deployment", "a", {"replicas": 2}, status={"readyReplicas": 1}), "progressing", "1/2"),
        (thing("Deployment", "a", {"replicas": 2}, status=LATE), "failing", "1/2"),
        (thing("Deployment", "a", {"replicas": 0}), "off", "0/0"),
        (thing("DaemonSet", "a", status={"desiredNumberScheduled": 1}), "progressing", "0/1"),
        (thing("Job", "a", status={"conditions": [{"type": "Failed", "status": "True"}]}), "failing", "Failed"),
        (thing("Job", "a", {"completions": 3}, status={"succeeded": 1}), "progressing", "1/3"),
        (thing("CronJob", "a", {"suspend": True}), "off", "suspended"),
        (thing("PersistentVolumeClaim", "a", status={"phase": "Lost"}), "failing", "Lost"),
        (thing("ConfigMap", "a"), "", ""),
    ],
)
def test_how_a_thing_is(found: Thing, state: str, said: str) -> None:
    assert state_of(found) == (state, said)


def test_what_goes_with_an_owner_and_what_stays_with_another() -> None:
    shared = {"ownerReferences": [{"uid": "Deployment:web"}, {"uid": "Deployment:other"}]}
    web = thing("Deployment", "web", template(WEB))
    things = all_of(
        web,
        thing("ReplicaSet", "web-1", owner="Deployment:web"),
        pod("web-1-a", "ReplicaSet:web-1"),
        pod("other", "ReplicaSet:other"),
        thing("ConfigMap", "shared", **shared),
    )
    assert [each.name for each in goes_with(web, things)] == ["web-1", "web-1-a"]


@pytest.mark.parametrize(("policy", "goes"), [("Delete", ["pv"]), ("Retain", [])])
def test_a_volume_goes_with_the_claim_it_was_made_for(policy: str, goes: list[str]) -> None:
    claim = thing("PersistentVolumeClaim", "data")
    spec = {"claimRef": {"uid": claim.uid}, "persistentVolumeReclaimPolicy": policy}
    other = thing("PersistentVolume", "other", {**spec, "claimRef": {"uid": "other"}})
    things = {"PersistentVolume": [thing("PersistentVolume", "pv", spec), other]}
    assert [each.name for each in goes_with(claim, things)] == goes


def test_who_uses_a_claim() -> None:
    claims = [{"metadata": {"name": "data"}}]
    mounts = {"volumes": [{"persistentVolumeClaim": {"claimName": "data-db-1"}}]}
    claim = thing("PersistentVolumeClaim", "data-db-1", {"volumeName": "pv", "storageClassName": "fast"})
    things = all_of(
        claim,
        thing("StatefulSet", "db", {**template({"app": "db"}), "volumeClaimTemplates": claims}),
        thing("Pod", "db-0", {}, owner="StatefulSet:db", cells=("1/1", "Running")),
        thing("Pod", "db-1", mounts, owner="StatefulSet:db", cells=("1/1", "Running")),
        thing("Pod", "alone", mounts, cells=("1/1", "Running")),
        thing("Deployment", "web", template(WEB)),
        thing("Pod", "web-1", mounts, owner="Deployment:web", cells=("1/1", "Running")),
    )
    assert {(each.relation, each.name, each.thing is not None) for each in related(claim, things)} == {
        ("pod", "db-1", True), ("pod", "alone", True), ("user", "db", True), ("volume", "pv", False),
        ("class", "fast", False),
    }  # fmt: skip


def test_what_is_related_by_name_and_by_labels() -> None:
    web = thing("Deployment", "web", template(WEB, volumes=VOLUMES))
    things = all_of(
        web,
        thing("Secret", "key"),
        thing("HorizontalPodAutoscaler", "scale", {"scaleTargetRef": {"kind": "Deployment", "name": "web"}}),
        thing("PodDisruptionBudget", "keep", {"selector": {"matchLabels": WEB}}),
        thing("PodDisruptionBudget", "others", {"selector": {"matchLabels": {"app": "db"}}}),
    )
    found = {(each.relation, each.name): each.thing is not None for each in related(web, things)}
    assert found == {
        ("claim", "data"): False,
        ("secret", "key"): True,
        ("configmap", "more"): False,
        ("configmap", "perhaps"): False,
        ("autoscaler", "scale"): True,
        ("budget", "keep"): True,
    }


def test_kinds_of_others_that_are_named_alike_are_not_taken_for_them() -> None:
    theirs = Sort("serving.knative.dev", "v1", "Service", "services")
    odd = Thing(theirs, thing("Service", "odd", {"selector": "no map"}).row)
    assert odd.kind == "Service.serving.knative.dev"
    assert related(odd, {odd.kind: [odd], **all_of(pod("a", labels=WEB))}) == ()


META = {"name": "a", "resourceVersion": "1"}


@pytest.mark.parametrize(
    ("code", "before", "after", "outcome"),
    [
        (201, None, {"metadata": META}, "created"),
        (200, {"metadata": META}, {"metadata": {**META, "resourceVersion": "2", "generation": 3}}, "unchanged"),
        (200, {"metadata": META}, {"metadata": META, "data": {}}, "configured"),
        (200, None, {"metadata": META}, "configured"),
    ],
)
def test_what_came_of_a_write(code: int, before: Any, after: Any, outcome: str) -> None:
    assert outcome_of(code, before, after) == outcome


@pytest.mark.parametrize(
    ("header", "texts"),
    [
        ("", ()),
        ('299 - "v1 Endpoints is deprecated, use slices"', ("v1 Endpoints is deprecated, use slices",)),
        ('299 - "one", 299 - "two \\"quoted\\"", 299 - "one"', ("one", 'two "quoted"')),
    ],
)
def test_warnings(header: str, texts: tuple[str, ...]) -> None:
    assert warnings_of(header) == texts
