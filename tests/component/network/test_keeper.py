"""The keeper brings the API server's policies into the kernel, and mends what others break."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
from tests.harness.namespace import network_namespace
from tests.harness.server import Server, running_server

from armillary.engine.network.nft import Nft
from armillary.engine.network.policies.run import PolicyKeeper, PolicySettings
from armillary.engine.network.policies.table import Place
from armillary.engine.node.run import pods_cache
from armillary.kube.kinds.core import NAMESPACE, Container, Namespace, Pod, PodSpec
from armillary.kube.kinds.meta import LabelSelector, ObjectMeta
from armillary.kube.kinds.networking import NETWORK_POLICY, NetworkPolicy, NetworkPolicySpec

pytestmark = pytest.mark.machine

TABLE = "keeper-test"
NODE = "node-1"


@pytest.fixture
def nft() -> Iterator[Nft]:
    with network_namespace(f"arm-keeper-{os.getpid()}"):
        found = Nft()
        yield found
        found.close()


@pytest.fixture
async def own_server(nft: Nft, tmp_path: Path) -> AsyncIterator[Server]:
    """Made after the namespace was entered, so that all its threads are in it."""
    async with running_server(tmp_path) as running:
        yield running


@pytest.fixture
async def keeper(own_server: Server) -> AsyncIterator[PolicyKeeper]:
    """It runs as the node, with the node's rights."""
    client = own_server.client(f"system:node:{NODE}")
    pods = pods_cache(client, NODE)
    made = PolicyKeeper(PolicySettings(Place(TABLE, "pods0"), "10.244.0.1"), client, pods)
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(pods.run()), group.create_task(made.run())]
        yield made
        for task in tasks:
            task.cancel()


def pod(name: str, namespace: str = "default") -> Pod:
    meta = ObjectMeta(name=name, namespace=namespace, uid=f"uid-{name}", labels={"app": name})
    return Pod(metadata=meta, spec=PodSpec(containers=(Container(name="c"),)))


def deny(name: str) -> NetworkPolicy:
    spec = NetworkPolicySpec(pod_selector=LabelSelector(match_labels={"app": name}), policy_types=("Ingress",))
    return NetworkPolicy(metadata=ObjectMeta(name=f"deny-{name}"), spec=spec)


async def eventually(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not holds():
            await asyncio.sleep(0.01)


def isolated(nft: Nft) -> str:
    return nft.run(f"list map inet {TABLE} ingress") if TABLE in nft.run("list tables") else ""


async def test_a_pod_that_joined_is_isolated_when_it_goes_on(
    own_server: Server, keeper: PolicyKeeper, nft: Nft
) -> None:
    admin = own_server.admin()
    await admin.create(NETWORK_POLICY, deny("web"), "default")
    await admin.create(NETWORK_POLICY, deny("first"), "default")
    await keeper.joined(pod("first"), ("10.244.0.9",))
    await eventually(lambda: "10.244.0.9" in isolated(nft))  # so the policies before it are known, too
    async with asyncio.timeout(10):
        await keeper.joined(pod("web"), ("10.244.0.2",))
        assert "10.244.0.2" in isolated(nft)
        await keeper.joined(pod("other"), ("10.244.0.3",))
    assert "10.244.0.3" not in isolated(nft)
    keeper.left(pod("web"))
    await eventually(lambda: "10.244.0.2" not in isolated(nft))


async def test_what_others_took_away_comes_back_with_the_next_change(
    own_server: Server, keeper: PolicyKeeper, nft: Nft
) -> None:
    admin = own_server.admin()
    await admin.create(NAMESPACE, Namespace(metadata=ObjectMeta(name="red")))
    await keeper.joined(pod("web", "red"), ("10.244.0.2",))
    await admin.create(NETWORK_POLICY, deny("web"), "red")
    await eventually(lambda: "10.244.0.2" in isolated(nft))
    nft.run(f"delete table inet {TABLE}")
    await keeper.joined(pod("other", "red"), ("10.244.0.3",))
    await admin.create(NETWORK_POLICY, deny("other"), "red")
    await eventually(lambda: "10.244.0.2" in isolated(nft) and "10.244.0.3" in isolated(nft))
