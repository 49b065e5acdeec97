"""Requests and limits become the cgroup settings that kubelet would write."""

import pytest
from tests.unit.engine.node.build import pod, resources

from armillary.engine.node.resources import (
    ContainerResources,
    PodResources,
    burstable_shares,
    cgroup_of,
    container_resources,
    oom_score,
    pod_resources,
    qos_class,
    quota_of,
    shares_of,
)

GIB = 1 << 30


@pytest.mark.parametrize(("milli", "shares"), [(0, 2), (1, 2), (100, 102), (1000, 1024), (10**9, 262144)])
def test_shares(milli, shares):
    assert shares_of(milli) == shares


@pytest.mark.parametrize(("milli", "quota"), [(0, 0), (1, 1000), (500, 50_000), (2000, 200_000)])
def test_quota(milli, quota):
    assert quota_of(milli) == quota


@pytest.mark.parametrize(
    ("containers", "expected"),
    [
        ([resources()], "BestEffort"),
        ([resources("0 0")], "BestEffort"),
        ([resources("1 1Gi", "1 1Gi")], "Guaranteed"),
        ([resources("1000m 1024Mi", "1 1Gi")], "Guaranteed"),
        ([resources("", "1 1Gi")], "Burstable"),  # the API server copies limits to requests before we see it
        ([resources("1 1Gi", "1 1Gi"), resources(name="b")], "Burstable"),
        ([resources("1", "1")], "Burstable"),
        ([resources("100m")], "Burstable"),
        ([resources("1 1Gi", "2 1Gi")], "Burstable"),
    ],
)
def test_qos_class(containers, expected):
    assert qos_class(pod({"containers": containers})) == expected


def test_pod_level_resources_decide_the_class():
    spec = {"containers": [resources()], "resources": {"requests": {"cpu": "1", "memory": "1Gi"}}}
    assert qos_class(pod(spec)) == "Burstable"
    spec["resources"]["limits"] = spec["resources"]["requests"]
    assert qos_class(pod(spec)) == "Guaranteed"


def test_sidecars_add_up_and_overhead_comes_on_top():
    found = pod(
        {
            "containers": [resources("100m 1Gi", "1 2Gi")],
            "initContainers": [resources("50m 1Gi", "1 1Gi", name="side", restartPolicy="Always")],
            "overhead": {"cpu": "10m"},
        }
    )
    assert pod_resources(found) == PodResources(shares_of(160), 201_000, 100_000, 3 * GIB)


@pytest.mark.parametrize(
    ("container", "expected"),
    [
        (resources(), ContainerResources(2, 0, 100_000, 0, 1000)),
        (resources("250m 128Mi", "500m 256Mi"), ContainerResources(256, 50_000, 100_000, 256 << 20, 875)),
        (resources("- 1Ki", "2 -"), ContainerResources(2048, 200_000, 100_000, 0, 999)),
        (resources("1 512Mi", "1 512Mi"), ContainerResources(1024, 100_000, 100_000, 512 << 20, -997)),
    ],
)
def test_container_resources(container, expected):
    found = pod({"containers": [container]})
    assert container_resources(found.spec.containers[0], found, memory_capacity_bytes=GIB) == expected


def test_a_score_that_the_machine_refuses_is_raised():
    found = pod({"containers": [resources("1 1Gi", "1 1Gi")]})
    got = container_resources(found.spec.containers[0], found, memory_capacity_bytes=GIB, lowest_oom_score=0)
    assert got.oom_score_adj == 0


def test_oom_scores_have_bounds():
    found = pod({"containers": [resources("1 1Gi")]})
    assert oom_score(found.spec.containers[0], found, GIB) == 3
    critical = pod({"containers": [resources()], "priorityClassName": "system-node-critical"})
    assert oom_score(critical.spec.containers[0], critical, GIB) == -997


def test_a_sidecar_is_not_killed_before_those_it_serves():
    found = pod(
        {
            "containers": [resources("- 512Mi")],
            "initContainers": [resources("- 1Mi", name="side", restartPolicy="Always")],
        }
    )
    assert oom_score(found.spec.init_containers[0], found, GIB) == oom_score(found.spec.containers[0], found, GIB)


@pytest.mark.parametrize(
    ("containers", "expected"),
    [
        ([resources()], PodResources(2)),
        ([resources("1 1Gi", "1 1Gi")], PodResources(1024, 100_000, 100_000, GIB)),
        ([resources("1 1Gi", "2 2Gi")], PodResources(1024, 200_000, 100_000, 2 * GIB)),
        ([resources("1 1Gi", "2 2Gi"), resources(name="b")], PodResources(1024)),
        ([resources("1 1Gi", "2 2Gi"), resources("1", "1", name="b")], PodResources(2048, 300_000)),
    ],
)
def test_a_pod_is_limited_when_all_its_containers_are(containers, expected):
    assert pod_resources(pod({"containers": containers})) == expected


def test_cgroups_stand_below_their_tier():
    assert cgroup_of("/r", pod()) == "/r/besteffort/podu1"
    assert cgroup_of("/r", pod({"containers": [resources("1")]})) == "/r/burstable/podu1"
    assert cgroup_of("/r", pod({"containers": [resources("1 1", "1 1")]})) == "/r/podu1"


def test_the_burstable_tier_has_the_shares_of_its_pods():
    half = pod({"containers": [resources("500m")]})
    assert burstable_shares([half, half, pod(), pod({"containers": [resources("1 1", "1 1")]})]) == 1024
