"""Nodes, storage, budgets, quotas and roles, kept by the controllers on a real API server."""

from typing import Any

from tests.component.controllers.cluster import Cluster, controlling
from tests.harness.server import Server

from armillary.kube.kinds.core import (
    NODE,
    PERSISTENT_VOLUME,
    PERSISTENT_VOLUME_CLAIM,
    POD,
    RESOURCE_QUOTA,
    Container,
    HostPathVolumeSource,
    PersistentVolume,
    PersistentVolumeClaim,
    PersistentVolumeClaimSpec,
    PersistentVolumeSpec,
    Pod,
    PodSpec,
    ResourceQuota,
    ResourceQuotaSpec,
    VolumeResourceRequirements,
)
from armillary.kube.kinds.meta import LabelSelector, ObjectMeta
from armillary.kube.kinds.policy import POD_DISRUPTION_BUDGET, PodDisruptionBudget, PodDisruptionBudgetSpec
from armillary.kube.kinds.rbac import CLUSTER_ROLE


def named(name: str, **labels: str) -> ObjectMeta:
    return ObjectMeta(name=name, namespace="default", labels=labels)


async def pod(cluster: Cluster, name: str) -> Pod:
    spec = PodSpec(containers=(Container(name="main", image="web:1"),))
    return await cluster.client.create(POD, Pod(metadata=named(name, app="web"), spec=spec), "default")


async def test_a_node_is_tainted_by_its_state_and_pods_leave(server: Server) -> None:
    async with controlling(server) as cluster:
        client = cluster.client
        await client.patch(NODE, "node-1", "", {"spec": {"unschedulable": True}})

        async def tainted() -> Any:
            return {t.key for t in (await client.get(NODE, "node-1")).spec.taints} == {
                "node.kubernetes.io/unschedulable"
            }

        await cluster.until("it is tainted", tainted)
        await pod(cluster, "web")

        async def runs() -> Any:
            return (await client.get(POD, "web", "default")).status.phase == "Running"

        await cluster.until("the pod runs", runs)
        taint = {"key": "fire", "effect": "NoExecute"}
        await client.patch(NODE, "node-1", "", {"spec": {"taints": [taint]}})
        await cluster.gone(POD, "web", "default")


async def test_a_claim_is_bound_held_and_released(server: Server) -> None:
    async with controlling(server) as cluster:
        client = cluster.client
        size = VolumeResourceRequirements(requests={"storage": "1Gi"})
        spec = PersistentVolumeSpec(
            capacity={"storage": "1Gi"},
            access_modes=("ReadWriteOnce",),
            host_path=HostPathVolumeSource(path="/tmp/x"),
            storage_class_name="manual",
            persistent_volume_reclaim_policy="Retain",
        )
        await client.create(PERSISTENT_VOLUME, PersistentVolume(metadata=ObjectMeta(name="v"), spec=spec))
        wanted = PersistentVolumeClaimSpec(access_modes=("ReadWriteOnce",), resources=size, storage_class_name="manual")
        claim = PersistentVolumeClaim(metadata=named("data"), spec=wanted)
        await client.create(PERSISTENT_VOLUME_CLAIM, claim, "default")

        async def phases() -> tuple[str, str]:
            found = await client.find(PERSISTENT_VOLUME_CLAIM, "data", "default")
            return (found.status.phase if found else "", (await client.get(PERSISTENT_VOLUME, "v")).status.phase)

        async def bound() -> bool:
            return await phases() == ("Bound", "Bound")

        await cluster.until("both are bound", bound)
        await client.delete(PERSISTENT_VOLUME_CLAIM, "data", "default")

        async def released() -> bool:
            return await phases() == ("", "Released")

        await cluster.until("the volume is released", released)


async def test_budgets_and_quotas_tell_how_things_stand(server: Server) -> None:
    async with controlling(server) as cluster:
        client = cluster.client
        budget = PodDisruptionBudgetSpec(min_available=1, selector=LabelSelector(match_labels={"app": "web"}))
        meta = named("b")
        await client.create(POD_DISRUPTION_BUDGET, PodDisruptionBudget(metadata=meta, spec=budget), "default")
        hard = ResourceQuotaSpec(hard={"pods": "5", "count/ingresses.networking.k8s.io": "2"})
        await client.create(RESOURCE_QUOTA, ResourceQuota(metadata=named("q"), spec=hard), "default")
        for name in ("a", "b"):
            await pod(cluster, name)

        async def told() -> Any:
            allowed = (await client.get(POD_DISRUPTION_BUDGET, "b", "default")).status.disruptions_allowed
            used = (await client.get(RESOURCE_QUOTA, "q", "default")).status.used
            return (allowed, used) == (1, {"pods": "2", "count/ingresses.networking.k8s.io": "0"})

        await cluster.until("one may be disrupted, two are used", told)


async def test_the_default_roles_are_made_of_their_parts(server: Server) -> None:
    async with controlling(server) as cluster:

        async def aggregated() -> Any:
            return len((await cluster.client.get(CLUSTER_ROLE, "view")).rules) > 3

        await cluster.until("view has rules", aggregated)
