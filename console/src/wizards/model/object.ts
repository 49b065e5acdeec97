/** Objects on their way in and out of a form. Pure. */
import type { KubeObject } from "@/api/kube";
import { NAME } from "@/lib/names";

/** What only the server writes. */
const SERVERS = ["managedFields", "creationTimestamp", "generation", "selfLink", "deletionTimestamp", "deletionGracePeriodSeconds"];
const ITS_OWN = ["uid", "resourceVersion", "ownerReferences", "finalizers"];
const NOISE = ["kubectl.kubernetes.io/last-applied-configuration", "deployment.kubernetes.io/revision"];

function without(bag: Record<string, unknown>, keys: string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(bag).filter(([key]) => !keys.includes(key)));
}

/** For editing: what can be changed, and the version that the change is of. */
export function editable(object: KubeObject): KubeObject {
  const metadata = without({ ...object.metadata }, SERVERS);
  return { ...without(object, ["status"]), metadata } as unknown as KubeObject;
}

/** For making another one like it. */
export function copied(object: KubeObject): KubeObject {
  const { metadata, ...rest } = editable(object);
  const kept = without({ ...metadata }, ITS_OWN);
  const annotations = without(metadata.annotations ?? {}, NOISE);
  const copy = { ...rest, metadata: { ...kept, name: `${metadata.name}-copy`, annotations } } as unknown as KubeObject;
  if (Object.keys(annotations).length === 0) delete copy.metadata.annotations;
  if (copy.kind === "Service") copy.spec = withoutAddresses(copy.spec ?? {});
  if (copy.kind === "PersistentVolumeClaim") delete copy.spec?.volumeName;
  if (copy.kind === "Job") unlabelled(copy);
  return copy;
}

function withoutAddresses(spec: Record<string, unknown>): Record<string, unknown> {
  const kept = without(spec, spec.clusterIP === "None" ? ["clusterIPs"] : ["clusterIP", "clusterIPs"]);
  if (Array.isArray(kept.ports)) kept.ports = kept.ports.map((port: Record<string, unknown>) => without(port, ["nodePort"]));
  return without(kept, ["healthCheckNodePort"]);
}

/** A job's selector and the labels it matches are the controller's. */
function unlabelled(job: KubeObject): void {
  if (job.spec?.manualSelector) return;
  const { template, ...spec } = without(job.spec ?? {}, ["selector"]) as Record<string, KubeObject>;
  const own = ["controller-uid", "batch.kubernetes.io/controller-uid", "job-name", "batch.kubernetes.io/job-name"];
  const labels = without(template?.metadata?.labels ?? {}, own);
  job.spec = { ...spec, template: { ...template, metadata: { ...template?.metadata, labels } } };
}

/** Why it cannot be a name by RFC 1123 ("label"), as a code; empty if it can. */
export function nameFault(name: string): "" | "empty" | "long" | "shape" {
  if (!name) return "empty";
  if (name.length > 63) return "long";
  return NAME.test(name) ? "" : "shape";
}

export const ALIAS = "armillary.io/display-name";
export const DESCRIPTION = "kubernetes.io/description";
