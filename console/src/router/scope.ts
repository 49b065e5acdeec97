/** Where one is: the platform, a cluster, a workspace or a project. All of it stands in the address. */
import { useParams } from "@tanstack/react-router";
import { segment } from "@/api/client";
import { useProjects } from "@/api/places";

export type Level = "home" | "platform" | "cluster" | "workspace" | "project" | "devops";

export interface Scope {
  level: Level;
  cluster: string;
  workspace: string;
  project: string;
  /** Of a project; empty for all namespaces, and while it is not known yet. */
  namespace: string;
  /** What the paths of its pages begin with. */
  base: string;
}

interface Params {
  cluster?: string;
  workspace?: string;
  project?: string;
  devops?: string;
}

export function scopeOf({ cluster, workspace, project, devops }: Params, namespace = ""): Scope {
  const found = { cluster: cluster ?? "host", workspace: workspace ?? "", project: project ?? devops ?? "", namespace };
  const home = `/w/${segment(found.workspace)}`;
  if (project) return { ...found, level: "project", base: `${home}/c/${segment(found.cluster)}/p/${segment(project)}` };
  if (devops) return { ...found, level: "devops", base: `${home}/d/${segment(devops)}` };
  if (workspace) return { ...found, level: "workspace", base: home };
  if (cluster) return { ...found, level: "cluster", base: `/c/${segment(cluster)}` };
  return { ...found, level: "platform", base: "/platform" };
}

export function useScope(): Scope {
  const params = useParams({ strict: false }) as Params;
  const { data } = useProjects(params.project ? (params.workspace ?? "") : "");
  const found = data?.items.find((project) => project.name === params.project);
  return scopeOf(params, found?.namespace ?? "");
}
