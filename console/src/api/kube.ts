/** Names and paths of the Kubernetes API. */
import { kubernetes, segment } from "./client";

/** Which resource: the core group is the empty string. */
export interface Resource {
  group: string;
  version: string;
  plural: string;
  namespaced: boolean;
}

export interface Metadata {
  name: string;
  namespace?: string;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  ownerReferences?: { apiVersion: string; kind: string; name: string; uid: string; controller?: boolean }[];
}

/** An object as the API has it; what is in it depends on its kind. */
export interface KubeObject {
  apiVersion: string;
  kind: string;
  metadata: Metadata;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- the shape is the kind's
  [field: string]: any;
}

export function pathOf(resource: Resource, namespace = "", name = "", subresource = ""): string {
  const root = resource.group ? `/apis/${resource.group}/${resource.version}` : `/api/${resource.version}`;
  const place = resource.namespaced && namespace ? `/namespaces/${segment(namespace)}` : "";
  const object = name ? `/${segment(name)}` : "";
  return `${root}${place}/${resource.plural}${object}${subresource ? `/${subresource}` : ""}`;
}

export const getObject = (cluster: string, resource: Resource, namespace: string, name: string) =>
  kubernetes<KubeObject>(cluster, "GET", pathOf(resource, namespace, name));

export type PatchKind = "merge" | "strategic" | "json";
const PATCHES: Record<PatchKind, string> = {
  merge: "application/merge-patch+json",
  strategic: "application/strategic-merge-patch+json",
  json: "application/json-patch+json",
};

export function patchObject(
  cluster: string,
  resource: Resource,
  namespace: string,
  name: string,
  patch: unknown,
  kind: PatchKind = "merge",
  subresource = "",
) {
  return kubernetes<KubeObject>(cluster, "PATCH", pathOf(resource, namespace, name, subresource), {
    body: patch,
    headers: { "content-type": PATCHES[kind] },
  });
}

export function deleteObject(
  cluster: string,
  resource: Resource,
  namespace: string,
  name: string,
  propagationPolicy: "Background" | "Foreground" | "Orphan" = "Background",
) {
  return kubernetes<unknown>(cluster, "DELETE", pathOf(resource, namespace, name), { body: { propagationPolicy } });
}
