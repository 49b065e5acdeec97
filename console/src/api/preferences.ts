/** What the console remembers of somebody, wherever they sign in: pinned and recent pages, where they begin, what they have seen. */
import { type QueryClient, useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import { type Mark, marksOf } from "@/lib/marks";
import { platform } from "./client";

export interface Preferences {
  pinned: Mark[];
  recent: Mark[];
  /** The address of the first page. */
  landing: string;
  /** Up to when notifications have been looked at (RFC 3339). */
  seen: string;
}

const KEY = ["preferences"];
const text = (value: unknown) => (typeof value === "string" ? value : "");

async function ask(): Promise<Preferences> {
  const stored = await platform<Record<string, unknown>>("GET", "/me/preferences");
  const landing = text(stored.landing);
  return { ...stored, pinned: marksOf(stored.pinned), recent: marksOf(stored.recent), landing: landing.startsWith("/") ? landing : "/home", seen: text(stored.seen) };
}

export const preferences = { queryKey: KEY, queryFn: ask, staleTime: 60_000 };

const WAIT = 1500;
let waiting: ReturnType<typeof setTimeout> | undefined;

/** Several changes in a row are sent as one. What can't be sent is lost with the next reload, which harms nobody. */
function send(queries: QueryClient): void {
  clearTimeout(waiting);
  waiting = setTimeout(() => void platform("PUT", "/me/preferences", { body: queries.getQueryData(KEY) }).catch(() => undefined), WAIT);
}

/** The preferences, once they are known, and a way to change them. */
export function usePreferences(): [Preferences | undefined, (change: (now: Preferences) => Partial<Preferences>) => void] {
  const queries = useQueryClient();
  const { data } = useQuery(preferences);
  const change = useCallback(
    (next: (now: Preferences) => Partial<Preferences>) => {
      const now = queries.getQueryData<Preferences>(KEY);
      if (!now) return; // nobody's are overwritten by what is not known yet
      queries.setQueryData(KEY, { ...now, ...next(now) });
      send(queries);
    },
    [queries],
  );
  return [data, change];
}
