/** Two people changed the same object: what both did, and where they disagree. Pure. */
type Path = readonly (string | number)[];

export interface Merged<T> {
  merged: T;
  /** Where both changed the same to something else; mine stands in what is merged. */
  conflicts: Path[];
}

const isTree = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null && !Array.isArray(value);
const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);

/** Lists are one value, unless their items have names and both still have the same names in the same order. */
function names(value: unknown): string | null {
  if (!Array.isArray(value) || !value.length || !value.every((item) => isTree(item) && typeof item.name === "string")) return null;
  return value.map((item: { name: string }) => item.name).join("\n");
}

export function merge<T>(base: T, mine: T, theirs: T, path: Path = []): Merged<T> {
  if (same(mine, theirs) || same(base, theirs)) return { merged: mine, conflicts: [] };
  if (same(base, mine)) return { merged: theirs, conflicts: [] };
  if (isTree(mine) && isTree(theirs) && (isTree(base) || base === undefined)) {
    const was: Record<string, unknown> = base ?? {};
    const merged: Record<string, unknown> = {};
    const conflicts: Path[] = [];
    for (const key of new Set([...Object.keys(mine), ...Object.keys(theirs)])) {
      const part = merge<unknown>(was[key], mine[key], theirs[key], [...path, key]);
      if (part.merged !== undefined) merged[key] = part.merged;
      conflicts.push(...part.conflicts);
    }
    return { merged: merged as T, conflicts };
  }
  const named = names(base);
  if (named !== null && named === names(mine) && named === names(theirs)) {
    const [b, m, t] = [base, mine, theirs] as unknown as [unknown[], unknown[], unknown[]];
    const parts = m.map((item, at) => merge(b[at], item, t[at], [...path, at]));
    return { merged: parts.map((part) => part.merged) as T, conflicts: parts.flatMap((part) => part.conflicts) };
  }
  return { merged: mine, conflicts: [path] };
}
