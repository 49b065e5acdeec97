/** How much of each node is requested by the pods on it. Pure. */
import type { KubeObject } from "@/api/kube";
import { amountOf } from "./quantity";

export interface Share {
  used: number;
  hard: number;
  text: string;
}

export interface NodeLoad {
  name: string;
  state: string;
  cpu: Share;
  memory: Share;
  pods: Share;
}

interface Container {
  restartPolicy?: string;
  resources?: { requests?: Record<string, string> };
}

const GIB = 2 ** 30;
const amount = (text: string | undefined) => amountOf(text ?? "0") || 0;
const short = (value: number) => String(Number(value.toFixed(1)));
const share = (used: number, hard: number, unit = 1, suffix = ""): Share => ({ used, hard, text: `${short(used / unit)} / ${short(hard / unit)}${suffix}` });

/** As the scheduler counts: containers together, or the largest init container if that is more; and the overhead. */
function requested(pod: KubeObject, resource: string): number {
  const { containers = [], initContainers = [], overhead = {} } = (pod.spec ?? {}) as { containers?: Container[]; initContainers?: Container[]; overhead?: Record<string, string> };
  const of = (container: Container) => amount(container.resources?.requests?.[resource]);
  const sidecars = initContainers.filter((each) => each.restartPolicy === "Always");
  const running = [...containers, ...sidecars].reduce((sum, each) => sum + of(each), 0);
  let before = 0; // sidecars that run already while an init container does
  let starting = 0;
  for (const each of initContainers) {
    if (each.restartPolicy === "Always") before += of(each);
    else starting = Math.max(starting, before + of(each));
  }
  return Math.max(running, starting) + amount(overhead[resource]);
}

function stateOf(node: KubeObject): string {
  const conditions = (node.status?.conditions ?? []) as { type: string; status: string }[];
  const ready = conditions.find((each) => each.type === "Ready")?.status === "True" ? "Ready" : "NotReady";
  return node.spec?.unschedulable ? `${ready},SchedulingDisabled` : ready;
}

export function loadOf(nodes: KubeObject[], pods: KubeObject[]): NodeLoad[] {
  return nodes.map((node) => {
    const mine = pods.filter((pod) => pod.spec?.nodeName === node.metadata.name);
    const has = (node.status?.allocatable ?? {}) as Record<string, string>;
    const sum = (resource: string) => mine.reduce((total, pod) => total + requested(pod, resource), 0);
    return {
      name: node.metadata.name,
      state: stateOf(node),
      cpu: share(sum("cpu"), amount(has.cpu)),
      memory: share(sum("memory"), amount(has.memory), GIB, " Gi"),
      pods: share(mine.length, amount(has.pods)),
    };
  });
}

const ROLE = "node-role.kubernetes.io/";

export const rolesOf = (node: KubeObject): string[] =>
  Object.keys(node.metadata.labels ?? {}).flatMap((label) => (label.startsWith(ROLE) ? [label.slice(ROLE.length)] : []));
