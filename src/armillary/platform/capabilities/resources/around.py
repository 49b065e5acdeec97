"""Everything of several kinds in one namespace, as far as the caller may list it."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from armillary.base.errors import NotFound
from armillary.kube.discovery import Served
from armillary.platform.capabilities.resources.asking import Deps
from armillary.platform.capabilities.resources.decide.thing import Sort, Thing, Things
from armillary.platform.capabilities.resources.library import Name
from armillary.platform.frame.caller import Caller
from armillary.platform.frame.parts import Asked


@dataclass(frozen=True, slots=True)
class Around:
    """`sorts`: the kinds that were looked at; `withheld`: plurals of those that the caller may not list."""

    things: Things
    sorts: dict[str, Sort]
    withheld: tuple[str, ...]


async def observe(deps: Deps, caller: Caller, cluster: str, namespace: str, names: Sequence[Name]) -> Around:
    """Kinds that the cluster does not serve are left out. Raises Unavailable."""
    found = await asyncio.gather(*(_of(deps, caller, cluster, namespace, name) for name in names))
    seen = [each for each in found if isinstance(each, tuple)]
    return Around(
        things={sort_of(served).key: things for served, things in seen},
        sorts={(sort := sort_of(served)).key: sort for served, _ in seen},
        withheld=tuple(sorted(each for each in found if isinstance(each, str))),
    )


async def _of(
    deps: Deps, caller: Caller, cluster: str, namespace: str, name: Name
) -> tuple[Served, list[Thing]] | str | None:
    """The plural alone, if they may not list it; None if there is no such kind."""
    try:
        served = await deps.library.served(cluster, name)
    except NotFound:
        return None
    kind = served.kind
    where = namespace if kind.namespaced else ""
    verdict = await deps.rights.may(caller, Asked("list", kind.group, kind.plural, where), cluster=cluster)
    if not verdict.allowed:
        return kind.plural
    try:
        rows = (await deps.library.shelf(cluster, name)).rows
    except NotFound:
        return None
    sort, index = sort_of(served), rows.index
    return served, [Thing(sort, row, index) for row in rows if not kind.namespaced or row.namespace == namespace]


def sort_of(served: Served) -> Sort:
    kind = served.kind
    return Sort(kind.group, kind.version, kind.name, kind.plural)
