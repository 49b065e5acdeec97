/** What a workload's object says about its pods. Pure. */
import type { KubeObject } from "@/api/kube";

interface Container {
  name: string;
  image: string;
  ports?: { name?: string; containerPort: number; protocol?: string }[];
  resources?: { requests?: Record<string, string>; limits?: Record<string, string> };
  env?: { name: string; value?: string; valueFrom?: Record<string, { name?: string; key?: string; fieldPath?: string; resource?: string }> }[];
  envFrom?: { prefix?: string; configMapRef?: { name: string }; secretRef?: { name: string } }[];
}

export interface PodTemplate {
  metadata?: { labels?: Record<string, string>; annotations?: Record<string, string> };
  spec: { containers: Container[]; initContainers?: Container[] };
}

/** The pod that an object makes, or is. */
export function templateOf(object: KubeObject): PodTemplate | undefined {
  if (object.kind === "Pod") return { metadata: object.metadata, spec: object.spec };
  if (object.kind === "CronJob") return object.spec?.jobTemplate?.spec?.template;
  return object.spec?.template;
}

/** Where its containers stand, for a patch. */
export function containersAt(kind: string): string[] {
  return kind === "CronJob" ? ["spec", "jobTemplate", "spec", "template", "spec"] : ["spec", "template", "spec"];
}

/** `{a: {b: leaf}}` of `["a", "b"]`. */
export function nested(path: string[], leaf: unknown): unknown {
  return path.reduceRight<unknown>((inner, key) => ({ [key]: inner }), leaf);
}

/** A selector of the API as text: `a=b,c in (d,e)`. */
export function selectorText(selector?: {
  matchLabels?: Record<string, string>;
  matchExpressions?: { key: string; operator: string; values?: string[] }[];
}): string {
  const labels = Object.entries(selector?.matchLabels ?? {}).map(([key, value]) => `${key}=${value}`);
  const others = (selector?.matchExpressions ?? []).map(({ key, operator, values = [] }) => {
    if (operator === "Exists") return key;
    if (operator === "DoesNotExist") return `!${key}`;
    return `${key} ${operator === "In" ? "in" : "notin"} (${values.join(",")})`;
  });
  return [...labels, ...others].join(",");
}

export interface Replicas {
  wanted: number;
  ready: number;
  updated: number;
}

export function replicasOf(object: KubeObject): Replicas {
  const { spec = {}, status = {} } = object;
  if (object.kind === "DaemonSet")
    return { wanted: status.desiredNumberScheduled ?? 0, ready: status.numberReady ?? 0, updated: status.updatedNumberScheduled ?? 0 };
  return { wanted: spec.replicas ?? 1, ready: status.readyReplicas ?? 0, updated: status.updatedReplicas ?? 0 };
}

/** What a container is doing: `Running`, or the reason why it does not. */
export function stateOf(status?: { state?: Record<string, { reason?: string; exitCode?: number }> }): string {
  const [kind, told] = Object.entries(status?.state ?? {})[0] ?? [];
  if (!kind) return "Pending";
  if (kind === "running") return "Running";
  return told?.reason ?? (kind === "terminated" ? "Completed" : "Pending");
}
