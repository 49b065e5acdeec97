"""The node agent's process, with the node's part of the network: Services, cluster DNS and network policies."""

import asyncio

from armillary.allinone.layout import Layout
from armillary.allinone.notify import notify
from armillary.allinone.process import api_client, run_part, wait_for_api
from armillary.allinone.settings import Settings
from armillary.allinone.teardown import NFT_TABLE, POLICY_TABLE
from armillary.base.clock import SystemClock
from armillary.base.errors import ApiError
from armillary.base.tasks import supervise
from armillary.engine.network.policies.run import PolicyKeeper, PolicySettings
from armillary.engine.network.policies.table import Place
from armillary.engine.network.rules import Net
from armillary.engine.network.run import NetworkSettings, run_network
from armillary.engine.node.run import pods_cache, run_node
from armillary.engine.node.settings import NodeSettings, TlsFiles
from armillary.kube.client import Client
from armillary.kube.kinds.core import NODE

LOOK_SECONDS = 0.02


def node_settings(settings: Settings, layout: Layout) -> NodeSettings:
    """The agent's settings, from the cluster's."""
    return NodeSettings(
        node_name=settings.node_name,
        address=settings.gateway,
        pods=layout.pods,
        pod_logs=layout.logs / "pods",
        state=layout.root / "node",
        runtime_socket=layout.runtime_socket,
        tls=TlsFiles(layout.pki / "kubelet.crt", layout.pki / "kubelet.key", layout.pki / "ca.crt"),
        port=settings.kubelet_port,
        cgroup_root=f"/{settings.cgroup}",
        cluster_dns=(settings.dns_service_ip,),
        cluster_domain=settings.cluster_domain,
        pod_cidr=settings.pod_cidr,
        max_pods=settings.max_pods,
    )


def network_settings(settings: Settings) -> NetworkSettings:
    net = Net(NFT_TABLE, settings.bridge, settings.pod_cidr, settings.service_cidr)
    return NetworkSettings(net, settings.cluster_domain, settings.gateway)


def policy_settings(settings: Settings) -> PolicySettings:
    return PolicySettings(Place(POLICY_TABLE, settings.bridge), settings.gateway)


async def tend(settings: Settings, layout: Layout) -> None:
    """Until cancelled; the pods run on."""
    clock = SystemClock()
    client = api_client(settings, layout, f"system:node:{settings.node_name}")
    pods = pods_cache(client, settings.node_name)
    policies = PolicyKeeper(policy_settings(settings), client, pods)

    async def agent() -> None:
        await run_node(node_settings(settings, layout), client, clock, pods=pods, network=policies)

    try:
        await wait_for_api(client)
        async with asyncio.TaskGroup() as group:
            for name, work in (
                ("pods", pods.run),
                ("node agent", agent),
                ("network", lambda: run_network(network_settings(settings), client, pods)),
                ("network policies", policies.run),
            ):
                group.create_task(supervise(name, work), name=name)
            group.create_task(_tell_ready(client, settings.node_name), name="readiness")
    finally:
        await client.transport.close()


async def _tell_ready(client: Client, name: str) -> None:
    """The part is ready when the cluster says that the node is."""
    while True:
        try:
            node = await client.find(NODE, name)
        except ApiError:
            node = None
        if node is not None and any(c.type == "Ready" and c.status == "True" for c in node.status.conditions):
            notify("READY=1")
            return
        await asyncio.sleep(LOOK_SECONDS)


if __name__ == "__main__":
    run_part(tend)
