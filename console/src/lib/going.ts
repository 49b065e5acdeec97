/** What else is lost when an object is deleted, beyond what belongs to it by ownership. Pure. */
import type { KubeObject } from "@/api/kube";

export type Consequence = "claims stay" | "claims go" | "instances go" | "pods end" | "data goes" | "data stays";

export function consequencesOf(object: KubeObject): Consequence[] {
  const { spec = {} } = object;
  switch (object.kind) {
    case "StatefulSet":
      if (!spec.volumeClaimTemplates?.length) return [];
      return [spec.persistentVolumeClaimRetentionPolicy?.whenDeleted === "Delete" ? "claims go" : "claims stay"];
    case "CustomResourceDefinition":
      return ["instances go"];
    case "Node":
      return ["pods end"];
    case "PersistentVolume":
      return [spec.persistentVolumeReclaimPolicy === "Delete" ? "data goes" : "data stays"];
    default:
      return [];
  }
}
