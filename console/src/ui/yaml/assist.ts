/** What an editor knows of the cluster's kinds: it completes, explains and marks what the API would refuse. */
import { autocompletion, type Completion, type CompletionContext, type CompletionResult } from "@codemirror/autocomplete";
import { forceLinting, linter, lintGutter } from "@codemirror/lint";
import type { EditorState, Extension } from "@codemirror/state";
import { EditorView, hoverTooltip, ViewPlugin } from "@codemirror/view";
import { fieldsOf, nodeAt, resolved, rootOf, type SchemaNode, type Schemas, typeOf } from "@/lib/schema";
import { apiVersionsOf, check, type Problem } from "@/lib/yamlCheck";
import { type Place, placeOf } from "@/lib/yamlPlace";

/** Schemas of an API version ("v1", "apps/v1"), if the cluster tells them. */
export type AskSchemas = (apiVersion: string) => Promise<Schemas | undefined>;

interface Found {
  schemas: Schemas;
  parent: SchemaNode | undefined;
  place: Place;
}

async function find(ask: AskSchemas, state: EditorState, position: number): Promise<Found | null> {
  const line = state.doc.lineAt(position);
  const place = placeOf(state.doc.toString().split("\n"), line.number - 1);
  const schemas = place.apiVersion && place.kind ? await ask(place.apiVersion) : undefined;
  const root = schemas && rootOf(schemas, place.apiVersion, place.kind);
  return root ? { schemas, place, parent: nodeAt(schemas, root, place.parent) } : null;
}

/** A new key goes on as its type wants it: on the same line, or below. */
function suffixOf(type: string, indent: number): string {
  if (type.endsWith("[]")) return `:\n${" ".repeat(indent)}- `;
  return type === "object" ? `:\n${" ".repeat(indent + 2)}` : ": ";
}

const complete = (ask: AskSchemas) => async (context: CompletionContext): Promise<CompletionResult | null> => {
  const line = context.state.doc.lineAt(context.pos);
  const found = await find(ask, context.state, context.pos);
  if (!found) return null;
  const { schemas, parent, place } = found;
  const column = context.pos - line.from;
  if (place.valueFrom >= 0 && column >= place.valueFrom) {
    const child = nodeAt(schemas, parent, [place.key]);
    const values = child?.enum ?? (child?.type === "boolean" ? ["true", "false"] : []);
    const typed = /\S*$/.exec(line.text.slice(place.valueFrom, column))![0];
    return values.length ? { from: context.pos - typed.length, options: values.map((value) => ({ label: String(value), type: "constant" })) } : null;
  }
  if (!context.explicit && column === place.from) return null;
  const options = fieldsOf(schemas, parent).map(({ name, type, description, required }): Completion => ({
    label: name,
    detail: required ? `${type} *` : type,
    info: description || undefined,
    type: "property",
    boost: required ? 10 : 0,
    apply: place.valueFrom >= 0 ? name : name + suffixOf(type, place.from),
  }));
  return options.length ? { from: line.from + place.from, options, validFor: /^[\w-]*$/ } : null;
};

const explain = (ask: AskSchemas) =>
  hoverTooltip(async (view, position) => {
    const line = view.state.doc.lineAt(position);
    const found = await find(ask, view.state, position);
    if (!found || found.place.valueFrom < 0 || position - line.from < found.place.from || position - line.from >= found.place.valueFrom) return null;
    const { schemas, parent, place } = found;
    const node = resolved(schemas, nodeAt(schemas, parent, [place.key]));
    if (!node) return null;
    const text = `${[...place.parent, place.key].filter((key) => typeof key === "string").join(".")}: ${typeOf(schemas, node)}`;
    return {
      pos: line.from + place.from,
      above: true,
      create: () => {
        const dom = document.createElement("div");
        dom.className = "cm-fieldInfo";
        const title = dom.appendChild(document.createElement("strong"));
        title.textContent = text;
        dom.append(node.description ? `\n${node.description}` : "");
        return { dom };
      },
    };
  });

const lint = (ask: AskSchemas, say: (problem: Problem) => string) =>
  linter(
    async (view) => {
      const text = view.state.doc.toString();
      const asked = await Promise.all(apiVersionsOf(text).map(async (version) => [version, await ask(version)] as const));
      const known = new Map(asked);
      return check(text, (version) => known.get(version)).map((problem) => ({
        from: Math.min(problem.from, text.length),
        to: Math.min(Math.max(problem.to, problem.from), text.length),
        severity: problem.what === "syntax" || problem.what === "type" ? "error" : "warning",
        message: say(problem),
      }));
    },
    { delay: 400 },
  );

/** What is opened is looked at at once, not only when it changes. */
const atOnce = ViewPlugin.define((view) => {
  const timer = setTimeout(() => forceLinting(view));
  return { destroy: () => clearTimeout(timer) };
});

export function assist(ask: AskSchemas, say: (problem: Problem) => string): Extension {
  return [autocompletion({ override: [complete(ask)], icons: false }), explain(ask), lint(ask, say), lintGutter(), atOnce, EditorView.lineWrapping];
}
