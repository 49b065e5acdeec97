"""What a caller may see of the log: where a cluster lets them `list` the virtual resource events.audit.armillary.io."""

from collections.abc import Mapping
from dataclasses import dataclass

from armillary.base.clock import Clock, parse_time
from armillary.base.errors import Unavailable
from armillary.kube.kinds.core import NAMESPACE
from armillary.kube.kinds.meta import ObjectMeta
from armillary.kube.runner import Caches
from armillary.platform.capabilities.audit.decide import Scope, micros
from armillary.platform.capabilities.identity.kinds import USER
from armillary.platform.capabilities.tenancy.kinds import WORKSPACE, WORKSPACE_LABEL
from armillary.platform.frame.caller import Caller
from armillary.platform.frame.parts import HOST, Asked, Clusters, Database, Rights

GROUP = "audit.armillary.io"
LIST = Asked("list", GROUP, "events")


@dataclass(frozen=True, slots=True)
class Deps:
    clock: Clock
    reads: Caches  # namespaces, workspaces and users
    clusters: Clusters
    rights: Rights
    database: Database
    days: int = 180  # that events are kept

    def workspace_of(self, cluster: str, namespace: str) -> str:
        """Whose a namespace of the host cluster is."""
        found = self.reads.get(NAMESPACE, namespace) if namespace and cluster in ("", HOST) else None
        return found.metadata.labels.get(WORKSPACE_LABEL, "") if found is not None else ""


async def observe_scope(deps: Deps, caller: Caller) -> Scope:
    """By asking each cluster; one that is out of reach shows nothing of itself."""
    clusters: set[str] = set()
    namespaces: dict[tuple[str, str], int] = {}
    for cluster in deps.clusters.names():
        try:
            found = await deps.rights.namespaces(caller, LIST, cluster=cluster)
            if found is None:
                clusters.add(cluster)
            elif found:
                since = await _since(deps, cluster)
                namespaces |= {(cluster, name): since[name] for name in found if name in since}
        except Unavailable:
            continue
    account = deps.reads.get(USER, caller.user)
    return Scope(
        user=caller.user,
        user_since=_created(account.metadata) if account is not None else 0,
        everything=HOST in clusters,
        clusters=frozenset(clusters),
        workspaces={
            workspace.metadata.name: _created(workspace.metadata)
            for workspace in deps.reads.list(WORKSPACE)
            if (HOST, workspace.status.namespace) in namespaces
        },
        namespaces=namespaces,
    )


async def _since(deps: Deps, cluster: str) -> Mapping[str, int]:
    """Since when each namespace exists."""
    if cluster == HOST:
        found = deps.reads.list(NAMESPACE)
    else:
        found = (await deps.clusters.client(cluster).list(NAMESPACE)).items
    return {namespace.metadata.name: _created(namespace.metadata) for namespace in found}


def _created(metadata: ObjectMeta) -> int:
    return micros(parse_time(metadata.creation_timestamp)) if metadata.creation_timestamp else 0
