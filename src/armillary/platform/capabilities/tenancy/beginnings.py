"""What there is from the start: the system workspace, and the cluster that the platform itself lives on."""

from armillary.kube.client import Client
from armillary.kube.install import apply
from armillary.platform.capabilities.tenancy.kinds import CLUSTER, SYSTEM_WORKSPACE, WORKSPACE
from armillary.platform.capabilities.tenancy.names import MANAGED
from armillary.platform.frame.parts import HOST, Parts

LOOK_SECONDS = 60.0  # both can't be deleted while the guard stands; this mends what was done without it


async def begin(client: Client) -> None:
    for kind, name, title in ((WORKSPACE, SYSTEM_WORKSPACE, "System"), (CLUSTER, HOST, "Host")):
        meta = {"name": name, "labels": MANAGED}
        body = {"apiVersion": kind.api_version, "kind": kind.name, "metadata": meta, "spec": {"displayName": title}}
        await apply(client, kind.path(name=name), body)


async def keep_beginnings(parts: Parts) -> None:
    while True:
        await begin(parts.client)
        await parts.clock.sleep(LOOK_SECONDS)
