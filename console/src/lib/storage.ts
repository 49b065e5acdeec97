/** What claims, volumes and storage classes say. Pure. */
import type { KubeObject } from "@/api/kube";
import { amountOf } from "./quantity";

const DEFAULT = "storageclass.kubernetes.io/is-default-class";
const BETA = "storageclass.beta.kubernetes.io/is-default-class";

export const isDefault = (storageClass: KubeObject) => [DEFAULT, BETA].some((key) => storageClass.metadata.annotations?.[key] === "true");

/** A merge patch that makes a class the default, or no longer. */
export const defaultPatch = (storageClass: KubeObject, wanted: boolean) => ({
  metadata: { annotations: { [DEFAULT]: wanted ? "true" : null, ...(storageClass.metadata.annotations?.[BETA] ? { [BETA]: null } : {}) } },
});

export interface Size {
  asked: string;
  /** Empty as long as there is no volume. */
  has: string;
  /** A larger one is asked for than there is yet. */
  grows: boolean;
}

export function sizeOf(claim: KubeObject): Size {
  const asked = String(claim.spec?.resources?.requests?.storage ?? "");
  const has = String(claim.status?.capacity?.storage ?? "");
  return { asked, has, grows: has !== "" && amountOf(asked) > amountOf(has) };
}

export type Growth = "grows" | "not an amount" | "not larger";

/** Volumes never shrink. */
export function growthOf(claim: KubeObject, wanted: string): Growth {
  const amount = amountOf(wanted);
  if (!(amount > 0)) return "not an amount";
  return amount > amountOf(sizeOf(claim).asked) ? "grows" : "not larger";
}

/** Where a volume's bytes are: `csi: driver, handle`, `hostPath: /srv`. */
export function sourceOf(volume: KubeObject): string {
  const general = new Set(["capacity", "accessModes", "claimRef", "persistentVolumeReclaimPolicy", "storageClassName", "volumeMode", "nodeAffinity", "mountOptions", "volumeAttributesClassName"]);
  const [type, source] = Object.entries((volume.spec ?? {}) as Record<string, Record<string, unknown>>).find(([key]) => !general.has(key)) ?? [];
  if (!type || !source) return "";
  const told = ["driver", "server", "path", "volumeHandle", "monitors", "pdName", "volumeID"].flatMap((key) => (source[key] ? [String(source[key])] : []));
  return `${type}: ${told.join(", ")}`;
}

/** The nodes that a volume is bound to; none if it can be mounted anywhere. */
export function nodesOf(volume: KubeObject): string[] {
  const terms = (volume.spec?.nodeAffinity?.required?.nodeSelectorTerms ?? []) as { matchExpressions?: { key: string; values?: string[] }[] }[];
  return terms.flatMap(({ matchExpressions = [] }) => matchExpressions.filter(({ key }) => key === "kubernetes.io/hostname").flatMap(({ values = [] }) => values));
}
