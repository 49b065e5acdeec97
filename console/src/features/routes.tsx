/** Pages that are not lists of kinds, at each level. */
import { type AnyRoute, createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { clusterRoot, devopsRoot, platformRoot, projectRoot, root, workspaceRoot } from "@/router/roots";

type Load = () => Promise<Record<string, unknown>>;

const members: Load = () => import("@/features/access/Members");
const roles: Load = () => import("@/features/access/Roles");
const audit: Load = () => import("@/features/audit/Audit");
const quota: Load = () => import("@/features/places/Quota");
const network: Load = () => import("@/features/places/Network");
const settings: Load = () => import("@/features/places/Settings");
const bin: Load = () => import("@/features/history/RecycleBin");
const overview: Load = () => import("@/features/places/ProjectOverview");
const projects: Load = () => import("@/features/places/Projects");

const page = (parent: AnyRoute, path: string, load: Load, name = "default") =>
  createRoute({ getParentRoute: () => parent, path, component: lazyRouteComponent(load as never, name as never) });

export const meRoute = page(root, "/me", () => import("@/features/me/Me"));

export const platformRoutes = [
  page(platformRoot, "/workspaces", () => import("@/features/platform/Workspaces")),
  page(platformRoot, "/clusters", () => import("@/features/platform/Clusters")),
  page(platformRoot, "/users", () => import("@/features/platform/Users")),
  page(platformRoot, "/roles", roles),
  page(platformRoot, "/members", members),
  page(platformRoot, "/audit", audit),
];

export const clusterRoutes = [
  page(clusterRoot, "/", overview),
  page(clusterRoot, "/members", members),
  page(clusterRoot, "/roles", roles),
  page(clusterRoot, "/recyclebin", bin),
];

export const workspaceRoutes = [
  page(workspaceRoot, "/", () => import("@/features/places/WorkspaceOverview")),
  page(workspaceRoot, "/projects", projects, "ProjectList"),
  page(workspaceRoot, "/devops", projects, "DevOpsList"),
  page(workspaceRoot, "/members", members),
  page(workspaceRoot, "/roles", roles),
  page(workspaceRoot, "/quota", quota),
  page(workspaceRoot, "/network", network),
  page(workspaceRoot, "/audit", audit),
  page(workspaceRoot, "/settings", settings),
];

export const projectRoutes = [
  page(projectRoot, "/", overview),
  page(projectRoot, "/members", members),
  page(projectRoot, "/roles", roles),
  page(projectRoot, "/quota", quota),
  page(projectRoot, "/network", network),
  page(projectRoot, "/audit", audit),
  page(projectRoot, "/recyclebin", bin),
  page(projectRoot, "/settings", settings),
];

export const devopsRoutes = [page(devopsRoot, "/members", members), page(devopsRoot, "/roles", roles), page(devopsRoot, "/settings", settings)];
