/** Addresses that services and routes give to the outside. Pure. */
import type { KubeObject } from "@/api/kube";

export interface Reachable {
  plural: "services" | "ingresses";
  name: string;
  type: string;
  address: string;
  link?: string;
}

interface Port {
  port: number;
  nodePort?: number;
}

function ofService(service: KubeObject): Reachable[] {
  const { type, ports = [] } = (service.spec ?? {}) as { type?: string; ports?: Port[] };
  const common = { plural: "services" as const, name: service.metadata.name, type: type ?? "" };
  if (type === "NodePort") return ports.flatMap((port) => (port.nodePort ? [{ ...common, address: `:${port.nodePort}` }] : []));
  if (type !== "LoadBalancer") return [];
  const given = (service.status?.loadBalancer?.ingress ?? []) as { ip?: string; hostname?: string }[];
  return given.flatMap(({ ip, hostname }) => ports.map(({ port }) => ({ ...common, address: `${hostname ?? ip}:${port}` })));
}

function ofIngress(ingress: KubeObject): Reachable[] {
  const { rules = [], tls = [] } = (ingress.spec ?? {}) as { rules?: { host?: string; http?: { paths?: { path?: string }[] } }[]; tls?: { hosts?: string[] }[] };
  const secure = new Set(tls.flatMap((each) => each.hosts ?? []));
  return rules.flatMap(({ host = "*", http }) =>
    (http?.paths ?? [{}]).map(({ path = "/" }) => {
      const link = host.includes("*") ? undefined : `${secure.has(host) ? "https" : "http"}://${host}${path}`;
      return { plural: "ingresses" as const, name: ingress.metadata.name, type: "Ingress", address: `${host}${path}`, link };
    }),
  );
}

export const addressesOf = (services: KubeObject[], ingresses: KubeObject[]): Reachable[] => [...ingresses.flatMap(ofIngress), ...services.flatMap(ofService)];
