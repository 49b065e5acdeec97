/** What of a namespace's map is shown: pods counted at their workload, and what was asked for with its neighbours. Pure. */
import type { Schemas } from "@/api/ask";

export type MapNode = Schemas["ShownNode"];
export type MapEdge = Schemas["ShownEdge"];
export type State = MapNode["status"];

/** Of what is told of many: the worst first. */
export const STATES = ["failing", "progressing", "healthy", "off"] as const satisfies readonly State[];

export interface Pods {
  count: number;
  status: State;
}

export interface ShownNode extends MapNode {
  /** The pods of a workload, which may be shown as nodes of their own. */
  pods?: Pods;
  /** Next to what was asked for, not asked for itself. */
  isBeside?: boolean;
}

export interface Graph<N extends MapNode = ShownNode> {
  nodes: N[];
  edges: MapEdge[];
}

export interface Wanted {
  words: string;
  /** Plurals; none for all. */
  kinds: readonly string[];
  state: string;
}

const worst = (states: State[]): State => STATES.find((state) => states.includes(state)) ?? "";

/** Pods counted at the workload that owns them, except for the workloads in `unfolded`. */
export function fold(graph: Graph<MapNode>, unfolded: "all" | ReadonlySet<string>): Graph {
  const known = new Map(graph.nodes.map((node) => [node.id, node]));
  const pods = new Map<string, MapNode[]>();
  const hidden = new Set<string>();
  for (const { from, to, kind } of graph.edges) {
    const pod = kind === "owns" ? known.get(to) : undefined;
    if (!pod) continue;
    pods.set(from, [...(pods.get(from) ?? []), pod]);
    if (unfolded !== "all" && !unfolded.has(from)) hidden.add(to);
  }
  const nodes = graph.nodes
    .filter((node) => !hidden.has(node.id))
    .map((node): ShownNode => {
      const own = pods.get(node.id);
      if (!own) return node;
      return { ...node, pods: { count: own.reduce((sum, pod) => sum + pod.count, 0), status: worst(own.map((pod) => pod.status)) } };
    });
  return { nodes, edges: graph.edges.filter(({ from, to }) => !hidden.has(from) && !hidden.has(to)) };
}

function fits(node: ShownNode, { words, kinds, state }: Wanted): boolean {
  const text = `${node.name} ${node.kind} ${node.app} ${node.detail}`.toLowerCase();
  return (
    words.toLowerCase().split(/\s+/).every((word) => text.includes(word)) &&
    (kinds.length === 0 || kinds.includes(node.plural)) &&
    (!state || node.status === state || node.pods?.status === state)
  );
}

/** What fits, and what it leads to or is led to from; all of it if nothing is asked for. */
export function narrow(graph: Graph, wanted: Wanted): Graph {
  if (!wanted.words.trim() && !wanted.kinds.length && !wanted.state) return graph;
  const found = new Set(graph.nodes.filter((node) => fits(node, wanted)).map((node) => node.id));
  const shown = new Set(found);
  for (const { from, to } of graph.edges) {
    if (found.has(from)) shown.add(to);
    if (found.has(to)) shown.add(from);
  }
  return {
    nodes: graph.nodes.filter((node) => shown.has(node.id)).map((node) => (found.has(node.id) ? node : { ...node, isBeside: true })),
    edges: graph.edges.filter(({ from, to }) => found.has(from) || found.has(to)),
  };
}

/** How many are in which state; those without one are not counted. */
export function tally(nodes: readonly MapNode[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const node of nodes) if (node.status) counts[node.status] = (counts[node.status] ?? 0) + node.count;
  return Object.fromEntries(STATES.flatMap((state) => (counts[state] ? [[state, counts[state]]] : [])));
}

/** Names of what each leads to, by id. */
export function leadsTo(graph: Graph): Map<string, ShownNode[]> {
  const known = new Map(graph.nodes.map((node) => [node.id, node]));
  const found = new Map<string, ShownNode[]>();
  for (const { from, to } of graph.edges) {
    const target = known.get(to);
    if (target) found.set(from, [...(found.get(from) ?? []), target]);
  }
  return found;
}
