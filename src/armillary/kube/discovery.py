"""What a server serves: every resource type in its preferred version, readable as far as metadata goes."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import msgspec
import orjson

from armillary.base.errors import ApiError
from armillary.kube.client import Client
from armillary.kube.kind import Kind, segment
from armillary.kube.kinds.meta import ObjectMeta


class Partial(msgspec.Struct, frozen=True, kw_only=True):
    """Any object, as far as all objects are alike."""

    metadata: ObjectMeta = msgspec.field(default_factory=ObjectMeta)


@dataclass(frozen=True, slots=True)
class Served:
    """One resource type and what may be done to it."""

    kind: Kind[Partial]
    verbs: frozenset[str]

    def can(self, *verbs: str) -> bool:
        return self.verbs.issuperset(verbs)


@dataclass(frozen=True, slots=True)
class Discovered:
    """All resource types without subresources. `failures` says which groups did not answer, and why."""

    resources: tuple[Served, ...]
    failures: dict[str, str] = field(default_factory=dict)


async def discover(client: Client) -> Discovered:
    """Ask every group for its resources; one that does not answer is noted, not fatal."""
    groups = orjson.loads((await client.call("GET", "/apis")).body).get("groups") or ()
    versions = ["v1", *(g["preferredVersion"]["groupVersion"] for g in groups if g.get("preferredVersion"))]
    failures: dict[str, str] = {}

    async def ask(version: str) -> tuple[Served, ...]:
        path = "/api/v1" if version == "v1" else f"/apis/{version}"
        try:
            return tuple(_served(version, orjson.loads((await client.call("GET", path)).body)))
        except ApiError as exc:
            failures[version] = str(exc)
            return ()

    answers = await asyncio.gather(*map(ask, versions))
    return Discovered(tuple(served for answer in answers for served in answer), failures)


async def kinds_of(client: Client, group_version: str) -> tuple[Kind[Partial], ...]:
    """The kinds of one version of a group, preferred or not. Raises NotFound."""
    path = (
        f"/api/{segment(group_version)}"
        if "/" not in group_version
        else "/apis/" + "/".join(map(segment, group_version.split("/", 1)))
    )
    answer = orjson.loads((await client.call("GET", path)).body)
    return tuple(served.kind for served in _served(group_version, answer))


def _served(group_version: str, answer: dict[str, Any]) -> Iterable[Served]:
    group, _, version = group_version.rpartition("/")
    for resource in answer.get("resources") or ():
        if "/" in resource["name"]:
            continue
        where = resource.get("group") or group, resource.get("version") or version
        kind = Kind(*where, resource["kind"], resource["name"], bool(resource.get("namespaced")), Partial)
        yield Served(kind, frozenset(resource.get("verbs") or ()))
