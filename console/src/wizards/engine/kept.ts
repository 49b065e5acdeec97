/** Drafts, kept by the browser's tab until they are created or discarded. */
export interface Kept {
  text: string;
  /** What was edited, as it was. */
  base?: unknown;
}

const keyOf = (address: string) => `armillary:draft:${address}`;

export function keep(address: string, draft: Kept): void {
  try {
    sessionStorage.setItem(keyOf(address), JSON.stringify(draft));
  } catch {
    // A full or forbidden storage keeps no draft; the page still asks before it is left.
  }
}

export function kept(address: string): Kept | undefined {
  try {
    const found = JSON.parse(sessionStorage.getItem(keyOf(address)) ?? "null") as Kept | null;
    return typeof found?.text === "string" ? found : undefined;
  } catch {
    return undefined;
  }
}

export function drop(address: string): void {
  try {
    sessionStorage.removeItem(keyOf(address));
  } catch {
    // Nothing was kept.
  }
}
