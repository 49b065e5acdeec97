/** The roles that may be given at a place, as choices. */
import { useQuery } from "@tanstack/react-query";
import { platform } from "@/api/client";
import type { Schema } from "@/api/types";

export function useRoles(path: string): { value: string; label: string }[] {
  const { data } = useQuery({ queryKey: ["roles", path], queryFn: () => platform<Schema<"Roles">>("GET", `${path}/roles`) });
  return (data?.items ?? []).map((role) => ({ value: role.name, label: role.displayName || role.name }));
}
