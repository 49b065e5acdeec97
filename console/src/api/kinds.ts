/** Which kinds a cluster serves. */
import { platform, segment } from "./client";

/** As the server tells of what it serves. */
export interface ServedKind {
  group: string;
  version: string;
  kind: string;
  plural: string;
  namespaced: boolean;
  verbs: string[];
}

export const servedKinds = (cluster: string) => ({
  queryKey: ["kinds", cluster],
  queryFn: () => platform<{ items: ServedKind[] }>("GET", `/clusters/${segment(cluster)}/kinds`),
  staleTime: 30_000,
});
