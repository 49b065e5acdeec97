"""Who may see what was recorded, by asking the clusters: those who may see it now (decide/sight.py has the rules)."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from armillary.base.clock import Clock, parse_time
from armillary.base.errors import NotFound
from armillary.kube.kinds.core import NAMESPACE
from armillary.kube.kinds.meta import ObjectMeta
from armillary.kube.runner import Caches
from armillary.platform.capabilities.history.decide.sight import Recorded, Sight
from armillary.platform.capabilities.history.ports import Authors
from armillary.platform.capabilities.history.read import Named, Version, versions
from armillary.platform.capabilities.tenancy.kinds import GROUP as TENANCY
from armillary.platform.capabilities.tenancy.kinds import PROJECT, WORKSPACE
from armillary.platform.frame.caller import Caller
from armillary.platform.frame.parts import Asked, Audit, Clusters, Database, Rights


@dataclass(frozen=True, slots=True)
class Deps:
    clock: Clock
    reads: Caches  # workspaces
    clusters: Clusters
    rights: Rights
    database: Database
    audit: Audit
    authors: Authors
    days: int


@dataclass(slots=True)
class Looker:
    """A caller who looks at a namespace of a cluster ("": at what is in none)."""

    deps: Deps
    caller: Caller
    cluster: str
    namespace: str

    async def sight(self, verb: str, group: str, resource: str, name: str, workspaces: Iterable[str]) -> Sight:
        """What they may see of a kind. Raises NotFound for a cluster that there is not."""
        everywhere = await self._may(verb, group, resource, "", "")
        if everywhere:
            return Sight(everywhere=True)
        here = await self._may(verb, group, resource, self.namespace, name)
        since = await self._since() if self.namespace else None
        administered = await self._administered(workspaces) if self.namespace else {}
        return Sight(here=here, here_since=since, administered=administered)

    async def _may(self, verb: str, group: str, resource: str, namespace: str, name: str) -> bool:
        asked = Asked(verb, group, resource, namespace, name)
        return (await self.deps.rights.may(self.caller, asked, cluster=self.cluster)).allowed

    async def _since(self) -> int | None:
        found = await self.deps.clusters.client(self.cluster).find(NAMESPACE, self.namespace)
        return _created(found.metadata) if found is not None else None

    async def _administered(self, workspaces: Iterable[str]) -> dict[str, int]:
        """Those of the workspaces whose every project they administer."""
        found: dict[str, int] = {}
        for name in sorted(set(workspaces) - {""}):
            workspace = self.deps.reads.get(WORKSPACE, name)
            if workspace is None or not workspace.status.namespace:
                continue
            asked = Asked("administer", TENANCY, PROJECT.plural, workspace.status.namespace)
            if (await self.deps.rights.may(self.caller, asked)).allowed:
                found[name] = _created(workspace.metadata)
        return found

    async def versions(self, named: Named) -> list[Version]:
        """Those of one name that they may `get`, newest first. Raises NotFound if there are none."""
        try:
            found = await versions(self.deps.database, named)
            workspaces = {version.workspace for version in found}
            sight = await self.sight("get", named.group, named.resource, named.name, workspaces)
            seen = [version for version in found if sight.shows(version.of, version.workspace)]
        except NotFound:  # the cluster: whether there is one is nobody's business who may see nothing in it
            seen = []
        if not seen:
            raise unseen(named)
        return seen

    async def listed(self, objects: Sequence[Recorded]) -> list[Recorded]:
        """Those of a namespace that they may `list`."""
        workspaces = {item.workspace for item in objects}
        kinds = sorted({(item.group, item.resource) for item in objects})
        sights = await asyncio.gather(*(self.sight("list", *kind, "", workspaces) for kind in kinds))
        by_kind = dict(zip(kinds, sights, strict=True))
        return [item for item in objects if by_kind[item.group, item.resource].shows(item, item.workspace)]


def unseen(named: Named) -> NotFound:
    """As if it had never been."""
    what = named.resource + (f".{named.group}" if named.group else "")
    where = f' in namespace "{named.namespace}"' if named.namespace else ""
    message = f'{what} "{named.name}"{where} has no history that is kept'
    return NotFound(message, group=named.group, kind=named.resource, name=named.name)


def _created(metadata: ObjectMeta) -> int:
    stamp = metadata.creation_timestamp
    return round(parse_time(stamp).timestamp() * 1_000_000) if stamp else 0
