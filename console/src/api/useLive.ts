/** Asking on the live channel from a component: what was told last, until it is asked something else. */
import { useEffect, useReducer, useRef, useSyncExternalStore } from "react";
import { applyDelta, type Ask, type Connection, errorOf, live, type Row, type ServerColumn, type Told } from "./live";
import type { ApiError } from "./errors";
import type { KubeObject } from "./kube";

export interface Window {
  columns: ServerColumn[];
  rows: Row[];
  offset: number;
  total: number;
  counts: Record<string, number>;
}

export interface LiveState {
  window?: Window;
  /** null once it is gone. */
  object?: KubeObject | null;
  events?: KubeObject[];
  error?: ApiError;
}

/** What is known after a message. Pure. */
export function heard(state: LiveState, told: Told | "forget"): LiveState {
  if (told === "forget") return {};
  switch (told.type) {
    case "snapshot":
      return { window: { columns: told.columns, rows: told.items, offset: told.offset, total: told.total, counts: told.counts } };
    case "delta":
      if (!state.window) return state;
      return { window: { ...state.window, rows: applyDelta(state.window.rows, told), total: told.total, counts: told.counts } };
    case "object":
      return { object: told.object };
    case "events":
      return { events: told.items };
    case "error":
      return { ...state, error: errorOf(told) };
  }
}

/** `subject` tells one thing from another: what is known of it stays while the question about it changes. */
export function useLive(ask: Ask | null, subject: string): LiveState {
  const [state, tell] = useReducer(heard, {});
  const subscription = useRef<ReturnType<typeof live.subscribe> | null>(null);
  const text = ask && JSON.stringify(ask);
  useEffect(() => {
    if (!text) return;
    if (subscription.current) subscription.current.ask(JSON.parse(text) as Ask);
    else subscription.current = live.subscribe(JSON.parse(text) as Ask, tell);
  }, [text, subject]);
  useEffect(
    () => () => {
      subscription.current?.end();
      subscription.current = null;
      tell("forget");
    },
    [subject],
  );
  return state;
}

/** Whether what is shown is up to date. */
export const useConnection = (): Connection => useSyncExternalStore(live.watch, () => live.state);
