import { expect, test } from "vitest";
import { fold, leadsTo, type MapEdge, type MapNode, narrow, tally } from "./graph";

const node = (id: string, kind: string, status: MapNode["status"] = "", more: Partial<MapNode> = {}): MapNode => ({
  id, kind, group: "", version: "v1", plural: `${kind.toLowerCase()}s`, name: id, namespace: "shop", status, detail: "", app: "", count: 1, exists: true, ...more,
});
const edge = (from: string, to: string, kind = "owns"): MapEdge => ({ from, to, kind });

const SHOP = {
  nodes: [
    node("door", "Ingress"), node("front", "Service"), node("web", "Deployment", "failing"), node("web-1", "Pod", "healthy"), node("web-2", "Pod", "failing"),
    node("cart", "StatefulSet", "healthy"), node("cart/pods", "Pod", "healthy", { name: "", count: 40 }), node("colours", "ConfigMap"),
  ],
  edges: [edge("door", "front", "routes"), edge("front", "web", "selects"), edge("web", "web-1"), edge("web", "web-2"), edge("cart", "cart/pods"), edge("cart", "colours", "uses")],
};
const names = (nodes: readonly MapNode[]) => nodes.map((each) => each.id).join(" ");

test.each([
  [new Set<string>(), "door front web cart colours"],
  [new Set(["web"]), "door front web web-1 web-2 cart colours"],
  ["all" as const, names(SHOP.nodes)],
])("pods are counted at their workload unless it is unfolded: %s", (unfolded, shown) => {
  const folded = fold(SHOP, unfolded);
  expect(names(folded.nodes)).toBe(shown);
  expect(folded.nodes.find((each) => each.id === "web")?.pods).toEqual({ count: 2, status: "failing" });
  expect(folded.nodes.find((each) => each.id === "cart")?.pods).toEqual({ count: 40, status: "healthy" });
  expect(folded.edges.every(({ from, to }) => [from, to].every((end) => folded.nodes.some((each) => each.id === end)))).toBe(true);
});

test.each([
  [{ words: "WEB", kinds: [], state: "" }, "web", "front"],
  [{ words: "", kinds: ["services"], state: "" }, "front", "door web"],
  [{ words: "", kinds: [], state: "failing" }, "web", "front"],
  [{ words: "nothing", kinds: [], state: "" }, "", ""],
])("what fits %o is shown with its neighbours", (wanted, found, beside) => {
  const { nodes } = narrow(fold(SHOP, new Set()), wanted);
  expect(names(nodes.filter((each) => !each.isBeside))).toBe(found);
  expect(names(nodes.filter((each) => each.isBeside))).toBe(beside);
});

test("states are counted, the worst first; what has none is not", () => {
  expect(Object.entries(tally(SHOP.nodes))).toEqual([["failing", 2], ["healthy", 42]]);
});

test("what each leads to is told in words", () => {
  expect(names(leadsTo(fold(SHOP, "all")).get("cart") ?? [])).toBe("cart/pods colours");
});
