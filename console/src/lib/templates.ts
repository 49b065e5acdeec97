/** Permission templates that need others. Pure. */
export interface Needing {
  name: string;
  module: string;
  needs: string[];
}

/** The chosen ones, and whatever these need, in the catalogue's order. */
export function withNeeds(all: readonly Needing[], chosen: ReadonlySet<string>): string[] {
  const found = new Set<string>();
  const add = (name: string) => {
    if (found.has(name)) return;
    found.add(name);
    all.find((each) => each.name === name)?.needs.forEach(add);
  };
  chosen.forEach(add);
  return all.map((each) => each.name).filter((name) => found.has(name));
}

/** Which of the chosen ones need this one, at first hand or not. */
export const neededBy = (all: readonly Needing[], chosen: ReadonlySet<string>, name: string): string[] =>
  [...chosen].filter((each) => each !== name && withNeeds(all, new Set([each])).includes(name));

export function byModule<T extends Needing>(all: readonly T[]): [string, T[]][] {
  const found = new Map<string, T[]>();
  for (const each of all) found.set(each.module, [...(found.get(each.module) ?? []), each]);
  return [...found];
}
