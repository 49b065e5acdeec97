/** A secret without its values, to be looked at in company. */
import type { KubeObject } from "@/api/kube";

export const HIDDEN = "••••••••";
/** Holds the whole object again, as kubectl applied it. */
const APPLIED = "kubectl.kubernetes.io/last-applied-configuration";
const FIELDS = ["data", "stringData"] as const;

export const isSecret = (object: KubeObject): boolean => object.kind === "Secret" && object.apiVersion === "v1";

export function masked(object: KubeObject): KubeObject {
  if (!isSecret(object)) return object;
  const hidden: KubeObject = { ...object };
  for (const field of FIELDS) {
    const values = object[field] as Record<string, unknown> | undefined;
    if (values) hidden[field] = Object.fromEntries(Object.keys(values).map((key) => [key, HIDDEN]));
  }
  const annotations = object.metadata.annotations;
  if (annotations?.[APPLIED]) hidden.metadata = { ...object.metadata, annotations: { ...annotations, [APPLIED]: HIDDEN } };
  return hidden;
}
