"""Clusters come by a kubeconfig, change and go, and none disturbs the others."""

import asyncio
import base64
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.harness.server import Server, running_server

from armillary.base.clock import SystemClock
from armillary.base.errors import Denied, NotFound, Unavailable
from armillary.base.pki import admin_kubeconfig
from armillary.base.serving.client import Endpoint, Pool
from armillary.base.serving.listen import listen, tls_context
from armillary.kube.client import Client
from armillary.kube.install import install
from armillary.kube.kinds.core import CONFIG_MAP, NAMESPACE, SECRET, Namespace, Secret
from armillary.kube.kinds.meta import ObjectMeta
from armillary.platform.capabilities.tenancy.kinds import CLUSTER, KINDS, Cluster, ClusterSpec
from armillary.platform.frame.caller import Caller
from armillary.platform.frame.clusters import Link, ManagedClusters
from armillary.platform.frame.passthrough import Upstream

CLOCK = SystemClock()
SYSTEM = "armillary-system"


@dataclass
class World:
    host: Client
    clusters: ManagedClusters
    other: Server
    kubeconfig: str

    async def add(self, name: str, kubeconfig: str) -> None:
        data = {"kubeconfig": base64.b64encode(kubeconfig.encode()).decode()}
        await self.host.create(SECRET, Secret(metadata=ObjectMeta(name=name), data=data), SYSTEM)
        spec = ClusterSpec(kubeconfig_secret=name)
        await self.host.create(CLUSTER, Cluster(metadata=ObjectMeta(name=name), spec=spec))

    async def until(self, name: str, holds: Callable[[Cluster], bool]) -> Cluster:
        async with asyncio.timeout(20):
            while (found := await self.host.find(CLUSTER, name)) is None or not holds(found):
                await asyncio.sleep(0.02)
        return found


def ready(cluster: Cluster) -> tuple[str, str]:
    return next(((c.status, c.reason) for c in cluster.status.conditions if c.type == "Ready"), ("", ""))


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with running_server(tmp_path / "host") as host, running_server(tmp_path / "other") as other:
        admin = host.admin()
        await admin.create(NAMESPACE, Namespace(metadata=ObjectMeta(name=SYSTEM)))
        await install(admin, KINDS)
        tls = tls_context(other.pki.crt("apiserver"), other.pki.key("apiserver"), other.pki.ca)
        clusters = ManagedClusters(Link(admin, admin.transport, Upstream(Pool(Endpoint()))), CLUSTER, SYSTEM, CLOCK)
        async with listen(other.app, CLOCK, addresses=[("127.0.0.1", 0)], tls=tls) as at:
            kubeconfig = admin_kubeconfig(other.pki, f"https://127.0.0.1:{at.addresses[0][1]}")
            async with asyncio.TaskGroup() as group:
                running = group.create_task(clusters.run())
                yield World(admin, clusters, other, kubeconfig)
                running.cancel()


async def test_the_host_is_there_from_the_start(world: World) -> None:
    host = await world.until("host", lambda found: ready(found) == ("True", "Connected"))
    assert host.status.version.startswith("v1.")
    assert host.status.observed_generation == 1
    assert world.clusters.names() == ("host",)
    assert world.clusters.client() is world.host


async def test_a_cluster_comes_by_a_kubeconfig_and_goes(world: World) -> None:
    await world.add("east", world.kubeconfig)
    await world.until("east", lambda found: ready(found)[0] == "True")
    assert world.clusters.names() == ("host", "east")
    assert await world.clusters.client("east").find(NAMESPACE, "default") is not None
    with pytest.raises(Denied, match='User "armillary:ann" cannot list'):
        await world.clusters.client_as(Caller("ann"), "east").list(CONFIG_MAP)
    exchange = await world.clusters.upstream("east").pool.exchange(
        b"GET /version HTTP/1.1\r\nHost: east\r\n\r\n", bodyless=True
    )
    assert (await exchange.head()).status == 200
    exchange.drop()
    await world.host.delete(CLUSTER, "east")
    async with asyncio.timeout(20):
        while "east" in world.clusters.names():
            await asyncio.sleep(0.02)
    with pytest.raises(NotFound, match='"east" not found'):
        world.clusters.client("east")


async def test_a_lost_cluster_does_not_disturb_the_others(world: World) -> None:
    nowhere = admin_kubeconfig(world.other.pki, "https://127.0.0.1:1")
    await world.add("lost", nowhere)
    await world.add("east", world.kubeconfig)
    await world.until("lost", lambda found: ready(found) == ("False", "Unreachable"))
    await world.until("east", lambda found: ready(found)[0] == "True")
    with pytest.raises(Unavailable):
        await world.clusters.client("lost").list(NAMESPACE)
    await world.clusters.client("east").list(NAMESPACE)
    data = {"kubeconfig": base64.b64encode(world.kubeconfig.encode()).decode()}
    await world.host.patch(SECRET, "lost", SYSTEM, {"data": data})
    await world.host.patch(CLUSTER, "lost", "", {"spec": {"description": "mended"}})  # looked at now, not later
    await world.until("lost", lambda found: ready(found)[0] == "True")


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"user": {"exec": {"command": "sh"}}}, "exec can't be used here"),
        ({"user": {"auth-provider": {"name": "gcp"}}}, "auth-provider can't be used here"),
        ({"user": {"tokenFile": "/etc/shadow"}}, "tokenFile can't be used here"),
        ({"user": {"client-key": "/etc/ssl/key"}}, "client-key can't be used here"),
        ({"user": {"token": "a\r\nX-Remote-User: admin"}}, "its token can't be sent"),
        ({"user": {"as": "system:admin"}}, "as can't be used here"),
        ({"cluster": {"certificate-authority": "/etc/passwd"}}, "certificate-authority can't be used here"),
        ({"cluster": {"insecure-skip-tls-verify": True}}, "insecure-skip-tls-verify can't be used here"),
        ({"cluster": {"proxy-url": "http://10.0.0.1"}}, "proxy-url can't be used here"),
        ({"cluster": {"server": "http://127.0.0.1:6443"}}, "server must be https://host:port"),
        ({"cluster": {"server": "https://169.254.169.254"}}, "server must not be a link-local address"),
        ({"cluster": {"certificate-authority-data": "eHg="}}, "its certificates can't be read"),
    ],
)
async def test_proxy_ssrf_by_a_kubeconfig(world: World, change: dict[str, Any], why: str) -> None:
    config = yaml.safe_load(world.kubeconfig)
    config["users"][0]["user"] |= change.get("user", {})
    config["clusters"][0]["cluster"] |= change.get("cluster", {})
    await world.add("evil", yaml.safe_dump(config))
    found = await world.until("evil", lambda found: ready(found) == ("False", "KubeconfigInvalid"))
    assert why in found.status.conditions[0].message
    with pytest.raises(Unavailable):
        world.clusters.client("evil")


@pytest.mark.parametrize("content", ["", "- a", "{", "contexts: 5", "contexts: [5]", "\x00", "contexts: {a: b}"])
async def test_what_is_no_kubeconfig(world: World, content: str) -> None:
    await world.add("odd", content)
    await world.until("odd", lambda found: ready(found) == ("False", "KubeconfigInvalid"))
