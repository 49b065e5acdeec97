/** What is wrong in YAML, and where: its own syntax, and what the cluster's schemas don't know. Pure. */
import { isAlias, isMap, isScalar, isSeq, type Node, parseAllDocuments } from "yaml";
import { resolved, rootOf, type SchemaNode, type Schemas } from "./schema";

export type Problem = { from: number; to: number } & (
  | { what: "syntax"; text: string }
  | { what: "unknown"; field: string }
  | { what: "missing"; field: string }
  | { what: "type"; wanted: string }
  | { what: "choice"; wanted: string }
);

/** Schemas of an API version, if they are known. */
export type Known = (apiVersion: string) => Schemas | undefined;

const span = (node: Node): { from: number; to: number } => ({ from: node.range?.[0] ?? 0, to: node.range?.[1] ?? 0 });

export function apiVersionsOf(text: string): string[] {
  return [...new Set([...text.matchAll(/^apiVersion:\s*["']?([^\s"'#]+)/gm)].map((found) => found[1]!))];
}

export function check(text: string, known: Known): Problem[] {
  return parseAllDocuments(text).flatMap((document) => {
    const broken = document.errors.map((error): Problem => ({ what: "syntax", text: error.message.split("\n")[0]!, from: error.pos[0], to: error.pos[1] }));
    const root = document.contents as Node | null;
    if (broken.length || !isMap(root)) return broken;
    const schemas = known(String(root.get("apiVersion") ?? ""));
    const kind = schemas && rootOf(schemas, String(root.get("apiVersion")), String(root.get("kind") ?? ""));
    return kind ? walk(schemas, kind, root) : [];
  });
}

function walk(schemas: Schemas, schema: SchemaNode | undefined, node: Node): Problem[] {
  const wanted = resolved(schemas, schema);
  if (!wanted || isAlias(node) || wanted["x-kubernetes-int-or-string"]) return [];
  if (isScalar(node)) return scalar(wanted, node.value, span(node));
  if (isSeq(node)) {
    if (wanted.type && wanted.type !== "array") return [{ what: "type", wanted: wanted.type, ...span(node) }];
    return node.items.flatMap((item) => walk(schemas, wanted.items, item as Node));
  }
  if (!isMap(node)) return [];
  if (wanted.type && wanted.type !== "object") return [{ what: "type", wanted: wanted.type, ...span(node) }];
  const open = wanted["x-kubernetes-preserve-unknown-fields"] || !wanted.properties || wanted.additionalProperties === true;
  const extra = typeof wanted.additionalProperties === "object" ? wanted.additionalProperties : undefined;
  const problems = node.items.flatMap(({ key, value }): Problem[] => {
    const field = String(isScalar(key) ? key.value : key);
    const child = wanted.properties?.[field] ?? extra;
    if (!child && !open) return [{ what: "unknown", field, ...span(key as Node) }];
    return child && value ? walk(schemas, child, value as Node) : [];
  });
  const lacking = (wanted.required ?? []).filter((field) => !node.has(field));
  const first = node.items[0]?.key as Node | undefined;
  return [...problems, ...lacking.map((field): Problem => ({ what: "missing", field, ...span(first ?? node) }))];
}

function scalar(wanted: SchemaNode, value: unknown, at: { from: number; to: number }): Problem[] {
  if (value === null || value === undefined) return [];
  if (wanted.enum?.length && !wanted.enum.includes(value)) return [{ what: "choice", wanted: wanted.enum.join(", "), ...at }];
  const fits: Record<string, boolean> = {
    string: typeof value === "string",
    boolean: typeof value === "boolean",
    integer: typeof value === "bigint" || Number.isInteger(value),
    number: typeof value === "bigint" || typeof value === "number",
  };
  return wanted.type && fits[wanted.type] !== true ? [{ what: "type", wanted: wanted.type, ...at }] : [];
}
