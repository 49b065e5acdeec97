/** What secrets and config maps hold, entry by entry. Pure. */
import type { KubeObject } from "@/api/kube";
import { decode } from "@/lib/base64";

export interface Entry {
  key: string;
  /** In bytes. */
  size: number;
  /** Of a secret: in base64, for whoever asks for it; of a config map: what is no text. */
  encoded?: string;
  text?: string;
}

/** Of base64 text, without decoding it. */
export function sizeOf(base64: string): number {
  const padding = base64.endsWith("==") ? 2 : base64.endsWith("=") ? 1 : 0;
  return (base64.length / 4) * 3 - padding;
}

const sorted = (entries: Entry[]) => entries.sort((a, b) => a.key.localeCompare(b.key));

export const secretEntries = (secret: KubeObject): Entry[] =>
  sorted(Object.entries((secret.data ?? {}) as Record<string, string>).map(([key, encoded]) => ({ key, encoded, size: sizeOf(encoded) })));

export function configEntries(map: KubeObject): Entry[] {
  const texts = Object.entries((map.data ?? {}) as Record<string, string>).map(([key, text]) => ({ key, text, size: new TextEncoder().encode(text).length }));
  const others = Object.entries((map.binaryData ?? {}) as Record<string, string>).map(([key, encoded]) => ({ key, encoded, text: decode(encoded), size: sizeOf(encoded) }));
  return sorted([...texts, ...others]);
}

/** Its bytes, to be kept as a file. */
export function blobOf({ text, encoded }: Entry): Blob {
  if (encoded === undefined) return new Blob([text ?? ""]);
  return new Blob([Uint8Array.from(atob(encoded), (letter) => letter.charCodeAt(0))]);
}

export interface Binding {
  name: string;
  /** Empty: it holds in the whole cluster. */
  namespace: string;
  role: string;
  roleKind: string;
}

/** Which of these bindings name a service account, by itself or by the groups that it is in. */
export function bindingsOf(account: KubeObject, bindings: KubeObject[]): Binding[] {
  const { name, namespace } = account.metadata;
  const groups = new Set(["system:serviceaccounts", `system:serviceaccounts:${namespace}`, "system:authenticated"]);
  const names = (subject: { kind: string; name: string; namespace?: string }) =>
    subject.kind === "Group" ? groups.has(subject.name) : subject.kind === "ServiceAccount" && subject.name === name && subject.namespace === namespace;
  return bindings
    .filter((binding) => (binding.subjects ?? []).some(names))
    .map((binding) => ({ name: binding.metadata.name, namespace: binding.metadata.namespace ?? "", role: binding.roleRef?.name ?? "", roleKind: binding.roleRef?.kind ?? "" }));
}
