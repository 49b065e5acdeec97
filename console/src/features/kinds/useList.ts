/** A window on a list that the server holds: it searches, sorts and counts; here are the rows in view, kept up to date. */
import { useCallback, useMemo, useState } from "react";
import type { Resource } from "@/api/kube";
import { useLive } from "@/api/useLive";

export interface ListQuery {
  namespace?: string;
  workspace?: string;
  q?: string;
  filter?: string;
  sort?: string;
  labelSelector?: string;
  countBy?: string;
}

/** Rows that are asked for at once: what a tall screen shows, and as much again above and below. */
const WINDOW = 150;
const STEP = 50;

export function useList(cluster: string, resource: Resource, query: ListQuery) {
  const [from, setFrom] = useState(0);
  const { group, version, plural } = resource;
  const given = Object.fromEntries(Object.entries(query).filter(([, value]) => value));
  const ask = { op: "list" as const, cluster, group, version, plural, query: { ...given, offset: from, limit: WINDOW } };
  const { window, error } = useLive(ask, `${cluster}/${group}/${version}/${plural}`);
  const onRange = useCallback((start: number) => setFrom(Math.max(0, Math.floor(start / STEP) * STEP - STEP)), []);
  const columns = window?.columns;
  const at = useMemo(() => new Map((columns ?? []).map((column, index) => [column.name, index])), [columns]);
  return {
    columns: columns ?? [],
    at,
    rows: window?.rows ?? [],
    offset: window?.offset ?? 0,
    total: window?.total ?? 0,
    counts: window?.counts ?? {},
    loading: !window && !error,
    error,
    onRange,
  };
}
