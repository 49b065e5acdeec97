/** Whether the palette is open. Its code is loaded when it first is. */
import { useSyncExternalStore } from "react";

let open = false;
const watchers = new Set<() => void>();

function turn(to: boolean) {
  open = to;
  for (const changed of watchers) changed();
}

export const openPalette = () => turn(true);
export const closePalette = () => turn(false);

export function usePaletteOpen(): boolean {
  return useSyncExternalStore(
    (changed) => {
      watchers.add(changed);
      return () => watchers.delete(changed);
    },
    () => open,
  );
}
