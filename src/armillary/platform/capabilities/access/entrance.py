"""Which place a call is about, if the caller may know of it: else it is not there."""

from typing import Any

from armillary.base.errors import NotFound, Unavailable
from armillary.base.words import Language, spoken
from armillary.kube.kind import Kind
from armillary.platform.capabilities.access.kinds import Level
from armillary.platform.capabilities.access.places import Place
from armillary.platform.capabilities.tenancy.kinds import CLUSTER, DEVOPS_PROJECT, GROUP, PROJECT, WORKSPACE
from armillary.platform.frame.capability import Call
from armillary.platform.frame.parts import Asked, Parts


async def enter(call: Call, parts: Parts, level: Level) -> Place:
    """By the names in the path. Raises NotFound for what is not there or not theirs to see."""
    match level:
        case "platform":
            return Place("platform")
        case "cluster":
            name = call.path["cluster"]
            if name not in parts.clusters.names():
                raise absent(CLUSTER, name)
            await _see(call, parts, CLUSTER, name)
            return Place("cluster", cluster=name)
        case "workspace":
            return await _workspace(call, parts)
        case "project":
            return await _project(call, parts, PROJECT, call.path["project"], level)
        case "devopsproject":
            return await _project(call, parts, DEVOPS_PROJECT, call.path["devopsproject"], level)


async def _workspace(call: Call, parts: Parts) -> Place:
    name = call.path["workspace"]
    found = parts.reads.get(WORKSPACE, name)
    if found is None:
        raise absent(WORKSPACE, name)
    await _see(call, parts, WORKSPACE, name)
    return _settled(Place("workspace", namespace=found.status.namespace, workspace=name, home=found.status.namespace))


async def _project(call: Call, parts: Parts, kind: Kind[Any], name: str, level: Level) -> Place:
    above = parts.reads.get(WORKSPACE, call.path["workspace"])
    home = above.status.namespace if above is not None else ""
    found = parts.reads.get(kind, name, home) if home else None
    if above is None or found is None:
        raise absent(kind, name)
    await _see(call, parts, kind, name, home)
    return _settled(Place(level, namespace=found.status.namespace, workspace=above.metadata.name, home=home, name=name))


async def _see(call: Call, parts: Parts, kind: Kind[Any], name: str, namespace: str = "") -> None:
    asked = Asked("get", GROUP, kind.plural, namespace, name)
    if not (await parts.rights.may(call.user, asked)).allowed:
        raise absent(kind, name)


def _settled(place: Place) -> Place:
    if not place.namespace:
        raise Unavailable(f"{place} is still being set up; try again in a moment")
    return place


def absent(kind: Kind[Any], name: str) -> NotFound:
    what = f"{kind.plural}.{kind.group}" if kind.group else kind.plural
    return NotFound(f'{what} "{name}" not found', group=kind.group, kind=kind.plural, name=name)


def language(call: Call) -> Language:
    """The one that the caller chose."""
    return spoken(call.user.language)
