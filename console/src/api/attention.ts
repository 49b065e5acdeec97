/** What needs one's attention, in all places that one sees. */
import { useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { platform } from "./client";
import type { Schema } from "./types";

export type Needing = Schema<"Needing">;

const EVERY = 5000;

export function useAttention() {
  const { i18n } = useLingui();
  return useQuery({
    queryKey: ["attention", i18n.locale],
    queryFn: () => platform<Schema<"Attention">>("GET", "/me/attention"),
    refetchInterval: EVERY,
  });
}
