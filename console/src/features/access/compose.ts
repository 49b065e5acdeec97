/** Which templates a role has when one is added or taken away. Pure. */
export interface Template {
  name: string;
  needs: string[];
}

/** With one more, and what it needs. */
export function withTemplate(chosen: ReadonlySet<string>, name: string, all: Template[]): Set<string> {
  const known = new Map(all.map((template) => [template.name, template]));
  const made = new Set(chosen);
  const add = (one: string) => {
    if (made.has(one)) return;
    made.add(one);
    for (const need of known.get(one)?.needs ?? []) add(need);
  };
  add(name);
  return made;
}

/** Without one, and without what needs it. */
export function withoutTemplate(chosen: ReadonlySet<string>, name: string, all: Template[]): Set<string> {
  const made = new Set(chosen);
  const take = (one: string) => {
    if (!made.delete(one)) return;
    for (const other of all) if (other.needs.includes(one)) take(other.name);
  };
  take(name);
  return made;
}
