import { expect, test } from "vitest";
import { isKey, isValue, labelsPatch, taintsPatch } from "./labels";

test.each([
  ["app", true],
  ["app.kubernetes.io/name", true],
  ["node-role.kubernetes.io/control-plane", true],
  ["A_b.c-9", true],
  ["", false],
  ["-app", false],
  ["app/", false],
  ["/app", false],
  ["Upper.Case/app", false],
  ["a/b/c", false],
  ["x".repeat(64), false],
])("the key %j is allowed: %s", (key, allowed) => expect(isKey(key)).toBe(allowed));

test.each([["", true], ["v1.2_3", true], ["a b", false], ["-", false], ["x".repeat(64), false]])("the value %j is allowed: %s", (value, allowed) =>
  expect(isValue(value)).toBe(allowed),
);

test.each([
  ["nothing", { a: "1" }, { a: "1" }, {}],
  ["what is new", {}, { a: "1" }, { a: "1" }],
  ["what is another", { a: "1", b: "2" }, { a: "3", b: "2" }, { a: "3" }],
  ["what is gone", { a: "1" }, {}, { a: null }],
])("a patch of labels has %s", (_, before, after, expected) => expect(labelsPatch(before, after)).toEqual(expected));

const taint = { key: "a", effect: "NoSchedule" };
test("taints are changed only if they are still as they were", () => expect(taintsPatch([taint], []).map(({ op }) => op)).toEqual(["test", "replace"]));
test("the first taint is added", () => expect(taintsPatch(undefined, [taint])).toEqual([{ op: "add", path: "/spec/taints", value: [taint] }]));
