import { expect, test } from "vitest";
import { boundsOf, groups, layout, type Linked, SIZE } from "./layout";

const linked = (nodes: string, edges: string): Linked => ({
  nodes: nodes.split(" ").map((id) => ({ id })),
  edges: edges.split(" ").filter(Boolean).map((pair) => ({ from: pair.split(">")[0]!, to: pair.split(">")[1]! })),
});

/** Applications of a route, a service, a workload, pods and what they use; and things that nobody uses. */
function town(applications: number, pods: number, alone: number): Linked {
  const nodes: { id: string }[] = [];
  const edges: { from: string; to: string }[] = [];
  for (let i = 0; i < applications; i += 1) {
    const [route, service, work, config] = ["route", "service", "work", "config"].map((kind) => `${kind}-${i}`) as [string, string, string, string];
    nodes.push({ id: route }, { id: service }, { id: work }, { id: config });
    edges.push({ from: route, to: service }, { from: service, to: work }, { from: work, to: config });
    for (let pod = 0; pod < pods; pod += 1) {
      nodes.push({ id: `pod-${i}-${pod}` });
      edges.push({ from: work, to: `pod-${i}-${pod}` });
    }
  }
  for (let i = 0; i < alone; i += 1) nodes.push({ id: `claim-${i}` });
  return { nodes, edges };
}

function overlaps(places: { x: number; y: number }[]): number {
  return places.filter((one, index) =>
    places.slice(index + 1).some((other) => Math.abs(one.x - other.x) < SIZE.width && Math.abs(one.y - other.y) < SIZE.height),
  ).length;
}

test.each([
  ["a b c d", "a>b c>d", [["a", "b"], ["c", "d"]]],
  ["a b c", "c>a", [["a", "c"], ["b"]]],
  ["a", "a>gone", [["a"]]],
])("of %s with %s, the groups", (nodes, edges, found) => expect(groups(linked(nodes, edges))).toEqual(found));

test("each layer stands right of the one that leads to it", () => {
  const chain = linked("pod work service route", "route>service service>work work>pod");
  const places = layout(chain);
  for (const { from, to } of chain.edges) expect(places.get(to)!.x).toBeGreaterThan(places.get(from)!.x + SIZE.width);
});

test.each([
  ["many applications", town(60, 4, 20)],
  ["few applications with many pods", town(4, 118, 12)],
  ["things nobody uses", town(0, 0, 500)],
])("500 nodes, %s: each has a place of its own, in the shape of a window", (_, map) => {
  expect(map.nodes).toHaveLength(500);
  const places = layout(map);
  expect(places.size).toBe(500);
  expect(overlaps([...places.values()])).toBe(0);
  const { width, height } = boundsOf(places);
  expect(width / height).toBeGreaterThan(0.3);
  expect(width / height).toBeLessThan(6);
});

test("the same map is always laid out the same way", () => expect(layout(town(5, 3, 4))).toEqual(layout(town(5, 3, 4))));
