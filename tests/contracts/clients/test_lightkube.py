"""lightkube: typed verbs, server-side apply, generic resources; and an informer of ours on its list and watch."""

import asyncio
import time
from collections.abc import Iterator
from itertools import islice

import pytest
from lightkube import ApiError, AsyncClient, Client, KubeConfig
from lightkube.generic_resource import create_namespaced_resource
from lightkube.models.apps_v1 import DeploymentSpec
from lightkube.models.autoscaling_v1 import ScaleSpec
from lightkube.models.core_v1 import Container, PodSpec, PodTemplateSpec
from lightkube.models.meta_v1 import LabelSelector, ObjectMeta
from lightkube.operators import exists, in_
from lightkube.resources.apps_v1 import Deployment
from lightkube.resources.core_v1 import ConfigMap, Node, Pod
from lightkube.types import CascadeType, PatchType
from tests.harness.cluster import eventually
from tests.harness.served import Served

DEADLINE_SECONDS = 30


@pytest.fixture
def client(served: Served, namespace: str) -> Iterator[Client]:
    opened = Client(KubeConfig.from_file(str(served.kubeconfig)), namespace, field_manager="test")
    yield opened
    opened.close()


def config_map(name: str, **data: str) -> ConfigMap:
    return ConfigMap(metadata=ObjectMeta(name=name, labels={"app": "t"}), data=data)


def deployment(replicas: int) -> Deployment:
    template = PodTemplateSpec(
        metadata=ObjectMeta(labels={"app": "web"}), spec=PodSpec(containers=[Container(name="c", image="busybox")])
    )
    spec = DeploymentSpec(replicas=replicas, selector=LabelSelector(matchLabels={"app": "web"}), template=template)
    return Deployment(metadata=ObjectMeta(name="web"), spec=spec)


def test_an_objects_life(client: Client) -> None:
    made = client.create(config_map("m", k="one"))
    made.data["k"] = "two"
    assert client.replace(made).data == {"k": "two"}
    assert client.get(ConfigMap, "m").data == {"k": "two"}
    assert [m.metadata.name for m in client.list(ConfigMap, labels={"app": "t"})] == ["m"]
    assert [m.metadata.name for m in client.list(ConfigMap, labels={"app": in_(["t"]), "x": None})] == []
    assert [m.metadata.name for m in client.list(ConfigMap, fields={"metadata.name": "m"})] == ["m"]
    assert client.set(ConfigMap, "m", labels={"x": "y", "app": None}).metadata.labels == {"x": "y"}
    client.delete(ConfigMap, "m")
    with pytest.raises(ApiError) as told:
        client.get(ConfigMap, "m")
    assert (told.value.status.code, told.value.status.reason) == (404, "NotFound")


def test_lists_in_chunks(client: Client) -> None:
    for number in range(5):
        client.create(config_map(f"m{number}"))
    found = client.list(ConfigMap, chunk_size=2, labels={"app": exists()})
    assert [item.metadata.name for item in found] == [f"m{number}" for number in range(5)]
    assert "node-1" in [node.metadata.name for node in client.list(Node)]
    client.deletecollection(ConfigMap)
    assert not [m for m in client.list(ConfigMap) if m.metadata.name != "kube-root-ca.crt"]


def test_patches(client: Client) -> None:
    client.create(deployment(0))
    containers = {"spec": {"template": {"spec": {"containers": [{"name": "c", "env": [{"name": "A", "value": "b"}]}]}}}}
    patched = client.patch(Deployment, "web", containers)
    assert (patched.spec.template.spec.containers[0].image, len(patched.spec.template.spec.containers[0].env)) == (
        "busybox",
        1,
    )
    assert client.patch(Deployment, "web", {"spec": {"paused": True}}, patch_type=PatchType.MERGE).spec.paused
    replace = [{"op": "replace", "path": "/spec/replicas", "value": 1}]
    assert client.patch(Deployment, "web", replace, patch_type=PatchType.JSON).spec.replicas == 1


def test_what_is_applied_is_owned(client: Client) -> None:
    wanted = config_map("m", a="1", b="2")
    made = client.apply(wanted)
    assert [(m.manager, m.operation) for m in made.metadata.managedFields] == [("test", "Apply")]
    wanted.data = {"a": "3"}
    assert client.apply(wanted).data == {"a": "3"}
    wanted.data = {"a": "4"}
    with pytest.raises(ApiError) as told:
        client.apply(wanted, field_manager="other")
    assert told.value.status.reason == "Conflict"
    assert told.value.status.message == 'Apply failed with 1 conflict: conflict with "test": .data.a'
    assert client.apply(wanted, field_manager="other", force=True).data == {"a": "4"}


def test_a_deployment_becomes_available(client: Client) -> None:
    client.create(deployment(1))
    client.wait(Deployment, "web", for_conditions=["Available"])
    scale = client.get(Deployment.Scale, "web")
    scale.spec = ScaleSpec(replicas=2)
    assert client.replace(scale).spec.replicas == 2
    eventually(lambda: client.get(Deployment.Status, "web").status.readyReplicas == 2, "two are ready")
    client.delete(Deployment, "web", cascade=CascadeType.FOREGROUND)
    eventually(lambda: not list(client.list(Pod)), "the pods go along")


def test_generic_resources(client: Client) -> None:
    leases = create_namespaced_resource("coordination.k8s.io", "v1", "Lease", "leases")
    client.create(leases(metadata=ObjectMeta(name="l"), spec={"holderIdentity": "me"}))
    assert client.get(leases, "l").spec["holderIdentity"] == "me"


def test_a_watch_tells_all_that_happens(client: Client) -> None:
    client.create(config_map("m", k="one"))
    changes = client.watch(ConfigMap, labels={"app": "t"}, server_timeout=20)
    assert [(kind, item.data) for kind, item in islice(changes, 1)] == [("ADDED", {"k": "one"})]
    client.patch(ConfigMap, "m", {"data": {"k": "two"}})
    client.set(ConfigMap, "m", labels={"app": "other"})
    told = [(kind, item.data) for kind, item in islice(changes, 2)]
    assert told == [("MODIFIED", {"k": "two"}), ("DELETED", {"k": "two"})]


class Informer:
    """Keeps what is in the namespace in memory: lists, then watches from there."""

    def __init__(self, client: AsyncClient) -> None:
        self._client = client
        self.known: dict[str, dict[str, str]] = {}

    async def run(self) -> None:
        listing = self._client.list(ConfigMap, labels={"app": "t"})
        self.known = {item.metadata.name: item.data or {} async for item in listing}
        # The server ends each watch after a second, and lightkube begins the next where it ended.
        changes = self._client.watch(
            ConfigMap, labels={"app": "t"}, resource_version=listing.resourceVersion, server_timeout=1
        )
        async for kind, item in changes:
            if kind == "DELETED":
                self.known.pop(item.metadata.name)
            else:
                self.known[item.metadata.name] = item.data or {}

    async def wait(self, expected: dict[str, dict[str, str]]) -> None:
        async with asyncio.timeout(DEADLINE_SECONDS):
            while self.known != expected:
                await asyncio.sleep(0.01)


async def test_an_informer_follows(served: Served, namespace: str) -> None:
    client = AsyncClient(KubeConfig.from_file(str(served.kubeconfig)), namespace)
    await client.create(config_map("before", k="0"))
    informer = Informer(client)
    async with asyncio.TaskGroup() as group:
        task = group.create_task(informer.run())
        await informer.wait({"before": {"k": "0"}})
        await asyncio.gather(*(client.create(config_map(f"m{n}", k="1")) for n in range(10)))
        await informer.wait({"before": {"k": "0"}} | {f"m{n}": {"k": "1"} for n in range(10)})
        for n in range(10):
            await client.delete(ConfigMap, f"m{n}")
        ends = time.monotonic() + 2.5  # over several watches
        while time.monotonic() < ends:
            now = str(time.monotonic())
            await client.patch(ConfigMap, "before", {"data": {"k": now}})
            await informer.wait({"before": {"k": now}})
        task.cancel()
    await client.aclose()
