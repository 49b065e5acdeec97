/** Changes of one's own on top of what others have written meanwhile. Pure. */
import { type Json, same } from "./path";

const isBag = (value: Json): value is Record<string, Json> => typeof value === "object" && value !== null && !Array.isArray(value);

/** `theirs` with what turned `base` into `mine`; where both changed the same, mine stands. */
export function rebase(base: Json, mine: Json, theirs: Json): Json {
  if (same(base, mine)) return theirs;
  if (!isBag(base) || !isBag(mine) || !isBag(theirs)) return mine;
  const result: Record<string, Json> = { ...theirs };
  for (const key of new Set([...Object.keys(base), ...Object.keys(mine)])) {
    if (!(key in mine)) delete result[key];
    else if (!same(base[key], mine[key])) result[key] = key in theirs ? rebase(base[key], mine[key], theirs[key]) : mine[key];
  }
  return result;
}
