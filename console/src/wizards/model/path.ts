/** Reading and changing one place of an object, without touching any other. Pure. */
export type Path = readonly (string | number)[];
export type Json = unknown;
type Bag = Record<string, Json>;

const isBag = (value: Json): value is Bag => typeof value === "object" && value !== null && !Array.isArray(value);

export function get<T = Json>(object: Json, path: Path): T | undefined {
  let at: Json = object;
  for (const key of path) {
    if (typeof at !== "object" || at === null) return undefined;
    at = (at as Bag)[key as string];
  }
  return at as T | undefined;
}

/** Empty objects that mean something by being there. */
const MEANT = new Set(["emptyDir", "spec", "metadata", "podSelector", "namespaceSelector", "selector", "template", "data"]);

/** With `value` at `path`; undefined takes it out, and with it the maps and lists that are left empty. */
export function set<T>(object: T, path: Path, value: Json): T {
  if (path.length === 0) return value as T;
  const [key, ...rest] = path as [string | number, ...(string | number)[]];
  const inner = isBag(object) || Array.isArray(object) ? (object as Bag)[key as string] : undefined;
  const changed = rest.length || value !== undefined ? set(inner, rest, value) : undefined;
  const emptied = value === undefined && rest.length > 0 && isEmpty(changed) && !MEANT.has(String(key)) && typeof key === "string";
  const next = emptied || (value === undefined && inner === undefined) ? undefined : changed;
  if (typeof key === "number") {
    const list = Array.isArray(object) ? [...(object as Json[])] : [];
    if (next === undefined) list.splice(key, 1);
    else list[key] = next;
    return list as T;
  }
  const bag: Bag = isBag(object) ? { ...object } : {};
  if (next === undefined) delete bag[key];
  else bag[key] = next;
  return bag as T;
}

function isEmpty(value: Json): boolean {
  if (value === undefined) return true;
  return typeof value === "object" && value !== null && Object.keys(value).length === 0;
}

/** As the API names fields: `spec.containers[0].image`. */
export function fieldOf(path: Path): string {
  return path.reduce<string>((text, key) => (typeof key === "number" ? `${text}[${key}]` : text ? `${text}.${key}` : key), "");
}

/** Whether `field`, as an error names it, is at or below `path`. */
export function isWithin(field: string, path: string): boolean {
  return field === path || (field.startsWith(path) && /^[.[]/.test(field.slice(path.length)));
}

export function same(one: Json, other: Json): boolean {
  if (one === other) return true;
  if (Array.isArray(one) && Array.isArray(other)) return one.length === other.length && one.every((value, index) => same(value, other[index]));
  if (!isBag(one) || !isBag(other)) return false;
  const keys = Object.keys(one);
  return keys.length === Object.keys(other).length && keys.every((key) => key in other && same(one[key], other[key]));
}
