/** Which resource each object is of. */
import { useQuery } from "@tanstack/react-query";
import { platform, segment } from "@/api/client";
import type { KubeObject, Resource } from "@/api/kube";
import { KINDS, type KindInfo, type ServedKind } from "@/kinds";

export function useResources(cluster: string, kind: KindInfo, docs: KubeObject[]): (Resource | undefined)[] {
  const of = (resource: Resource & { kind: string }, doc: KubeObject) =>
    resource.kind === doc.kind && (resource.group ? `${resource.group}/${resource.version}` : resource.version) === doc.apiVersion;
  const known = [kind, ...KINDS];
  const isStrange = docs.some((doc) => !known.some((each) => of(each, doc)));
  const { data } = useQuery({
    queryKey: ["kinds", cluster],
    queryFn: () => platform<{ items: ServedKind[] }>("GET", `/clusters/${segment(cluster)}/kinds`),
    enabled: isStrange,
    staleTime: 30_000,
  });
  return docs.map((doc) => known.find((each) => of(each, doc)) ?? data?.items.find((each) => of(each, doc)));
}
