/** What gateways and their routes say (Gateway API v1). Pure. */
import type { KubeObject } from "@/api/kube";

interface Condition {
  type: string;
  status: string;
  reason?: string;
  message?: string;
}

export interface Listener {
  name: string;
  port: number;
  protocol: string;
  hostname: string;
  /** Routes that hang on it. */
  routes: number;
  /** Why it does not work; empty if it does. */
  problem: string;
}

/** These are bad where they are true; of others, the opposite is. */
const BAD = new Set(["Conflicted"]);

export function listenersOf(gateway: KubeObject): Listener[] {
  const told = (gateway.status?.listeners ?? []) as { name: string; attachedRoutes?: number; conditions?: Condition[] }[];
  return ((gateway.spec?.listeners ?? []) as { name: string; port: number; protocol: string; hostname?: string }[]).map(({ name, port, protocol, hostname = "*" }) => {
    const { attachedRoutes = 0, conditions = [] } = told.find((each) => each.name === name) ?? {};
    return { name, port, protocol, hostname, routes: attachedRoutes, problem: problemOf(conditions) };
  });
}

function problemOf(conditions: Condition[]): string {
  const bad = conditions.find(({ type, status }) => (BAD.has(type) ? status === "True" : status === "False"));
  return bad ? (bad.message ?? bad.reason ?? bad.type) : "";
}

export interface RouteRule {
  matches: string[];
  backends: { name: string; namespace: string; kind: string; port: string; weight: number }[];
}

interface Match {
  path?: { type?: string; value?: string };
  method?: string;
  headers?: { name: string; value: string }[];
}

interface Backend {
  name: string;
  namespace?: string;
  kind?: string;
  port?: number;
  weight?: number;
}

/** A match in the form of a request: `GET /api… with version: 2`. */
function matchText({ path = {}, method, headers = [] }: Match): string {
  const place = `${path.value ?? "/"}${path.type === "Exact" ? "" : "…"}`;
  return [method, place, ...headers.map(({ name, value }) => `${name}: ${value}`)].filter(Boolean).join(" ");
}

export function rulesOf(route: KubeObject): RouteRule[] {
  const { namespace = "" } = route.metadata;
  return ((route.spec?.rules ?? []) as { matches?: Match[]; backendRefs?: Backend[] }[]).map(({ matches = [{}], backendRefs = [] }) => ({
    matches: matches.map(matchText),
    backends: backendRefs.map((each) => ({ name: each.name, namespace: each.namespace ?? namespace, kind: each.kind ?? "Service", port: String(each.port ?? ""), weight: each.weight ?? 1 })),
  }));
}

export interface Parent {
  name: string;
  namespace: string;
  /** Undefined until its controller has said anything. */
  accepted?: boolean;
  problem: string;
}

export function parentsOf(route: KubeObject): Parent[] {
  const told = (route.status?.parents ?? []) as { parentRef: { name: string; namespace?: string }; conditions?: Condition[] }[];
  return ((route.spec?.parentRefs ?? []) as { name: string; namespace?: string }[]).map(({ name, namespace = route.metadata.namespace ?? "" }) => {
    const conditions = told.find(({ parentRef }) => parentRef.name === name && (parentRef.namespace ?? route.metadata.namespace) === namespace)?.conditions;
    return { name, namespace, accepted: conditions && !problemOf(conditions), problem: problemOf(conditions ?? []) };
  });
}
