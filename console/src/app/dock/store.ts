/** Which logs, shells and editors are open below the page. They survive going from page to page. */
import { useSyncExternalStore } from "react";

export interface Target {
  cluster: string;
  namespace: string;
  pod: string;
  container?: string;
}

/** `label` and `pods` are of logs of a whole workload. */
export type DockTab =
  | ({ type: "logs"; pods?: string[]; label?: string; previous?: boolean } & Target)
  | ({ type: "shell" } & Target)
  /** Where its first commands look; `namespace` may be empty. */
  | { type: "kubectl"; cluster: string; namespace: string };

export interface Dock {
  tabs: { id: string; tab: DockTab }[];
  active: string;
  height: number;
  minimized: boolean;
}

let state: Dock = { tabs: [], active: "", height: 300, minimized: false };
const watchers = new Set<() => void>();

function turn(change: Partial<Dock>) {
  state = { ...state, ...change };
  for (const changed of watchers) changed();
}

function idOf(tab: DockTab): string {
  const place = [tab.type, tab.cluster, tab.namespace];
  if (tab.type === "kubectl") return place.join("/");
  const logs = tab.type === "logs" ? [tab.label ?? "", tab.previous ? "previous" : ""] : [];
  return [...place, tab.pod, tab.container ?? "", ...logs].join("/");
}

/** Opening what is open brings it to the front. */
export function openDock(tab: DockTab): void {
  const id = idOf(tab);
  const tabs = state.tabs.some((each) => each.id === id) ? state.tabs : [...state.tabs, { id, tab }];
  turn({ tabs, active: id, minimized: false });
}

export function closeDock(id: string): void {
  const tabs = state.tabs.filter((each) => each.id !== id);
  turn({ tabs, active: state.active === id ? (tabs.at(-1)?.id ?? "") : state.active });
}

export const showDock = (id: string) => turn({ active: id, minimized: false });
export const resizeDock = (height: number) => turn({ height: Math.max(120, Math.min(height, window.innerHeight - 200)) });
export const minimizeDock = (minimized: boolean) => turn({ minimized });

export function useDock(): Dock {
  return useSyncExternalStore(
    (changed) => {
      watchers.add(changed);
      return () => watchers.delete(changed);
    },
    () => state,
  );
}
