/** An object's fields as a tree, each with what its schema says of it. Pure. */
import { resolved, type SchemaNode, type Schemas } from "./schema";

export interface Twig {
  key: string;
  description: string;
  /** Of a leaf. */
  text?: string;
  /** A leaf that is a moment. */
  isMoment?: boolean;
  /** Of a mapping or a list: what is in it. */
  twigs?: Twig[];
}

const MOMENT = /\.(Time|MicroTime)$/;

function isMoment(node: SchemaNode | undefined, given: SchemaNode | undefined): boolean {
  const reference = given?.$ref ?? given?.allOf?.[0]?.$ref ?? "";
  return node?.format === "date-time" || MOMENT.test(reference);
}

/** A list's items are named by what tells them apart, else by their number. */
function itemKey(item: unknown, index: number): string {
  if (typeof item !== "object" || item === null) return String(index);
  const { name, type, key } = item as Record<string, unknown>;
  return String([name, type, key].find((each) => typeof each === "string") ?? index);
}

function twigOf(key: string, value: unknown, given: SchemaNode | undefined, schemas: Schemas): Twig {
  const node = resolved(schemas, given);
  const twig = { key, description: node?.description ?? "" };
  if (Array.isArray(value)) {
    const isPlain = value.every((each) => typeof each !== "object" || each === null);
    if (isPlain) return { ...twig, text: value.length ? value.join(", ") : "[]" };
    return { ...twig, twigs: value.map((each, index) => twigOf(itemKey(each, index), each, node?.items, schemas)) };
  }
  if (typeof value === "object" && value !== null) {
    const fields = Object.entries(value);
    return fields.length ? { ...twig, twigs: twigsOf(value as Record<string, unknown>, node, schemas) } : { ...twig, text: "{}" };
  }
  return { ...twig, text: value === null ? "null" : String(value), ...(isMoment(node, given) && { isMoment: true }) };
}

export function twigsOf(value: Record<string, unknown>, given: SchemaNode | undefined, schemas: Schemas): Twig[] {
  const node = resolved(schemas, given);
  const extra = typeof node?.additionalProperties === "object" ? node.additionalProperties : undefined;
  return Object.entries(value).map(([key, each]) => twigOf(key, each, node?.properties?.[key] ?? extra, schemas));
}
