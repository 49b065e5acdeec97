import { expect, test } from "vitest";
import { difference, hunks } from "./difference";

const said = (before: string, after: string) => difference(before, after).map((line) => line.sign + line.text);

test("what stays, goes and comes", () => {
  expect(said("a\nb\nc", "a\nx\nc")).toEqual([" a", "-b", "+x", " c"]);
  expect(said("a", "a")).toEqual([" a"]);
  expect(said("a\nb", "b")).toEqual(["-a", " b"]);
});

test("either side can be told from the lines", () => {
  const [before, after] = ["a\nb\nc\nd\nb", "b\nc\ne\nb\nb"];
  const lines = difference(before, after);
  expect(lines.filter((line) => line.sign !== "+").map((line) => line.text).join("\n")).toBe(before);
  expect(lines.filter((line) => line.sign !== "-").map((line) => line.text).join("\n")).toBe(after);
});

test("far from a change lines are left out, once", () => {
  const text = Array.from({ length: 20 }, (_, number) => `line ${number}`);
  const shown = hunks(difference(text.join("\n"), [...text.slice(0, 19), "other"].join("\n")));
  expect(shown[0]).toBeNull();
  expect(shown.filter((line) => line === null)).toHaveLength(1);
  expect(shown).toHaveLength(1 + 3 + 2);
});
