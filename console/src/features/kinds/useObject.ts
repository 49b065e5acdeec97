/** One object, kept up to date. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import { getObject, type Resource } from "@/api/kube";

const EVERY = 2000;

export function useObject(cluster: string, resource: Resource, namespace: string, name: string) {
  const queries = useQueryClient();
  const queryKey = ["object", cluster, resource.group, resource.plural, namespace, name];
  const { data, error, isLoading } = useQuery({
    queryKey,
    queryFn: () => getObject(cluster, resource, namespace, name),
    refetchInterval: EVERY,
  });
  const refresh = useCallback(() => void queries.invalidateQueries({ queryKey: ["object", cluster] }), [queries, cluster]);
  return { object: data, error, loading: isLoading, refresh };
}
