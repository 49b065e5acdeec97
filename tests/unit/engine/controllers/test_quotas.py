"""Quotas tell what is used; roles take the rules of their parts."""

from typing import Any

import pytest
from msgspec import structs
from tests.harness.settles import World, settle, world_of
from tests.unit.engine.controllers.builders import HERE, meta, pod, selecting

from armillary.engine.controllers.quota_usage import resource_of
from armillary.engine.controllers.resource_quota import resource_quotas
from armillary.engine.controllers.role_aggregation import AGGREGATED_ROLES
from armillary.kube.kinds.apps import DEPLOYMENT, Deployment
from armillary.kube.kinds.core import (
    CONFIG_MAP,
    PERSISTENT_VOLUME_CLAIM,
    POD,
    RESOURCE_QUOTA,
    SERVICE,
    ConfigMap,
    PersistentVolumeClaim,
    PersistentVolumeClaimSpec,
    Pod,
    ResourceQuota,
    ResourceQuotaSpec,
    ResourceRequirements,
    Service,
    ServicePort,
    ServiceSpec,
    VolumeResourceRequirements,
)
from armillary.kube.kinds.meta import ObjectMeta
from armillary.kube.kinds.rbac import CLUSTER_ROLE, AggregationRule, ClusterRole, PolicyRule

QUOTAS = resource_quotas(None)  # type: ignore[arg-type]  # nothing is asked of the server here


def asking(name: str, phase: str = "Running", **requests: str) -> Pod:
    made = pod(name, phase=phase)
    (container,) = made.spec.containers
    limits = {"memory": requests["memory"]} if "memory" in requests else {}
    container = structs.replace(container, resources=ResourceRequirements(requests=requests, limits=limits))
    return structs.replace(made, spec=structs.replace(made.spec, containers=(container,)))


def world(scopes: tuple[str, ...] = (), **hard: str) -> World:
    named = {name.replace("__", "/").replace("_", "."): amount for name, amount in hard.items()}
    quota = ResourceQuota(metadata=meta("q"), spec=ResourceQuotaSpec(hard=named, scopes=scopes))
    return world_of([QUOTAS], (RESOURCE_QUOTA, quota))


def used(world: World) -> Any:
    return settle([QUOTAS], world).get(RESOURCE_QUOTA, "q", HERE).status.used


PODS = [asking("a", cpu="500m", memory="64Mi"), asking("b", cpu="1", memory="64Mi"), asking("c", "Succeeded", cpu="4")]


def test_counts_pods_and_what_they_ask_for() -> None:
    there = world(pods="9", requests_cpu="4", limits_memory="1Gi", count__pods="9", cpu="4").holding(POD, *PODS)
    assert used(there) == {
        "pods": "2",
        "requests.cpu": "1500m",
        "limits.memory": "128Mi",
        "count/pods": "3",
        "cpu": "1500m",
    }


@pytest.mark.parametrize(
    ("scopes", "pods"),
    [(("BestEffort",), "1"), (("NotBestEffort",), "2"), (("NotTerminating",), "3"), (("Terminating",), "0")],
)
def test_counts_only_what_its_scopes_take_in(scopes: tuple[str, ...], pods: str) -> None:
    assert used(world(scopes, pods="9").holding(POD, *PODS, pod("d", phase="Running"))) == {"pods": pods}


def test_counts_services_claims_and_whatever_else() -> None:
    ports = (ServicePort(port=80), ServicePort(port=81))
    service = Service(metadata=meta("s"), spec=ServiceSpec(type="NodePort", ports=ports))
    size = VolumeResourceRequirements(requests={"storage": "2Gi"})
    claim = PersistentVolumeClaim(
        metadata=meta("c"), spec=PersistentVolumeClaimSpec(resources=size, storage_class_name="fast")
    )
    there = world(services_nodeports="9", requests_storage="9Gi", configmaps="3", count__deployments_apps="2")
    there = there.holding(SERVICE, service).holding(PERSISTENT_VOLUME_CLAIM, claim)
    there = there.holding(CONFIG_MAP, ConfigMap(metadata=meta("m"))).holding(DEPLOYMENT, Deployment(metadata=meta("d")))
    assert used(there) == {
        "services.nodeports": "2",
        "requests.storage": "2Gi",
        "configmaps": "1",
        "count/deployments.apps": "1",
    }


@pytest.mark.parametrize(
    ("name", "resource"),
    [
        ("cpu", "pods"),
        ("requests.nvidia.com/gpu", "pods"),
        ("services.loadbalancers", "services"),
        ("fast.storageclass.storage.k8s.io/requests.storage", "persistentvolumeclaims"),
        ("count/widgets.example.com", "widgets.example.com"),
        ("secrets", "secrets"),
    ],
)
def test_knows_whose_objects_count(name: str, resource: str) -> None:
    assert resource_of(name) == resource


def role(name: str, *verbs: str, selects: str = "", **labels: str) -> ClusterRole:
    rule = AggregationRule(cluster_role_selectors=(selecting(into=selects),)) if selects else None
    rules = (PolicyRule(verbs=verbs, resources=("pods",), api_groups=("",)),) if verbs else ()
    return ClusterRole(metadata=ObjectMeta(name=name, labels=labels), rules=rules, aggregation_rule=rule)


def test_a_role_is_made_of_those_it_selects() -> None:
    roles = [
        role("all", selects="all"),
        role("b", "get", into="all"),
        role("a", "list", into="all"),
        role("c", "watch"),
    ]
    there = settle([AGGREGATED_ROLES], world_of([AGGREGATED_ROLES]).holding(CLUSTER_ROLE, *roles))
    assert [rule.verbs for rule in there.get(CLUSTER_ROLE, "all").rules] == [("list",), ("get",)]
    less = settle([AGGREGATED_ROLES], there.without(CLUSTER_ROLE, ("", "a")))
    assert [rule.verbs for rule in less.get(CLUSTER_ROLE, "all").rules] == [("get",)]
