/** Reading and writing inside objects by path; what is not on the path stays the very same. Pure. */
export type Path = (string | number)[];
type Tree = Record<string | number, unknown> | unknown[];

export function get<T>(of: unknown, path: Path): T | undefined {
  let at: unknown = of;
  for (const key of path) {
    if (at === null || typeof at !== "object") return undefined;
    at = (at as Record<string | number, unknown>)[key];
  }
  return at as T | undefined;
}

/** A copy with another value at the path; undefined takes the field away, with parents that are empty then. */
export function set<T>(of: T, path: Path, value: unknown): T {
  const [key, ...rest] = path;
  if (key === undefined) return value as T;
  const copy = (Array.isArray(of) ? [...of] : { ...(of as object) }) as Tree;
  const slots = copy as Record<string | number, unknown>;
  const child = slots[key] ?? (typeof rest[0] === "number" ? [] : {});
  const made = rest.length ? set(child, rest, value) : value;
  if (made === undefined || (rest.length && value === undefined && isEmpty(made))) {
    if (Array.isArray(copy)) copy.splice(Number(key), 1);
    else delete slots[key];
  } else slots[key] = made;
  return copy as T;
}

const isEmpty = (value: unknown) => typeof value === "object" && value !== null && Object.keys(value).length === 0;
