"""A cluster that is not ours alone: what a test makes in it is taken away again, and nothing else."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import orjson

from armillary.base.errors import ApiError, NotFound
from armillary.kube.client import Client
from armillary.kube.kind import Kind
from armillary.kube.kinds.core import NAMESPACE
from armillary.kube.kinds.rbac import CLUSTER_ROLE, CLUSTER_ROLE_BINDING
from armillary.platform.capabilities.access.kinds import KINDS as ACCESS
from armillary.platform.capabilities.federation.kinds import KINDS as FEDERATION
from armillary.platform.capabilities.identity.kinds import KINDS as IDENTITY
from armillary.platform.capabilities.tenancy.kinds import KINDS as TENANCY

# Definitions first: what is of their kinds goes with them, without waiting for controllers that have ended.
DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
WEBHOOKS = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations"
IN_DEFAULT = (
    "/apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings",
    "/apis/rbac.authorization.k8s.io/v1/namespaces/default/roles",
    *(f"/api/v1/namespaces/default/{plural}" for plural in ("configmaps", "secrets", "pods")),
)
GONE_SECONDS = 60.0


@asynccontextmanager
async def tidied(client: Client) -> AsyncIterator[None]:
    """Cluster-wide objects, namespaces, and what tests make in `default` while it lasts are gone when it ends."""
    places = [DEFINITIONS, WEBHOOKS, *IN_DEFAULT, *(kind.path() for kind in _kinds())]
    before = {place: await _names(client, place) for place in places}
    try:
        yield
    finally:
        for made in await _names(client, WEBHOOKS) - before[WEBHOOKS]:
            await _delete(client, f"{WEBHOOKS}/{made}")  # nobody answers them any more
        await _unblock(client)
        async with asyncio.timeout(GONE_SECONDS):
            for place in places:
                while left := await _names(client, place) - before[place]:
                    for name in left:
                        await _delete(client, f"{place}/{name}")
                    await asyncio.sleep(0.1)


def _kinds() -> tuple[Kind[Any], ...]:
    return CLUSTER_ROLE_BINDING, CLUSTER_ROLE, NAMESPACE


async def _names(client: Client, path: str) -> set[str]:
    listed = orjson.loads((await client.call("GET", path)).body)
    return {item["metadata"]["name"] for item in listed.get("items") or ()}


async def _delete(client: Client, path: str) -> None:
    try:
        await client.call("DELETE", path)
    except NotFound:
        return


async def _unblock(client: Client) -> None:
    """Finalizers of ours: those who would take them off have ended."""
    for resource in (*TENANCY, *IDENTITY, *FEDERATION, *ACCESS):
        try:
            items = orjson.loads((await client.call("GET", resource.kind.path())).body)["items"]
        except ApiError:
            continue
        for item in items:
            meta = item["metadata"]
            if meta.get("finalizers"):
                path = resource.kind.path(meta.get("namespace", ""), meta["name"])
                body = orjson.dumps({"metadata": {"finalizers": None}})
                await client.call("PATCH", path, body=body, content_type="application/merge-patch+json")
