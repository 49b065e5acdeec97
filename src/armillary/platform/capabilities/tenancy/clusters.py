"""Looks after the clusters that the platform manages: whether each answers, its version, and how many nodes it has."""

import asyncio
import contextlib
from dataclasses import dataclass

import orjson

from armillary.base.errors import ArmillaryError, NotFound
from armillary.kube.client import Client
from armillary.kube.kinds.core import NODE
from armillary.platform.capabilities.tenancy.decide.state import told
from armillary.platform.capabilities.tenancy.kinds import CLUSTER, Cluster
from armillary.platform.frame.parts import Parts

LOOK_SECONDS = 30.0
ANSWER_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Health:
    """What one look at a cluster found."""

    message: str
    ready: bool = False
    version: str = ""
    nodes: int = 0


async def keep_clusters(parts: Parts) -> None:
    """Each now and then, and a new one at once."""
    clusters = parts.reads.of(CLUSTER)
    await clusters.wait_synced()
    while True:
        known = clusters.list()
        await asyncio.gather(*(look(parts, cluster) for cluster in known))
        looked_at = {cluster.metadata.uid for cluster in known}

        def changed(before: frozenset[str] = frozenset(looked_at)) -> bool:
            return {cluster.metadata.uid for cluster in clusters.list()} != before

        await clusters.wait_until(changed, LOOK_SECONDS)


async def look(parts: Parts, cluster: Cluster) -> None:
    """Tell in its status how one cluster is."""
    found = await health(parts, cluster.metadata.name)
    # What is not known now stays as it was told last.
    version, nodes = (found.version, found.nodes) if found.ready else (cluster.status.version, cluster.status.nodes)
    for patch in told(
        CLUSTER,
        cluster,
        parts.clock.now(),
        ready=found.ready,
        reason="Ready" if found.ready else "Unreachable",
        message=found.message,
        version=version,
        nodes=nodes,
    ):
        namespace, name = patch.key
        with contextlib.suppress(NotFound):  # it went while it was looked at
            await parts.client.patch(CLUSTER, name, namespace, patch.patch, subresource="status")


async def health(parts: Parts, name: str) -> Health:
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            return await _asked(parts.clusters.client(name))
    except ArmillaryError as exc:
        return Health(str(exc))
    except TimeoutError:
        return Health(f"no answer in {ANSWER_SECONDS:.0f} s")


async def _asked(client: Client) -> Health:
    version = orjson.loads((await client.call("GET", "/version")).body)["gitVersion"]
    nodes = len((await client.list(NODE)).items)
    return Health(f"it answers, with {nodes} nodes", True, version, nodes)
