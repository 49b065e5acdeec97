/** Where members and roles are held: the same calls at each level. */
import { type Schemas, useAsked } from "@/api/ask";
import { segment } from "@/api/client";
import { type Can, useCan } from "@/api/session";
import { useScope } from "@/router/scope";

export type AccessLevel = "platform" | "cluster" | "workspace" | "project" | "devopsproject";

export interface Place {
  level: AccessLevel;
  /** Of its calls, below /platform/v1. */
  path: string;
  cluster: string;
  namespace: string;
  workspace: string;
  /** What the addresses of its pages begin with. */
  base: string;
}

export function usePlace(): Place {
  const { level, cluster, workspace, project, namespace, base } = useScope();
  const above = `/workspaces/${segment(workspace)}`;
  // Just after it was made a place has no namespace yet.
  const home = useAsked<Schemas["WorkspaceView"]>(level === "workspace" ? above : "", undefined, undefined, (found) => !found.namespace);
  const pipelines = useAsked<Schemas["Projects"]>(level === "devops" ? `${above}/devopsprojects` : "", undefined, undefined, (found) => found.items.some((each) => !each.namespace));
  const place = { cluster: "host", namespace: "", workspace, base };
  if (level === "workspace") return { ...place, level, path: above, namespace: home.data?.namespace ?? "" };
  if (level === "project") return { ...place, level, path: `${above}/projects/${segment(project)}`, cluster, namespace };
  if (level === "devops") {
    const found = pipelines.data?.items.find((each) => each.name === project);
    return { ...place, level: "devopsproject", path: `${above}/devopsprojects/${segment(project)}`, namespace: found?.namespace ?? "" };
  }
  if (level === "cluster") return { ...place, level, path: `/clusters/${segment(cluster)}`, cluster };
  return { ...place, level: "platform", path: "/platform" };
}

const RBAC = "rbac.authorization.k8s.io";
const VERBS = ["create", "update", "delete"] as const;

/** What the caller may do with members or roles here. Memberships and roles are RBAC objects: the cluster is asked. */
export function usePlaceCan(place: Place, of: "members" | "roles"): Record<(typeof VERBS)[number], Can> {
  const whole = place.level === "platform" || place.level === "cluster";
  const resource = (whole ? "cluster" : "") + (of === "members" ? "rolebindings" : "roles");
  const known = whole || place.namespace !== "";
  const asks = known ? VERBS.map((verb) => ({ verb, group: RBAC, resource })) : [];
  const [create, update, remove] = useCan(place.cluster, place.namespace, asks);
  const no = { allowed: false };
  return { create: create ?? no, update: update ?? no, delete: remove ?? no };
}
