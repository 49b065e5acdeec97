/** Objects as YAML and back. Pure. */
import { parseAllDocuments, stringify } from "yaml";
import type { KubeObject } from "@/api/kube";

export const toYaml = (objects: KubeObject[]): string => objects.map((object) => stringify(object, { lineWidth: 0 })).join("---\n");

/** Throws an Error that says the line, for what is no object of Kubernetes. */
export function fromYaml(text: string): KubeObject[] {
  const documents = parseAllDocuments(text).filter((document) => document.contents !== null);
  return documents.map((document, index) => {
    const [error] = document.errors;
    if (error) throw new Error(error.message.split("\n")[0]);
    const object = document.toJS() as KubeObject;
    if (typeof object !== "object" || !object?.apiVersion || !object?.kind) throw new Error(`document ${index + 1}: apiVersion and kind are needed`);
    return object;
  });
}

const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;

/** The same by stock tools. */
export function asCommands(objects: KubeObject[], cluster: string, origin: string): { kubectl: string; api: string } {
  const kubectl = `kubectl create -f - <<'EOF'\n${toYaml(objects)}EOF`;
  const body = JSON.stringify({ objects, method: "create" });
  const api = `curl -X POST ${origin}/platform/v1/clusters/${cluster}/apply \\\n  -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' \\\n  -d ${quoted(body)}`;
  return { kubectl, api };
}
