/** Reading a cluster's Kubernetes API from a component, as the person signed in. */
import { useQuery } from "@tanstack/react-query";
import { kubernetes, type Query } from "./client";
import { ApiError } from "./errors";
import type { KubeObject } from "./kube";

export interface KubeList {
  metadata: { continue?: string; remainingItemCount?: number };
  items: KubeObject[];
}

const OFTEN = 10_000;
const ATTEMPTS = 2;

/** GET `path`, again every now and then; a refusal is final. Not asked while `path` is empty. */
export function useKube<T = KubeList>(cluster: string, path: string, query?: Query, every: number | false = OFTEN) {
  return useQuery({
    queryKey: ["kube", cluster, path, query],
    queryFn: ({ signal }) => kubernetes<T>(cluster, "GET", path, { query, signal }),
    enabled: path !== "",
    refetchInterval: every,
    retry: (failures, error) => failures < ATTEMPTS && !(error instanceof ApiError && error.code < 500),
  });
}
