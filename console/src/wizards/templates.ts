/** What a new object of each kind begins as. Pure. */
import type { KubeObject } from "@/api/kube";
import type { KindInfo } from "@/kinds/kind";

export const APP = "app.kubernetes.io/name";

const container = () => ({ name: "main", image: "" });

const SPECS: Record<string, () => Record<string, unknown>> = {
  Deployment: () => ({ spec: { replicas: 1, selector: { matchLabels: {} }, template: { metadata: { labels: {} }, spec: { containers: [container()] } } } }),
  StatefulSet: () => ({ spec: { serviceName: "", replicas: 1, selector: { matchLabels: {} }, template: { metadata: { labels: {} }, spec: { containers: [container()] } } } }),
  DaemonSet: () => ({ spec: { selector: { matchLabels: {} }, template: { metadata: { labels: {} }, spec: { containers: [container()] } } } }),
  Job: () => ({ spec: { backoffLimit: 3, template: { spec: { restartPolicy: "Never", containers: [container()] } } } }),
  CronJob: () => ({ spec: { schedule: "0 3 * * *", jobTemplate: { spec: { template: { spec: { restartPolicy: "Never", containers: [container()] } } } } } }),
  Service: () => ({ spec: { type: "ClusterIP", selector: { [APP]: "" }, ports: [{ port: 80, targetPort: 80 }] } }),
  Ingress: () => ({ spec: { rules: [{ host: "", http: { paths: [{ path: "/", pathType: "Prefix", backend: { service: { name: "", port: { number: 80 } } } }] } }] } }),
  ConfigMap: () => ({ data: { "": "" } }),
  Secret: () => ({ type: "Opaque", stringData: { "": "" } }),
  PersistentVolumeClaim: () => ({ spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } } }),
  NetworkPolicy: () => ({ spec: { podSelector: {}, policyTypes: ["Ingress"], ingress: [] } }),
  HorizontalPodAutoscaler: () => ({
    spec: {
      scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "" },
      minReplicas: 1,
      maxReplicas: 3,
      metrics: [{ type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 80 } } }],
    },
  }),
  StorageClass: () => ({ provisioner: "", reclaimPolicy: "Delete", volumeBindingMode: "WaitForFirstConsumer" }),
  ResourceQuota: () => ({ spec: { hard: { pods: "10" } } }),
  LimitRange: () => ({ spec: { limits: [{ type: "Container", default: { cpu: "500m", memory: "256Mi" }, defaultRequest: { cpu: "50m", memory: "64Mi" } }] } }),
};

export function begin(kind: KindInfo, namespace: string): KubeObject {
  const apiVersion = kind.group ? `${kind.group}/${kind.version}` : kind.version;
  const metadata = { name: "", ...(kind.namespaced && { namespace: namespace || "default" }) };
  return { apiVersion, kind: kind.kind, metadata, ...SPECS[kind.kind]?.() };
}

/** A name as Kubernetes takes it (RFC 1123). */
export const NAME = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

/** Named: a workload's labels and a set's service follow its name. */
export function named(object: KubeObject, name: string): KubeObject {
  const before = object.metadata.name;
  const made = { ...object, metadata: { ...object.metadata, name } };
  const { spec } = object;
  const follows = (labels?: Record<string, string>) => labels && (Object.keys(labels).length === 0 || labels[APP] === before);
  if (!spec?.selector?.matchLabels || !follows(spec.selector.matchLabels)) return made;
  const labels = { [APP]: name };
  return {
    ...made,
    metadata: { ...made.metadata, labels: { ...object.metadata.labels, ...labels } },
    spec: {
      ...spec,
      ...(object.kind === "StatefulSet" && (!spec.serviceName || spec.serviceName === before) && { serviceName: name }),
      selector: { ...spec.selector, matchLabels: labels },
      template: { ...spec.template, metadata: { ...spec.template.metadata, labels: { ...spec.template.metadata?.labels, ...labels } } },
    },
  };
}

/** The Service of a workload, on the ports that its containers tell. */
export function serviceOf(workload: KubeObject): KubeObject {
  const { name, namespace } = workload.metadata;
  const containers = (workload.spec?.template?.spec?.containers ?? []) as { ports?: { name?: string; containerPort?: number }[] }[];
  const found = containers.flatMap((each) => each.ports ?? []).filter((port) => port.containerPort);
  const ports = (found.length ? found : [{ containerPort: 80 }]).map((port, index, all) => ({
    ...(port.name ? { name: port.name } : all.length > 1 && { name: `port-${index + 1}` }),
    port: port.containerPort,
    targetPort: port.name ?? port.containerPort,
  }));
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name, namespace },
    spec: { ...(workload.kind === "StatefulSet" && { clusterIP: "None" }), selector: workload.spec?.selector?.matchLabels ?? {}, ports },
  };
}

/** What a person has to fill in yet, by field. Messages are the console's. */
export function missing(objects: KubeObject[]): string[] {
  return objects.flatMap((object, index) => {
    const fields = NAME.test(object.metadata?.name ?? "") ? [] : [`${index}.metadata.name`];
    const template = object.kind === "CronJob" ? object.spec?.jobTemplate?.spec?.template : object.spec?.template;
    const containers = (template?.spec?.containers ?? []) as { image?: string }[];
    return [...fields, ...containers.flatMap((each, number) => (each.image?.trim() ? [] : [`${index}.containers.${number}.image`]))];
  });
}
