/** The levels that pages hang below. A feature adds its own pages to them in its `routes.tsx`. */
import { createRootRoute, createRoute, Outlet } from "@tanstack/react-router";
import { Shell } from "@/app/Shell";
import { Missing, Broken } from "@/app/Broken";

const text = (search: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(search).map(([key, value]) => [key, value === undefined ? undefined : String(value)]));

export const root = createRootRoute({ component: Shell, notFoundComponent: Missing, errorComponent: Broken, validateSearch: text });
export const platformRoot = createRoute({ getParentRoute: () => root, path: "/platform", component: Outlet });
export const clusterRoot = createRoute({ getParentRoute: () => root, path: "/c/$cluster", component: Outlet });
export const workspaceRoot = createRoute({ getParentRoute: () => root, path: "/w/$workspace", component: Outlet });
export const projectRoot = createRoute({ getParentRoute: () => root, path: "/w/$workspace/c/$cluster/p/$project", component: Outlet });
export const devopsRoot = createRoute({ getParentRoute: () => root, path: "/w/$workspace/d/$devops", component: Outlet });
