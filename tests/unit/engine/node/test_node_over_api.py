"""The node's reads and writes hold against a real API server."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from tests.harness.apiserver import Api, api
from tests.unit.engine.node.build import pod

from armillary.base.clock import SystemClock
from armillary.engine.node.provisioner import provisioner, reclaimer
from armillary.engine.node.volumes.lifecycle import VolumeManager
from armillary.engine.node.volumes.sources import KubeSources
from armillary.kube.journal import Journal
from armillary.kube.runner import run_controllers

MAPS = "/api/v1/namespaces/default/configmaps"
CLAIMS = "/api/v1/namespaces/default/persistentvolumeclaims"


async def until(holds: Callable[[], Awaitable[object]]) -> None:
    async with asyncio.timeout(10):
        while not await holds():
            await asyncio.sleep(0.01)


@pytest.fixture
async def cluster() -> Api:
    found = api()
    await found.create("/api/v1/namespaces", {"metadata": {"name": "default"}})
    return found


async def test_a_changed_config_map_is_seen_by_a_running_pod(cluster: Api, tmp_path: Path):
    clock = SystemClock()
    sources = KubeSources(cluster.client, clock)
    volumes = VolumeManager(tmp_path, sources, clock, allocatable=dict)
    spec = {
        "containers": [{"name": "main", "volumeMounts": [{"name": "v", "mountPath": "/v"}]}],
        "volumes": [{"name": "v", "configMap": {"name": "m"}}],
    }
    await cluster.create(MAPS, {"metadata": {"name": "m"}, "data": {"k": "1"}})
    await cluster.create(MAPS, {"metadata": {"name": "other"}, "data": {"k": "1"}})
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(sources.run()), group.create_task(volumes.run())]
        await asyncio.sleep(0)
        file = Path((await volumes.mount(pod(spec, namespace="default")))["v"], "k")
        assert file.read_text() == "1"
        await cluster.patch(f"{MAPS}/m", {"data": {"k": "2"}})

        async def changed() -> bool:
            return file.read_text() == "2"

        await until(changed)
        await volumes.remove("u1")
        for task in tasks:
            task.cancel()


async def test_a_claim_is_provisioned_and_reclaimed(cluster: Api, tmp_path: Path):
    await cluster.create(
        "/apis/storage.k8s.io/v1/storageclasses",
        {"metadata": {"name": "local-path"}, "provisioner": "armillary.io/local-path", "reclaimPolicy": "Delete"},
    )
    claim = await cluster.create(
        CLAIMS,
        {
            "metadata": {"name": "data"},
            "spec": {
                "storageClassName": "local-path",
                "accessModes": ["ReadWriteOnce"],
                "resources": {"requests": {"storage": "1Gi"}},
            },
        },
    )
    name = f"pvc-{claim['metadata']['uid']}"
    path = f"/api/v1/persistentvolumes/{name}"
    controllers = [provisioner(tmp_path, "n1"), reclaimer(tmp_path)]
    async with asyncio.TaskGroup() as group:
        task = group.create_task(run_controllers(controllers, cluster.client, SystemClock(), Journal()))

        async def made() -> bool:
            return (await cluster.ask("GET", path)).status == 200

        await until(made)
        volume = await cluster.get(path)
        assert volume["spec"]["local"] == {"path": str(tmp_path / name)}
        assert volume["spec"]["claimRef"]["uid"] == claim["metadata"]["uid"]
        assert (tmp_path / name).is_dir()

        async def told() -> bool:
            events = (await cluster.get("/api/v1/namespaces/default/events"))["items"]
            return [event["reason"] for event in events].count("ProvisioningSucceeded") == 1

        await until(told)
        await cluster.patch(f"{path}/status", {"status": {"phase": "Released"}})

        async def gone() -> bool:
            return (await cluster.ask("GET", path)).status == 404

        await until(gone)
        assert not (tmp_path / name).exists()
        task.cancel()
