/** Answers of the platform that pages show, and asking again after a change. */
import { type UseQueryResult, useQuery, useQueryClient } from "@tanstack/react-query";
import { platform, type Query } from "./client";
import type { components } from "./gen";

export type Schemas = components["schemas"];
export type Asked<T> = UseQueryResult<T>;

const OFTEN = 15_000;
/** While controllers are still at it. */
export const SETTLES = 1000;

/**
 * GET `path` below /platform/v1, again every now and then; every second while it `settles`. Not asked while `path` is
 * empty.
 */
export function useAsked<T>(path: string, query?: Query, every: number | false = OFTEN, settles: (data: T) => boolean = () => false): Asked<T> {
  return useQuery({
    queryKey: ["platform", path, query],
    queryFn: ({ signal }) => platform<T>("GET", path, { query, signal }),
    enabled: path !== "",
    refetchInterval: ({ state }) => (state.data !== undefined && settles(state.data) ? SETTLES : every),
  });
}

const SETTLED = 1200;

/** Ask everything that is shown again: now, and once more when controllers have followed. */
export function useRefresh(): () => Promise<void> {
  const queries = useQueryClient();
  return () => {
    setTimeout(() => void queries.invalidateQueries(), SETTLED);
    return queries.invalidateQueries();
  };
}
