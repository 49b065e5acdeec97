import { expect, test } from "vitest";
import { get, set } from "./path";

const object = { spec: { replicas: 1, template: { spec: { containers: [{ name: "a" }, { name: "b" }] } } }, other: { kept: true } };

test("a value is read, and none where nothing is", () => {
  expect(get(object, ["spec", "template", "spec", "containers", 1, "name"])).toBe("b");
  expect(get(object, ["spec", "nothing", "here"])).toBeUndefined();
});

test("writing makes what is missing and leaves the rest the very same", () => {
  const changed = set(object, ["spec", "template", "spec", "containers", 0, "resources", "limits", "cpu"], "1");
  expect(get(changed, ["spec", "template", "spec", "containers", 0, "resources", "limits", "cpu"])).toBe("1");
  expect(changed.other).toBe(object.other);
  expect(object.spec.template.spec.containers[0]).toEqual({ name: "a" });
});

test("taking a field away takes its empty parents along", () => {
  const made = set({ a: { b: { c: 1 } }, d: 2 }, ["a", "b", "c"], undefined);
  expect(made).toEqual({ d: 2 });
  expect(set({ list: [1, 2, 3] }, ["list", 1], undefined)).toEqual({ list: [1, 3] });
});

test("what was written is read", () => {
  for (const path of [["x"], ["x", "y"], ["x", 0, "z"]]) expect(get(set({}, path, 7), path)).toBe(7);
});
