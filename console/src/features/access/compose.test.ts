import { expect, test } from "vitest";
import { withoutTemplate, withTemplate } from "./compose";

const all = [
  { name: "view", needs: [] },
  { name: "edit", needs: ["view"] },
  { name: "admin", needs: ["edit"] },
  { name: "logs", needs: ["view"] },
];

test("a template brings what it needs", () => expect([...withTemplate(new Set(), "admin", all)]).toEqual(["admin", "edit", "view"]));

test("one that is needed takes along what needs it", () => {
  expect([...withoutTemplate(new Set(["view", "edit", "admin", "logs"]), "edit", all)]).toEqual(["view", "logs"]);
  expect([...withoutTemplate(new Set(["view", "logs"]), "view", all)]).toEqual([]);
});

test("templates that need each other come to an end", () => {
  const round = [{ name: "a", needs: ["b"] }, { name: "b", needs: ["a"] }];
  expect(withTemplate(new Set(), "a", round).size).toBe(2);
});
