/** The object that a workspace or a project is, in the host cluster's API. */
import { kubernetes, platform, segment } from "@/api/client";
import type { KubeObject } from "@/api/kube";
import type { Schema } from "@/api/types";
import type { Scope } from "@/router/scope";

const ROOT = "/apis/tenancy.armillary.io/v1";

export async function objectOf({ level, workspace, project }: Scope): Promise<{ path: string; object: KubeObject }> {
  let path = `${ROOT}/workspaces/${segment(workspace)}`;
  if (level === "project" || level === "devops") {
    const { namespace } = await platform<Schema<"WorkspaceView">>("GET", `/workspaces/${segment(workspace)}`);
    path = `${ROOT}/namespaces/${segment(namespace)}/${level === "project" ? "projects" : "devopsprojects"}/${segment(project)}`;
  }
  return { path, object: await kubernetes<KubeObject>("host", "GET", path) };
}
