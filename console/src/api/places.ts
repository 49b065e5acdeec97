/** Clusters, workspaces and projects. */
import { useQuery } from "@tanstack/react-query";
import { SETTLES } from "./ask";
import { platform, segment } from "./client";

export interface Listed<T> {
  items: T[];
}

export interface Workspace {
  name: string;
  displayName: string;
  description: string;
  created?: string;
}

export interface Project {
  name: string;
  namespace: string;
  workspace: string;
  displayName: string;
  description: string;
  cluster: string;
  created?: string;
}

export interface Cluster {
  name: string;
  version?: string;
}

export const clusters = { queryKey: ["clusters"], queryFn: () => platform<Listed<Cluster>>("GET", "/clusters") };
export const workspaces = { queryKey: ["workspaces"], queryFn: () => platform<Listed<Workspace>>("GET", "/workspaces") };
export const projects = (workspace: string) => ({
  queryKey: ["projects", workspace],
  queryFn: () => platform<Listed<Project>>("GET", `/workspaces/${segment(workspace)}/projects`),
});

export const useWorkspaces = () => useQuery(workspaces);

/** Asked again while one of them has no namespace yet, as just after it was created. */
export const useProjects = (workspace: string) =>
  useQuery({ ...projects(workspace), enabled: workspace !== "", refetchInterval: ({ state }) => (state.data?.items.some((each) => !each.namespace) ? SETTLES : false) });
