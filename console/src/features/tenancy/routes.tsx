import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { memberRoutes, roleRoutes } from "@/features/access/routes";
import { auditRoute } from "@/features/audit/routes";
import { workspaceRoot } from "@/router/roots";

const at = <T extends string>(path: T, component: ReturnType<typeof lazyRouteComponent>) => createRoute({ getParentRoute: () => workspaceRoot, path, component });

export const workspaceRoutes = [
  at("/", lazyRouteComponent(() => import("./WorkspaceOverview"))),
  at("/projects", lazyRouteComponent(() => import("./Projects"))),
  at("/devops", lazyRouteComponent(() => import("./Projects"), "DevOpsProjects")),
  at("/departments", lazyRouteComponent(() => import("./Departments"))),
  at("/quota", lazyRouteComponent(() => import("./QuotaPage"))),
  at("/network", lazyRouteComponent(() => import("./NetworkPage"))),
  at("/settings", lazyRouteComponent(() => import("./SettingsPage"))),
  ...memberRoutes(workspaceRoot),
  ...roleRoutes(workspaceRoot),
  auditRoute(workspaceRoot),
];
