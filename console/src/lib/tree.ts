/** A list whose items name their parent, as a tree read from top to bottom. Pure. */
export interface Node {
  name: string;
  parent: string;
}

/** With the depth of each. An item whose parent is not there stands at the top. */
export function flattened<T extends Node>(items: readonly T[]): { item: T; depth: number }[] {
  const names = new Set(items.map((item) => item.name));
  const seen = new Set<string>();
  const below = (parent: string, depth: number): { item: T; depth: number }[] =>
    items
      .filter((item) => (names.has(item.parent) ? item.parent : "") === parent && !seen.has(item.name))
      .flatMap((item) => {
        seen.add(item.name);
        return [{ item, depth }, ...below(item.name, depth + 1)];
      });
  return below("", 0);
}

/** The names of an item and of all that is below it. */
export function within<T extends Node>(items: readonly T[], name: string, found = new Set<string>()): Set<string> {
  if (found.has(name)) return found;
  found.add(name);
  items.filter((item) => item.parent === name).forEach((item) => within(items, item.name, found));
  return found;
}
