/** Pages that are not lists of kinds, at each level. */
import { type AnyRoute, createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { clusterRoot, devopsRoot, platformRoot, projectRoot, root, workspaceRoot } from "@/router/roots";

type Load = () => Promise<Record<string, unknown>>;

const members: Load = () => import("@/features/access/Members");
const roles: Load = () => import("@/features/access/Roles");
const role: Load = () => import("@/features/access/RoleEditor");
const provider: Load = () => import("@/features/platform/ProviderPage");
const audit: Load = () => import("@/features/audit/AuditPage");
const quota: Load = () => import("@/features/tenancy/QuotaPage");
const network: Load = () => import("@/features/tenancy/NetworkPage");
const settings: Load = () => import("@/features/tenancy/SettingsPage");
const bin: Load = () => import("@/features/history/RecycleBin");
const overview: Load = () => import("@/features/tenancy/ProjectOverview");
const custom: Load = () => import("@/features/custom/CustomKinds");
const topology: Load = () => import("@/features/topology/TopologyPage");
const projects: Load = () => import("@/features/tenancy/Projects");

const page = (parent: AnyRoute, path: string, load: Load, name = "default") =>
  createRoute({ getParentRoute: () => parent, path, component: lazyRouteComponent(load as never, name as never) });

/** Roles of a level, and one of them. */
const roleRoutes = (parent: AnyRoute) => [page(parent, "/roles", roles), page(parent, "/roles/create", role), page(parent, "/roles/$role", role)];

export const meRoute = page(root, "/me", () => import("@/features/me/MePage"));

export const platformRoutes = [
  page(platformRoot, "/workspaces", () => import("@/features/platform/Workspaces")),
  page(platformRoot, "/clusters", () => import("@/features/platform/Clusters")),
  page(platformRoot, "/users", () => import("@/features/platform/Users")),
  ...roleRoutes(platformRoot),
  page(platformRoot, "/users/$user", () => import("@/features/platform/UserPage")),
  page(platformRoot, "/identity", () => import("@/features/platform/Providers")),
  page(platformRoot, "/identity/create", provider),
  page(platformRoot, "/identity/$provider", provider),
  page(platformRoot, "/members", members),
  page(platformRoot, "/audit", audit),
];

export const clusterRoutes = [
  page(clusterRoot, "/", overview),
  page(clusterRoot, "/topology", topology),
  page(clusterRoot, "/members", members),
  ...roleRoutes(clusterRoot),
  page(clusterRoot, "/recyclebin", bin),
  page(clusterRoot, "/customresources", custom),
];

export const workspaceRoutes = [
  page(workspaceRoot, "/", () => import("@/features/tenancy/WorkspaceOverview")),
  page(workspaceRoot, "/projects", projects),
  page(workspaceRoot, "/devops", projects, "DevOpsProjects"),
  page(workspaceRoot, "/members", members),
  ...roleRoutes(workspaceRoot),
  page(workspaceRoot, "/departments", () => import("@/features/tenancy/Departments")),
  page(workspaceRoot, "/quota", quota),
  page(workspaceRoot, "/network", network),
  page(workspaceRoot, "/audit", audit),
  page(workspaceRoot, "/settings", settings),
];

export const projectRoutes = [
  page(projectRoot, "/", overview),
  page(projectRoot, "/topology", topology),
  page(projectRoot, "/members", members),
  ...roleRoutes(projectRoot),
  page(projectRoot, "/quota", quota),
  page(projectRoot, "/network", network),
  page(projectRoot, "/audit", audit),
  page(projectRoot, "/recyclebin", bin),
  page(projectRoot, "/customresources", custom),
  page(projectRoot, "/settings", settings),
];

export const devopsRoutes = [page(devopsRoot, "/members", members), ...roleRoutes(devopsRoot), page(devopsRoot, "/settings", settings)];
