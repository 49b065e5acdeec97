/** What a cluster says about its kinds (OpenAPI v3), asked by path. Pure. */
export interface SchemaNode {
  $ref?: string;
  allOf?: SchemaNode[];
  type?: string;
  format?: string;
  description?: string;
  properties?: Record<string, SchemaNode>;
  additionalProperties?: SchemaNode | boolean;
  items?: SchemaNode;
  required?: string[];
  enum?: unknown[];
  "x-kubernetes-group-version-kind"?: { group: string; version: string; kind: string }[];
  "x-kubernetes-int-or-string"?: boolean;
  "x-kubernetes-preserve-unknown-fields"?: boolean;
}

export interface Schemas {
  components?: { schemas?: Record<string, SchemaNode> };
}

export interface FieldInfo {
  name: string;
  type: string;
  description: string;
  required: boolean;
}

const PREFIX = "#/components/schemas/";
/** The API names quantities, moments and ports by these; their types say string where numbers are taken too. */
const LOOSE = /\.(Quantity|IntOrString|RawExtension|JSON|FieldsV1)$/;

export function rootOf(schemas: Schemas, apiVersion: string, kind: string): SchemaNode | undefined {
  const slash = apiVersion.indexOf("/");
  const group = slash < 0 ? "" : apiVersion.slice(0, slash);
  const version = apiVersion.slice(slash + 1);
  return Object.values(schemas.components?.schemas ?? {}).find((node) =>
    node["x-kubernetes-group-version-kind"]?.some((each) => each.group === group && each.version === version && each.kind === kind),
  );
}

/** The node behind references; the nearest description wins. `undefined` where anything may stand. */
export function resolved(schemas: Schemas, node: SchemaNode | undefined): SchemaNode | undefined {
  let at = node;
  let description = node?.description;
  for (let depth = 0; at && depth < 8; depth++) {
    const reference: string | undefined = at.$ref ?? (at.allOf?.length === 1 ? at.allOf[0]!.$ref : undefined);
    if (!reference) return description === at.description ? at : { ...at, description };
    if (LOOSE.test(reference)) return { description };
    at = schemas.components?.schemas?.[reference.slice(PREFIX.length)];
    description ??= at?.description;
  }
  return undefined;
}

export function nodeAt(schemas: Schemas, root: SchemaNode | undefined, path: readonly (string | number)[]): SchemaNode | undefined {
  let at = resolved(schemas, root);
  for (const key of path) {
    if (!at) return undefined;
    const extra = typeof at.additionalProperties === "object" ? at.additionalProperties : undefined;
    at = resolved(schemas, typeof key === "number" ? at.items : (at.properties?.[key] ?? extra));
  }
  return at;
}

export function typeOf(schemas: Schemas, node: SchemaNode | undefined): string {
  const found = resolved(schemas, node);
  if (found?.type === "array") return `${typeOf(schemas, found.items)}[]`;
  return found?.type ?? (found?.properties ? "object" : "any");
}

/** What may stand in a mapping; what must stands first. */
export function fieldsOf(schemas: Schemas, node: SchemaNode | undefined): FieldInfo[] {
  const required = new Set(node?.required);
  const fields = Object.entries(node?.properties ?? {}).map(([name, child]) => ({
    name,
    type: typeOf(schemas, child),
    description: resolved(schemas, child)?.description ?? "",
    required: required.has(name),
  }));
  return fields.sort((a, b) => Number(b.required) - Number(a.required) || a.name.localeCompare(b.name));
}
