import { expect, test } from "vitest";
import { asCommands, fromYaml, toYaml } from "./manifest";

const map = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "it's" }, data: { a: "1\n2\n" } };

test("objects survive the way to YAML and back", () => {
  expect(fromYaml(toYaml([map, { ...map, metadata: { name: "two" } }]))).toEqual([map, { ...map, metadata: { name: "two" } }]);
});

test.each([
  ["a: [", /./],
  ["kind: Pod", /document 1: apiVersion and kind are needed/],
  ["just text", /document 1/],
])("%s is no object", (text, said) => expect(() => fromYaml(text)).toThrow(said));

test("commands hold what is sent, quoted for a shell", () => {
  const { kubectl, api } = asCommands([map], "host", "https://x");
  expect(kubectl).toContain("name: it's");
  expect(api).toContain("it'\\''s");
});
