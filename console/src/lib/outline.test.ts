import { expect, test } from "vitest";
import { twigsOf } from "./outline";
import type { SchemaNode } from "./schema";

const schema: SchemaNode = {
  properties: {
    size: { type: "integer", description: "How large." },
    at: { type: "string", format: "date-time" },
    parts: { type: "array", items: { $ref: "#/components/schemas/Part" } },
    labels: { type: "object", additionalProperties: { type: "string", description: "A label." } },
  },
};
const schemas = { components: { schemas: { Part: { properties: { weight: { type: "string", description: "How heavy." } } } } } };
const of = (value: Record<string, unknown>) => twigsOf(value, schema, schemas);

test("a leaf says what it is", () => expect(of({ size: 3 })).toEqual([{ key: "size", description: "How large.", text: "3" }]));
test("a moment is one", () => expect(of({ at: "2026-01-01T00:00:00Z" })[0]).toMatchObject({ isMoment: true }));
test("what the schema does not know is shown all the same", () => expect(of({ odd: true })).toEqual([{ key: "odd", description: "", text: "true" }]));
test("values of a mapping are described by it", () => expect(of({ labels: { a: "b" } })[0]!.twigs).toEqual([{ key: "a", description: "A label.", text: "b" }]));

test.each([
  [[{ name: "x", weight: "1" }], "x"],
  [[{ type: "y" }], "y"],
  [[{ weight: "1" }], "0"],
])("items of %j are told apart", (parts, key) => expect(of({ parts })[0]!.twigs![0]!.key).toBe(key));

test("items are described by their schema", () => expect(of({ parts: [{ weight: "1" }] })[0]!.twigs![0]!.twigs).toEqual([{ key: "weight", description: "How heavy.", text: "1" }]));
test.each([[["a", "b"], "a, b"], [[], "[]"], [{}, "{}"], [null, "null"]])("%j is short", (value, text) => expect(of({ any: value })[0]!.text).toBe(text));
