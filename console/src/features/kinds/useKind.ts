/** The kind that an address names: one of ours, or one that the cluster serves. */
import { useQuery } from "@tanstack/react-query";
import { servedKinds } from "@/api/kinds";
import { customKind, kindBy, kindById, type KindInfo } from "@/kinds";

export function useKind(cluster: string, id: string): { kind?: KindInfo; error: unknown; loading: boolean } {
  const known = kindById(id);
  const { data, error, isLoading } = useQuery({ ...servedKinds(cluster), enabled: !known });
  if (known) return { kind: known, error: null, loading: false };
  const [plural, ...group] = id.split(".");
  const served = data?.items.find((each) => each.plural === plural && each.group === group.join("."));
  return { kind: served && (kindBy(served.group, served.plural) ?? customKind(served)), error, loading: isLoading };
}
