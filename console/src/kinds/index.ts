/** Finding a kind, and where its pages are. */
import { msg } from "@lingui/core/macro";
import { segment } from "@/api/client";
import type { ServedKind } from "@/api/kinds";
import type { Scope } from "@/router/scope";
import { IconPackage } from "@/ui/icons";
import { KINDS } from "./all";
import type { KindInfo } from "./kind";

export * from "./kind";
export type { ServedKind };
export { KINDS };

const byId = new Map(KINDS.map((kind) => [kind.id, kind]));
const byResource = new Map(KINDS.map((kind) => [`${kind.plural}.${kind.group}`, kind]));

export const kindById = (id: string) => byId.get(id);
export const kindBy = (group: string, plural: string) => byResource.get(`${plural}.${group}`);
export const kindByName = (group: string, name: string) => KINDS.find((kind) => kind.group === group && kind.kind === name);

/** A kind that the console knows nothing of; its columns are the server's. */
export function customKind(served: ServedKind): KindInfo {
  const { kind } = served;
  // eslint-disable-next-line lingui/no-single-variables-to-translate -- a name given by others, the same in every language
  const name = msg`${kind}`;
  return { ...served, id: `${served.plural}.${served.group}`, one: name, many: name, icon: IconPackage, synonyms: [served.plural], columns: [] };
}

/** Groups of Kubernetes itself; what is of the platform has pages of its own. */
const OWN_GROUPS = /^$|^(apps|batch|autoscaling|policy|extensions)$|^(admissionregistration|apiextensions|apiregistration|authentication|authorization|certificates|coordination|discovery|events|flowcontrol\.apiserver|internal\.apiserver|metrics|networking|node|rbac\.authorization|resource|scheduling|storage|storagemigration)\.k8s\.io$|\.armillary\.io$/;

/** Whether a kind came with a custom resource definition. */
export const isCustom = ({ group }: Pick<ServedKind, "group">) => !OWN_GROUPS.test(group);

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
