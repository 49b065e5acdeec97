/** The same as a command and as calls of the API. Pure. */
import { type KubeObject, pathOf, type Resource } from "@/api/kube";

export interface Sent {
  resource: Resource;
  object: KubeObject;
}

/** For a shell: the text stands as it is, whatever is in it. */
const heredoc = (text: string) => {
  let mark = "EOF";
  while (text.split("\n").includes(mark)) mark += "_";
  return `<<'${mark}'\n${text.trimEnd()}\n${mark}`;
};

const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;

export function asKubectl(text: string, editing: boolean): string {
  return `kubectl ${editing ? "replace" : "create"} -f - ${heredoc(text)}\n`;
}

export function asCurl(origin: string, cluster: string, sent: Sent[], editing: boolean): string {
  const one = ({ resource, object }: Sent) => {
    const path = pathOf(resource, object.metadata.namespace ?? "", editing ? object.metadata.name : "");
    const url = `${origin}/clusters/${encodeURIComponent(cluster)}${path}`;
    const head = `curl -X ${editing ? "PUT" : "POST"} ${quoted(url)} \\\n  -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' \\\n`;
    return `${head}  --data-binary @- ${heredoc(JSON.stringify(object, null, 2))}\n`;
  };
  return sent.map(one).join("\n");
}
