/** What labels and taints may say (Kubernetes' syntax of labels and of qualified names). Pure. */
export type Labels = Record<string, string>;

const NAME = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const LONGEST_NAME = 63;
const LONGEST_PREFIX = 253;

export function isKey(key: string): boolean {
  const slash = key.indexOf("/");
  const [prefix, name] = slash < 0 ? [undefined, key] : [key.slice(0, slash), key.slice(slash + 1)];
  const fits = prefix === undefined || (prefix.length <= LONGEST_PREFIX && SUBDOMAIN.test(prefix));
  return fits && name.length <= LONGEST_NAME && NAME.test(name);
}

export const isValue = (value: string) => value === "" || (value.length <= LONGEST_NAME && NAME.test(value));

/** A merge patch of only what is different: what others wrote meanwhile stays. */
export function labelsPatch(before: Labels, after: Labels): Record<string, string | null> {
  const gone = Object.keys(before).filter((key) => !(key in after)).map((key) => [key, null]);
  const changed = Object.entries(after).filter(([key, value]) => before[key] !== value);
  return Object.fromEntries([...gone, ...changed]) as Record<string, string | null>;
}

export interface Taint {
  key: string;
  value?: string;
  effect: string;
  timeAdded?: string;
}

export const EFFECTS = ["NoSchedule", "PreferNoSchedule", "NoExecute"];

/** A JSON patch that refuses if somebody else changed the taints meanwhile. */
export function taintsPatch(before: Taint[] | undefined, after: Taint[]) {
  const path = "/spec/taints";
  if (!before) return [{ op: "add", path, value: after }];
  return [{ op: "test", path, value: before }, { op: "replace", path, value: after }];
}
