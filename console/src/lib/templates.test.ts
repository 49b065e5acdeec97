import { expect, test } from "vitest";
import { byModule, neededBy, withNeeds } from "./templates";

const all = [
  { name: "view", module: "A", needs: [] },
  { name: "operate", module: "A", needs: ["view"] },
  { name: "manage", module: "A", needs: ["operate"] },
  { name: "audit", module: "B", needs: [] },
];

test.each([
  [["manage"], ["view", "operate", "manage"]],
  [["audit", "view"], ["view", "audit"]],
  [[], []],
])("%j needs %j", (chosen, expected) => expect(withNeeds(all, new Set(chosen))).toEqual(expected));

test("a template is needed at second hand too, and never by itself", () => {
  expect(neededBy(all, new Set(["manage", "audit", "view"]), "view")).toEqual(["manage"]);
  expect(neededBy(all, new Set(["view"]), "view")).toEqual([]);
});

test("modules keep the catalogue's order", () => expect(byModule(all).map(([module, of]) => [module, of.length])).toEqual([["A", 3], ["B", 1]]));
