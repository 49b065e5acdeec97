"""Controllers on a real API server: applications come up, change and go as on Kubernetes."""

import time
from typing import Any

from tests.component.controllers.cluster import Cluster, controlling
from tests.harness.server import Server

from armillary.kube.kinds.apps import (
    DAEMON_SET,
    DEPLOYMENT,
    REPLICA_SET,
    STATEFUL_SET,
    DaemonSet,
    DaemonSetSpec,
    Deployment,
    DeploymentSpec,
    StatefulSet,
    StatefulSetSpec,
)
from armillary.kube.kinds.batch import JOB, Job, JobSpec
from armillary.kube.kinds.core import (
    CONFIG_MAP,
    ENDPOINTS,
    EVENT,
    NAMESPACE,
    PERSISTENT_VOLUME_CLAIM,
    POD,
    SECRET,
    SERVICE,
    ConfigMap,
    Container,
    Namespace,
    PersistentVolumeClaim,
    PersistentVolumeClaimSpec,
    Pod,
    PodSpec,
    PodTemplateSpec,
    Secret,
    Service,
    ServicePort,
    ServiceSpec,
    VolumeResourceRequirements,
)
from armillary.kube.kinds.discovery import ENDPOINT_SLICE
from armillary.kube.kinds.meta import LabelSelector, ObjectMeta
from armillary.kube.object import owned_by

WEB = LabelSelector(match_labels={"app": "web"})


def template(image: str = "web:1", **spec: Any) -> PodTemplateSpec:
    return PodTemplateSpec(
        metadata=ObjectMeta(labels={"app": "web"}),
        spec=PodSpec(containers=(Container(name="main", image=image),), **spec),
    )


def named(name: str, namespace: str = "default", **more: Any) -> ObjectMeta:
    return ObjectMeta(name=name, namespace=namespace, **more)


def deployment(replicas: int = 3, namespace: str = "default") -> Deployment:
    spec = DeploymentSpec(replicas=replicas, selector=WEB, template=template())
    return Deployment(metadata=named("web", namespace), spec=spec)


async def available(cluster: Cluster, number: int) -> Deployment:
    async def holds() -> Any:
        found = await cluster.client.get(DEPLOYMENT, "web", "default")
        seen = found.status.observed_generation == found.metadata.generation
        done = (found.status.available_replicas, found.status.updated_replicas) == (number, number)
        return found if seen and done and found.status.replicas == number else None

    found: Deployment = await cluster.until(f"{number} replicas are available", holds)
    return found


async def test_a_deployment_comes_up_rolls_out_and_goes_with_all_it_owns(server: Server) -> None:
    async with controlling(server) as cluster:
        client = cluster.client
        await client.create(DEPLOYMENT, deployment(), "default")
        await available(cluster, 3)
        patch = {"spec": {"template": {"spec": {"containers": [{"name": "main", "image": "web:2"}]}}}}
        await client.patch(DEPLOYMENT, "web", "default", patch)
        found = await available(cluster, 3)
        assert found.metadata.annotations["deployment.kubernetes.io/revision"] == "2"
        assert len((await client.list(REPLICA_SET, "default")).items) == 2

        async def told() -> Any:
            events = (await client.list(EVENT, "default")).items
            reasons = {(e.reason, e.involved_object.kind) for e in events if e.involved_object}
            return {("ScalingReplicaSet", "Deployment"), ("SuccessfulCreate", "ReplicaSet")} <= reasons

        await cluster.until("events tell of it", told)
        await client.delete(DEPLOYMENT, "web", "default")
        await cluster.until("pods and replica sets are gone", _empty(cluster))


def _empty(cluster: Cluster) -> Any:
    async def holds() -> bool:
        return not await cluster.pods() and not (await cluster.client.list(REPLICA_SET, "default")).items

    return holds


async def test_propagation_is_as_asked_for(server: Server) -> None:
    async with controlling(server) as cluster:
        client = cluster.client
        await client.create(DEPLOYMENT, deployment(2), "default")
        await available(cluster, 2)
        await client.delete(DEPLOYMENT, "web", "default", propagation="Orphan")
        await cluster.gone(DEPLOYMENT, "web", "default")
        (left,) = (await client.list(REPLICA_SET, "default")).items
        assert left.metadata.owner_references == ()
        await client.delete(REPLICA_SET, left.metadata.name, "default", propagation="Foreground")
        await cluster.gone(REPLICA_SET, left.metadata.name, "default")
        assert await cluster.pods() == [], "the owner went last"


async def test_services_know_their_pods(server: Server) -> None:
    async with controlling(server) as cluster:
        client = cluster.client
        ports = (ServicePort(port=80, target_port=8080),)
        service = Service(metadata=named("web"), spec=ServiceSpec(selector={"app": "web"}, ports=ports))
        await client.create(SERVICE, service, "default")
        await client.create(DEPLOYMENT, deployment(2), "default")

        async def listed() -> Any:
            slices = (await client.list(ENDPOINT_SLICE, "default", labels="kubernetes.io/service-name=web")).items
            ready = [e for s in slices for e in s.endpoints if e.conditions and e.conditions.ready]
            endpoints = await client.find(ENDPOINTS, "web", "default")
            addresses = [a for s in endpoints.subsets for a in s.addresses] if endpoints else []
            return len(ready) == len(addresses) == 2

        await cluster.until("two endpoints are ready", listed)
        await client.delete(SERVICE, "web", "default")
        await cluster.gone(ENDPOINTS, "web", "default")

        async def unlisted() -> bool:
            return not (await client.list(ENDPOINT_SLICE, "default", labels="kubernetes.io/service-name=web")).items

        await cluster.until("the slices are gone", unlisted)


async def test_a_stateful_set_keeps_its_storage(server: Server) -> None:
    async with controlling(server) as cluster:
        client = cluster.client
        claim = PersistentVolumeClaim(
            metadata=ObjectMeta(name="data"),
            spec=PersistentVolumeClaimSpec(
                access_modes=("ReadWriteOnce",), resources=VolumeResourceRequirements(requests={"storage": "1Gi"})
            ),
        )
        spec = StatefulSetSpec(
            replicas=2, selector=WEB, template=template(), service_name="db", volume_claim_templates=(claim,)
        )
        await client.create(STATEFUL_SET, StatefulSet(metadata=named("db"), spec=spec), "default")

        async def ready(number: int) -> Any:
            found = await client.get(STATEFUL_SET, "db", "default")
            return found.status.ready_replicas == number and found.status.replicas == number

        await cluster.until("both are ready", lambda: ready(2))
        assert {p.metadata.name for p in await cluster.pods()} == {"db-0", "db-1"}
        await client.patch(STATEFUL_SET, "db", "default", {"spec": {"replicas": 1}})
        await cluster.until("one is left", lambda: ready(1))
        claims = (await client.list(PERSISTENT_VOLUME_CLAIM, "default")).items
        assert {c.metadata.name for c in claims} == {"data-db-0", "data-db-1"}


async def test_a_daemon_set_is_on_the_node(server: Server) -> None:
    async with controlling(server) as cluster:
        spec = DaemonSetSpec(selector=WEB, template=template())
        await cluster.client.create(DAEMON_SET, DaemonSet(metadata=named("agent"), spec=spec), "default")

        async def ready() -> Any:
            return (await cluster.client.get(DAEMON_SET, "agent", "default")).status.number_available == 1

        await cluster.until("it is available", ready)


async def test_jobs_succeed_and_fail(server: Server) -> None:
    async with controlling(server) as cluster:
        client = cluster.client
        for name, image, limit in (("good", "exit-0", 6), ("bad", "exit-1", 0)):
            spec = JobSpec(
                template=template(image, restart_policy="Never"), completions=2, parallelism=2, backoff_limit=limit
            )
            await client.create(JOB, Job(metadata=named(name), spec=spec), "default")

        async def over(name: str, how: str) -> Any:
            status = (await client.get(JOB, name, "default")).status
            return any(c.type == how and c.status == "True" for c in status.conditions)

        await cluster.until("it succeeds", lambda: over("good", "Complete"))
        await cluster.until("it fails", lambda: over("bad", "Failed"))
        assert (await client.get(JOB, "good", "default")).status.succeeded == 2
        await client.delete(JOB, "good", "default", propagation="Background")
        await cluster.gone(JOB, "good", "default")

        async def cleared() -> bool:
            return not await cluster.pods(labels="batch.kubernetes.io/job-name=good")

        await cluster.until("its pods are gone", cleared)


async def test_a_namespace_gets_what_it_needs_and_ends_with_all_it_contains(server: Server) -> None:
    async with controlling(server) as cluster:
        client = cluster.client
        await client.create(NAMESPACE, Namespace(metadata=ObjectMeta(name="team")))

        async def furnished() -> Any:
            published = await client.find(CONFIG_MAP, "kube-root-ca.crt", "team")
            return published and published.data["ca.crt"].startswith("-----BEGIN CERTIFICATE")

        await cluster.until("it has the CA's certificate", furnished)
        secret = Secret(
            metadata=named("token", "team", annotations={"kubernetes.io/service-account.name": "default"}),
            type="kubernetes.io/service-account-token",
        )
        await client.create(SECRET, secret, "team")

        async def filled() -> Any:
            return "token" in (await client.get(SECRET, "token", "team")).data

        await cluster.until("the token is there", filled)
        await client.create(DEPLOYMENT, deployment(namespace="team"), "team")
        await client.create(CONFIG_MAP, ConfigMap(metadata=named("x", "team", finalizers=("x.example/keep",))), "team")
        await client.delete(NAMESPACE, "team")

        async def stuck() -> Any:
            found = await client.get(NAMESPACE, "team")
            return any(c.type == "NamespaceFinalizersRemaining" and c.status == "True" for c in found.status.conditions)

        await cluster.until("it tells what it waits for", stuck)
        await client.patch(CONFIG_MAP, "x", "team", {"metadata": {"finalizers": None}})
        await cluster.gone(NAMESPACE, "team")


async def test_dependents_of_nobody_are_collected(server: Server) -> None:
    async with controlling(server) as cluster:
        client = cluster.client
        owner = await client.create(CONFIG_MAP, ConfigMap(metadata=named("owner")), "default")
        for number in range(3):
            pod = Pod(
                metadata=named(f"p{number}", owner_references=(owned_by(CONFIG_MAP, owner),)),
                spec=PodSpec(containers=(Container(name="main", image="web:1"),)),
            )
            await client.create(POD, pod, "default")
        await client.delete(CONFIG_MAP, "owner", "default")
        await cluster.until("all are gone", _empty(cluster))


async def test_pods_of_a_deployment_are_made_at_once(server: Server) -> None:
    """Shows the time; the deadline alone is asserted."""
    async with controlling(server) as cluster:
        started = time.perf_counter()
        await cluster.client.create(DEPLOYMENT, deployment(), "default")

        async def made() -> Any:
            return len(await cluster.pods()) == 3

        await cluster.until("three pods are made", made)
        print(f"3 pods after {(time.perf_counter() - started) * 1000:.0f} ms")
