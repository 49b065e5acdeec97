"""The map of a namespace."""

from typing import Annotated

from msgspec import Meta, Struct

from armillary.platform.capabilities.resources.around import observe
from armillary.platform.capabilities.resources.asking import Deps
from armillary.platform.capabilities.resources.decide.graph import Edge, Node, graph_of
from armillary.platform.capabilities.resources.decide.state import State
from armillary.platform.capabilities.resources.library import Name
from armillary.platform.frame.capability import Call

MAPPED: tuple[Name, ...] = (
    ("networking.k8s.io", "v1", "ingresses"),
    ("", "v1", "services"),
    ("apps", "v1", "deployments"),
    ("apps", "v1", "statefulsets"),
    ("apps", "v1", "daemonsets"),
    ("apps", "v1", "replicasets"),
    ("batch", "v1", "cronjobs"),
    ("batch", "v1", "jobs"),
    ("", "v1", "pods"),
    ("", "v1", "persistentvolumeclaims"),
    ("", "v1", "secrets"),
    ("", "v1", "configmaps"),
)


class MapQuery(Struct, frozen=True, kw_only=True):
    namespace: Annotated[str, Meta(min_length=1, max_length=63, description="Which namespace.")]


class ShownNode(Struct, frozen=True, kw_only=True):
    id: str
    kind: str
    group: Annotated[str, Meta(description="The API group.")]
    version: str
    plural: str
    name: Annotated[str, Meta(description="None where it stands for several pods.")]
    namespace: str
    status: Annotated[State, Meta(description="None of what has no state of its own.")]
    detail: Annotated[str, Meta(description="In the kind's own words: 2/3, CrashLoopBackOff, Bound.")]
    app: Annotated[str, Meta(description="What it may be grouped by: its label of that meaning.")] = ""
    count: Annotated[int, Meta(description="How many things it stands for.")] = 1
    exists: Annotated[bool, Meta(description="False of what is named and not there.")] = True


class ShownEdge(Struct, frozen=True, kw_only=True, rename={"from_": "from"}):
    from_: str
    to: str
    kind: Annotated[str, Meta(description="routes, selects, owns, mounts or uses.")]


class Topology(Struct, frozen=True, kw_only=True):
    nodes: tuple[ShownNode, ...]
    edges: tuple[ShownEdge, ...]
    withheld: Annotated[tuple[str, ...], Meta(description="Kinds that the caller may not list there.")]


async def topology(call: Call, deps: Deps) -> Topology:
    query: MapQuery = call.query
    around = await observe(deps, call.user, call.path["cluster"], query.namespace, MAPPED)
    graph = graph_of(around.things, around.sorts)
    return Topology(
        nodes=tuple(map(_shown, graph.nodes)), edges=tuple(map(_edge, graph.edges)), withheld=around.withheld
    )


def _shown(node: Node) -> ShownNode:
    sort = node.sort
    return ShownNode(
        id=node.id,
        kind=sort.kind,
        group=sort.group,
        version=sort.version,
        plural=sort.plural,
        name=node.name,
        namespace=node.namespace,
        status=node.status,
        detail=node.detail,
        app=node.app,
        count=node.count,
        exists=node.exists,
    )


def _edge(edge: Edge) -> ShownEdge:
    return ShownEdge(from_=edge.from_, to=edge.to, kind=edge.kind)
