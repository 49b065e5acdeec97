import { type AnyRoute, createRoute, lazyRouteComponent } from "@tanstack/react-router";

const editor = lazyRouteComponent(() => import("./RoleEditor"));

/** Members and roles of a level. */
export const memberRoutes = (parent: AnyRoute) => [
  createRoute({ getParentRoute: () => parent, path: "/members", component: lazyRouteComponent(() => import("./Members")) }),
];
export const roleRoutes = (parent: AnyRoute) => [
  createRoute({ getParentRoute: () => parent, path: "/roles", component: lazyRouteComponent(() => import("./Roles")) }),
  createRoute({ getParentRoute: () => parent, path: "/roles/create", component: editor }),
  createRoute({ getParentRoute: () => parent, path: "/roles/$role", component: editor }),
];
