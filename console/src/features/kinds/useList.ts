/** A window on a list that the server holds: it searches, sorts and counts; here are the rows in view. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useCallback, useMemo, useState } from "react";
import { platform, segment } from "@/api/client";
import type { Resource } from "@/api/kube";
import type { Row, ServerColumn } from "@/api/live";

export interface ListQuery {
  namespace?: string;
  workspace?: string;
  q?: string;
  filter?: string;
  sort?: string;
  labelSelector?: string;
  countBy?: string;
}

interface Listed {
  columns: ServerColumn[];
  items: Row[];
  total: number;
  counts: Record<string, number>;
}

const WINDOW = 100;
const EVERY = 2000;

export function useList(cluster: string, resource: Resource, query: ListQuery, enabled = true) {
  const [page, setPage] = useState(1);
  const path = `/clusters/${segment(cluster)}/resources/${resource.group || "core"}/${resource.version}/${resource.plural}`;
  const { data, error, isLoading, refetch } = useQuery({
    queryKey: ["list", path, query, page],
    queryFn: ({ signal }) => platform<Listed>("GET", path, { query: { ...query, page, limit: WINDOW }, signal }),
    placeholderData: keepPreviousData,
    refetchInterval: EVERY,
    enabled,
  });
  const onRange = useCallback((start: number) => setPage(Math.floor(start / WINDOW) + 1), []);
  const at = useMemo(() => new Map((data?.columns ?? []).map((column, index) => [column.name, index])), [data?.columns]);
  return {
    columns: data?.columns ?? [],
    at,
    rows: data?.items ?? [],
    offset: (page - 1) * WINDOW,
    total: data?.total ?? 0,
    counts: data?.counts ?? {},
    loading: isLoading,
    error,
    refetch: () => void refetch(),
    onRange,
  };
}
