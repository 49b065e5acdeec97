/** Probes and environment of a container. Pure. */
type Bag = Record<string, unknown>;

export const PROBES = ["httpGet", "tcpSocket", "exec", "grpc"] as const;
export type ProbeKind = (typeof PROBES)[number] | "none";

export const probeKind = (probe: Bag | undefined): ProbeKind => PROBES.find((kind) => probe && kind in probe) ?? "none";

/** The probe in another way of asking; how often and how long stays. */
export function probed(probe: Bag | undefined, kind: ProbeKind, port: number | string): Bag | undefined {
  if (kind === "none") return undefined;
  const timing = Object.fromEntries(Object.entries(probe ?? { periodSeconds: 10, failureThreshold: 3 }).filter(([key]) => !(PROBES as readonly string[]).includes(key)));
  const number = typeof port === "number" ? port : 80;
  const ask = { httpGet: { path: "/", port }, tcpSocket: { port }, exec: { command: ["true"] }, grpc: { port: number } }[kind];
  return { [kind]: ask, ...timing };
}

export const ORIGINS = ["value", "configMapKeyRef", "secretKeyRef", "fieldRef"] as const;
export type Origin = (typeof ORIGINS)[number];

export interface Variable {
  name: string;
  value?: string;
  valueFrom?: Bag;
}

export function originOf(variable: Variable): Origin | "other" {
  if (!variable.valueFrom) return "value";
  return ORIGINS.find((origin) => origin in variable.valueFrom!) ?? "other";
}

export function fromOrigin({ name }: Variable, origin: Origin): Variable {
  if (origin === "value") return { name, value: "" };
  return { name, valueFrom: { [origin]: origin === "fieldRef" ? { fieldPath: "metadata.name" } : { name: "", key: "" } } };
}

/** `A=1` lines as of a .env file; empty lines and comments are none. */
export function variablesOf(text: string): Variable[] {
  return text.split("\n").flatMap((line) => {
    const found = /^\s*(?:export\s+)?([A-Za-z_][\w.-]*)\s*=(.*)$/.exec(line);
    if (!found) return [];
    const value = found[2]!.trim();
    return [{ name: found[1]!, value: /^(["']).*\1$/.test(value) ? value.slice(1, -1) : value }];
  });
}

/** A command line as words: quotes keep blanks together. */
export function wordsOf(line: string): string[] {
  return [...line.matchAll(/"((?:[^"\\]|\\.)*)"|'([^']*)'|(\S+)/g)].map(([, double, single, plain]) => double?.replace(/\\(.)/g, "$1") ?? single ?? plain!);
}

export const lineOf = (words: string[] | undefined) =>
  (words ?? []).map((word) => (/^[^\s"'\\]+$/.test(word) ? word : `"${word.replace(/(["\\])/g, "\\$1")}"`)).join(" ");
