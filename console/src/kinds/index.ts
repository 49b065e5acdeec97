/** Finding a kind, and where its pages are. */
import { segment } from "@/api/client";
import type { Scope } from "@/router/scope";
import { IconPackage } from "@/ui/icons";
import { KINDS } from "./all";
import type { KindInfo } from "./kind";

export * from "./kind";
export { KINDS };

const byId = new Map(KINDS.map((kind) => [kind.id, kind]));
const byResource = new Map(KINDS.map((kind) => [`${kind.plural}.${kind.group}`, kind]));

export const kindById = (id: string) => byId.get(id);
export const kindBy = (group: string, plural: string) => byResource.get(`${plural}.${group}`);
export const kindByName = (group: string, name: string) => KINDS.find((kind) => kind.group === group && kind.kind === name);

/** As the server tells of what it serves. */
export interface ServedKind {
  group: string;
  version: string;
  kind: string;
  plural: string;
  namespaced: boolean;
  verbs: string[];
}

/** A kind that the console knows nothing of; its columns are the server's. */
export function customKind(served: ServedKind): KindInfo {
  const name = { id: served.kind, message: served.kind };
  return { ...served, id: `${served.plural}.${served.group}`, one: name, many: name, icon: IconPackage, synonyms: [served.plural], columns: [] };
}

/** The address of an object. Platform objects have pages of their own. */
export function addressOf(scope: Scope, group: string, plural: string, namespace: string, name: string): string {
  if (group === "tenancy.armillary.io") {
    if (plural === "workspaces") return `/w/${segment(name)}`;
    const workspace = namespace.replace(/^workspace-/, "");
    return plural === "projects" ? `/w/${segment(workspace)}/c/host/p/${segment(name)}` : `/w/${segment(workspace)}/d/${segment(name)}`;
  }
  if (group === "iam.armillary.io" && plural === "users") return `/platform/users/${segment(name)}`;
  const id = kindBy(group, plural)?.id ?? `${plural}.${group}`;
  const inside = scope.level === "project" && scope.namespace === namespace;
  const base = inside ? scope.base : `/c/${segment(scope.cluster)}`;
  return `${base}/${id}/${segment(name)}${!inside && namespace ? `?ns=${segment(namespace)}` : ""}`;
}
