/** A workspace, project or DevOps project as an object: what its settings pages read and write, as the caller. */
import { useQuery } from "@tanstack/react-query";
import { type Asked, type Schemas, useAsked, useRefresh } from "@/api/ask";
import { segment } from "@/api/client";
import { deleteObject, getObject, type KubeObject, patchObject, type Resource } from "@/api/kube";
import { type Can, useCan } from "@/api/session";
import { useScope } from "@/router/scope";

const TENANCY = "tenancy.armillary.io";
const HOST = "host"; // where the platform keeps its own objects
const CASCADE = { metadata: { annotations: { [`${TENANCY}/cascade`]: "true" } } };

export interface Tenant {
  kind: "workspace" | "project" | "devopsproject";
  name: string;
  workspace: string;
  /** Of its calls, below /platform/v1. */
  path: string;
  asked: Asked<KubeObject>;
  can: { change: Can; remove: Can; quota: Can };
  patch: (spec: Record<string, unknown>) => Promise<void>;
  /** With everything in it, where `whole`. */
  remove: (whole: boolean) => Promise<void>;
}

export function useTenant(): Tenant {
  const { level, workspace, project } = useScope();
  const refresh = useRefresh();
  const kind = level === "workspace" ? "workspace" : level === "devops" ? "devopsproject" : "project";
  const plural = `${kind}s`;
  const above = `/workspaces/${segment(workspace)}`;
  const siblings = useAsked<Schemas["Projects"]>(kind === "workspace" ? "" : `${above}/${plural}`);
  const home = siblings.data?.items.find((each) => each.name === project)?.home ?? "";
  const name = kind === "workspace" ? workspace : project;
  const resource: Resource = { group: TENANCY, version: "v1", plural, namespaced: kind !== "workspace" };
  const known = kind === "workspace" || home !== "";
  const asked = useQuery({ queryKey: ["tenant", plural, home, name], queryFn: () => getObject(HOST, resource, home, name), enabled: known });
  const asks = [
    { verb: "patch", group: TENANCY, resource: plural, name },
    { verb: "delete", group: TENANCY, resource: plural, name },
    { verb: "update", group: TENANCY, resource: `${plural}/quota`, name },
  ];
  const [change, remove, quota] = useCan(HOST, home, known ? asks : []);
  const no = { allowed: false };
  return {
    kind,
    name,
    workspace,
    path: kind === "workspace" ? above : `${above}/${plural}/${segment(project)}`,
    asked,
    can: { change: change ?? no, remove: remove ?? no, quota: quota ?? no },
    patch: async (spec) => {
      await patchObject(HOST, resource, home, name, { spec });
      await refresh();
    },
    remove: async (whole) => {
      if (whole) await patchObject(HOST, resource, home, name, CASCADE);
      await deleteObject(HOST, resource, home, name);
      await refresh();
    },
  };
}
