/** What can be chosen from: names of objects, and images that the cluster has. What one may not see is no choice. */
import { useQuery } from "@tanstack/react-query";
import { kubernetes } from "@/api/client";
import { type KubeObject, pathOf, type Resource } from "@/api/kube";
import { namespaceOf, useMaking } from "./form";

const NAMES_ONLY = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json";
const core = (plural: string, namespaced = true): Resource => ({ group: "", version: "v1", plural, namespaced });

export const CONFIG_MAPS = core("configmaps");
export const SECRETS = core("secrets");
export const CLAIMS = core("persistentvolumeclaims");
export const SERVICES = core("services");
export const SERVICE_ACCOUNTS = core("serviceaccounts");
export const NAMESPACES = core("namespaces", false);
export const STORAGE_CLASSES: Resource = { group: "storage.k8s.io", version: "v1", plural: "storageclasses", namespaced: false };
export const INGRESS_CLASSES: Resource = { group: "networking.k8s.io", version: "v1", plural: "ingressclasses", namespaced: false };

interface Items {
  items: KubeObject[];
}

export function useNames(resource: Resource, more: string[] = []): string[] {
  const making = useMaking();
  const cluster = making.scope.cluster;
  const namespace = resource.namespaced ? namespaceOf(making) : "";
  const { data } = useQuery({
    queryKey: ["names", cluster, namespace, resource.group, resource.plural],
    queryFn: () => kubernetes<Items>(cluster, "GET", pathOf(resource, namespace), { headers: { accept: NAMES_ONLY } }),
    enabled: !resource.namespaced || namespace !== "",
    retry: false,
  });
  return [...new Set([...(data?.items ?? []).map((item) => item.metadata.name), ...more])];
}

/** The objects themselves, for what their names do not tell. */
export function useObjects(resource: Resource): KubeObject[] {
  const making = useMaking();
  const { cluster } = making.scope;
  const namespace = resource.namespaced ? namespaceOf(making) : "";
  const { data } = useQuery({
    queryKey: ["objects", cluster, namespace, resource.group, resource.plural],
    queryFn: () => kubernetes<Items>(cluster, "GET", pathOf(resource, namespace)),
    enabled: !resource.namespaced || namespace !== "",
    retry: false,
  });
  return data?.items ?? [];
}

/** Images on the nodes, and those that pods of the namespace use. */
export function useImages(): string[] {
  const nodes = useObjects(core("nodes", false));
  const pods = useObjects(core("pods"));
  const stored = nodes.flatMap((node) => ((node.status?.images ?? []) as { names?: string[] }[]).flatMap((image) => image.names ?? []));
  const used = pods.flatMap((pod) => ((pod.spec?.containers ?? []) as { image: string }[]).map((container) => container.image));
  return [...new Set([...used, ...stored])].filter((image) => !image.includes("@sha256:")).sort();
}
