/** Members and roles are the same at every level; here is where each level's are. */
import { segment } from "@/api/client";
import type { Scope } from "@/router/scope";

export type AccessLevel = "platform" | "cluster" | "workspace" | "project" | "devopsproject";

/** Below /platform/v1. */
export function pathOf({ level, cluster, workspace, project }: Scope): { level: AccessLevel; path: string } {
  const home = `/workspaces/${segment(workspace)}`;
  if (level === "cluster") return { level, path: `/clusters/${segment(cluster)}` };
  if (level === "workspace") return { level, path: home };
  if (level === "project") return { level, path: `${home}/projects/${segment(project)}` };
  if (level === "devops") return { level: "devopsproject", path: `${home}/devopsprojects/${segment(project)}` };
  return { level: "platform", path: "/platform" };
}
