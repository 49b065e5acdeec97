/**
 * Where each node stands. What hangs together is laid out in layers from left to right; such groups, and things that
 * hang together with nothing, are then packed into columns, so that the whole has about the shape of a window. Pure.
 */
import { Graph as Drawing, layout as arrange } from "@dagrejs/dagre";

export const SIZE = { width: 216, height: 52 };
const ASIDE = 16;
const AHEAD = 64;
const APART = 36;
/** Width to height. */
const SHAPE = 1.7;
/** From here on the layers are found the quick way: the exact one takes seconds. */
const LARGE = 120;

export interface Linked {
  nodes: readonly { id: string }[];
  edges: readonly { from: string; to: string }[];
}

export interface Place {
  x: number;
  y: number;
}

interface Box {
  width: number;
  height: number;
  places: Map<string, Place>;
}

/** Ids of what hangs together, in the order in which they are given. */
export function groups({ nodes, edges }: Linked): string[][] {
  const beside = new Map<string, string[]>(nodes.map(({ id }) => [id, []]));
  for (const { from, to } of edges) {
    beside.get(from)?.push(to);
    beside.get(to)?.push(from);
  }
  const seen = new Set<string>();
  const found: string[][] = [];
  for (const { id } of nodes) {
    if (seen.has(id)) continue;
    const group = [id];
    seen.add(id);
    for (const at of group) {
      for (const next of beside.get(at) ?? []) {
        if (seen.has(next) || !beside.has(next)) continue;
        seen.add(next);
        group.push(next);
      }
    }
    found.push(group);
  }
  return found;
}

/** What all of them take up. */
export function boundsOf(places: ReadonlyMap<string, Place>) {
  const corners = [...places.values()];
  return {
    x: 0,
    y: 0,
    width: Math.max(0, ...corners.map(({ x }) => x)) + SIZE.width,
    height: Math.max(0, ...corners.map(({ y }) => y)) + SIZE.height,
  };
}

/** Left upper corners, by id. */
export function layout(linked: Linked): Map<string, Place> {
  const found = groups(linked);
  const single = found.filter((group) => group.length === 1);
  const boxes = found.filter((group) => group.length > 1).map((group) => layers(group, linked.edges));
  const alone = single.map(([id]): Box => ({ ...SIZE, places: new Map([[id!, { x: 0, y: 0 }]]) }));
  return pack([...boxes.sort((one, other) => other.width * other.height - one.width * one.height), ...alone]);
}

function layers(ids: readonly string[], edges: Linked["edges"]): Box {
  const drawing = new Drawing();
  drawing.setGraph({ rankdir: "LR", nodesep: ASIDE, ranksep: AHEAD, edgesep: 4, ranker: ids.length > LARGE ? "longest-path" : "network-simplex" });
  drawing.setDefaultEdgeLabel(() => ({}));
  const inside = new Set(ids);
  for (const id of ids) drawing.setNode(id, { ...SIZE });
  for (const { from, to } of edges) if (inside.has(from) && inside.has(to)) drawing.setEdge(from, to);
  arrange(drawing);
  const corners = ids.map((id) => {
    const { x, y } = drawing.node(id) as unknown as Place;
    return { id, x: Math.round(x - SIZE.width / 2), y: Math.round(y - SIZE.height / 2) };
  });
  const left = Math.min(...corners.map(({ x }) => x));
  const top = Math.min(...corners.map(({ y }) => y));
  return {
    width: Math.max(...corners.map(({ x }) => x)) - left + SIZE.width,
    height: Math.max(...corners.map(({ y }) => y)) - top + SIZE.height,
    places: new Map(corners.map(({ id, x, y }) => [id, { x: x - left, y: y - top }])),
  };
}

/** Columns as wide as the widest group; each group goes where there is most room, single things several beside each other. */
function pack(boxes: readonly Box[]): Map<string, Place> {
  const wide = Math.max(SIZE.width, ...boxes.map((box) => box.width)) + APART;
  const rows = shelves(boxes, wide - APART);
  const tall = rows.reduce((sum, row) => sum + row.height + APART, 0);
  const columns = Math.max(1, Math.round(Math.sqrt((tall * SHAPE) / wide)));
  const filled = new Array<number>(columns).fill(0);
  const placed = new Map<string, Place>();
  for (const row of rows) {
    const column = filled.indexOf(Math.min(...filled));
    for (const [id, { x, y }] of row.places) placed.set(id, { x: column * wide + x, y: filled[column]! + y });
    filled[column]! += row.height + (row.places.size > 1 ? APART : ASIDE);
  }
  return placed;
}

/** Boxes side by side while they fit the width. */
function shelves(boxes: readonly Box[], width: number): Box[] {
  const rows: Box[] = [];
  for (const box of boxes) {
    const row = rows.at(-1);
    const x = row ? row.width + APART : 0;
    if (!row || x + box.width > width) {
      rows.push({ ...box, places: new Map(box.places) });
      continue;
    }
    for (const [id, at] of box.places) row.places.set(id, { x: at.x + x, y: at.y });
    row.width = x + box.width;
    row.height = Math.max(row.height, box.height);
  }
  return rows;
}
