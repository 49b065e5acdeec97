"""Puts objects into a cluster as they are declared: custom resource definitions, and whatever else comes with them."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from armillary.base.errors import NotFound, Unavailable
from armillary.kube.client import Client, PatchType
from armillary.kube.custom import CustomResource, definition_of

MANAGER = "armillary"
_DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
_LOOK_SECONDS = 0.05


async def apply(client: Client, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """Server-side apply of one object at its own path: the fields given become ours."""
    query = {"fieldManager": MANAGER, "force": "true"}
    sent = orjson.dumps(body)
    answer = await client.call("PATCH", path, query=query, body=sent, content_type=PatchType.APPLY.value)
    found: dict[str, Any] = orjson.loads(answer.body)
    return found


async def install(client: Client, resources: Sequence[CustomResource], *, timeout_seconds: float = 30.0) -> None:
    """Have these kinds, and wait until each is served. Raises Unavailable when that takes too long."""
    for resource in resources:
        await apply(client, f"{_DEFINITIONS}/{resource.name}", definition_of(resource))
    try:
        async with asyncio.timeout(timeout_seconds):
            for resource in resources:
                while not await _is_served(client, resource):  # noqa: ASYNC110  # what makes it true is elsewhere
                    await asyncio.sleep(_LOOK_SECONDS)
    except TimeoutError as exc:
        raise Unavailable(f"{resource.name} is not served after {timeout_seconds:.0f} s") from exc


async def _is_served(client: Client, resource: CustomResource) -> bool:
    try:
        await client.call("GET", resource.kind.path(), query={"limit": "1"})
    except (NotFound, Unavailable):
        return False
    return True
