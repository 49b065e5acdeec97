/** Pages that somebody keeps or has been on. Pure. */

/** One page: its address without the origin, its name, and the place it is in. */
export interface Mark {
  to: string;
  name: string;
  place: string;
}

const MOST_RECENT = 12;

/** With a page that has just been looked at in front; each page once. */
export function visited(recent: readonly Mark[], mark: Mark): Mark[] {
  return [mark, ...recent.filter((each) => each.to !== mark.to)].slice(0, MOST_RECENT);
}

export const isMarked = (marks: readonly Mark[], to: string): boolean => marks.some((each) => each.to === to);

/** With the page, or without it if it was there. */
export function toggled(marks: readonly Mark[], mark: Mark): Mark[] {
  return isMarked(marks, mark.to) ? marks.filter((each) => each.to !== mark.to) : [...marks, mark];
}

const NOT_KEPT = /^\/(home|me)?$|\/create$|\/edit$/;

/** Whether a page is worth going back to: not those where everybody begins, or where something is being made. */
export const isWorthKeeping = (path: string): boolean => !NOT_KEPT.test(path);

/** What was stored, by any version of the console: what is not understood is left out. */
export function marksOf(stored: unknown): Mark[] {
  if (!Array.isArray(stored)) return [];
  return stored.flatMap((each: unknown) => {
    const { to, name, place } = (each ?? {}) as Partial<Record<keyof Mark, unknown>>;
    return typeof to === "string" && to.startsWith("/") && typeof name === "string" ? [{ to, name, place: typeof place === "string" ? place : "" }] : [];
  });
}
