/** Which inputs a field's OpenAPI schema asks for. Pure. */

export interface Schema {
  type?: string;
  format?: string;
  description?: string;
  enum?: unknown[];
  default?: unknown;
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: Schema | boolean;
  items?: Schema;
  minimum?: number;
  maximum?: number;
  $ref?: string;
  allOf?: Schema[];
  oneOf?: Schema[];
  anyOf?: Schema[];
  "x-kubernetes-int-or-string"?: boolean;
  "x-kubernetes-preserve-unknown-fields"?: boolean;
  "x-kubernetes-group-version-kind"?: { group: string; version: string; kind: string }[];
}

export type Schemas = Record<string, Schema>;

export interface Field {
  name: string;
  description: string;
  required: boolean;
  shape: Shape;
}

export type Shape =
  | { is: "text" | "flag" | "intOrText" | "texts" | "pairs" | "opaque" }
  | { is: "number"; whole: boolean; minimum?: number; maximum?: number }
  | { is: "choice"; of: string[] }
  | { is: "fields"; fields: Field[] }
  | { is: "list"; of: Shape };

const PREFIX = "#/components/schemas/";
/** Schemas may hold themselves. */
const DEEPEST = 8;

/** With what it refers to; what it says itself comes before that. */
export function resolved(schema: Schema, all: Schemas): Schema {
  let whole = schema;
  for (let step = 0; step < DEEPEST && (whole.$ref || whole.allOf?.length === 1); step++) {
    const { $ref, allOf, ...own } = whole;
    whole = { ...($ref ? all[$ref.replace(PREFIX, "")] : undefined), ...allOf?.[0], ...own };
  }
  return whole;
}

function isIntOrText(schema: Schema): boolean {
  if (schema["x-kubernetes-int-or-string"] || schema.format === "int-or-string") return true;
  const types = (schema.oneOf ?? schema.anyOf ?? []).map((each) => each.type).sort();
  return !schema.type && types.length === 2 && ["integer", "number"].includes(types[0]!) && types[1] === "string";
}

export function shapeOf(given: Schema, all: Schemas, depth = 0): Shape {
  const schema = resolved(given, all);
  if (isIntOrText(schema)) return { is: "intOrText" };
  if (schema.enum?.every((each) => typeof each === "string")) return { is: "choice", of: schema.enum.filter((each) => each !== "") };
  switch (schema.type) {
    case "string":
      return { is: "text" };
    case "boolean":
      return { is: "flag" };
    case "integer":
    case "number":
      return { is: "number", whole: schema.type === "integer", minimum: schema.minimum, maximum: schema.maximum };
    case "array":
      return listOf(schema.items ?? {}, all, depth);
    default:
      return objectOf(schema, all, depth);
  }
}

function listOf(items: Schema, all: Schemas, depth: number): Shape {
  if (depth >= DEEPEST) return { is: "opaque" };
  const of = shapeOf(items, all, depth + 1);
  if (of.is === "text" || of.is === "choice") return { is: "texts" };
  return of.is === "fields" ? { is: "list", of } : { is: "opaque" };
}

function objectOf(schema: Schema, all: Schemas, depth: number): Shape {
  if (schema.properties && depth < DEEPEST) return { is: "fields", fields: fieldsOf(schema, all, depth) };
  const values = schema.additionalProperties;
  return typeof values === "object" && resolved(values, all).type === "string" ? { is: "pairs" } : { is: "opaque" };
}

/** What is required comes first, otherwise as the schema has it. */
export function fieldsOf(schema: Schema, all: Schemas, depth = 0): Field[] {
  const fields = Object.entries(schema.properties ?? {}).map(([name, each]) => ({
    name,
    description: each.description ?? resolved(each, all).description ?? "",
    required: schema.required?.includes(name) ?? false,
    shape: shapeOf(each, all, depth + 1),
  }));
  return [...fields.filter((field) => field.required), ...fields.filter((field) => !field.required)];
}

const NOT_ASKED = new Set(["apiVersion", "kind", "metadata", "status"]);

/** Of a kind: all that is below its root, but what every object has. Undefined if the document does not tell. */
export function fieldsOfKind(all: Schemas, group: string, version: string, kind: string): Field[] | undefined {
  const found = Object.values(all).find((schema) =>
    schema["x-kubernetes-group-version-kind"]?.some((each) => each.group === group && each.version === version && each.kind === kind),
  );
  if (!found?.properties) return undefined;
  return fieldsOf(resolved(found, all), all).filter((field) => !NOT_ASKED.has(field.name));
}
