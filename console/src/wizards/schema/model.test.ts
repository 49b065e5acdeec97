import { expect, test } from "vitest";
import { fieldsOfKind, type Schemas, shapeOf } from "./model";

const gvk = [{ group: "example.org", version: "v1", kind: "Backup" }];
const all: Schemas = {
  Backup: { type: "object", properties: { apiVersion: { type: "string" }, metadata: {}, status: {}, spec: { allOf: [{ $ref: "#/components/schemas/Spec" }], description: "what is wanted" } }, "x-kubernetes-group-version-kind": gvk },
  Spec: { type: "object", required: ["to"], properties: { keep: { type: "integer", minimum: 1 }, to: { type: "string" }, next: { $ref: "#/components/schemas/Spec" } } },
};

test.each([
  [{ type: "string" }, { is: "text" }],
  [{ type: "string", enum: ["", "a", "b"] }, { is: "choice", of: ["a", "b"] }],
  [{ type: "boolean" }, { is: "flag" }],
  [{ type: "number", maximum: 2 }, { is: "number", whole: false, minimum: undefined, maximum: 2 }],
  [{ "x-kubernetes-int-or-string": true }, { is: "intOrText" }],
  [{ oneOf: [{ type: "string" }, { type: "integer" }] }, { is: "intOrText" }],
  [{ type: "array", items: { type: "string" } }, { is: "texts" }],
  [{ type: "array", items: { type: "array", items: { type: "string" } } }, { is: "opaque" }],
  [{ type: "object", additionalProperties: { type: "string" } }, { is: "pairs" }],
  [{ type: "object", "x-kubernetes-preserve-unknown-fields": true }, { is: "opaque" }],
])("%j", (schema, shape) => expect(shapeOf(schema, {})).toEqual(shape));

test("a kind's fields are those of its schema, required ones first, what refers to itself not without end", () => {
  const [spec, ...others] = fieldsOfKind(all, "example.org", "v1", "Backup")!;
  expect(others).toEqual([]);
  expect(spec).toMatchObject({ name: "spec", description: "what is wanted" });
  expect(spec!.shape).toMatchObject({ is: "fields", fields: [{ name: "to", required: true }, { name: "keep" }, { name: "next" }] });
  expect(fieldsOfKind(all, "example.org", "v2", "Backup")).toBeUndefined();
});
