/** The kind that an address names: one of ours, or one that the cluster serves. */
import { useQuery } from "@tanstack/react-query";
import { platform, segment } from "@/api/client";
import { customKind, kindById, type KindInfo, type ServedKind } from "@/kinds";

export function useKind(cluster: string, id: string): { kind?: KindInfo; error: unknown; loading: boolean } {
  const known = kindById(id);
  const { data, error, isLoading } = useQuery({
    queryKey: ["kinds", cluster],
    queryFn: () => platform<{ items: ServedKind[] }>("GET", `/clusters/${segment(cluster)}/kinds`),
    enabled: !known,
    staleTime: 30_000,
  });
  if (known) return { kind: known, error: null, loading: false };
  const [plural, ...group] = id.split(".");
  const served = data?.items.find((each) => each.plural === plural && each.group === group.join("."));
  return { kind: served && customKind(served), error, loading: isLoading };
}
