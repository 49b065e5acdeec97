"""A namespace as a graph: routes lead to services, services to workloads, workloads own pods and use things. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from armillary.platform.capabilities.resources.decide.state import State, state_of
from armillary.platform.capabilities.resources.decide.thing import Sort, Thing, Things
from armillary.platform.capabilities.resources.decide.uses import (
    CLAIM,
    CONFIG_MAP,
    SECRET,
    WORKLOADS,
    leads_to,
    selects,
    shown_by,
    template_of,
    used_by,
)

MOST_NODES = 150  # with more than these, pods are counted at their workload
_APP_LABELS = ("app.kubernetes.io/instance", "app.kubernetes.io/name", "app", "k8s-app")
_ORDER: tuple[State, ...] = ("failing", "progressing", "healthy", "off", "")  # of what is told of many: the worst


@dataclass(frozen=True, slots=True)
class Node:
    """`count`: how many things it stands for; `app`: by what it may be grouped."""

    id: str
    sort: Sort
    name: str
    namespace: str
    status: State
    detail: str
    app: str = ""
    count: int = 1
    exists: bool = True  # what is named and not there is shown as such


@dataclass(frozen=True, slots=True)
class Edge:
    """`kind`: routes, selects, owns, mounts, uses."""

    from_: str
    to: str
    kind: str


@dataclass(frozen=True, slots=True)
class Graph:
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]


def graph_of(things: Things, sorts: Mapping[str, Sort], most_nodes: int = MOST_NODES) -> Graph:
    """`sorts`: the kinds that were looked at, by name; what they do not hold and is named all the same is missing."""
    owned = owned_pods(things)
    drawing = _Drawing(things, sorts)
    for route in things.get("Ingress", ()):
        for name in leads_to(route):
            drawing.link(route.uid, "Service", name, "routes")
        for secret in shown_by(route):
            drawing.link(route.uid, SECRET, secret, "uses")
    for top in tops(things):
        labels, _ = template_of(top)
        for service in things.get("Service", ()):
            if selects(service.spec.get("selector"), labels):
                drawing.edges[Edge(service.uid, top.uid, "selects")] = None
        for (kind, name), is_required in used_by(top).items():
            if kind in (CLAIM, SECRET, CONFIG_MAP):
                drawing.link(top.uid, kind, name, "mounts" if kind == CLAIM else "uses", is_required=is_required)
    for pod, owner in owned.items():
        drawing.own(owner, pod)
    graph = drawing.graph()
    return graph if len(graph.nodes) <= most_nodes else _collapsed(graph, owned)


class _Drawing:
    def __init__(self, things: Things, sorts: Mapping[str, Sort]) -> None:
        self._sorts = sorts
        self._names = {(thing.kind, thing.name): thing.uid for kind in things for thing in things[kind]}
        workloads = _workloads(things)
        shown = (thing for kind in things for thing in things[kind] if _is_shown(thing, workloads))
        self._nodes = {thing.uid: _node(thing) for thing in shown}
        self.edges: dict[Edge, None] = {}

    def link(self, source: str, kind: str, name: str, how: str, *, is_required: bool = True) -> None:
        target = self._names.get((kind, name))
        if target is None:
            if kind not in self._sorts or not is_required:
                return
            target = f"{kind}/{name}"
            self._nodes[target] = Node(target, self._sorts[kind], name, "", "failing", "missing", exists=False)
        self.edges[Edge(source, target, how)] = None

    def own(self, owner: str, pod: str) -> None:
        """A workload that waits for a pod which fails is failing."""
        self.edges[Edge(owner, pod, "owns")] = None
        above, below = self._nodes.get(owner), self._nodes.get(pod)
        if above is not None and below is not None and (above.status, below.status) == ("progressing", "failing"):
            self._nodes[owner] = replace(above, status="failing")

    def graph(self) -> Graph:
        """Of what is only ever used, that which somebody uses: every namespace has tokens and certificates."""
        used = {edge.to for edge in self.edges}
        nodes = {
            uid: node for uid, node in self._nodes.items() if node.sort.kind not in (SECRET, CONFIG_MAP) or uid in used
        }
        return Graph(tuple(nodes.values()), tuple(e for e in self.edges if e.from_ in nodes and e.to in nodes))


def _is_shown(thing: Thing, workloads: frozenset[str]) -> bool:
    """Workloads at their top, pods, and what they hang together with; pods that have done their work are history."""
    if thing.kind == "Pod":
        return thing.cell("status") not in ("Completed", "Succeeded")
    return thing.kind not in ("ReplicaSet", "Job") or not _is_owned(thing, workloads)


def _workloads(things: Things) -> frozenset[str]:
    return frozenset(thing.uid for kind in WORKLOADS for thing in things.get(kind, ()))


def _is_owned(thing: Thing, workloads: frozenset[str]) -> bool:
    """By another workload: what a custom resource owns stands for itself."""
    return bool(thing.row.owners) and thing.row.owners[0] in workloads


def tops(things: Things) -> Iterator[Thing]:
    """Workloads that no other workload owns, and such pods."""
    workloads = _workloads(things)
    for kind in WORKLOADS:
        for thing in things.get(kind, ()):
            if not _is_owned(thing, workloads):
                yield thing


def owned_pods(things: Things) -> dict[str, str]:
    """Pods that run, by uid, each with the workload at the top of its owners."""
    known = _workloads(things)
    above = {
        thing.uid: thing.row.owners[0]
        for kind in ("ReplicaSet", "Job")
        for thing in things.get(kind, ())
        if thing.row.owners and thing.row.owners[0] in known
    }
    found = {}
    for pod in things.get("Pod", ()):
        owner = pod.row.owners[0] if pod.row.owners else ""
        owner = above.get(owner, owner)
        if owner in known and _is_shown(pod, known):
            found[pod.uid] = owner
    return found


def _node(thing: Thing) -> Node:
    status, detail = state_of(thing)
    labels = thing.row.labels
    app = next((labels[name] for name in _APP_LABELS if labels.get(name)), "")
    return Node(thing.uid, thing.sort, thing.name, thing.namespace, status, detail, app)


def _collapsed(graph: Graph, owners: Mapping[str, str]) -> Graph:
    """Pods counted by their workload: one node for all of them, in the state of the worst."""
    by_owner: dict[str, list[Node]] = {}
    kept = []
    for node in graph.nodes:
        owner = owners.get(node.id)
        if owner is None:
            kept.append(node)
        else:
            by_owner.setdefault(owner, []).append(node)
    pods = [_counted(owner, nodes) for owner, nodes in by_owner.items()]
    edges = [edge for edge in graph.edges if edge.to not in owners]
    edges += [Edge(owner, f"{owner}/pods", "owns") for owner in by_owner]
    return Graph((*kept, *pods), tuple(edges))


def _counted(owner: str, nodes: Iterable[Node]) -> Node:
    pods = list(nodes)
    worst = min(pods, key=lambda node: _ORDER.index(node.status))
    detail = ", ".join(f"{number} {said}" for said, number in _tally(pods))
    first = pods[0]
    return Node(f"{owner}/pods", first.sort, "", first.namespace, worst.status, detail, first.app, len(pods))


def _tally(pods: Iterable[Node]) -> list[tuple[str, int]]:
    counts: dict[str, int] = {}
    for pod in pods:
        counts[pod.detail] = counts.get(pod.detail, 0) + 1
    return sorted(counts.items(), key=lambda item: -item[1])
