/** What the workload forms do to objects. Pure: documents in, documents out. The first one is the workload. */
import type { KubeObject } from "@/api/kube";
import { get, type Path, set } from "../model/path";

export const NAME_LABEL = "app.kubernetes.io/name";
type Bag = Record<string, unknown>;
type Docs = KubeObject[];

export const WORKLOADS = ["Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob"] as const;
export type WorkloadKind = (typeof WORKLOADS)[number];

/** Where the pods' template stands. */
export const templateOf = (kind: string): Path => (kind === "CronJob" ? ["spec", "jobTemplate", "spec", "template"] : ["spec", "template"]);
export const podOf = (kind: string): Path => [...templateOf(kind), "spec"];
/** Where a job's own settings stand. */
export const jobOf = (kind: string): Path => (kind === "CronJob" ? ["spec", "jobTemplate", "spec"] : ["spec"]);
const isJob = (kind: string) => kind === "Job" || kind === "CronJob";

export interface Container {
  name?: string;
  image?: string;
  ports?: { name?: string; containerPort?: number; protocol?: string }[];
  volumeMounts?: { name: string; mountPath?: string; subPath?: string; readOnly?: boolean }[];
  [field: string]: unknown;
}

export interface Volume {
  name: string;
  [source: string]: unknown;
}

export const containersOf = (workload: KubeObject): Container[] => get(workload, [...podOf(workload.kind), "containers"]) ?? [];

export function blankWorkload(kind: WorkloadKind, namespace: string): Docs {
  const labels = { [NAME_LABEL]: "" };
  const container = { name: "", image: "" };
  const pod = isJob(kind) ? { restartPolicy: "Never", containers: [container] } : { containers: [container] };
  const metadata = { name: "", ...(namespace ? { namespace } : {}) };
  if (kind === "Job") return [{ apiVersion: "batch/v1", kind, metadata, spec: { backoffLimit: 3, template: { spec: pod } } }];
  if (kind === "CronJob") {
    const spec = { schedule: "0 3 * * *", concurrencyPolicy: "Forbid", jobTemplate: { spec: { backoffLimit: 3, template: { spec: pod } } } };
    return [{ apiVersion: "batch/v1", kind, metadata, spec }];
  }
  const shared = { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: pod } };
  const spec = kind === "Deployment" ? { replicas: 1, ...shared } : kind === "StatefulSet" ? { replicas: 1, serviceName: "", ...shared } : shared;
  return [{ apiVersion: "apps/v1", kind, metadata: { ...metadata, labels }, spec }];
}

/** Another name; what was called after the old one follows. */
export function renamed(docs: Docs, name: string): Docs {
  const old = docs[0]?.metadata.name ?? "";
  return docs.map((doc, index) => {
    if (index === 0) return renamedWorkload(doc, old, name);
    const follows = doc.metadata.name === old ? set(doc, ["metadata", "name"], name) : doc;
    return renamedCompanion(follows, old, name);
  });
}

function follow(object: KubeObject, path: Path, old: string, name: string): KubeObject {
  return get(object, path) === old ? set(object, path, name) : object;
}

function renamedWorkload(workload: KubeObject, old: string, name: string): KubeObject {
  const template = templateOf(workload.kind);
  const labels: Path[] = [["metadata", "labels", NAME_LABEL], ["spec", "selector", "matchLabels", NAME_LABEL], [...template, "metadata", "labels", NAME_LABEL]];
  const names: Path[] = [...labels, ["spec", "serviceName"], [...template, "spec", "containers", 0, "name"]];
  return names.reduce((object, path) => follow(object, path, old, name), set(workload, ["metadata", "name"], name));
}

function renamedCompanion(doc: KubeObject, old: string, name: string): KubeObject {
  if (doc.kind === "Service") return follow(follow(doc, ["spec", "selector", NAME_LABEL], old, name), ["metadata", "labels", NAME_LABEL], old, name);
  if (doc.kind === "HorizontalPodAutoscaler") return follow(doc, ["spec", "scaleTargetRef", "name"], old, name);
  if (doc.kind !== "Ingress") return doc;
  const rules = (get<Bag[]>(doc, ["spec", "rules"]) ?? []).map((rule) => {
    const paths = get<Bag[]>(rule, ["http", "paths"]);
    return paths ? set(rule, ["http", "paths"], paths.map((path) => (get(path, ["backend", "service", "name"]) === old ? set(path, ["backend", "service", "name"], name) : path))) : rule;
  });
  return set(doc, ["spec", "rules"], rules);
}

/** Everything in another namespace. */
export const moved = (docs: Docs, namespace: string): Docs => docs.map((doc) => set(doc, ["metadata", "namespace"], namespace || undefined));

export const indexOf = (docs: Docs, kind: string) => docs.findIndex((doc, index) => index > 0 && doc.kind === kind);
const withoutKind = (docs: Docs, ...kinds: string[]) => docs.filter((doc, index) => index === 0 || !kinds.includes(doc.kind));

const metadataBeside = (workload: KubeObject) => {
  const { name, namespace } = workload.metadata;
  return { name, ...(namespace ? { namespace } : {}) };
};

/** With a service for the workload's ports, or without (and without the route to it). */
export function withService(docs: Docs, wanted: boolean): Docs {
  const workload = docs[0]!;
  if (!wanted) return withoutKind(docs, "Service", "Ingress");
  if (indexOf(docs, "Service") > 0) return docs;
  const ports = containersOf(workload).flatMap((container) => container.ports ?? []);
  const spec = {
    selector: get<Bag>(workload, ["spec", "selector", "matchLabels"]) ?? {},
    ports: (ports.length ? ports : [{ containerPort: 80 }]).map((port) => ({
      ...(port.name ? { name: port.name } : ports.length > 1 ? { name: `port-${port.containerPort}` } : {}),
      port: port.containerPort ?? 80,
      targetPort: port.name ?? port.containerPort ?? 80,
      ...(port.protocol && port.protocol !== "TCP" ? { protocol: port.protocol } : {}),
    })),
  };
  const service = { apiVersion: "v1", kind: "Service", metadata: metadataBeside(workload), spec };
  const headless = workload.kind === "StatefulSet" ? { ...service, spec: { clusterIP: "None", ...spec } } : service;
  return [workload, headless, ...docs.slice(1)];
}

/** With a route to the service, or without. */
export function withRoute(docs: Docs, wanted: boolean): Docs {
  if (!wanted) return withoutKind(docs, "Ingress");
  const all = withService(docs, true);
  if (indexOf(all, "Ingress") > 0) return all;
  const service = all[indexOf(all, "Service")]!;
  const backend = { service: { name: service.metadata.name, port: { number: get<number>(service, ["spec", "ports", 0, "port"]) ?? 80 } } };
  const rule = { host: "", http: { paths: [{ path: "/", pathType: "Prefix", backend }] } };
  return [...all, { apiVersion: "networking.k8s.io/v1", kind: "Ingress", metadata: metadataBeside(docs[0]!), spec: { rules: [rule] } }];
}

/** With an autoscaler, which takes the number of replicas over; or without. */
export function withAutoscaler(docs: Docs, wanted: boolean): Docs {
  const workload = docs[0]!;
  if (!wanted) return [set(workload, ["spec", "replicas"], get(workload, ["spec", "replicas"]) ?? 1), ...withoutKind(docs, "HorizontalPodAutoscaler").slice(1)];
  if (indexOf(docs, "HorizontalPodAutoscaler") > 0) return docs;
  const replicas = get<number>(workload, ["spec", "replicas"]) ?? 1;
  const spec = {
    scaleTargetRef: { apiVersion: workload.apiVersion, kind: workload.kind, name: workload.metadata.name },
    minReplicas: Math.max(1, replicas),
    maxReplicas: Math.max(3, replicas * 2),
    metrics: [{ type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 70 } } }],
  };
  const autoscaler = { apiVersion: "autoscaling/v2", kind: "HorizontalPodAutoscaler", metadata: metadataBeside(workload), spec };
  return [set(workload, ["spec", "replicas"], undefined), ...docs.slice(1), autoscaler];
}

/* Volumes */

export const SOURCES = ["emptyDir", "persistentVolumeClaim", "configMap", "secret", "hostPath"] as const;
export type Source = (typeof SOURCES)[number] | "claimTemplate";
export const sourceOf = (volume: Volume): string => Object.keys(volume).find((key) => key !== "name") ?? "emptyDir";

const BLANK: Record<Exclude<Source, "claimTemplate">, Bag> = {
  emptyDir: {}, persistentVolumeClaim: { claimName: "" }, configMap: { name: "" }, secret: { secretName: "" }, hostPath: { path: "" },
};

export const volumesOf = (workload: KubeObject): Volume[] => get(workload, [...podOf(workload.kind), "volumes"]) ?? [];
export const claimsOf = (workload: KubeObject): KubeObject[] => get(workload, ["spec", "volumeClaimTemplates"]) ?? [];

/** With one more volume, mounted in the first container. */
export function withVolume(workload: KubeObject, source: Source, mountPath: string): KubeObject {
  const pod = podOf(workload.kind);
  const taken = new Set([...volumesOf(workload).map((volume) => volume.name), ...claimsOf(workload).map((claim) => claim.metadata.name)]);
  const name = ["data", ...Array.from({ length: taken.size }, (_, index) => `data-${index + 2}`)].find((each) => !taken.has(each)) ?? "data";
  const added =
    source === "claimTemplate"
      ? set(workload, ["spec", "volumeClaimTemplates", claimsOf(workload).length], {
          metadata: { name },
          spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
        })
      : set(workload, [...pod, "volumes", volumesOf(workload).length], { name, [source]: BLANK[source] });
  const mounts = get<unknown[]>(workload, [...pod, "containers", 0, "volumeMounts"]) ?? [];
  return set(added, [...pod, "containers", 0, "volumeMounts", mounts.length], { name, mountPath });
}

type Mount = NonNullable<Container["volumeMounts"]>[number];

function mapMounts(workload: KubeObject, change: (mount: Mount) => Mount | undefined): KubeObject {
  const pod = podOf(workload.kind);
  return ["containers", "initContainers"].reduce((object, list) => {
    const containers = get<Container[]>(object, [...pod, list]) ?? [];
    return containers.reduce((changed, container, index) => {
      if (!container.volumeMounts) return changed;
      const mounts = container.volumeMounts.flatMap((mount) => change(mount) ?? []);
      return set(changed, [...pod, list, index, "volumeMounts"], mounts.length ? mounts : undefined);
    }, object);
  }, workload);
}

/** Without a volume and everything that mounts it. */
export function withoutVolume(workload: KubeObject, name: string): KubeObject {
  const kept = volumesOf(workload).filter((volume) => volume.name !== name);
  const claims = claimsOf(workload).filter((claim) => claim.metadata.name !== name);
  const unmounted = mapMounts(workload, (mount) => (mount.name === name ? undefined : mount));
  const emptied = set(unmounted, [...podOf(workload.kind), "volumes"], kept.length ? kept : undefined);
  return claimsOf(workload).length ? set(emptied, ["spec", "volumeClaimTemplates"], claims.length ? claims : undefined) : emptied;
}

/* Placement */

export type Placement = "none" | "spread" | "pack";
const ACROSS = "kubernetes.io/hostname";

export function placementOf(workload: KubeObject): Placement {
  const pod = podOf(workload.kind);
  const spread = get<Bag[]>(workload, [...pod, "topologySpreadConstraints"]) ?? [];
  if (spread.some((each) => each.topologyKey === ACROSS)) return "spread";
  const pack = get<Bag[]>(workload, [...pod, "affinity", "podAffinity", "preferredDuringSchedulingIgnoredDuringExecution"]) ?? [];
  return pack.some((each) => get(each, ["podAffinityTerm", "topologyKey"]) === ACROSS) ? "pack" : "none";
}

/** Pods on different nodes, on as few as possible, or as the scheduler likes. Other rules stay. */
export function placed(workload: KubeObject, wanted: Placement): KubeObject {
  const pod = podOf(workload.kind);
  const [spreads, packs]: [Path, Path] = [[...pod, "topologySpreadConstraints"], [...pod, "affinity", "podAffinity", "preferredDuringSchedulingIgnoredDuringExecution"]];
  const labelSelector = { matchLabels: get(workload, [...templateOf(workload.kind), "metadata", "labels"]) ?? {} };
  const others = (get<Bag[]>(workload, spreads) ?? []).filter((each) => each.topologyKey !== ACROSS);
  const near = (get<Bag[]>(workload, packs) ?? []).filter((each) => get(each, ["podAffinityTerm", "topologyKey"]) !== ACROSS);
  if (wanted === "spread") others.push({ maxSkew: 1, topologyKey: ACROSS, whenUnsatisfiable: "ScheduleAnyway", labelSelector });
  if (wanted === "pack") near.push({ weight: 100, podAffinityTerm: { topologyKey: ACROSS, labelSelector } });
  return set(set(workload, spreads, others.length ? others : undefined), packs, near.length ? near : undefined);
}
