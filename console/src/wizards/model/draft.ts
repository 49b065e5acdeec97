/** What is being made: objects and their text, which always say the same. Pure. */
import { Document, isMap, isScalar, isSeq, parseAllDocuments, stringify } from "yaml";
import type { KubeObject } from "@/api/kube";
import { type Json, type Path, same } from "./path";

export interface Draft {
  text: string;
  /** Of the last text that could be read. */
  docs: KubeObject[];
  /** Why the text cannot be read; the objects are older than it then. */
  error?: string;
}

// Labels may be one object in several places; they are written out at each.
const LOOK = { lineWidth: 0, aliasDuplicateObjects: false };

export const draftOf = (docs: KubeObject[]): Draft => ({ docs, text: docs.map((doc) => stringify(doc, LOOK)).join("---\n") });

/** After the text was edited. */
export function reread(before: Draft, text: string): Draft {
  const parsed = parseAllDocuments(text);
  const documents = "empty" in parsed ? [] : parsed;
  const fault = documents.flatMap((document) => document.errors)[0];
  if (fault) return { text, docs: before.docs, error: fault.message.split("\n")[0] };
  const docs = documents.map((document) => document.toJS() as Json).filter((value) => value !== null);
  const odd = docs.find((doc) => typeof doc !== "object" || Array.isArray(doc) || typeof (doc as KubeObject).kind !== "string");
  if (docs.length === 0 || odd !== undefined) return { text, docs: before.docs, error: "apiVersion, kind, metadata" };
  return { text, docs: docs as KubeObject[] };
}

/** After the form was edited: the text's comments, order and notation stay wherever nothing changed. */
export function rewritten(before: Draft, docs: KubeObject[]): Draft {
  if (before.error || docs.length === 0) return draftOf(docs);
  try {
    return { docs, text: amended(before, docs) };
  } catch {
    return draftOf(docs); // aliases cannot be changed in place
  }
}

function amended(before: Draft, docs: KubeObject[]): string {
  const parsed = parseAllDocuments(before.text);
  const documents = ("empty" in parsed ? [] : parsed).filter((document) => document.contents !== null);
  const texts = docs.map((doc, index) => {
    const document = (documents[index] as Document | undefined) ?? new Document(doc, LOOK);
    if (documents[index]) amend(document, [], before.docs[index], doc);
    document.directives!.docStart = null;
    return document.toString(LOOK);
  });
  return texts.join("---\n");
}

const isBag = (value: Json): value is Record<string, Json> => typeof value === "object" && value !== null && !Array.isArray(value);

function amend(document: Document, path: Path, before: Json, after: Json): void {
  if (same(before, after)) return;
  if (isBag(before) && isBag(after) && Object.keys(before).length > 0) {
    for (const key of Object.keys(before)) if (!(key in after)) document.deleteIn([...path, key]);
    for (const [key, value] of Object.entries(after)) {
      if (key in before) amend(document, [...path, key], before[key], value);
      else document.setIn([...path, key], document.createNode(value, LOOK));
    }
    const node = document.getIn(path, true);
    if (isMap(node) && path.length === 0) node.flow = false;
    return;
  }
  if (Array.isArray(before) && Array.isArray(after) && before.length > 0 && after.length > 0) {
    for (let index = before.length - 1; index >= after.length; index--) document.deleteIn([...path, index]);
    after.forEach((value, index) => {
      if (index < before.length) amend(document, [...path, index], before[index], value);
      else document.addIn(path, document.createNode(value, LOOK));
    });
    const node = document.getIn(path, true);
    if (isSeq(node) && node.flow && after.some(isBag)) node.flow = false;
    return;
  }
  const node = document.getIn(path, true);
  if (isScalar(node) && (typeof after !== "object" || after === null)) {
    node.value = after; // its comment stays
    if (before === "") delete node.type; // what was empty had to be quoted
  } else document.setIn(path, document.createNode(after, LOOK));
}
