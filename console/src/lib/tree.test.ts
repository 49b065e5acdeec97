import { expect, test } from "vitest";
import { flattened, within } from "./tree";

const items = [{ name: "field", parent: "sales" }, { name: "sales", parent: "" }, { name: "lost", parent: "gone" }, { name: "north", parent: "field" }];

test("a tree is read from top to bottom", () =>
  expect(flattened(items).map(({ item, depth }) => [item.name, depth])).toEqual([["sales", 0], ["field", 1], ["north", 2], ["lost", 0]]));
test("an item is within itself, with all below", () => expect([...within(items, "sales")].sort()).toEqual(["field", "north", "sales"]));
test("what goes round in a circle ends", () => expect(within([{ name: "a", parent: "b" }, { name: "b", parent: "a" }], "a").size).toBe(2));
