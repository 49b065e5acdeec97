/** Where a service answers, and what stands behind it. Pure. */
import type { KubeObject } from "@/api/kube";

export interface ServicePort {
  name?: string;
  port: number;
  targetPort?: number | string;
  nodePort?: number;
  protocol?: string;
  appProtocol?: string;
}

/** From where an address can be reached. */
export type From = "cluster" | "node" | "outside";

export interface Address {
  from: From;
  address: string;
  /** For the browser, where it may be a page. */
  link?: string;
}

const SECURE = new Set([443, 8443, 6443, 9443]);
const MOST_NODES = 3;

const isSecure = ({ name = "", appProtocol = "", port }: ServicePort) => /https|tls/.test(name + appProtocol) || SECURE.has(port);
const host = (address: string) => (address.includes(":") ? `[${address}]` : address);

function addressAt(from: From, at: string, port: ServicePort, number: number): Address {
  const address = `${host(at)}:${number}`;
  const may = from !== "cluster" && (port.protocol ?? "TCP") === "TCP";
  return { from, address, ...(may && { link: `${isSecure(port) ? "https" : "http"}://${address}` }) };
}

/** Of a node: the one for the outside if it has one. */
function addressOf(node: KubeObject): string | undefined {
  const found = (node.status?.addresses ?? []) as { type: string; address: string }[];
  return (found.find((each) => each.type === "ExternalIP") ?? found.find((each) => each.type === "InternalIP"))?.address;
}

/** The nearest to the outside first. `nodes` may be left out: then node ports are told without a node. */
export function addressesOf(service: KubeObject, nodes: KubeObject[] = []): Address[] {
  const { name, namespace } = service.metadata;
  const { type, ports = [], clusterIPs = [], externalIPs = [], externalName } = (service.spec ?? {}) as {
    type?: string; ports?: ServicePort[]; clusterIPs?: string[]; externalIPs?: string[]; externalName?: string;
  };
  if (type === "ExternalName") return [{ from: "cluster", address: `${name}.${namespace}.svc → ${externalName}` }];
  const balancers = (service.status?.loadBalancer?.ingress ?? []) as { ip?: string; hostname?: string }[];
  const outside = [...balancers.map((each) => each.hostname ?? each.ip ?? ""), ...externalIPs].filter(Boolean);
  const onNodes = nodes.flatMap((node) => addressOf(node) ?? []).slice(0, MOST_NODES);
  const inside = [`${name}.${namespace}.svc`, ...clusterIPs.filter((each) => each !== "None")];
  const nodePorts = ports.filter((port) => port.nodePort);
  return [
    ...outside.flatMap((at) => ports.map((port) => addressAt("outside", at, port, port.port))),
    ...onNodes.flatMap((at) => nodePorts.map((port) => addressAt("node", at, port, port.nodePort!))),
    ...(onNodes.length ? [] : nodePorts.map((port) => ({ from: "node" as const, address: `:${port.nodePort}` }))),
    ...inside.flatMap((at) => ports.map((port) => addressAt("cluster", at, port, port.port))),
  ];
}

export interface Endpoint {
  address: string;
  /** As EndpointSlices say: what is not told is ready. */
  state: "Ready" | "NotReady" | "Terminating";
  ports: string;
  node: string;
  pod: string;
}

interface SliceEndpoint {
  addresses?: string[];
  conditions?: { ready?: boolean; terminating?: boolean };
  nodeName?: string;
  targetRef?: { kind?: string; name?: string };
}

export function endpointsOf(slices: KubeObject[]): Endpoint[] {
  return slices.flatMap((slice) => {
    const ports = ((slice.ports ?? []) as { name?: string; port?: number; protocol?: string }[]).map(({ name, port, protocol }) => `${name ? `${name} ` : ""}${port}/${protocol ?? "TCP"}`);
    return ((slice.endpoints ?? []) as SliceEndpoint[]).flatMap(({ addresses = [], conditions = {}, nodeName = "", targetRef }) =>
      addresses.map((address): Endpoint => ({
        address,
        state: conditions.terminating ? "Terminating" : conditions.ready === false ? "NotReady" : "Ready",
        ports: ports.join(", "),
        node: nodeName,
        pod: targetRef?.kind === "Pod" ? (targetRef.name ?? "") : "",
      })),
    );
  });
}

export interface RoutePath {
  host: string;
  path: string;
  pathType: string;
  service: string;
  port: string;
  /** The secret with the host's certificate. */
  secret: string;
  link?: string;
}

interface Backend {
  service?: { name: string; port?: { name?: string; number?: number } };
  resource?: { kind: string; name: string };
}

interface IngressSpec {
  tls?: { hosts?: string[]; secretName?: string }[];
  rules?: { host?: string; http?: { paths?: { path?: string; pathType?: string; backend: Backend }[] } }[];
  defaultBackend?: Backend;
}

/** Every path of an ingress, and where it leads; the default backend last, for every other host and path. */
export function pathsOf(ingress: KubeObject): RoutePath[] {
  const { tls = [], rules = [], defaultBackend } = (ingress.spec ?? {}) as IngressSpec;
  const row = (host: string, path: string, pathType: string, backend: Backend): RoutePath => {
    const cover = tls.find((each) => each.hosts?.includes(host) || each.hosts?.includes(host.replace(/^[^.]+/, "*")));
    const { name = backend.resource ? `${backend.resource.kind}/${backend.resource.name}` : "", port } = backend.service ?? {};
    const link = host === "*" || host.startsWith("*.") ? undefined : `${cover ? "https" : "http"}://${host}${path.startsWith("/") ? path : "/"}`;
    return { host, path, pathType, service: name, port: String(port?.name ?? port?.number ?? ""), secret: cover?.secretName ?? "", link };
  };
  const paths = rules.flatMap(({ host = "*", http }) => (http?.paths ?? []).map(({ path = "/", pathType = "", backend }) => row(host, path, pathType, backend)));
  return defaultBackend ? [...paths, row("*", "*", "", defaultBackend)] : paths;
}
